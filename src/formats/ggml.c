/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What llama.cpp, whisper.cpp and their kin wrote before GGUF:
 *
 *   u32 magic | [u32 version] | hyperparameters | vocabulary | tensors
 *
 * The magic is a number, so its letters lie reversed.  How many parameters
 * there are depends on the program, so that no general reader is possible.
 *
 * What can hurt: readers that trust these numbers.  There is no code in it.
 */
#include "engine/format.h"
#include "engine/note.h"

enum { HEADER = 24, PARAMETER_MAX = 1 << 24, VERSION_MAX = 16 };

struct kind {
	struct pk_span magic;
	const char *name;
	bool versioned;
};

static const struct kind kinds[] = {
	{ PK_LIT_INIT("lmgg"), "ggml", false },
	{ PK_LIT_INIT("fmgg"), "ggmf", true },
	{ PK_LIT_INIT("tjgg"), "ggjt", true },
	{ PK_LIT_INIT("algg"), "ggla", true },
	{ PK_LIT_INIT("nsgg"), "ggsn", true },
	{ PK_LIT_INIT("qsgg"), "ggsq", true },
	/* As nobody writes them, and some readers look for them. */
	{ PK_LIT_INIT("GGML"), "ggml", false },
	{ PK_LIT_INIT("GGMF"), "ggmf", true },
	{ PK_LIT_INIT("GGJT"), "ggjt", true },
	{ PK_LIT_INIT("GGLA"), "ggla", true },
};

static const struct kind *kind_of(struct pk_span head)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (pk_span_starts(head, kinds[i].magic))
			return &kinds[i];
	}
	return NULL;
}

static void ggml_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct kind *k = kind_of(pk_get_bytes(&c, 4));

	if (!k)
		return;
	pk_note_text(
		s, "container",
		(struct pk_span){ (const uint8_t *)k->name, strlen(k->name) });
	if (k->versioned)
		pk_note_number(s, "version", pk_get_u32le(&c));
	pk_claim(s, 0, s->bytes->size);
	pk_report(s, PK_RULE_GGUF_LEGACY, 0,
		  "a model in the format %s, of which the header was looked at",
		  k->name);
}

/* A magic of four letters is little: what follows must be small numbers, as
 * versions and hyperparameters are. */
static enum pk_match ggml_probe(const struct pk_head *head)
{
	const struct kind *k = kind_of(head->bytes);
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	bool plausible = true;

	if (!k || head->bytes.len < HEADER)
		return PK_MATCH_NO;
	pk_skip(&c, 4);
	if (k->versioned) {
		const uint32_t version = pk_get_u32le(&c);

		plausible = version >= 1 && version <= VERSION_MAX;
	}
	for (unsigned i = 0; i < 3; i++)
		plausible &= pk_get_u32le(&c) < PARAMETER_MAX;
	return plausible ? PK_MATCH_SURE : PK_MATCH_NO;
}

const struct pk_format pk_format_ggml = {
	.name = "ggml",
	.title = "GGML model (before GGUF)",
	.reads = "the header; its structure is the business of one program",
	.risk = PK_RISK_PARSER,
	.rank = 20,
	.probe = ggml_probe,
	.scan = ggml_scan,
};
