/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TENSORS_RECEIPT_H
#define PK_TENSORS_RECEIPT_H

#include "tensors/write.h"

/* What was converted into what: one object of "picket.receipt/1". */
struct pk_receipt {
	const struct pk_weights *weights;
	const struct pk_plan *plan; /* carried out, with digests */
	struct pk_source *src;      /* the input, read again for its digest */
	const char *input, *output; /* names, or NULL */
};

/* Appends it.  False when the input could not be read to its end. */
bool pk_receipt_put(const struct pk_receipt *r, struct pk_buf *out);

#endif
