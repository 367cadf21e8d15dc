/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_VALUES_H
#define PK_TENSORS_VALUES_H

#include "core/source.h"

/* The values of a tensor that are no numbers. */
struct pk_value_counts {
	uint64_t nan;
	uint64_t inf; /* of either sign */
};

/* Whether elements of that type, by SafeTensors' word, can be no numbers. */
bool pk_values_countable(struct pk_span dtype);

/*
 * Counts in the bytes [off, off + len) of a source, little-endian elements of
 * that type; a part of one at the end is left out.  Reads each byte once, in
 * flat memory.  False when they cannot all be read, or the type is not
 * countable: *ret is then not set.
 */
bool pk_count_values(struct pk_source *src, uint64_t off, uint64_t len,
		     struct pk_span dtype, struct pk_value_counts *ret);

#endif
