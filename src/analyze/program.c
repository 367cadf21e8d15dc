/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/program.h"

#include "engine/embed.h"

void pk_program_judge(struct pk_scan *s, const struct pk_program_place *p)
{
	if (s->gap)
		return;
	if (s->parent) {
		if (p->native)
			pk_report(s, PK_RULE_PROGRAM_IN_MODEL, 0,
				  "%s lies among the members", p->what);
	} else if (s->promises_model) {
		pk_report(s, PK_RULE_PROGRAM_POSING, 0,
			  "the name promises a model, the bytes are %s",
			  p->what);
	} else {
		s->job->reason = p->reason;
		pk_reject(s);
	}
}

const char *pk_native_what(struct pk_scan *s, const struct pk_program *p)
{
	static const char *const kinds[] = {
		[PK_PROGRAM_ELF] = "an ELF",
		[PK_PROGRAM_PE] = "a Windows",
		[PK_PROGRAM_MACHO] = "a Mach-O",
		[PK_PROGRAM_FAT] = "a universal Mach-O",
	};
	const char *what =
		pk_arena_printf(&s->arena, "%s %s for %s", kinds[p->kind],
				p->library ? "library" : "program", p->machine);

	return what ? what : "a native program";
}

void pk_native_scan(struct pk_scan *s,
		    bool (*at)(struct pk_source *src, uint64_t off,
			       struct pk_program *ret))
{
	struct pk_program p;
	struct pk_program_place place = {
		.reason = "a native program, no model"
	};

	/* Code for a GPU is what engines are made of, wherever it lies. */
	if (!at(s->bytes, 0, &p) || (s->gap && !p.host)) {
		pk_reject(s);
		return;
	}
	place.what = pk_native_what(s, &p);
	place.native = p.host;
	pk_program_judge(s, &place);
	if (!s->rejected)
		pk_claim(s, 0, p.size);
}

void pk_check_stash(struct pk_scan *s, uint64_t off, uint64_t len,
		    const char *what)
{
	struct pk_report r = { .rule = PK_RULE_FILE_EMBEDDED_CONTENT,
			       .severity = PK_HIGH,
			       .off = off,
			       .len = len };
	struct pk_program p;
	uint8_t head[16];
	const size_t n =
		pk_source_read(s->bytes, off, head,
			       len < sizeof(head) ? (size_t)len : sizeof(head));

	if (!pk_embed_begins((struct pk_span){ head, n }))
		return;
	if (pk_program_at(s->bytes, off, &p)) {
		r.rule = PK_RULE_PROGRAM_IN_MODEL;
		r.severity = PK_CRITICAL;
		if (p.host)
			pk_report_full(s, &r, "%s of the model is %s", what,
				       pk_native_what(s, &p));
		return;
	}
	if (pk_embed_is(s, off, off + len))
		pk_report_full(s, &r, "%s of the model is another file", what);
}
