/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libyaml, of which only the parser of events is used. */
#include "codec/yaml.h"

#include <yaml.h>

#include "codec/json_tree.h"

/* A container that is open. */
struct open {
	struct open *up;
	struct pk_jvalue *v;
	struct pk_jvalue **tail;
	const char *anchor; /* it gets when it is closed; or NULL */
	struct pk_span key; /* of the value that follows */
	uint64_t key_off;
	bool has_key; /* of a mapping: a value is due */
};

struct builder {
	struct pk_cursor *c;
	struct pk_arena *a;
	struct open *top;
	unsigned depth;
	struct pk_jvalue *first; /* whole documents */
	struct pk_jvalue **last;
	struct pk_jvalue *document; /* the one under way */
	struct pk_strmap anchors;
	struct pk_strmap names;
	/* libyaml counts characters; this is where one of them stands. */
	struct pk_span text;
	uint64_t base;
	size_t at;
	size_t chars;
};

static uint64_t offset_of(struct builder *b, const yaml_mark_t *mark)
{
	while (b->chars < mark->index && b->at < b->text.len) {
		b->at++;
		while (b->at < b->text.len && (b->text.p[b->at] & 0xc0) == 0x80)
			b->at++;
		b->chars++;
	}
	return b->base + b->at;
}

static void no_memory(struct builder *b)
{
	pk_cursor_fail(b->c, PK_FAULT_LIMIT);
}

static struct pk_span keep(struct builder *b, const yaml_char_t *p, size_t n)
{
	struct pk_span s = { p, n };

	s.p = (const uint8_t *)pk_arena_copy(b->a, s);
	if (!s.p) {
		no_memory(b);
		s.len = 0;
	}
	return s;
}

static struct pk_span keep_tag(struct builder *b, const yaml_char_t *tag)
{
	return tag ? keep(b, tag, strlen((const char *)tag))
		   : (struct pk_span){ 0 };
}

/* Scalars without quotes or tag, as PyYAML resolves them; numbers only in
 * their usual spellings. */

static bool is_one_of(struct pk_span s, const char *const *words)
{
	for (; *words; words++) {
		if (s.len == strlen(*words) && memcmp(s.p, *words, s.len) == 0)
			return true;
	}
	return false;
}

static bool looks_like_number(struct pk_span s)
{
	size_t i = s.len && (s.p[0] == '-' || s.p[0] == '+');
	bool digit = false;

	for (; i < s.len; i++) {
		if (s.p[i] >= '0' && s.p[i] <= '9')
			digit = true;
		else if (!digit ? s.p[i] != '.' : !strchr("._eE+-", s.p[i]))
			return false;
	}
	return digit;
}

static void resolve(struct pk_jvalue *v)
{
	static const char *const nulls[] = { "",     "~",    "null",
					     "Null", "NULL", NULL };
	static const char *const trues[] = { "yes",  "Yes",  "YES", "true",
					     "True", "TRUE", "on",  "On",
					     "ON",   NULL };
	static const char *const falses[] = { "no",    "No",    "NO",  "false",
					      "False", "FALSE", "off", "Off",
					      "OFF",   NULL };

	if (is_one_of(v->text, nulls))
		v->kind = PK_J_NULL;
	else if (is_one_of(v->text, trues) || is_one_of(v->text, falses))
		v->kind = PK_J_BOOL;
	else if (looks_like_number(v->text))
		v->kind = PK_J_NUMBER;
	v->truth = v->kind == PK_J_BOOL && is_one_of(v->text, trues);
}

/* Where values go. */

static void attach(struct builder *b, struct pk_jvalue *v)
{
	struct open *o = b->top;

	if (!o) {
		b->document = v;
		return;
	}
	v->key = o->key;
	v->key_off = o->key_off;
	o->key = (struct pk_span){ 0 };
	*o->tail = v;
	o->tail = &v->next;
	o->v->count++;
}

static struct pk_jvalue *new_value(struct builder *b, enum pk_jkind kind,
				   const yaml_event_t *e)
{
	struct pk_jvalue *v = PK_NEW(b->a, struct pk_jvalue);

	if (!v) {
		no_memory(b);
		return NULL;
	}
	v->kind = kind;
	v->off = offset_of(b, &e->start_mark);
	v->len = offset_of(b, &e->end_mark) - v->off;
	return v;
}

static bool key_is_due(const struct builder *b)
{
	return b->top && b->top->v->kind == PK_J_OBJECT && !b->top->has_key;
}

static void name_anchor(struct builder *b, const char *anchor,
			struct pk_jvalue *v)
{
	const struct pk_span name = { (const uint8_t *)anchor,
				      anchor ? strlen(anchor) : 0 };
	void **place;
	bool fresh;

	if (!anchor)
		return;
	place = pk_strmap_put(&b->anchors, name, &fresh);
	if (place)
		*place = v;
	else
		no_memory(b);
}

/* A value is whole; as a key it stands for itself, without a name. */
static void done(struct builder *b)
{
	if (b->top && b->top->v->kind == PK_J_OBJECT)
		b->top->has_key = !b->top->has_key;
}

static const char *keep_anchor(struct builder *b, const yaml_char_t *anchor)
{
	return anchor ? (const char *)keep_tag(b, anchor).p : NULL;
}

static void on_scalar(struct builder *b, const yaml_event_t *e)
{
	struct pk_jvalue *v = new_value(b, PK_J_STRING, e);

	if (!v)
		return;
	v->text = keep(b, e->data.scalar.value, e->data.scalar.length);
	v->tag = keep_tag(b, e->data.scalar.tag);
	name_anchor(b, keep_anchor(b, e->data.scalar.anchor), v);
	if (key_is_due(b)) {
		if (v->tag.len)
			attach(b, v);
		b->top->key = v->text;
		b->top->key_off = v->off;
	} else {
		if (e->data.scalar.plain_implicit && !v->tag.len)
			resolve(v);
		attach(b, v);
	}
	done(b);
}

static void on_alias(struct builder *b, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	const struct pk_span key = { (const uint8_t *)name, strlen(name) };
	const struct pk_jvalue *of = pk_strmap_get(&b->anchors, key);
	struct pk_jvalue *v = new_value(b, PK_J_NULL, e);

	if (!v)
		return;
	if (of) {
		v->kind = of->kind;
		v->truth = of->truth;
		v->text = of->text;
		v->tag = of->tag;
		v->kids = of->kids;
		v->count = of->count;
	}
	v->alias = true;
	if (key_is_due(b) && v->kind != PK_J_ARRAY && v->kind != PK_J_OBJECT) {
		b->top->key = v->text;
		b->top->key_off = v->off;
	} else {
		attach(b, v);
	}
	done(b);
}

static void open_container(struct builder *b, enum pk_jkind kind,
			   const yaml_event_t *e, const yaml_char_t *tag,
			   const yaml_char_t *anchor)
{
	struct pk_jvalue *v = new_value(b, kind, e);
	struct open *o = PK_NEW(b->a, struct open);

	if (!v || !o) {
		no_memory(b);
		return;
	}
	if (++b->depth > PK_YAML_DEPTH) {
		pk_cursor_fail(b->c, PK_FAULT_LIMIT);
		return;
	}
	v->tag = keep_tag(b, tag);
	attach(b, v);
	*o = (struct open){ .up = b->top,
			    .v = v,
			    .tail = &v->kids,
			    .anchor = keep_anchor(b, anchor) };
	b->top = o;
}

/* Copies of a mapping's members, in front of those that are there. */
static void merge_from(struct builder *b, struct pk_jvalue *into,
		       const struct pk_jvalue *from)
{
	struct pk_jvalue *list = NULL, **tail = &list;

	if (from->kind != PK_J_OBJECT)
		return;
	for (const struct pk_jvalue *k = from->kids; k; k = k->next) {
		struct pk_jvalue *copy = PK_NEW(b->a, struct pk_jvalue);

		if (!copy) {
			no_memory(b);
			return;
		}
		*copy = *k;
		copy->alias = true;
		copy->next = NULL;
		*tail = copy;
		tail = &copy->next;
	}
	*tail = into->kids;
	into->kids = list;
	into->count += from->count;
}

static void merge(struct builder *b, struct pk_jvalue *v)
{
	struct pk_jvalue *const own = v->kids;

	for (const struct pk_jvalue *k = own; k; k = k->next) {
		if (!pk_span_eq(k->key, PK_LIT("<<")))
			continue;
		merge_from(b, v, k);
		if (k->kind != PK_J_ARRAY)
			continue;
		for (const struct pk_jvalue *m = k->kids; m; m = m->next)
			merge_from(b, v, m);
	}
}

static void close_container(struct builder *b, const yaml_event_t *e)
{
	struct open *o = b->top;

	o->v->len = offset_of(b, &e->end_mark) - o->v->off;
	b->top = o->up;
	b->depth--;
	if (o->v->kind == PK_J_OBJECT) {
		if (!pk_json_mark_repeated(o->v, &b->names))
			no_memory(b);
		merge(b, o->v);
	}
	name_anchor(b, o->anchor, o->v);
	done(b);
}

static void close_document(struct builder *b)
{
	if (b->document) {
		*b->last = b->document;
		b->last = &b->document->next;
	}
	b->document = NULL;
	b->anchors = (struct pk_strmap){ .arena = b->a };
}

/* False at the end of the stream. */
static bool on_event(struct builder *b, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		on_scalar(b, e);
		break;
	case YAML_ALIAS_EVENT:
		on_alias(b, e);
		break;
	case YAML_SEQUENCE_START_EVENT:
		open_container(b, PK_J_ARRAY, e, e->data.sequence_start.tag,
			       e->data.sequence_start.anchor);
		break;
	case YAML_MAPPING_START_EVENT:
		open_container(b, PK_J_OBJECT, e, e->data.mapping_start.tag,
			       e->data.mapping_start.anchor);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		close_container(b, e);
		break;
	case YAML_DOCUMENT_END_EVENT:
		close_document(b);
		break;
	case YAML_STREAM_END_EVENT:
		return false;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		break;
	}
	return true;
}

static void run(struct builder *b, yaml_parser_t *p)
{
	bool more = true;

	while (more && pk_cursor_ok(b->c)) {
		yaml_event_t e;

		if (!yaml_parser_parse(p, &e)) {
			pk_cursor_fail(b->c, p->error == YAML_MEMORY_ERROR
						     ? PK_FAULT_LIMIT
						     : PK_FAULT_VALUE);
			b->c->fault_off = offset_of(b, &p->problem_mark);
			return;
		}
		more = on_event(b, &e);
		yaml_event_delete(&e);
	}
}

/* All that is left, in one piece. */
static struct pk_span slurp(struct pk_cursor *c, struct pk_arena *a)
{
	const uint64_t left = pk_cursor_left(c);
	uint8_t *p = NULL;
	size_t n = 0;

	if (left <= PK_YAML_MAX)
		p = pk_arena_alloc(a, (size_t)left + 1, 1);
	if (!p) {
		pk_cursor_fail(c, PK_FAULT_LIMIT);
		return (struct pk_span){ 0 };
	}
	for (;;) {
		const struct pk_span s = pk_peek(c);

		if (!s.len)
			break;
		memcpy(p + n, s.p, s.len);
		n += s.len;
		pk_skip(c, s.len);
	}
	return (struct pk_span){ p, n };
}

struct pk_jvalue *pk_yaml_parse(struct pk_cursor *c, struct pk_arena *a)
{
	struct builder b = { .c = c,
			     .a = a,
			     .last = &b.first,
			     .anchors = { .arena = a },
			     .names = { .arena = a },
			     .base = c->off };
	yaml_parser_t p;

	b.text = slurp(c, a);
	if (!pk_cursor_ok(c))
		return NULL;
	if (pk_span_starts(b.text, PK_LIT("\xef\xbb\xbf")))
		b.at = 3;
	if (!yaml_parser_initialize(&p)) {
		no_memory(&b);
		return NULL;
	}
	yaml_parser_set_input_string(&p, b.text.p, b.text.len);
	run(&b, &p);
	yaml_parser_delete(&p);
	return b.first;
}
