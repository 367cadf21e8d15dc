/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pyc.h"

#include "analyze/pycode.h"

enum {
	CODE_MAX = 16 << 20, /* bytes; compilers of one module write less */
	HASHED = 1,          /* flags of PEP 552 */
	CHECKED = 2,
};

/* Where the code begins for the Pythons of these magic numbers: a size came
 * with 3.3, flags with 3.7. */
static const struct {
	uint16_t from, to;
	uint8_t at;
} headers[] = {
	{ 3390, 3999, 16 },
	{ 3190, 3389, 12 },
	{ 3000, 3189, 8 },
	{ 62011, 62299, 8 },
};

static bool is_code(struct pk_span head, unsigned at)
{
	return (head.p[at] & 0x7f) == 'c';
}

/* 0: nowhere. */
static uint8_t code_at(struct pk_span head, uint16_t magic)
{
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		if (magic >= headers[i].from && magic <= headers[i].to)
			return is_code(head, headers[i].at) ? headers[i].at : 0;
	}
	/* Somebody else's Python. */
	return is_code(head, 16)   ? 16
	       : is_code(head, 12) ? 12
	       : is_code(head, 8)  ? 8
				   : 0;
}

bool pk_pyc_at(struct pk_span head, struct pk_pyc *ret)
{
	if (head.len < PK_PYC_HEAD || head.p[2] != '\r' || head.p[3] != '\n')
		return false;
	ret->magic = (uint16_t)(head.p[0] | head.p[1] << 8);
	ret->code = code_at(head, ret->magic);
	ret->unchecked = ret->code == 16 && (head.p[4] & HASHED) &&
			 !(head.p[4] & CHECKED);
	return ret->code != 0;
}

/* Where a source lies beside it and is what counts: Python runs what it keeps
 * in such folders only when it was made of that source. */
static bool is_cache(const struct pk_scan *s, const struct pk_pyc *pyc)
{
	return strstr(s->name, "__pycache__/") && !pyc->unchecked;
}

static struct pk_span read_code(struct pk_scan *s, const struct pk_pyc *pyc)
{
	const uint64_t n = s->bytes->size - pyc->code;
	uint8_t *p;

	if (n > CODE_MAX)
		return (struct pk_span){ 0 };
	p = pk_arena_alloc(&s->arena, (size_t)n, 1);
	if (!p || pk_source_read(s->bytes, pyc->code, p, (size_t)n) < n)
		return (struct pk_span){ 0 };
	return (struct pk_span){ p, (size_t)n };
}

static void report(struct pk_scan *s, const struct pk_pyc *pyc,
		   struct pk_pycode *code)
{
	struct pk_report r = { .rule = PK_RULE_PROGRAM_BYTECODE,
			       .severity = is_cache(s, pyc) ? PK_INFO : PK_LOW,
			       .off = pyc->code };

	if (code->dangerous) {
		r.rule = PK_RULE_PROGRAM_BYTECODE_REACHES;
		r.evidence = pk_buf_str(&code->what);
		pk_report_full(s, &r, "compiled Python names %s", r.evidence);
	} else {
		pk_report_full(
			s, &r, "compiled Python lies among the members%s",
			code->understood ? ""
					 : ", in a form that no known Python "
					   "writes");
	}
}

void pk_pyc_judge(struct pk_scan *s, const struct pk_pyc *pyc)
{
	const struct pk_span bytes = read_code(s, pyc);
	struct pk_pycode code = { 0 };

	if (bytes.p)
		code = pk_pycode_read_module(bytes, pyc->magic, &s->arena);
	if (s->quiet && !code.understood)
		pk_reject(s);
	else
		report(s, pyc, &code);
	if (!bytes.p && !s->rejected)
		pk_partial(s);
	pk_pycode_release(&code);
}
