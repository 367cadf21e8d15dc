/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/protobuf.h"

enum {
	VARINT_MAX = 10,     /* bytes of a number of 64 bits */
	GO_ON_EVERY = 65536, /* fields between two questions */
};

struct pk_pb pk_pb_open(struct pk_source *src, struct pk_arena *a)
{
	return (struct pk_pb){ .c = pk_cursor_open(src, 0, src->size, a) };
}

struct pk_pb_field pk_pb_whole(const struct pk_pb *r)
{
	return (struct pk_pb_field){ .wire = PK_PB_LEN, .len = r->c.stop };
}

/* Most numbers are one byte, in the window. */
static uint64_t varint_slow(struct pk_cursor *c);

static inline uint64_t varint(struct pk_cursor *c)
{
	if (pk_cursor_left(c) && c->p < c->end && *c->p < 0x80) {
		c->off++;
		return *c->p++;
	}
	return varint_slow(c);
}

/* Bits above the 64th are dropped, as parsers do. */
static uint64_t varint_slow(struct pk_cursor *c)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX; i++) {
		const uint8_t byte = pk_get_u8(c);

		v |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (!(byte & 0x80))
			return v;
	}
	pk_cursor_fail(c, PK_FAULT_VALUE);
	return 0;
}

/* Overlong tags are read, since some parsers do. */
static bool get_tag(struct pk_pb *r, struct pk_pb_field *f)
{
	const uint64_t tag = varint(&r->c);

	f->number = (uint32_t)(tag >> 3);
	f->wire = (enum pk_pb_wire)(tag & 7);
	if (tag > UINT32_MAX || f->number == 0 || (tag & 7) > PK_PB_I32)
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	return pk_cursor_ok(&r->c);
}

static void get_len(struct pk_pb *r, struct pk_pb_field *f, uint64_t end)
{
	f->len = varint(&r->c);
	f->off = r->c.off;
	if (f->off <= end && f->len <= end - f->off)
		return;
	r->clipped = r->clip && f->off <= end;
	if (r->clipped)
		f->len = end - f->off;
	else
		pk_cursor_fail(&r->c, PK_FAULT_TRUNCATED);
}

static void get_content(struct pk_pb *r, struct pk_pb_field *f, uint64_t end)
{
	switch (f->wire) {
	case PK_PB_VARINT:
		f->value = varint(&r->c);
		break;
	case PK_PB_I64:
		f->value = pk_get_u64le(&r->c);
		break;
	case PK_PB_I32:
		f->value = pk_get_u32le(&r->c);
		break;
	case PK_PB_LEN:
		get_len(r, f, end);
		break;
	case PK_PB_GROUP:
	case PK_PB_END_GROUP:
		break;
	}
}

/* Finds the end of a group whose start tag was read: groups within it are
 * counted, so that no depth of them costs a stack frame. */
static void get_group(struct pk_pb *r, struct pk_pb_field *f, uint64_t end)
{
	uint32_t open[PK_PB_DEPTH_MAX];
	unsigned depth = 0;
	struct pk_pb_field in;

	open[depth++] = f->number;
	f->off = r->c.off;
	while (depth && pk_cursor_ok(&r->c)) {
		in = (struct pk_pb_field){ .at = r->c.off };
		if (!get_tag(r, &in))
			return;
		get_content(r, &in, end);
		if (in.wire == PK_PB_LEN)
			pk_skip(&r->c, in.len);
		if (in.wire == PK_PB_GROUP && depth < PK_PB_DEPTH_MAX)
			open[depth++] = in.number;
		else if (in.wire == PK_PB_GROUP ||
			 (in.wire == PK_PB_END_GROUP &&
			  open[--depth] != in.number))
			pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	}
	f->len = in.at - f->off;
}

static bool asked_to_go_on(struct pk_pb *r)
{
	if (++r->fields % GO_ON_EVERY == 0 && r->go_on && !r->go_on(r))
		pk_cursor_fail(&r->c, PK_FAULT_LIMIT);
	return pk_cursor_ok(&r->c);
}

bool pk_pb_next(struct pk_pb *r, struct pk_pb_iter *it, struct pk_pb_field *f)
{
	if (it->at >= it->end || !asked_to_go_on(r))
		return false;
	pk_seek(&r->c, it->at);
	*f = (struct pk_pb_field){ .at = it->at };
	if (!get_tag(r, f))
		return false;
	get_content(r, f, it->end);
	if (f->wire == PK_PB_END_GROUP)
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
	if (f->wire == PK_PB_GROUP)
		get_group(r, f, it->end);
	if (r->c.off > it->end)
		pk_cursor_fail(&r->c, PK_FAULT_TRUNCATED);
	it->at = f->wire == PK_PB_LEN ? f->off + f->len : r->c.off;
	return pk_cursor_ok(&r->c);
}

static bool matches(enum pk_pb_type type, enum pk_pb_wire wire)
{
	switch (type) {
	case PK_PB_INT:
		return wire == PK_PB_VARINT;
	case PK_PB_FIXED32:
		return wire == PK_PB_I32;
	case PK_PB_FIXED64:
		return wire == PK_PB_I64;
	case PK_PB_INTS:
		return wire == PK_PB_VARINT || wire == PK_PB_LEN;
	case PK_PB_FIXED32S:
		return wire == PK_PB_I32 || wire == PK_PB_LEN;
	case PK_PB_FIXED64S:
		return wire == PK_PB_I64 || wire == PK_PB_LEN;
	case PK_PB_TEXT:
	case PK_PB_BYTES:
	case PK_PB_MESSAGE:
		break;
	}
	return wire == PK_PB_LEN;
}

const struct pk_pb_line *pk_pb_find(const struct pk_pb_message *m,
				    const struct pk_pb_field *f)
{
	for (size_t i = 0; i < m->count; i++) {
		if (m->lines[i].number == f->number &&
		    matches(m->lines[i].type, f->wire))
			return &m->lines[i];
	}
	return NULL;
}

void pk_pb_walk(struct pk_pb *r, const struct pk_pb_field *f,
		const struct pk_pb_message *m, void *ctx)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	if (r->depth >= PK_PB_DEPTH_MAX) {
		pk_cursor_fail(&r->c, PK_FAULT_VALUE);
		return;
	}
	r->depth++;
	while (pk_pb_next(r, &it, &in)) {
		const struct pk_pb_line *line = pk_pb_find(m, &in);

		if (line && line->take)
			line->take(r, &in, ctx);
		else if (line && line->of)
			pk_pb_walk(r, &in, line->of, ctx);
		else if (!line && !m->open && r->unknown)
			r->unknown(r, &in);
	}
	r->depth--;
}

/* Every number ends with the one byte of it whose high bit is clear. */
static uint64_t count_varints(struct pk_pb *r, const struct pk_pb_field *f)
{
	uint64_t left = f->len, n = 0;

	pk_seek(&r->c, f->off);
	while (left && pk_cursor_ready(&r->c, 1)) {
		size_t ready = (size_t)(r->c.end - r->c.p);

		if (ready > left)
			ready = (size_t)left;
		for (size_t i = 0; i < ready; i++)
			n += r->c.p[i] < 0x80;
		pk_skip(&r->c, ready);
		left -= ready;
	}
	return n;
}

uint64_t pk_pb_count(struct pk_pb *r, const struct pk_pb_field *f,
		     enum pk_pb_type type)
{
	if (f->wire != PK_PB_LEN)
		return 1;
	if (type == PK_PB_FIXED32S)
		return f->len / 4;
	if (type == PK_PB_FIXED64S)
		return f->len / 8;
	return type == PK_PB_INTS ? count_varints(r, f) : 1;
}

bool pk_pb_int(struct pk_pb *r, const struct pk_pb_field *f, uint64_t *at,
	       uint64_t *ret)
{
	if (f->wire == PK_PB_VARINT) {
		*ret = f->value;
		return (*at)++ == 0;
	}
	if (*at >= f->len || !pk_cursor_ok(&r->c))
		return false;
	pk_seek(&r->c, f->off + *at);
	*ret = varint(&r->c);
	*at = r->c.off - f->off;
	if (*at > f->len)
		pk_cursor_fail(&r->c, PK_FAULT_TRUNCATED);
	return pk_cursor_ok(&r->c);
}

struct pk_span pk_pb_bytes(struct pk_pb *r, const struct pk_pb_field *f,
			   uint64_t max)
{
	uint64_t n = f->wire == PK_PB_LEN ? f->len : 0;

	if (n > max)
		n = max;
	if (n > PK_WINDOW)
		n = PK_WINDOW;
	pk_seek(&r->c, f->off);
	return pk_get_bytes(&r->c, n);
}

struct pk_pb_text pk_pb_text(struct pk_pb *r, const struct pk_pb_field *f)
{
	struct pk_pb_text t = { .off = f->off, .len = f->len };
	const struct pk_span got = pk_pb_bytes(r, f, PK_PB_TEXT_MAX);

	if (got.len)
		memcpy(t.head, got.p, got.len);
	if (!pk_cursor_ok(&r->c))
		t.len = 0;
	return t;
}

struct pk_span pk_pb_span(const struct pk_pb_text *t)
{
	const size_t n =
		t->len < PK_PB_TEXT_MAX ? (size_t)t->len : PK_PB_TEXT_MAX;

	return (struct pk_span){ t->head, n };
}

bool pk_pb_is(const struct pk_pb_text *t, const char *word)
{
	const size_t n = strlen(word);

	return t->len == n && n <= PK_PB_TEXT_MAX &&
	       memcmp(t->head, word, n) == 0;
}

void pk_pb_pick(struct pk_pb *r, const struct pk_pb_field *f,
		const struct pk_pb_pick *picks, size_t n)
{
	struct pk_pb_iter it = { f->off, f->off + f->len };
	struct pk_pb_field in;

	while (pk_pb_next(r, &it, &in)) {
		for (size_t i = 0; i < n && in.wire == PK_PB_LEN; i++) {
			if (picks[i].number == in.number)
				*picks[i].ret = pk_pb_text(r, &in);
		}
	}
}
