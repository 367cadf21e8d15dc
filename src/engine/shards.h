/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_SHARDS_H
#define PK_ENGINE_SHARDS_H

#include "engine/result.h"

/*
 * Holds an index of shards against the shards, all scanned with notes: each
 * tensor must lie in the shard that the index names, and nowhere else.  What
 * is wrong becomes findings of the index.  Shards are known by the last part
 * of their paths; those that are missing were told before.
 */
PK_MUST_CHECK enum pk_status
pk_check_shards(struct pk_result *index, const struct pk_result *const *shards,
		size_t n);

#endif
