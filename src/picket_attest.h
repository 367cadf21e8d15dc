/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_PICKET_ATTEST_H
#define PK_PICKET_ATTEST_H

/* What the handles of manifests hold, for those who make them. */
#include "picket_types.h"

#include "attest/manifest.h"

struct picket_manifest {
	struct pk_manifest m;
};

static inline struct pk_tree_options
pk_tree_options_of(const struct picket_tree *how)
{
	return (struct pk_tree_options){ .links = (enum pk_links)how->links,
					 .ignore = how->ignore,
					 .ignore_count = how->ignore_count };
}

#endif
