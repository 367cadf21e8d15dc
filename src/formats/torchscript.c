/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TorchScript archives: a zip with ROOT/constants.pkl and ROOT/code/: models
 * as programs of their own language (torch/csrc/jit/serialization).
 */
#include "analyze/torch_zip.h"
#include "codec/pytok.h"

enum { SOURCE_MAX = 16 << 20, SHOWN = 200, NAME_MAX_LEN = 64 };

/* Operators with which such a program reaches files or other machines, as
 * its printed code spells them. */
static const char *const reaching[] = {
	"ops.aten.save",   "ops.aten.from_file", "torch.save",
	"torch.from_file", "ops.prim.rpc_",
};

/* The name that begins at a token, with its dots; the token behind it. */
static struct pk_span read_dotted(struct pk_pylex *lex, struct pk_pytok *t,
				  uint8_t buf[NAME_MAX_LEN])
{
	size_t n = 0;

	while (t->kind == PK_PY_NAME || pk_pytok_is(t, ".")) {
		if (n && t->kind == PK_PY_NAME && buf[n - 1] != '.')
			break;
		for (size_t i = 0; i < t->text.len && n < NAME_MAX_LEN; i++)
			buf[n++] = t->text.p[i];
		*t = pk_pylex_next(lex);
	}
	return (struct pk_span){ buf, n };
}

static void check_name(struct pk_scan *s, const struct pk_zip_entry *e,
		       struct pk_span name)
{
	for (size_t i = 0; i < sizeof(reaching) / sizeof(reaching[0]); i++) {
		const size_t n = strlen(reaching[i]);

		if (name.len < n || memcmp(name.p, reaching[i], n) != 0)
			continue;
		if (name.len == n || reaching[i][n - 1] == '_' ||
		    name.p[n] == '.')
			pk_report(s, PK_RULE_TORCH_SCRIPT_REACHES, e->at,
				  "%s uses %s",
				  pk_show(s, pk_zip_name(e), SHOWN),
				  pk_show(s, name, SHOWN));
	}
}

/* TorchScript is printed in the tokens of Python. */
static void scan_text(struct pk_scan *s, const struct pk_zip_entry *e,
		      struct pk_span text)
{
	uint8_t buf[NAME_MAX_LEN];
	struct pk_pylex lex;
	struct pk_pytok t;

	pk_pylex_init(&lex, text, &s->arena);
	t = pk_pylex_next(&lex);
	while (t.kind != PK_PY_END) {
		if (t.kind == PK_PY_NAME)
			check_name(s, e, read_dotted(&lex, &t, buf));
		else
			t = pk_pylex_next(&lex);
	}
	if (lex.doubt)
		pk_partial(s);
}

static void scan_source(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);
	const size_t n = src && src->size <= SOURCE_MAX ? (size_t)src->size : 0;
	uint8_t *text = pk_arena_alloc(&s->arena, n + 1, 1);

	if (src && text && src->size <= SOURCE_MAX &&
	    pk_source_read(src, 0, text, n) == n)
		scan_text(s, e, (struct pk_span){ text, n });
	else
		pk_partial(s);
	pk_source_free(src);
}

static bool is_code(struct pk_span name, struct pk_span root)
{
	static const char folder[] = "code/";
	const size_t n = sizeof(folder) - 1;

	return name.len > root.len + n + 3 &&
	       memcmp(name.p + root.len, folder, n) == 0 &&
	       memcmp(name.p + name.len - 3, ".py", 3) == 0;
}

static void torchscript_scan(struct pk_scan *s)
{
	const struct pk_torch_zip t = pk_torch_zip_of(s);
	const struct pk_zip *z = pk_zip_of(s);

	if (!t.constants) {
		pk_reject(s);
		return;
	}
	pk_report(s, PK_RULE_TORCH_SCRIPT, t.constants->at,
		  "the archive holds a program in TorchScript (%u files)",
		  t.sources);
	for (size_t i = 0; i < z->view[0].n && !pk_out_of_budget(s); i++) {
		const struct pk_zip_entry *e = &z->view[0].v[i];

		if (is_code(pk_zip_name(e), t.root))
			scan_source(s, e);
	}
}

static enum pk_match torchscript_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_torchscript = {
	.name = "torchscript",
	.title = "TorchScript archive",
	.reads =
		"its pickles; its code for operators that reach files or hosts",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = torchscript_probe,
	.scan = torchscript_scan,
};
