/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/javaser.h"

enum {
	NIL = 0x70,
	REFERENCE,
	CLASSDESC,
	OBJECT,
	STRING,
	ARRAY,
	CLASS,
	BLOCK,
	END_BLOCK,
	RESET,
	LONG_BLOCK,
	EXCEPTION,
	LONG_STRING,
	PROXY_DESC,
	ENUM,
};

enum {
	WRITE_METHOD = 1,
	SERIALIZABLE = 2,
	EXTERNALIZABLE = 4,
	BLOCK_DATA = 8,
	FIRST_HANDLE = 0x7e0000,
	DEPTH_MAX = 2000,
	SUPERS_MAX = 256,
	NAME_KEPT = 160,
	STEP = 256,
};

/* A class as the stream describes it. */
struct desc {
	struct desc *super;
	uint8_t flags;
	uint16_t fields;
	const uint8_t *types; /* one letter for each field */
	uint8_t component;    /* of an array: its letter */
};

struct walk {
	struct pk_cursor *c;
	struct pk_arena *a;
	const struct pk_java_events *events;
	struct desc **handles; /* NULL where it is no class */
	size_t handle_count, handle_room;
	unsigned depth;
};

static void read_content(struct walk *w, uint8_t tag);
static struct desc *read_desc(struct walk *w);

static void give_handle(struct walk *w, struct desc *d)
{
	struct desc **more;

	if (w->handle_count == w->handle_room) {
		const size_t room = w->handle_room ? w->handle_room * 2 : STEP;

		more = pk_arena_alloc(w->a, room, sizeof(struct desc *));
		if (!more) {
			pk_cursor_fail(w->c, PK_FAULT_LIMIT);
			return;
		}
		if (w->handle_count)
			memcpy(more, w->handles,
			       w->handle_count * sizeof(struct desc *));
		w->handles = more;
		w->handle_room = room;
	}
	w->handles[w->handle_count++] = d;
}

static struct desc *get_handle(struct walk *w)
{
	const uint32_t h = pk_get_u32be(w->c);

	if (h >= FIRST_HANDLE && h - FIRST_HANDLE < w->handle_count)
		return w->handles[h - FIRST_HANDLE];
	pk_cursor_fail(w->c, PK_FAULT_RANGE);
	return NULL;
}

static void skip_utf(struct walk *w)
{
	pk_skip(w->c, pk_get_u16be(w->c));
}

static size_t size_of(uint8_t type)
{
	switch (type) {
	case 'B':
	case 'Z':
		return 1;
	case 'C':
	case 'S':
		return 2;
	case 'I':
	case 'F':
		return 4;
	case 'J':
	case 'D':
		return 8;
	default:
		return 0;
	}
}

static void read_any(struct walk *w)
{
	read_content(w, pk_get_u8(w->c));
}

/* Up to the end of what a class wrote by itself. */
static void read_annotation(struct walk *w)
{
	while (pk_cursor_ok(w->c)) {
		const uint8_t tag = pk_get_u8(w->c);

		if (tag == END_BLOCK)
			return;
		read_content(w, tag);
	}
}

static void read_fields(struct walk *w, struct desc *d)
{
	uint8_t *types;

	d->fields = pk_get_u16be(w->c);
	if (!pk_cursor_fits(w->c, d->fields, 3))
		return;
	types = pk_arena_alloc(w->a, d->fields + 1U, 1);
	if (!types)
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
	d->types = types;
	for (uint16_t i = 0; i < d->fields && pk_cursor_ok(w->c); i++) {
		types[i] = pk_get_u8(w->c);
		skip_utf(w);
		if (types[i] == 'L' || types[i] == '[')
			read_any(w); /* the name of its class */
		else if (!size_of(types[i]))
			pk_cursor_fail(w->c, PK_FAULT_VALUE);
	}
}

static void read_class_name(struct walk *w, struct desc *d)
{
	const uint16_t n = pk_get_u16be(w->c);
	const uint64_t off = w->c->off;
	const size_t some = n < NAME_KEPT ? n : NAME_KEPT;
	const struct pk_span name = pk_get_bytes(w->c, some);

	if (name.len > 1 && name.p[0] == '[')
		d->component = name.p[1];
	if (pk_cursor_ok(w->c))
		w->events->on_class(w->events->user, name, off);
	pk_skip(w->c, n - some);
}

static struct desc *read_new_desc(struct walk *w)
{
	struct desc *d = PK_NEW(w->a, struct desc);

	if (!d) {
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
		return NULL;
	}
	read_class_name(w, d);
	pk_skip(w->c, 8);
	give_handle(w, d);
	d->flags = pk_get_u8(w->c);
	read_fields(w, d);
	read_annotation(w);
	d->super = read_desc(w);
	return d;
}

static struct desc *read_proxy_desc(struct walk *w)
{
	struct desc *d = PK_NEW(w->a, struct desc);
	uint32_t n = pk_get_u32be(w->c);

	if (!d) {
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
		return NULL;
	}
	give_handle(w, d);
	d->flags = SERIALIZABLE;
	if (!pk_cursor_fits(w->c, n, 2))
		return d;
	while (n-- && pk_cursor_ok(w->c))
		skip_utf(w);
	read_annotation(w);
	d->super = read_desc(w);
	return d;
}

static struct desc *read_desc_of(struct walk *w, uint8_t tag)
{
	struct desc *d = NULL;

	if (++w->depth > DEPTH_MAX)
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
	if (!pk_cursor_ok(w->c))
		;
	else if (tag == CLASSDESC)
		d = read_new_desc(w);
	else if (tag == PROXY_DESC)
		d = read_proxy_desc(w);
	else if (tag == REFERENCE)
		d = get_handle(w);
	else if (tag != NIL)
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	w->depth--;
	return d;
}

static struct desc *read_desc(struct walk *w)
{
	return read_desc_of(w, pk_get_u8(w->c));
}

static void read_value(struct walk *w, uint8_t type)
{
	const size_t n = size_of(type);

	if (n)
		pk_skip(w->c, n);
	else
		read_any(w);
}

static void read_class_data(struct walk *w, const struct desc *d)
{
	if (d->flags & SERIALIZABLE) {
		for (uint16_t i = 0; i < d->fields && pk_cursor_ok(w->c); i++)
			read_value(w, d->types[i]);
		if (d->flags & WRITE_METHOD)
			read_annotation(w);
	} else if (d->flags & EXTERNALIZABLE) {
		if (d->flags & BLOCK_DATA)
			read_annotation(w);
		else
			pk_cursor_fail(w->c, PK_FAULT_VALUE);
	}
}

/* The data of the topmost class come first. */
static void read_object(struct walk *w)
{
	const struct desc *line[SUPERS_MAX];
	size_t n = 0;

	for (const struct desc *d = read_desc(w); d && pk_cursor_ok(w->c);
	     d = d->super) {
		if (n == SUPERS_MAX)
			pk_cursor_fail(w->c, PK_FAULT_LIMIT);
		else
			line[n++] = d;
	}
	give_handle(w, NULL);
	while (n && pk_cursor_ok(w->c))
		read_class_data(w, line[--n]);
}

static void read_array(struct walk *w)
{
	const struct desc *d = read_desc(w);
	const uint8_t type = d ? d->component : 0;
	const size_t each = size_of(type);
	uint32_t n;

	give_handle(w, NULL);
	n = pk_get_u32be(w->c);
	if (!type)
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	if (!pk_cursor_fits(w->c, n, each ? each : 1))
		return;
	if (each) {
		pk_skip(w->c, (uint64_t)n * each);
		return;
	}
	while (n-- && pk_cursor_ok(w->c))
		read_any(w);
}

static void read_tagged(struct walk *w, uint8_t tag)
{
	switch (tag) {
	case NIL:
		break;
	case REFERENCE:
		(void)get_handle(w);
		break;
	case CLASSDESC:
	case PROXY_DESC:
		(void)read_desc_of(w, tag);
		break;
	case OBJECT:
		read_object(w);
		break;
	case ARRAY:
		read_array(w);
		break;
	case STRING:
		give_handle(w, NULL);
		skip_utf(w);
		break;
	case LONG_STRING:
		give_handle(w, NULL);
		pk_skip(w->c, pk_get_u64be(w->c));
		break;
	case CLASS:
		(void)read_desc(w);
		give_handle(w, NULL);
		break;
	case ENUM:
		(void)read_desc(w);
		give_handle(w, NULL);
		read_any(w);
		break;
	case BLOCK:
		pk_skip(w->c, pk_get_u8(w->c));
		break;
	case LONG_BLOCK:
		pk_skip(w->c, pk_get_u32be(w->c));
		break;
	case RESET:
		w->handle_count = 0;
		break;
	default: /* exceptions, and what is no tag */
		pk_cursor_fail(w->c, PK_FAULT_VALUE);
	}
}

static void read_content(struct walk *w, uint8_t tag)
{
	if (++w->depth > DEPTH_MAX)
		pk_cursor_fail(w->c, PK_FAULT_LIMIT);
	if (pk_cursor_ok(w->c))
		read_tagged(w, tag);
	w->depth--;
}

uint64_t pk_java_walk(struct pk_cursor *c, struct pk_arena *a,
		      const struct pk_java_events *e)
{
	struct walk w = { .c = c, .a = a, .events = e };
	uint64_t end = 0;

	pk_skip(c, 4);
	while (pk_cursor_left(c)) {
		end = c->off;
		read_any(&w);
	}
	return pk_cursor_ok(c) ? c->off : end;
}
