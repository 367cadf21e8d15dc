/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_REBUILD_H
#define PK_TENSORS_REBUILD_H

#include "analyze/pickle_step.h"
#include "tensors/load.h"

/* Inside the reading of calls: one of them with its arguments. */
struct pk_rebuild_call {
	struct pk_loader *l;
	const struct pk_deed *deed;
	pk_value args; /* a tuple or list */
	uint64_t n;
	unsigned depth; /* of calls that are given as arguments */
};

pk_value pk_call_arg(const struct pk_rebuild_call *c, uint64_t i);

/* Refuses the file; returns what stands for the result. */
pk_value pk_call_fail(const struct pk_rebuild_call *c, const char *what);

/* The result is this thing. */
pk_value pk_call_make(const struct pk_rebuild_call *c,
		      const struct pk_thing *t);

pk_value pk_plain_get_layout(const struct pk_rebuild_call *c);
pk_value pk_plain_device(const struct pk_rebuild_call *c);
pk_value pk_plain_complex_number(const struct pk_rebuild_call *c);
pk_value pk_plain_encode(const struct pk_rebuild_call *c);
pk_value pk_plain_bytearray(const struct pk_rebuild_call *c);
pk_value pk_plain_size(const struct pk_rebuild_call *c);
pk_value pk_plain_set(const struct pk_rebuild_call *c);
pk_value pk_plain_ordered_dict(const struct pk_rebuild_call *c);
pk_value pk_plain_counter(const struct pk_rebuild_call *c);

#endif
