/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_tree.h"

#include "codec/json_wide.h"

enum {
	FEW = 8,      /* names that are compared one by one */
	WORTH = 4096, /* a text this long is not copied but handed over */
};

/* A container that is open. */
struct open {
	struct open *up;
	struct open *down; /* used before, free now */
	struct pk_jvalue *v;
	struct pk_jvalue **tail;
};

struct builder {
	struct pk_jreader r;
	struct pk_arena *a;
	struct open *top;
	struct open *base;
	struct pk_jvalue *root;
	struct pk_strmap names;
	struct pk_span key; /* of the value that follows */
	uint64_t key_off;
};

static void no_memory(struct builder *b)
{
	pk_cursor_fail(b->r.c, PK_FAULT_LIMIT);
}

/* The token's text, to stay. */
static struct pk_span keep_text(struct builder *b)
{
	struct pk_span s = b->r.text;

	if (b->r.cut)
		no_memory(b);
	if (s.len >= WORTH && s.p == b->r.buf) {
		b->r.buf = NULL;
		b->r.cap = 0;
		return s;
	}
	s.p = (const uint8_t *)pk_arena_copy(b->a, s);
	if (!s.p) {
		no_memory(b);
		s.len = 0;
	}
	return s;
}

static struct pk_jvalue *add(struct builder *b, enum pk_jkind kind)
{
	struct pk_jvalue *v = PK_NEW(b->a, struct pk_jvalue);

	if (!v) {
		no_memory(b);
		return NULL;
	}
	v->kind = kind;
	v->off = b->r.off;
	v->len = b->r.len;
	if (!b->top) {
		b->root = v;
		return v;
	}
	if (b->top->v->kind == PK_J_OBJECT) {
		v->key = b->key;
		v->key_off = b->key_off;
	}
	*b->top->tail = v;
	b->top->tail = &v->next;
	b->top->v->count++;
	return v;
}

static void push(struct builder *b, enum pk_jkind kind)
{
	struct pk_jvalue *v = add(b, kind);
	struct open *o = b->top ? b->top->down : b->base;

	if (!v)
		return;
	if (!o) {
		o = PK_NEW(b->a, struct open);
		if (!o) {
			no_memory(b);
			return;
		}
		o->up = b->top;
		*(b->top ? &b->top->down : &b->base) = o;
	}
	o->v = v;
	o->tail = &v->kids;
	b->top = o;
}

static void mark_few(struct pk_jvalue *v)
{
	for (struct pk_jvalue *k = v->kids; k; k = k->next) {
		for (const struct pk_jvalue *e = v->kids; e != k; e = e->next)
			k->repeated |= pk_span_eq(e->key, k->key);
	}
}

bool pk_json_mark_repeated(struct pk_jvalue *object, struct pk_strmap *names)
{
	bool fresh;

	if (object->count <= FEW) {
		mark_few(object);
		return true;
	}
	pk_strmap_clear(names, object->count);
	for (struct pk_jvalue *k = object->kids; k; k = k->next) {
		if (!pk_strmap_put(names, k->key, &fresh))
			return false;
		k->repeated = !fresh;
	}
	return true;
}

static void pop(struct builder *b)
{
	struct pk_jvalue *v = b->top->v;

	v->len = b->r.off + b->r.len - v->off;
	if (v->kind == PK_J_OBJECT && !pk_json_mark_repeated(v, &b->names))
		no_memory(b);
	b->top = b->top->up;
}

static void add_scalar(struct builder *b, enum pk_jkind kind, bool truth)
{
	struct pk_jvalue *v = add(b, kind);

	if (!v)
		return;
	v->truth = truth;
	if (kind == PK_J_STRING || kind == PK_J_NUMBER)
		v->text = keep_text(b);
}

static bool take(struct builder *b, enum pk_jtoken t)
{
	switch (t) {
	case PK_JT_OBJECT:
		push(b, PK_J_OBJECT);
		break;
	case PK_JT_ARRAY:
		push(b, PK_J_ARRAY);
		break;
	case PK_JT_OBJECT_END:
	case PK_JT_ARRAY_END:
		pop(b);
		break;
	case PK_JT_KEY:
		b->key = keep_text(b);
		b->key_off = b->r.off;
		break;
	case PK_JT_STRING:
		add_scalar(b, PK_J_STRING, false);
		break;
	case PK_JT_NUMBER:
		add_scalar(b, PK_J_NUMBER, false);
		break;
	case PK_JT_TRUE:
	case PK_JT_FALSE:
		add_scalar(b, PK_J_BOOL, t == PK_JT_TRUE);
		break;
	case PK_JT_NULL:
		add_scalar(b, PK_J_NULL, false);
		break;
	case PK_JT_END:
		return false;
	}
	return pk_cursor_ok(b->r.c);
}

static struct pk_jvalue *parse(struct pk_cursor *c, struct pk_arena *a,
			       const struct pk_json_opts *opts,
			       unsigned *ret_odd)
{
	struct builder b = { .a = a, .names = { .arena = a } };

	pk_jread_open(&b.r, c, a, opts);
	while (take(&b, pk_jread_next(&b.r)))
		;
	if (opts->flags & PK_JSON_WHOLE && !pk_jread_at_end(&b.r))
		pk_cursor_fail(c, PK_FAULT_VALUE);
	if (ret_odd)
		*ret_odd = b.r.odd;
	return pk_cursor_ok(c) ? b.root : NULL;
}

struct pk_jvalue *pk_json_parse(struct pk_cursor *c, struct pk_arena *a,
				const struct pk_json_opts *opts,
				unsigned *ret_odd)
{
	struct pk_json_opts o = opts ? *opts : (struct pk_json_opts){ 0 };
	struct pk_cursor text;
	struct pk_jvalue *v;

	if (o.max_text == 0)
		o.max_text = PK_JSON_VALUE_MAX;
	if (o.flags & PK_JSON_STRICT || !pk_json_is_wide(c))
		return parse(c, a, &o, ret_odd);
	text = pk_json_narrow(c, a);
	if (!pk_cursor_ok(c))
		return NULL;
	v = parse(&text, a, &o, ret_odd);
	if (!v)
		pk_cursor_fail(c, text.fault);
	return v;
}

struct pk_jvalue *pk_json_get(const struct pk_jvalue *v, const char *key)
{
	const struct pk_span name = { (const uint8_t *)key, strlen(key) };
	struct pk_jvalue *found = NULL;

	if (!v || v->kind != PK_J_OBJECT)
		return NULL;
	for (struct pk_jvalue *k = v->kids; k; k = k->next) {
		if (pk_span_eq(k->key, name))
			found = k;
	}
	return found;
}

bool pk_json_is(const struct pk_jvalue *v, enum pk_jkind kind)
{
	return v && v->kind == kind;
}

struct pk_span pk_json_text(const struct pk_jvalue *v)
{
	return pk_json_is(v, PK_J_STRING) ? v->text : (struct pk_span){ 0 };
}

bool pk_json_true(const struct pk_jvalue *v)
{
	return pk_json_is(v, PK_J_BOOL) && v->truth;
}

bool pk_json_number(const struct pk_jvalue *v, uint64_t *ret)
{
	return pk_json_is(v, PK_J_NUMBER) && pk_json_u64(v->text, ret);
}
