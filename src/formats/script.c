/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts that a system runs by their first line: "#!" and an interpreter,
 * batch files that silence themselves, PHP.
 *
 * What can hurt: whoever runs one runs it.  In an archive or a folder they are
 * ordinary; in bytes that no format explains they are not.
 */
#include <strings.h>

#include "analyze/program.h"

enum { LINE_MAX_SEEN = 255 };

static const struct pk_span script_begins[] = {
	PK_LIT_INIT("#!/"),
	PK_LIT_INIT("@echo off"),
	PK_LIT_INIT("@ECHO OFF"),
	PK_LIT_INIT("<?php"),
	{ 0 },
};

static struct pk_span first_line(struct pk_span text)
{
	size_t n = 0;

	while (n < text.len && n < LINE_MAX_SEEN && text.p[n] != '\n')
		n++;
	return (struct pk_span){ text.p, n };
}

static bool is_text(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((s.p[i] < ' ' && s.p[i] != '\t' && s.p[i] != '\r') ||
		    s.p[i] == 0x7f)
			return false;
	}
	return true;
}

/* "#! /usr/bin/env python3": where interpreters are. */
static bool names_interpreter(struct pk_span line)
{
	return line.len > 6 && memcmp(line.p, "#!", 2) == 0 &&
	       (line.p[2] == '/' || line.p[2] == ' ') &&
	       memmem(line.p, line.len, "bin/", 4) != NULL;
}

static bool is_script(struct pk_span text)
{
	struct pk_span line;

	if (pk_span_starts(text, PK_LIT("\xef\xbb\xbf")))
		text = (struct pk_span){ text.p + 3, text.len - 3 };
	line = first_line(text);
	/* A first line alone does nothing; Python's zipapps begin with one. */
	if (!is_text(line) || line.len + 1 >= text.len)
		return false;
	return names_interpreter(line) ||
	       (line.len >= 9 &&
		strncasecmp((const char *)line.p, "@echo off", 9) == 0) ||
	       pk_span_starts(line, PK_LIT("<?php"));
}

static void script_scan(struct pk_scan *s)
{
	const struct pk_program_place place = {
		.what = "a script",
		.reason = "a script, no model",
	};

	pk_program_judge(s, &place);
	if (!s->rejected)
		pk_claim(s, 0, s->bytes->size);
}

static enum pk_match script_probe(const struct pk_head *head)
{
	return is_script(head->bytes) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_script = {
	.name = "script",
	.title = "Script",
	.reads = "that it is one; not what it does",
	.risk = PK_RISK_CODE,
	.rank = 4,
	.no_model = true,
	.begins = script_begins,
	.probe = script_probe,
	.scan = script_scan,
};
