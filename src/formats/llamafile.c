/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that carry a zip at their end: llamafiles, where it holds a GGUF
 * model and the program is the loader; self-extracting archives.
 *
 * What can hurt: it is a program by design, and who loads such a model runs
 * it.  The zip is read as any other.
 */
#include "analyze/program.h"
#include "analyze/zip_of.h"
#include "engine/note.h"

enum { ARGS_MAX = 4096 };

static bool is_gguf(struct pk_zip *z, const struct pk_zip_entry *e)
{
	struct pk_zip_local l;
	struct pk_span head;

	if (!pk_zip_local(z, e->header, &l))
		return false;
	head = pk_zip_peek(z, l.data, 4);
	return pk_span_eq(head, PK_LIT("GGUF"));
}

static bool holds_gguf(struct pk_zip *z, uint64_t *ret_first)
{
	bool found = false;

	for (unsigned i = 0; i < z->views; i++) {
		for (size_t k = 0; k < z->view[i].n; k++) {
			const struct pk_zip_entry *e = &z->view[i].v[k];

			found |= is_gguf(z, e);
			if (e->header < *ret_first)
				*ret_first = e->header;
		}
	}
	return found;
}

/* Arguments that the program gives itself. */
static void note_args(struct pk_scan *s, struct pk_zip *z)
{
	const struct pk_zip_entry *e =
		pk_zip_find(&z->view[0], PK_LIT(".args"));
	struct pk_source *src = e ? pk_zip_member(s, e) : NULL;
	uint8_t args[ARGS_MAX];

	if (src)
		pk_note_text(
			s, "args",
			(struct pk_span){
				args, pk_source_read(src, 0, args, ARGS_MAX) });
	pk_source_free(src);
}

static void llamafile_scan(struct pk_scan *s)
{
	struct pk_zip *z = pk_zip_of(s);
	struct pk_program p;
	uint64_t first = s->bytes->size;

	if (!z || !z->views || !z->view[0].n ||
	    !pk_program_at(s->bytes, 0, &p)) {
		pk_reject(s);
		return;
	}
	if (!holds_gguf(z, &first)) {
		pk_report(s, PK_RULE_PROGRAM_SELF_EXTRACTING, 0,
			  "%s carries an archive", pk_native_what(s, &p));
		pk_claim(s, 0, first);
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, first);
	pk_report(s, PK_RULE_LLAMAFILE_PROGRAM, 0,
		  "%s carries a GGUF model: it is run, not loaded",
		  pk_native_what(s, &p));
	note_args(s, z);
}

static enum pk_match llamafile_probe(const struct pk_head *head)
{
	struct pk_program p;

	return !head->scan->gap && pk_program_at(head->source, 0, &p)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_llamafile = {
	.name = "llamafile",
	.title = "llamafile: a program that carries a model",
	.reads = "the archive and the model in it; not the program's code",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = llamafile_probe,
	.scan = llamafile_scan,
};
