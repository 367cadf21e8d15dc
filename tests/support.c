/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "asm.h"
#include "pb_text.h"
#include "source/memory.h"

static struct pk_job last;
static bool have_last;

struct pk_span t_hex(const char *text)
{
	static uint8_t buf[1 << 16];
	size_t n = 0, have = 0;
	char two[3] = "";

	for (; *text && n < sizeof(buf); text++) {
		if (*text == '#') {
			while (text[1] && text[1] != '\n')
				text++;
		} else if (isxdigit((unsigned char)*text)) {
			two[have++] = *text;
		}
		if (have == 2) {
			buf[n++] = (uint8_t)strtoul(two, NULL, 16);
			have = 0;
		}
	}
	return (struct pk_span){ buf, n };
}

struct pk_span t_pka(const char *text)
{
	static struct pk_buf bytes;
	struct asm_error err;

	bytes.len = 0;
	if (!asm_text(text, &bytes, &err))
		fail_msg("line %u: %s", err.line, err.what);
	return pk_buf_span(&bytes);
}

struct pk_span t_pb(const char *text)
{
	static struct pk_buf bytes;
	const char *wrong;

	bytes.len = 0;
	wrong = pb_text(text, &bytes);
	if (wrong)
		fail_msg("not understood: %s", wrong);
	return pk_buf_span(&bytes);
}

struct pk_span t_file(const char *path)
{
	static uint8_t buf[8 << 20];
	FILE *f = fopen(path, "rbe");
	size_t n;

	if (!f)
		fail_msg("cannot open %s", path);
	n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	return (struct pk_span){ buf, n };
}

int t_teardown(void **state)
{
	(void)state;
	if (have_last)
		pk_job_release(&last);
	have_last = false;
	return 0;
}

static void begin(void)
{
	const struct pk_limits limits = pk_limits_default();

	(void)t_teardown(NULL);
	pk_job_init(&last, &limits);
	have_last = true;
}

const struct pk_job *t_scan(const char *name, struct pk_span bytes)
{
	struct pk_source *src = pk_memory_borrow(bytes);

	begin();
	pk_scan_file(&last, src, name);
	pk_source_free(src);
	return &last;
}

const struct pk_job *t_scan_deep(const char *name, struct pk_span bytes)
{
	struct pk_source *src = pk_memory_borrow(bytes);

	begin();
	last.deep = true;
	pk_scan_file(&last, src, name);
	pk_source_free(src);
	return &last;
}

const struct pk_job *t_scan_as(const char *format, struct pk_span bytes)
{
	const struct pk_format *f = pk_format_by_name(format);
	struct pk_source *src = pk_memory_borrow(bytes);
	struct pk_scan s = { .job = &last, .bytes = src, .name = "test" };

	if (!f)
		fail_msg("no format is called %s", format);
	begin();
	s.arena = PK_ARENA(&last.meter);
	f->scan(&s);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
	pk_source_free(src);
	return &last;
}

int t_severity(enum pk_rule rule)
{
	int worst = -1;

	for (const struct pk_finding *f = last.findings; f; f = f->next) {
		if (f->rule == rule && (int)f->severity > worst)
			worst = (int)f->severity;
	}
	return worst;
}

bool t_finds(enum pk_rule rule)
{
	return t_severity(rule) >= 0;
}

size_t t_findings(void)
{
	size_t n = 0;

	for (const struct pk_finding *f = last.findings; f; f = f->next)
		n++;
	return n;
}

bool t_partial(void)
{
	return last.partial;
}

static bool reads(struct pk_span s, const char *text)
{
	return pk_span_eq(
		s, (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

const struct pk_import *t_import(const char *module, const char *name)
{
	for (const struct pk_import *im = last.imports; im; im = im->next) {
		if (reads(im->module, module) && reads(im->name, name))
			return im;
	}
	return NULL;
}

void t_survives_damage(const char *name, struct pk_span bytes)
{
	for (size_t cut = 0; cut <= 2 * bytes.len; cut++) {
		size_t len = cut < bytes.len ? cut : bytes.len;
		uint8_t *copy = malloc(len ? len : 1);

		assert_non_null(copy);
		memcpy(copy, bytes.p, len);
		if (cut > bytes.len)
			copy[cut - bytes.len - 1] ^= 0xff;
		t_scan(name, (struct pk_span){ copy, len });
		free(copy);
	}
	(void)t_teardown(NULL);
}
