/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/member_name.h"

#include "core/utf8.h"

enum { SHOWN = 200 };

static bool is_slash(uint8_t ch)
{
	return ch == '/' || ch == '\\';
}

static bool is_letter(uint8_t ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool is_absolute(struct pk_span n)
{
	if (n.len && is_slash(n.p[0]))
		return true;
	return n.len > 2 && is_letter(n.p[0]) && n.p[1] == ':' &&
	       is_slash(n.p[2]);
}

/* The part that begins at *at; moves past it and its slash. */
static struct pk_span next_part(struct pk_span n, size_t *at)
{
	const size_t from = *at;
	size_t to = from;

	while (to < n.len && !is_slash(n.p[to]))
		to++;
	*at = to < n.len ? to + 1 : to;
	return (struct pk_span){ n.p + from, to - from };
}

/* Whether the parts, followed from so many folders deep, climb above the
 * top. */
static bool climbs(struct pk_span n, size_t deep)
{
	for (size_t at = 0; at < n.len;) {
		struct pk_span part = next_part(n, &at);

		if (pk_span_eq(part, PK_LIT(".."))) {
			if (deep-- == 0)
				return true;
		} else if (part.len && !pk_span_eq(part, PK_LIT("."))) {
			deep++;
		}
	}
	return false;
}

/* Finder's custom icons really are called Icon\r. */
static bool is_finder_icon(struct pk_span n, size_t at)
{
	return at + 1 == n.len && at >= 4 &&
	       memcmp(n.p + at - 4, "Icon\r", 5) == 0;
}

/* What in the name misleads, or NULL. */
static const char *trick_in(struct pk_span n, enum pk_severity *severity)
{
	*severity = PK_MEDIUM;
	if (pk_utf8_plain(n))
		return NULL;
	for (size_t i = 0; i < n.len;) {
		const size_t at = i;
		int32_t cp = pk_utf8_next(n, &i);

		if (cp == 0) {
			*severity = PK_HIGH;
			return "holds a NUL byte, where C programs see its end";
		}
		if (cp > 0 && pk_utf8_is_trick((uint32_t)cp) &&
		    !is_finder_icon(n, at))
			return "holds characters that hide or reorder text";
	}
	return NULL;
}

void pk_check_name(struct pk_scan *s, struct pk_span name, uint64_t off)
{
	struct pk_report odd = { .rule = PK_RULE_ARCHIVE_ODD_NAME, .off = off };
	const char *trick = trick_in(name, &odd.severity);

	if (is_absolute(name))
		pk_report(s, PK_RULE_ARCHIVE_PATH_ESCAPE, off,
			  "member %s has an absolute path",
			  pk_show(s, name, SHOWN));
	else if (climbs(name, 0))
		pk_report(s, PK_RULE_ARCHIVE_PATH_ESCAPE, off,
			  "member %s lies outside of the folder it is "
			  "unpacked into",
			  pk_show(s, name, SHOWN));
	if (trick)
		pk_report_full(s, &odd, "the name %s %s",
			       pk_show(s, name, SHOWN), trick);
}

static size_t depth_of(struct pk_span name)
{
	size_t deep = 0;

	for (size_t at = 0; at < name.len;) {
		if (next_part(name, &at).len && at < name.len)
			deep++;
	}
	return deep;
}

void pk_check_link(struct pk_scan *s, struct pk_span name,
		   struct pk_span target, bool hard, uint64_t off)
{
	/* A symbolic link is relative to its folder, a hard one to the top. */
	if (!is_absolute(target) && !climbs(target, hard ? 0 : depth_of(name)))
		return;
	pk_report(s, PK_RULE_ARCHIVE_LINK_ESCAPE, off,
		  "%s is a link to %s, outside of the folder it is unpacked "
		  "into",
		  pk_show(s, name, SHOWN), pk_show(s, target, SHOWN));
}

size_t pk_fold_name(struct pk_span name, uint8_t *buf)
{
	size_t n = 0;

	for (size_t at = 0; at < name.len;) {
		struct pk_span part = next_part(name, &at);

		if (!part.len || pk_span_eq(part, PK_LIT(".")))
			continue;
		if (n)
			buf[n++] = '/';
		for (size_t i = 0; i < part.len; i++) {
			uint8_t ch = part.p[i];

			buf[n++] = ch >= 'A' && ch <= 'Z'
					   ? (uint8_t)(ch - 'A' + 'a')
					   : ch;
		}
	}
	return n;
}
