/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_MEMBER_NAME_H
#define PK_ANALYZE_MEMBER_NAME_H

#include "engine/scan.h"

/*
 * Says what is wrong with the name of an archive's member, which stands at
 * off: that it leads out of the folder into which the archive is unpacked, or
 * that readers and people do not see the same name.
 */
void pk_check_name(struct pk_scan *s, struct pk_span name, uint64_t off);

/* The same for where a link of that name leads. */
void pk_check_link(struct pk_scan *s, struct pk_span name,
		   struct pk_span target, bool hard, uint64_t off);

/*
 * The name as the most forgiving reader takes it: lower case in ASCII, '/'
 * for '\', no empty and no "." parts.  Writes at most name.len bytes to buf
 * and returns how many.
 */
size_t pk_fold_name(struct pk_span name, uint8_t *buf);

/* Whether this is a directory by its name. */
static inline bool pk_name_is_folder(struct pk_span name)
{
	return name.len &&
	       (name.p[name.len - 1] == '/' || name.p[name.len - 1] == '\\');
}

#endif
