/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TORCH_ZIP_H
#define PK_ANALYZE_TORCH_ZIP_H

#include "analyze/zip_of.h"

/*
 * What PyTorch's reader makes of a zip (caffe2/serialize/inline_container.cc):
 * the root is what precedes the first "/" of the directory's first entry, and
 * records are looked up below it without regard to case.
 */
struct pk_torch_zip {
	struct pk_span root; /* with its slash; empty: not PyTorch's */
	const struct pk_zip_entry *data;           /* data.pkl */
	const struct pk_zip_entry *constants;      /* constants.pkl */
	const struct pk_zip_entry *extern_modules; /* of torch.package */
	unsigned outside; /* entries that are not below the root */
	unsigned sources; /* .py records */
};

/* By the first view of the object's zip; all empty when it has none. */
struct pk_torch_zip pk_torch_zip_of(struct pk_scan *s);

#endif
