/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TensorRT engines (.plan, .engine, .trt): "ftrt" or "ptrt", a version, a
 * length, then what NVIDIA documents nowhere; Ultralytics puts its metadata
 * in front, a length and JSON.
 *
 * What can hurt: an engine is a program.  It may carry plugins as libraries
 * for the host, which are written to a temporary file and loaded as soon as
 * the engine is deserialized, whatever it may be allowed to run.
 */
#include "analyze/program.h"
#include "engine/embed.h"
#include "engine/note.h"

enum {
	PREFIX_MAX = 1 << 20, /* of Ultralytics' metadata */
	FOUND_MAX = 16,
	HEADER = 24,
	NAME_MIN = 6,
	NAME_MAX = 120,
};

static bool is_magic(const uint8_t *p)
{
	return memcmp(p, "ftrt", 4) == 0 || memcmp(p, "ptrt", 4) == 0;
}

/* Where the engine begins; false when none does. */
static bool find_engine(struct pk_source *src, uint64_t *ret)
{
	uint8_t head[8];
	uint64_t prefix;

	if (pk_source_read(src, 0, head, sizeof(head)) < sizeof(head))
		return false;
	if (is_magic(head)) {
		*ret = 0;
		return true;
	}
	prefix = head[0] | (uint64_t)head[1] << 8 | (uint64_t)head[2] << 16;
	if (head[3] != 0 || head[4] != '{' || prefix > PREFIX_MAX)
		return false;
	*ret = 4 + prefix;
	return pk_source_read(src, *ret, head, 4) == 4 && is_magic(head);
}

static void note_prefix(struct pk_scan *s, uint64_t len)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, 4, len - 4, &s->arena);

	if (len > 4 && s->job->wants_notes && len <= PK_WINDOW)
		pk_note_text(s, "metadata", pk_get_bytes(&c, len - 4));
}

static bool is_plugin(struct pk_span name)
{
	return (name.len > 4 &&
		memcmp(name.p + name.len - 4, "_TRT", 4) == 0) ||
	       memmem(name.p, name.len, "Plugin", 6) != NULL;
}

/* Names of plugins stand as plain text; only for who inspects. */
static void note_plugins(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	uint8_t name[NAME_MAX];
	size_t n = 0;

	while (pk_cursor_left(&c)) {
		const uint8_t ch = pk_get_u8(&c);

		if (ch > ' ' && ch <= '~' && n < sizeof(name)) {
			name[n++] = ch;
			continue;
		}
		if (n >= NAME_MIN && is_plugin((struct pk_span){ name, n }))
			pk_note_text(s, "plugin", (struct pk_span){ name, n });
		n = 0;
	}
}

/* Code for the GPU is what an engine is made of; code for the host is not. */
static void find_host_code(struct pk_scan *s)
{
	struct pk_embed e = { .s = s,
			      .at = 1,
			      .to = s->bytes->size,
			      .until = s->bytes->size,
			      .tries = UINT32_MAX,
			      .code_only = true,
			      .no_models = true };
	struct pk_program p;
	uint64_t off;

	for (unsigned n = 0; n < FOUND_MAX && pk_embed_next(&e, &off);) {
		if (!pk_program_at(s->bytes, off, &p) || !p.host)
			continue;
		n++;
		pk_report(s, PK_RULE_TENSORRT_HOST_CODE, off,
			  "%s lies in the engine", pk_native_what(s, &p));
	}
}

/* Engines of versions before 8 say how long they are. */
static void check_length(struct pk_scan *s, uint64_t at)
{
	struct pk_cursor c = pk_cursor_open(s->bytes, at, HEADER, &s->arena);
	const bool whole = pk_span_eq(pk_get_bytes(&c, 4), PK_LIT("ftrt"));
	const uint32_t version = pk_get_u32le(&c);
	uint64_t len;

	pk_skip(&c, 8);
	len = pk_get_u64le(&c);
	if (!whole && pk_cursor_ok(&c))
		len += HEADER;
	if (pk_cursor_ok(&c) && (version || len <= s->bytes->size - at))
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_TENSORRT_MALFORMED, at,
		  "the engine ends before the length that it gives");
}

static void tensorrt_scan(struct pk_scan *s)
{
	uint64_t at = 0;

	if (!find_engine(s->bytes, &at)) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	pk_report(s, PK_RULE_TENSORRT_OPAQUE_ENGINE, at,
		  "a compiled TensorRT engine: what it runs cannot be told");
	check_length(s, at);
	note_prefix(s, at);
	find_host_code(s);
	if (s->job->wants_notes)
		note_plugins(s);
}

static enum pk_match tensorrt_probe(const struct pk_head *head)
{
	uint64_t at;

	return find_engine(head->source, &at) ? PK_MATCH_SURE : PK_MATCH_NO;
}

const struct pk_format pk_format_tensorrt = {
	.name = "tensorrt",
	.title = "TensorRT engine",
	.reads = "that it is one; libraries for the host in it",
	.risk = PK_RISK_CODE,
	.rank = 30,
	.probe = tensorrt_probe,
	.scan = tensorrt_scan,
};
