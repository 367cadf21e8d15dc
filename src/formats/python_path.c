/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Python's path configuration (Lib/site.py, addpackage): text, one folder a
 * line, remarks, and lines that begin with "import", which are executed.  Its
 * suffix, .pth, is PyTorch's too.
 *
 * What can hurt: where it lies among installed packages, every start of Python
 * runs the import lines.  No loader of models does.
 */
#include <strings.h>

#include "core/utf8.h"
#include "engine/format.h"

enum { SIZE_MAX_READ = 64 << 10, SHOWN = 160 };

static bool is_named_so(const struct pk_scan *s)
{
	const size_t n = s->name ? strlen(s->name) : 0;

	return n > 4 && strcasecmp(s->name + n - 4, ".pth") == 0;
}

static bool is_code(struct pk_span l)
{
	return pk_span_starts(l, PK_LIT("import ")) ||
	       pk_span_starts(l, PK_LIT("import\t"));
}

/* A path as packages are installed under: no blanks, nothing that a pickle of
 * text or a sentence would have. */
static bool is_path(struct pk_span l)
{
	for (size_t i = 0; i < l.len; i++) {
		const uint8_t ch = l.p[i];

		if (!((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z') &&
		    !(ch >= '0' && ch <= '9') && ch < 0x80 &&
		    !strchr("/\\._-+~:@%", ch))
			return false;
	}
	return l.len > 0;
}

static bool next_line(struct pk_span *rest, struct pk_span *ret)
{
	const uint8_t *nl = rest->len ? memchr(rest->p, '\n', rest->len) : NULL;
	const size_t n = nl ? (size_t)(nl - rest->p) : rest->len;

	if (!rest->len)
		return false;
	*ret = (struct pk_span){ rest->p, n };
	rest->p += n + (nl != NULL);
	rest->len -= n + (nl != NULL);
	while (ret->len && strchr(" \t\r", ret->p[ret->len - 1]))
		ret->len--;
	return true;
}

/* How many lines say something; 0 when one is none of Python's. */
static unsigned count_lines(struct pk_span text)
{
	struct pk_span l;
	unsigned n = 0;

	if (!pk_utf8_valid(text) || memchr(text.p, 0, text.len))
		return 0;
	while (next_line(&text, &l)) {
		if (!l.len || l.p[0] == '#')
			continue;
		if (!is_code(l) && !is_path(l))
			return 0;
		n++;
	}
	return n;
}

static void report_code(struct pk_scan *s, struct pk_span text)
{
	const uint8_t *const start = text.p;
	struct pk_span l;

	while (next_line(&text, &l)) {
		if (is_code(l))
			pk_report(s, PK_RULE_PROGRAM_START_UP_LINE,
				  (uint64_t)(l.p - start),
				  "run when Python starts: %s",
				  pk_show(s, l, SHOWN));
	}
}

static void python_path_scan(struct pk_scan *s)
{
	uint8_t *p = pk_arena_alloc(&s->arena, SIZE_MAX_READ, 1);
	struct pk_span text = { p, 0 };

	if (p)
		text.len = pk_source_read(s->bytes, 0, p, SIZE_MAX_READ);
	if (!text.len || text.len < s->bytes->size || !count_lines(text)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, text.len);
	report_code(s, text);
}

static enum pk_match python_path_probe(const struct pk_head *head)
{
	return is_named_so(head->scan) && head->source->size <= SIZE_MAX_READ
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_python_path = {
	.name = "python-path-configuration",
	.title = "Path configuration of Python (.pth)",
	.reads = "that every line is one; the lines that Python runs",
	.risk = PK_RISK_CODE,
	.rank = 3,
	.no_model = true,
	.probe = python_path_probe,
	.scan = python_path_scan,
};
