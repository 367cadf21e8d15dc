/* SPDX-License-Identifier: Apache-2.0 */
#include "source/below.h"

static bool component_ok(struct pk_span c)
{
	return c.len > 0 && !pk_span_eq(c, PK_LIT(".")) &&
	       !pk_span_eq(c, PK_LIT("..")) && !memchr(c.p, 0, c.len);
}

bool pk_path_below(struct pk_span path)
{
	struct pk_span left = path;

	for (;;) {
		const uint8_t *slash =
			left.len ? memchr(left.p, '/', left.len) : NULL;
		struct pk_span c = left;

		if (slash)
			c.len = (size_t)(slash - left.p);
		if (!component_ok(c))
			return false;
		if (!slash)
			return true;
		left.p = slash + 1;
		left.len -= c.len + 1;
	}
}
