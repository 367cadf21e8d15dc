/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/template_value.h"

#include "core/utf8.h"

static const struct pk_tv unknown = { .kind = PK_TV_UNKNOWN };

/* Text while it is put together. */
struct maker {
	struct pk_arena *a;
	struct pk_buf b;
};

static struct maker maker(struct pk_arena *a)
{
	return (struct maker){ a, { .max = PK_TV_TEXT_MAX } };
}

static struct pk_tv made(struct maker *m)
{
	struct pk_tv v = unknown;

	if (pk_buf_ok(&m->b)) {
		v = pk_tv_text(m->a, pk_buf_span(&m->b));
		v.made = v.kind == PK_TV_TEXT;
	}
	pk_buf_release(&m->b);
	return v;
}

struct pk_tv pk_tv_text(struct pk_arena *a, struct pk_span text)
{
	const char *copy =
		text.len <= PK_TV_TEXT_MAX ? pk_arena_copy(a, text) : NULL;

	if (!copy)
		return unknown;
	return (struct pk_tv){ .kind = PK_TV_TEXT,
			       .text = { (const uint8_t *)copy, text.len } };
}

struct pk_tv pk_tv_number(int64_t n)
{
	return (struct pk_tv){ .kind = PK_TV_NUMBER, .number = n };
}

void pk_tv_append(struct pk_arena *a, struct pk_tv *list, struct pk_span key,
		  struct pk_tv item)
{
	struct pk_tv *kept =
		list->n < PK_TV_ITEMS_MAX ? PK_NEW(a, struct pk_tv) : NULL;

	if (!kept)
		return;
	*kept = item;
	kept->key = key;
	kept->next = NULL;
	if (list->last)
		list->last->next = kept;
	else
		list->items = kept;
	list->last = kept;
	list->n++;
}

static bool same_text(const struct pk_tv *a, const struct pk_tv *b)
{
	return a->kind == PK_TV_TEXT && b->kind == PK_TV_TEXT &&
	       pk_span_eq(a->text, b->text);
}

/* Copies, so that no chain is ever part of another. */
struct pk_tv pk_tv_either(struct pk_arena *a, struct pk_tv one,
			  struct pk_tv other)
{
	const struct pk_tv *from[] = { one.other, &other };
	struct pk_tv *chain = NULL, **tail = &chain;
	unsigned n = 0;

	for (size_t i = 0; i < 2; i++) {
		for (const struct pk_tv *v = from[i]; v; v = v->other) {
			struct pk_tv *kept;

			if (v->kind == PK_TV_UNKNOWN || same_text(v, &one) ||
			    n >= PK_TV_OTHERS_MAX)
				continue;
			kept = PK_NEW(a, struct pk_tv);
			if (!kept)
				break;
			n++;
			*kept = *v;
			kept->next = kept->other = NULL;
			*tail = kept;
			tail = &kept->other;
		}
	}
	one.other = chain;
	return one;
}

static void put_number(struct pk_buf *b, int64_t n)
{
	pk_buf_printf(b, "%lld", (long long)n);
}

/* As str() would write it; what is not known is a hole. */
static void put(struct pk_buf *b, const struct pk_tv *v)
{
	if (v->kind == PK_TV_TEXT)
		pk_buf_put(b, v->text.p, v->text.len);
	else if (v->kind == PK_TV_NUMBER)
		put_number(b, v->number);
	else
		pk_buf_putc(b, (char)PK_TV_HOLE);
}

static struct pk_tv joined(struct pk_arena *a, const struct pk_tv *left,
			   const struct pk_tv *right)
{
	struct maker m = maker(a);

	if (left->kind != PK_TV_TEXT && right->kind != PK_TV_TEXT)
		return unknown;
	put(&m.b, left);
	put(&m.b, right);
	return made(&m);
}

static struct pk_tv both(struct pk_arena *a, const struct pk_tv *left,
			 const struct pk_tv *right)
{
	struct pk_tv v = { .kind = PK_TV_LIST };

	for (const struct pk_tv *i = left->items; i; i = i->next)
		pk_tv_append(a, &v, i->key, *i);
	for (const struct pk_tv *i = right->items; i; i = i->next)
		pk_tv_append(a, &v, i->key, *i);
	return v;
}

static struct pk_tv repeated(struct pk_arena *a, const struct pk_tv *v,
			     int64_t times)
{
	struct maker m = maker(a);

	for (int64_t i = 0; i < times && pk_buf_ok(&m.b) && v->text.len; i++)
		put(&m.b, v);
	return made(&m);
}

/* "%c%s" % args, as far as characters, text and numbers go. */
static struct pk_tv formatted(struct pk_arena *a, struct pk_span f,
			      const struct pk_tv *args)
{
	struct maker m = maker(a);
	const struct pk_tv *arg =
		args->kind == PK_TV_LIST || args->kind == PK_TV_DICT
			? args->items
			: args;

	for (size_t i = 0; i < f.len; i++) {
		if (f.p[i] != '%' || i + 1 == f.len) {
			pk_buf_putc(&m.b, (char)f.p[i]);
			continue;
		}
		i++;
		if (f.p[i] == '%') {
			pk_buf_putc(&m.b, '%');
			continue;
		}
		while (i + 1 < f.len &&
		       !((f.p[i] | 0x20) >= 'a' && (f.p[i] | 0x20) <= 'z'))
			i++;
		if (!arg)
			pk_buf_putc(&m.b, (char)PK_TV_HOLE);
		else if (f.p[i] == 'c' && arg->kind == PK_TV_NUMBER &&
			 arg->number >= 0 && arg->number <= 0x10ffff)
			pk_utf8_put(&m.b, (uint32_t)arg->number);
		else
			put(&m.b, arg);
		arg = arg ? arg->next : NULL;
	}
	return made(&m);
}

/* "{}{1}".format(args), whatever is looked up in them. */
static struct pk_tv braced(struct pk_arena *a, struct pk_span f,
			   const struct pk_tv *args)
{
	struct maker m = maker(a);
	const struct pk_tv *arg = args->items;

	for (size_t i = 0; i < f.len; i++) {
		const struct pk_tv *which = arg;

		if (f.p[i] != '{') {
			pk_buf_putc(&m.b, (char)f.p[i]);
			continue;
		}
		if (i + 1 < f.len && f.p[i + 1] >= '0' && f.p[i + 1] <= '9') {
			which = args->items;
			for (int n = f.p[i + 1] - '0'; n && which; n--)
				which = which->next;
		} else {
			arg = arg ? arg->next : NULL;
		}
		while (i < f.len && f.p[i] != '}')
			i++;
		if (which && i && f.p[i - 1] == 'c' &&
		    which->kind == PK_TV_NUMBER && which->number >= 0 &&
		    which->number <= 0x10ffff)
			pk_utf8_put(&m.b, (uint32_t)which->number);
		else
			put(&m.b, which ? which : &unknown);
	}
	return made(&m);
}

static struct pk_tv calculated(uint8_t op, int64_t l, int64_t r)
{
	int64_t v;

	if ((op == '+' && !__builtin_add_overflow(l, r, &v)) ||
	    (op == '-' && !__builtin_sub_overflow(l, r, &v)) ||
	    (op == '*' && !__builtin_mul_overflow(l, r, &v)))
		return pk_tv_number(v);
	if ((op == '/' || op == '%') && r > 0 && l >= 0)
		return pk_tv_number(op == '/' ? l / r : l % r);
	return unknown;
}

struct pk_tv pk_tv_binary(struct pk_arena *a, struct pk_span op,
			  struct pk_tv left, struct pk_tv right)
{
	const uint8_t ch = op.p[0];

	if (ch == '~')
		return joined(a, &left, &right);
	if (left.kind == PK_TV_NUMBER && right.kind == PK_TV_NUMBER)
		return calculated(ch, left.number, right.number);
	if (ch == '+' && left.kind == PK_TV_LIST && right.kind == PK_TV_LIST)
		return both(a, &left, &right);
	if (ch == '+')
		return joined(a, &left, &right);
	if (ch == '%' && left.kind == PK_TV_TEXT)
		return formatted(a, left.text, &right);
	if (ch == '*' && left.kind == PK_TV_TEXT && right.kind == PK_TV_NUMBER)
		return repeated(a, &left, right.number);
	if (ch == '*' && left.kind == PK_TV_NUMBER && right.kind == PK_TV_TEXT)
		return repeated(a, &right, left.number);
	return unknown;
}

static struct pk_tv reversed(struct pk_arena *a, const struct pk_tv *v)
{
	const struct pk_tv back = pk_tv_number(-1);

	return pk_tv_slice(a, v, NULL, NULL, &back);
}

static struct pk_tv cased(struct pk_arena *a, const struct pk_tv *v, bool upper)
{
	struct maker m = maker(a);

	for (size_t i = 0; i < v->text.len; i++) {
		uint8_t ch = v->text.p[i];

		if (upper && ch >= 'a' && ch <= 'z')
			ch = (uint8_t)(ch - 0x20);
		else if (!upper && ch >= 'A' && ch <= 'Z')
			ch = (uint8_t)(ch + 0x20);
		pk_buf_putc(&m.b, (char)ch);
	}
	return made(&m);
}

static struct pk_tv replaced(struct pk_arena *a, struct pk_span s,
			     const struct pk_tv *args)
{
	const struct pk_tv *from = args->items;
	const struct pk_tv *to = from ? from->next : NULL;
	struct maker m = maker(a);

	if (!to || from->kind != PK_TV_TEXT || !from->text.len)
		return unknown;
	for (size_t i = 0; i < s.len;) {
		const struct pk_span rest = { s.p + i, s.len - i };

		if (pk_span_starts(rest, from->text)) {
			put(&m.b, to);
			i += from->text.len;
		} else {
			pk_buf_putc(&m.b, (char)s.p[i++]);
		}
	}
	return made(&m);
}

static struct pk_tv letters(struct pk_arena *a, struct pk_span s)
{
	struct pk_tv v = { .kind = PK_TV_LIST };

	for (size_t i = 0; i < s.len; i++)
		pk_tv_append(a, &v, (struct pk_span){ 0 },
			     pk_tv_text(a, (struct pk_span){ s.p + i, 1 }));
	return v;
}

static struct pk_tv listed(struct pk_arena *a, const struct pk_tv *v)
{
	struct pk_tv keys = { .kind = PK_TV_LIST };

	if (v->kind == PK_TV_TEXT)
		return letters(a, v->text);
	if (v->kind == PK_TV_LIST)
		return *v;
	for (const struct pk_tv *i = v->items; i; i = i->next)
		pk_tv_append(a, &keys, (struct pk_span){ 0 },
			     pk_tv_text(a, i->key));
	return v->kind == PK_TV_DICT ? keys : unknown;
}

/* The items of a list, the letters of a text or the keys of a dict. */
static struct pk_tv glued(struct pk_arena *a, const struct pk_tv *v,
			  struct pk_span glue)
{
	const struct pk_tv items = listed(a, v);
	struct maker m = maker(a);

	if (items.kind != PK_TV_LIST)
		return unknown;
	for (const struct pk_tv *i = items.items; i; i = i->next) {
		if (i != items.items)
			pk_buf_put(&m.b, glue.p, glue.len);
		put(&m.b, i);
	}
	return made(&m);
}

static struct pk_tv split(struct pk_arena *a, struct pk_span s,
			  const struct pk_tv *args)
{
	const struct pk_span by = args->items && args->items->kind == PK_TV_TEXT
					  ? args->items->text
					  : PK_LIT(" ");
	struct pk_tv v = { .kind = PK_TV_LIST };
	size_t began = 0;

	for (size_t i = 0; by.len && i < s.len; i++) {
		if (!pk_span_starts((struct pk_span){ s.p + i, s.len - i }, by))
			continue;
		pk_tv_append(a, &v, (struct pk_span){ 0 },
			     pk_tv_text(a, (struct pk_span){ s.p + began,
							     i - began }));
		i += by.len - 1;
		began = i + 1;
	}
	pk_tv_append(
		a, &v, (struct pk_span){ 0 },
		pk_tv_text(a, (struct pk_span){ s.p + began, s.len - began }));
	return v;
}

static bool is_blank(uint8_t ch)
{
	return ch == ' ' || (ch >= '\t' && ch <= '\r');
}

static struct pk_tv trimmed(struct pk_arena *a, const struct pk_tv *v,
			    const struct pk_tv *args)
{
	struct pk_span s = v->text;
	const struct pk_tv *of = args->items;
	const bool any = of && of->kind == PK_TV_TEXT;

	while (s.len && (any ? memchr(of->text.p, s.p[0], of->text.len) != NULL
			     : is_blank(s.p[0])))
		s.p++, s.len--;
	while (s.len &&
	       (any ? memchr(of->text.p, s.p[s.len - 1], of->text.len) != NULL
		    : is_blank(s.p[s.len - 1])))
		s.len--;
	return pk_tv_text(a, s);
}

enum work {
	KEEP,
	LOWER,
	UPPER,
	REVERSE,
	REPLACE,
	JOIN,       /* value|join(glue) */
	JOIN_ITEMS, /* glue.join(value) */
	LISTED,
	FIRST,
	LAST,
	FORMAT,
	SPLIT,
	TRIM,
};

static const struct {
	const char *name;
	enum work filter;
	enum work method;
} works[] = {
	{ "abs", KEEP, KEEP },           { "d", KEEP, KEEP },
	{ "default", KEEP, KEEP },       { "e", KEEP, KEEP },
	{ "escape", KEEP, KEEP },        { "first", FIRST, KEEP },
	{ "forceescape", KEEP, KEEP },   { "format", FORMAT, FORMAT },
	{ "int", KEEP, KEEP },           { "join", JOIN, JOIN_ITEMS },
	{ "last", LAST, KEEP },          { "list", LISTED, KEEP },
	{ "lower", LOWER, LOWER },       { "lstrip", TRIM, TRIM },
	{ "replace", REPLACE, REPLACE }, { "reverse", REVERSE, REVERSE },
	{ "rstrip", TRIM, TRIM },        { "safe", KEEP, KEEP },
	{ "split", SPLIT, SPLIT },       { "string", KEEP, KEEP },
	{ "strip", TRIM, TRIM },         { "trim", TRIM, TRIM },
	{ "unique", KEEP, KEEP },        { "upper", UPPER, UPPER },
	{ "keys", LISTED, LISTED },      { "casefold", LOWER, LOWER },
};

static struct pk_tv worked(struct pk_arena *a, enum work w,
			   const struct pk_tv *v, const struct pk_tv *args)
{
	const bool text = v->kind == PK_TV_TEXT;

	switch (w) {
	case KEEP:
		return *v;
	case LOWER:
	case UPPER:
		return text ? cased(a, v, w == UPPER) : unknown;
	case REVERSE:
		return reversed(a, v);
	case REPLACE:
		return text ? replaced(a, v->text, args) : unknown;
	case JOIN:
		return glued(a, v,
			     args->items && args->items->kind == PK_TV_TEXT
				     ? args->items->text
				     : (struct pk_span){ 0 });
	case JOIN_ITEMS:
		return args->items && text ? glued(a, args->items, v->text)
					   : unknown;
	case LISTED:
		return listed(a, v);
	case FIRST:
		return pk_tv_index(a, v, 0);
	case LAST:
		return pk_tv_index(a, v, -1);
	case SPLIT:
		return text ? split(a, v->text, args) : unknown;
	case TRIM:
		return text ? trimmed(a, v, args) : unknown;
	case FORMAT:
	default:
		return unknown;
	}
}

struct pk_tv pk_tv_apply(struct pk_arena *a, struct pk_span name,
			 struct pk_tv value, const struct pk_tv *args)
{
	const bool method = value.step.len != 0;

	for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
		const enum work w = method ? works[i].method : works[i].filter;

		if (strlen(works[i].name) != name.len ||
		    memcmp(works[i].name, name.p, name.len) != 0)
			continue;
		if (w != FORMAT)
			return worked(a, w, &value, args);
		if (value.kind != PK_TV_TEXT)
			return unknown;
		return method ? braced(a, value.text, args)
			      : formatted(a, value.text, args);
	}
	return unknown;
}

static size_t length(const struct pk_tv *v)
{
	return v->kind == PK_TV_TEXT ? v->text.len : v->n;
}

struct pk_tv pk_tv_index(struct pk_arena *a, const struct pk_tv *v, int64_t n)
{
	const struct pk_tv *item = v->items;

	if (n < 0)
		n += (int64_t)length(v);
	if (n < 0 || (uint64_t)n >= length(v))
		return unknown;
	if (v->kind == PK_TV_TEXT)
		return pk_tv_text(a, (struct pk_span){ v->text.p + n, 1 });
	while (n-- && item)
		item = item->next;
	return item && v->kind == PK_TV_LIST ? *item : unknown;
}

static int64_t bound(const struct pk_tv *v, int64_t standard, int64_t len)
{
	int64_t n = v ? v->number : standard;

	if (v && n < 0)
		n += len;
	return n < -1 ? -1 : n > len ? len : n;
}

struct pk_tv pk_tv_slice(struct pk_arena *a, const struct pk_tv *v,
			 const struct pk_tv *start, const struct pk_tv *stop,
			 const struct pk_tv *step)
{
	const int64_t len = (int64_t)length(v);
	const int64_t by = step ? step->number : 1;
	const int64_t from = bound(start, by < 0 ? len - 1 : 0, len);
	const int64_t to = bound(stop, by < 0 ? -1 : len, len);
	struct pk_tv list = { .kind = PK_TV_LIST };
	struct maker m = maker(a);

	if (by == 0 || by > len + 1 || by < -len - 1 ||
	    (v->kind != PK_TV_TEXT && v->kind != PK_TV_LIST))
		return unknown;
	for (int64_t i = from; by > 0 ? i < to : i > to; i += by) {
		const struct pk_tv one = pk_tv_index(a, v, i);

		if (i < 0 || i >= len)
			continue;
		put(&m.b, &one);
		pk_tv_append(a, &list, (struct pk_span){ 0 }, one);
	}
	if (v->kind == PK_TV_TEXT)
		return made(&m);
	pk_buf_release(&m.b);
	return list;
}

const struct pk_tv *pk_tv_get(const struct pk_tv *v, struct pk_span key)
{
	const struct pk_tv *found = NULL;

	if (v->kind != PK_TV_DICT)
		return NULL;
	for (const struct pk_tv *i = v->items; i; i = i->next) {
		if (pk_span_eq(i->key, key))
			found = i;
	}
	return found;
}
