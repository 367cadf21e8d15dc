/* SPDX-License-Identifier: Apache-2.0 */
/* Which layout a file of weights has, by its bytes. */
#include "tensors/weights.h"

#include <stdlib.h>

#include "codec/decomp.h"
#include "codec/npy.h"
#include "source/streamed.h"
#include "tensors/load.h"
#include "tensors/members.h"

/* ---- pickles without a container ---- */

void pk_load_bare_pickle(struct pk_loader *l, struct pk_source *src)
{
	uint64_t end;

	l->w->format = "pickle";
	l->numpy = true;
	if (pk_load_pickle(l, src, 0, src->size, &end))
		pk_flatten(l, l->g.root);
}

static void load_pickle(struct pk_loader *l)
{
	pk_load_bare_pickle(l, l->file);
}

static bool is_pickle(struct pk_span head)
{
	return head.len > 1 && head.p[0] == PK_OP_PROTO && head.p[1] <= 5;
}

static bool is_name_byte(uint8_t ch)
{
	return ch == '_' || ch == '.' || (ch >= '0' && ch <= '9') ||
	       (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* Whether the lines of a GLOBAL at the front are names; other opcodes that a
 * container begins with are told by the rest. */
static bool is_text_pickle(struct pk_span head)
{
	if (!head.len || !memchr("(c]}", head.p[0], 4))
		return false;
	for (size_t i = 1; i < head.len && head.p[0] == 'c'; i++) {
		const uint8_t ch = head.p[i];

		if (ch == '\n')
			return i > 1;
		if (!is_name_byte(ch))
			return false;
	}
	return head.p[0] != 'c';
}

/* Protocols 0 and 1 have no magic: what does not load was none. */
static void load_text_pickle(struct pk_loader *l, struct pk_source *src)
{
	pk_load_bare_pickle(l, src);
	if (l->failed && l->w->end == PK_WEIGHTS_BROKEN)
		l->w->end = PK_WEIGHTS_FOREIGN;
}

static struct pk_span head_of(struct pk_source *src, uint8_t *buf, size_t n)
{
	return (struct pk_span){ buf, pk_source_read(src, 0, buf, n) };
}

/* joblib compresses the whole stream.  What is no pickle inside is none of
 * ours, damaged or not. */
static void load_compressed(struct pk_loader *l, enum pk_codec codec)
{
	enum { KEEP = 32 << 20, RATIO = 2000, HEAD = 64 };
	const struct pk_streaming how = {
		.pull = pk_decomp_new(codec, l->file, 0, l->file->size,
				      &l->w->meter),
		.meter = &l->w->meter,
		.keep = KEEP,
		.ratio = RATIO,
		.spend = pk_load_spend,
		.ctx = l,
	};
	struct pk_streamed got;
	struct pk_source *src = how.pull ? pk_streamed_new(&how, &got) : NULL;
	struct pk_span head;
	uint8_t buf[HEAD];

	if (!src || !pk_load_own(l, src)) {
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
		return;
	}
	head = head_of(src, buf, sizeof(buf));
	if (!is_pickle(head) && !is_text_pickle(head))
		(void)pk_load_fail(l, PK_WEIGHTS_FOREIGN, 0,
				   "a compressed file without weights");
	else if (got.flow != PK_FLOW_END)
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "the compressed stream is damaged");
	else if (is_pickle(head))
		pk_load_bare_pickle(l, src);
	else
		load_text_pickle(l, src);
}

/* ---- which ---- */

enum { HEAD = 1024, MAGIC_WITHIN = 64 };

static bool is_legacy(struct pk_span head)
{
	static const uint8_t magic[] = { 0x6c, 0xfc, 0x9c, 0x46, 0xf9,
					 0x20, 0x6a, 0xa8, 0x50, 0x19 };
	const size_t n = head.len < MAGIC_WITHIN ? head.len : MAGIC_WITHIN;

	return n && memmem(head.p, n, magic, sizeof(magic)) != NULL;
}

static bool is_zip(struct pk_span head)
{
	return pk_span_starts(head, PK_LIT("PK\3\4"));
}

/* A header's length, then a brace, or the blanks that readers take. */
static bool is_safetensors(struct pk_span head)
{
	struct pk_cursor c = pk_cursor_over(head, 0);
	const uint64_t n = pk_get_u64le(&c);

	return pk_cursor_ok(&c) && n <= 100000000 && head.len > 8 &&
	       memchr("{ \t\r\n", head.p[8], 5) != NULL;
}

static const struct {
	bool (*is)(struct pk_span head);
	void (*load)(struct pk_loader *l);
} layouts[] = {
	{ is_zip, pk_load_zip },      { is_legacy, pk_load_torch_legacy },
	{ pk_npy_is, pk_load_numpy }, { is_safetensors, pk_load_safetensors },
	{ is_pickle, load_pickle },   { pk_tar_begins, pk_load_torch_tar },
};

static void load(struct pk_loader *l)
{
	uint8_t bytes[HEAD];
	const struct pk_span head = { bytes, pk_source_read(l->file, 0, bytes,
							    sizeof(bytes)) };

	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].is(head)) {
			layouts[i].load(l);
			return;
		}
	}
	for (int i = 0; i < PK_CODEC_COUNT; i++) {
		if (i != PK_CODEC_DEFLATE && i != PK_CODEC_LZMA_RAW &&
		    pk_decomp_begins((enum pk_codec)i, head)) {
			load_compressed(l, (enum pk_codec)i);
			return;
		}
	}
	if (is_text_pickle(head)) {
		load_text_pickle(l, l->file);
		return;
	}
	(void)pk_load_fail(l, PK_WEIGHTS_FOREIGN, 0,
			   "no file of weights that is known");
}

enum pk_weights_end pk_weights_open(struct pk_weights *w, struct pk_source *src,
				    enum pk_weights_rules rules, size_t memory)
{
	struct pk_loader *l = calloc(1, sizeof(*l));

	*w = (struct pk_weights){ .meter = { .ceiling = memory },
				  .rules = rules,
				  .format = "" };
	w->arena = PK_ARENA(&w->meter);
	w->loader = l;
	if (!l) {
		w->why = "out of memory";
		return w->end = PK_WEIGHTS_LIMIT;
	}
	l->w = w;
	l->file = src;
	if (pk_graph_init(&l->g, &w->meter))
		load(l);
	else
		(void)pk_load_fail(l, PK_WEIGHTS_LIMIT, 0, "out of memory");
	if (!l->failed && src->broken)
		(void)pk_load_fail(l, PK_WEIGHTS_BROKEN, 0,
				   "the file could not be read");
	return w->end;
}

void pk_weights_release(struct pk_weights *w)
{
	if (w->loader) {
		pk_graph_release(&w->loader->g);
		for (size_t i = w->loader->owned_n; i > 0; i--)
			pk_source_free(w->loader->owned[i - 1]);
		free(w->loader);
	}
	pk_arena_release(&w->arena);
	*w = (struct pk_weights){ 0 };
}

bool pk_weights_locate(struct pk_weights *w, const struct pk_tensor *t)
{
	return !t->store || t->store->known ||
	       pk_member_locate(w->loader, t->store);
}

const struct pk_named *pk_weights_find(const struct pk_weights *w,
				       const char *name)
{
	const size_t len = strlen(name);
	size_t low = 0, high = w->n;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const struct pk_named *n = w->sorted[mid];
		const size_t common = n->name_len < len ? n->name_len : len;
		const int order = memcmp(n->name, name, common);

		if (order == 0 && n->name_len == len)
			return n;
		if (order < 0 || (order == 0 && n->name_len < len))
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
