/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_REPO_CONFIG_H
#define PK_ANALYZE_REPO_CONFIG_H

#include "codec/json_read.h"
#include "engine/scan.h"

/*
 * The configuration files of a model repository: what in them makes a loader
 * run code, read another file or fetch something (Transformers, Diffusers,
 * Sentence Transformers, PEFT, MLflow, shard indexes).
 */

/* Whether a key is one by which such a file is known, or which matters in it;
 * to look whether a large file is worth a tree. */
bool pk_repo_key(struct pk_span key);

/* Whether the tree is such a configuration: beyond doubt, not some JSON that
 * happens to have a key "type". */
bool pk_repo_recognise(const struct pk_jvalue *doc);

/* Whether it is an index of shards ("weight_map"). */
bool pk_repo_is_index(const struct pk_jvalue *doc);

/* Reports what it makes loaders do, refers to the files that it names, and
 * notes what it says; offsets are the scan's. */
void pk_repo_scan(struct pk_scan *s, const struct pk_jvalue *doc);

#endif
