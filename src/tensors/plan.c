/* SPDX-License-Identifier: Apache-2.0 */
/* What goes into a SafeTensors file, where, and its header. */
#include <stdlib.h>

#include "core/utf8.h"
#include "tensors/load.h"
#include "tensors/write.h"

enum { HEADER_MAX = 100000000, ALIGN = 8, PREFIX = 8 };

#define GROWTH_MAX (1ULL << 30)

/* ---- which ---- */

static bool cannot(struct pk_plan *p, struct pk_weights *w,
		   const struct pk_named *n, const char *why)
{
	struct pk_buf name = { 0 };

	pk_utf8_escape(
		&name,
		(struct pk_span){ (const uint8_t *)n->name, n->name_len }, 200);
	p->why = pk_arena_printf(&w->arena, "tensor '%s' %s", pk_buf_str(&name),
				 why);
	pk_buf_release(&name);
	if (!p->why)
		p->why = "out of memory";
	return false;
}

/* JSON holds no surrogates, whatever Python lets pass. */
static bool is_name(const struct pk_named *n)
{
	const struct pk_span s = { (const uint8_t *)n->name, n->name_len };
	size_t i = 0;

	while (i < s.len) {
		const int32_t cp = pk_utf8_next(s, &i);

		if (cp < 0 || (cp >= 0xd800 && cp < 0xe000))
			return false;
	}
	return !pk_span_eq(s, PK_LIT("__metadata__"));
}

/* Why a tensor has no form in the file, or NULL. */
static const char *no_form(const struct pk_named *n)
{
	const struct pk_tensor *t = n->tensor;
	uint64_t bytes;

	if (!t->store)
		return "has no data (a meta tensor)";
	if (!pk_dtypes[t->dtype].safetensors)
		return "has a dtype that SafeTensors does not know";
	if (t->dtype == PK_DTYPE_F4_X2 && t->rank == 0)
		return "is a scalar of two values";
	if (!is_name(n))
		return "has a name that SafeTensors cannot hold";
	if (!pk_tensor_bytes(t, &bytes) || bytes > t->store->len + GROWTH_MAX)
		return "would be far larger than what is stored of it";
	return NULL;
}

static int by_place(const void *a, const void *b)
{
	const struct pk_named *x = *(struct pk_named *const *)a;
	const struct pk_named *y = *(struct pk_named *const *)b;
	const size_t n = x->name_len < y->name_len ? x->name_len : y->name_len;
	int order;

	if (x->tensor->dtype != y->tensor->dtype)
		return x->tensor->dtype > y->tensor->dtype ? -1 : 1;
	order = memcmp(x->name, y->name, n);
	return order                       ? order
	       : x->name_len < y->name_len ? -1
					   : x->name_len > y->name_len;
}

static bool choose(struct pk_plan *p, struct pk_weights *w)
{
	const bool drop = w->rules == PK_RULES_SALVAGE;

	for (size_t i = 0; i < w->skipped_n && !drop; i++) {
		if (w->skipped[i].tensor) {
			p->why = pk_arena_printf(
				&w->arena, "'%s' (%s) has no plain form",
				w->skipped[i].name, w->skipped[i].what);
			return false;
		}
	}
	for (size_t i = 0; i < w->n; i++) {
		const char *why = no_form(&w->named[i]);

		if (w->named[i].same_as)
			continue;
		if (why && !drop)
			return cannot(p, w, &w->named[i], why);
		if (why)
			pk_flatten_skip(w->loader, w->named[i].name,
					w->named[i].name_len, why, true);
		else
			p->v[p->n++] = &w->named[i];
	}
	qsort(p->v, p->n, sizeof(struct pk_named *), by_place);
	return true;
}

/* ---- the header ---- */

/* As serde_json spells a string. */
static void put_string(struct pk_buf *b, const char *s, size_t n)
{
	static const char short_forms[] = "\bb\tt\nn\ff\rr\"\"\\\\";

	pk_buf_putc(b, '"');
	for (size_t i = 0; i < n; i++) {
		const char *form = NULL;

		for (const char *f = short_forms; *f && !form; f += 2)
			form = *f == s[i] ? f + 1 : NULL;
		if (form)
			pk_buf_printf(b, "\\%c", *form);
		else if ((unsigned char)s[i] < 0x20)
			pk_buf_printf(b, "\\u%04x", (unsigned)s[i]);
		else
			pk_buf_putc(b, s[i]);
	}
	pk_buf_putc(b, '"');
}

/* {"format":"pt"}, and which name stands for which dropped one. */
static void put_metadata(struct pk_buf *b, const struct pk_weights *w)
{
	const struct pk_span format = PK_LIT("format");

	pk_buf_puts(b, "{\"__metadata__\":{\"format\":\"pt\"");
	for (size_t i = 0; i < w->n; i++) {
		const struct pk_named *n = w->sorted[i];
		const struct pk_span name = { (const uint8_t *)n->name,
					      n->name_len };

		if (!n->same_as || pk_span_eq(name, format) || !is_name(n))
			continue;
		pk_buf_putc(b, ',');
		put_string(b, n->name, n->name_len);
		pk_buf_putc(b, ':');
		put_string(b, n->same_as->name, n->same_as->name_len);
	}
	pk_buf_putc(b, '}');
}

static void put_tensor(struct pk_buf *b, const struct pk_named *n,
		       uint64_t begin, uint64_t end)
{
	const struct pk_tensor *t = n->tensor;

	pk_buf_putc(b, ',');
	put_string(b, n->name, n->name_len);
	pk_buf_printf(b, ":{\"dtype\":\"%s\",\"shape\":[",
		      pk_dtypes[t->dtype].safetensors);
	for (uint32_t i = 0; i < t->rank; i++) {
		const bool two = t->dtype == PK_DTYPE_F4_X2 && i + 1 == t->rank;

		pk_buf_printf(b, "%s%llu", i ? "," : "",
			      (unsigned long long)t->shape[i] << two);
	}
	pk_buf_printf(b, "],\"data_offsets\":[%llu,%llu]}",
		      (unsigned long long)begin, (unsigned long long)end);
}

static bool make_header(struct pk_plan *p, struct pk_weights *w)
{
	struct pk_buf *b = &p->header;
	uint64_t at = 0, bytes = 0;

	b->max = HEADER_MAX + PREFIX + ALIGN;
	pk_buf_put(b, "\0\0\0\0\0\0\0", PREFIX);
	put_metadata(b, w);
	for (size_t i = 0; i < p->n; i++, at += bytes) {
		(void)pk_tensor_bytes(p->v[i]->tensor, &bytes);
		if (at + bytes > INT64_MAX)
			return cannot(p, w, p->v[i],
				      "and those before it are "
				      "too large together");
		put_tensor(b, p->v[i], at, at + bytes);
	}
	pk_buf_putc(b, '}');
	while (pk_buf_ok(b) && b->len % ALIGN)
		pk_buf_putc(b, ' ');
	if (!pk_buf_ok(b) || b->len - PREFIX > HEADER_MAX) {
		p->why = "its header would be larger than SafeTensors allows";
		return false;
	}
	for (int i = 0; i < PREFIX; i++)
		b->p[i] = (char)(uint8_t)((b->len - PREFIX) >> (8 * i));
	p->data = at;
	return true;
}

bool pk_plan_make(struct pk_plan *p, struct pk_weights *w)
{
	*p = (struct pk_plan){ 0 };
	p->v = pk_arena_alloc(&w->arena, w->n + 1, sizeof(struct pk_named *));
	p->digest = pk_arena_alloc(&w->arena, w->n + 1, PK_SHA256_LEN);
	if (!p->v || !p->digest) {
		p->why = "out of memory";
		return false;
	}
	return choose(p, w) && make_header(p, w);
}

void pk_plan_release(struct pk_plan *p)
{
	pk_buf_release(&p->header);
}
