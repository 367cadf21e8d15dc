/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/ubjson.h"

struct level {
	bool object;
	bool counted;
	uint64_t left;
	uint8_t type; /* of all that is in it, or 0 */
};

struct walk {
	struct pk_cursor *c;
	const struct pk_ubjson_events *events;
	struct level level[PK_UBJSON_DEPTH];
	unsigned depth;
	uint8_t key[PK_UBJSON_KEY];
	size_t key_len;
};

size_t pk_ubjson_size(uint8_t type)
{
	switch (type) {
	case 'i':
	case 'U':
	case 'C':
		return 1;
	case 'I':
		return 2;
	case 'l':
	case 'd':
		return 4;
	case 'L':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

/* An integer, which is what counts and lengths are. */
static uint64_t get_count(struct walk *w)
{
	int64_t v = 0;

	switch (pk_get_u8(w->c)) {
	case 'i':
		v = (int8_t)pk_get_u8(w->c);
		break;
	case 'U':
		v = pk_get_u8(w->c);
		break;
	case 'I':
		v = (int16_t)pk_get_u16be(w->c);
		break;
	case 'l':
		v = (int32_t)pk_get_u32be(w->c);
		break;
	case 'L':
		v = (int64_t)pk_get_u64be(w->c);
		break;
	default:
		v = -1;
	}
	if (v < 0)
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	return v < 0 ? 0 : (uint64_t)v;
}

static void skip_text(struct walk *w)
{
	pk_skip(w->c, get_count(w));
}

static void read_key(struct walk *w)
{
	const uint64_t n = get_count(w);
	const size_t some = n < sizeof(w->key) ? (size_t)n : sizeof(w->key);
	const struct pk_span text = pk_get_bytes(w->c, some);

	w->key_len = text.len;
	if (text.len)
		memcpy(w->key, text.p, text.len);
	pk_skip(w->c, n - some);
}

static bool next_is(struct walk *w, uint8_t ch)
{
	if (!pk_cursor_ready(w->c, 1) || *w->c->p != ch)
		return false;
	(void)pk_get_u8(w->c);
	return true;
}

static void tell(struct walk *w, uint8_t type, uint64_t count)
{
	if (w->events->numbers)
		w->events->numbers(w->events->user,
				   (struct pk_span){ w->key, w->key_len }, type,
				   w->c->off, count);
}

static void open_level(struct walk *w, bool object)
{
	struct level l = { .object = object };
	size_t each;

	if (next_is(w, '$'))
		l.type = pk_get_u8(w->c);
	if (next_is(w, '#')) {
		l.counted = true;
		l.left = get_count(w);
	} else if (l.type) {
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	}
	each = pk_ubjson_size(l.type);
	if (!pk_cursor_ok(w->c))
		return;
	if (!object && each) {
		if (!pk_cursor_fits(w->c, l.left, each))
			return;
		tell(w, l.type, l.left);
		pk_skip(w->c, l.left * each);
		return;
	}
	/* Types without bytes would make a count free of cost. */
	if (l.counted && !pk_cursor_fits(w->c, l.left, 1))
		return;
	if (w->depth == PK_UBJSON_DEPTH) {
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
		return;
	}
	w->level[w->depth++] = l;
}

static void read_value(struct walk *w, uint8_t type)
{
	const size_t each = pk_ubjson_size(type);

	if (each) {
		pk_skip(w->c, each);
		return;
	}
	switch (type) {
	case 'Z':
	case 'N':
	case 'T':
	case 'F':
		break;
	case 'S':
	case 'H':
		skip_text(w);
		break;
	case '[':
		open_level(w, false);
		break;
	case '{':
		open_level(w, true);
		break;
	default:
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	}
}

/* One element, or the end of a container. */
static void step(struct walk *w)
{
	struct level *l = &w->level[w->depth - 1];

	if (l->counted ? l->left == 0 : next_is(w, l->object ? '}' : ']')) {
		w->depth--;
		return;
	}
	l->left -= l->counted;
	if (l->object)
		read_key(w);
	read_value(w, l->type ? l->type : pk_get_u8(w->c));
}

void pk_ubjson_walk(struct pk_cursor *c, const struct pk_ubjson_events *e)
{
	struct walk w = { .c = c, .events = e };

	read_value(&w, pk_get_u8(c));
	while (w.depth && pk_cursor_ok(c))
		step(&w);
}
