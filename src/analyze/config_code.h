/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_CONFIG_CODE_H
#define PK_ANALYZE_CONFIG_CODE_H

#include "codec/json_read.h"
#include "engine/scan.h"

/*
 * Configurations that name code: what Hydra's instantiate() and its like import
 * and call ("_target_"), and YAML tags that a full loader turns into objects.
 * Each name is judged as an import of a pickle is.
 *
 * doc: the tree of a JSON or YAML file, further documents behind it; its
 * offsets are the scan's.
 */
void pk_config_scan(struct pk_scan *s, const struct pk_jvalue *doc);

/* Parses YAML that lies in a source of its own and scans it; what does not
 * hold together makes the scan partial.  off: where to report findings; name:
 * of the member, for their text. */
void pk_config_scan_yaml(struct pk_scan *s, struct pk_source *yaml,
			 uint64_t off, struct pk_span name);

#endif
