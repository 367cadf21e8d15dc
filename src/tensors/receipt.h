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

/*
 * Holds a file against the receipt of its conversion (one, or an array of
 * which the file's name chooses): appends a line for each difference, and
 * counts them.  When the file differs, tensor by tensor.  False when out of
 * memory.
 */
bool pk_receipt_check(struct pk_source *receipt, struct pk_source *file,
		      const char *path, struct pk_buf *out, size_t *ret_bad);

/* SHA-256 of all of a source; false when it could not be read. */
bool pk_hash_source(struct pk_source *src, uint8_t ret[PK_SHA256_LEN]);

#endif
