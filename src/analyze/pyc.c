/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pyc.h"

#include "analyze/pycode.h"

enum {
	CODE_MAX = 16 << 20, /* bytes; compilers of one module write less */
	HASHED = 1,          /* flags of PEP 552 */
	CHECKED = 2,
};

/* Python asks for the exact magic number, which every release changes; CPython
 * counts from 3000 and, before that, from 20121; PyPy's are below 3000. */
bool pk_pyc_at(struct pk_span head, struct pk_pyc *ret)
{
	static const uint8_t code_at[] = { 8, 12, 16 };

	if (head.len < PK_PYC_HEAD || head.p[2] != '\r' || head.p[3] != '\n')
		return false;
	for (size_t i = 0; i < sizeof(code_at); i++) {
		const uint8_t at = code_at[i];

		if ((head.p[at] & 0x7f) != 'c')
			continue;
		ret->code = at;
		ret->unchecked = at == 16 && (head.p[4] & HASHED) &&
				 !(head.p[4] & CHECKED);
		return true;
	}
	return false;
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
		code = pk_pycode_read(bytes, &s->arena);
	if (s->quiet && !code.understood)
		pk_reject(s);
	else
		report(s, pyc, &code);
	if (!bytes.p && !s->rejected)
		pk_partial(s);
	pk_pycode_release(&code);
}
