/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_FORMATS_EXECUTORCH_PARTS_H
#define PK_FORMATS_EXECUTORCH_PARTS_H

#include "codec/flatbuf.h"
#include "engine/scan.h"

/* An ExecuTorch file that is being read. */
struct et {
	struct pk_scan *s;
	struct pk_fb b;
	uint64_t program; /* bytes of the FlatBuffer */
	uint64_t base;    /* where segments begin */
	uint64_t end;     /* of the last segment */
	uint32_t segments;
	uint32_t constants, inlined;
};

/* What the tables say that the runtime refuses, or should. */
void et_refuse(struct et *e, uint64_t at, const char *what);

/* One method: values, instructions, operators, delegates. */
void et_read_plan(struct et *e, const struct pk_fb_table *plan);

#endif
