/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_INSPECT_H
#define PK_REPORT_INSPECT_H

#include "engine/note.h"
#include "report/paint.h"

/* What a file holds: its format, properties, members, tensors and imports,
 * from the notes of its analysis. */

/* For a person; all: lists are not folded. */
void pk_inspect_text(struct pk_output *o, const struct pk_result *r, bool all);

/* Only the tensors and their totals, when there are any. */
void pk_inspect_tensors(struct pk_output *o, const struct pk_job *job,
			bool all);

/* One JSON document, complete. */
void pk_inspect_json(struct pk_output *o, const struct pk_result *r);

/* The tensors of one dtype, counted. */
struct pk_dtype_total {
	struct pk_span dtype;
	uint64_t tensors;
	uint64_t items; /* sums stay at the greatest number once over it */
	uint64_t bytes;
};

enum { PK_DTYPES_MAX = 64 };

struct pk_tensor_totals {
	struct pk_dtype_total all;
	struct pk_dtype_total by[PK_DTYPES_MAX]; /* more are in all alone */
	size_t n;
};

void pk_count_tensors(const struct pk_job *job, struct pk_tensor_totals *ret);

/* The JSON of one tensor, in an array. */
void pk_json_tensor(struct pk_json *j, const struct pk_tensor_note *t);

/* The dimensions, "100 x 250"; "scalar" without any. */
void pk_put_shape(struct pk_buf *b, const struct pk_tensor_note *t);

#endif
