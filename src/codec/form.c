/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/form.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/nearest.h"
#include "core/utf8.h"

uint64_t pk_form_line(const struct pk_form *f, uint64_t off)
{
	uint64_t line = 1;

	for (size_t i = 0; i < f->text.len && i < off; i++)
		line += f->text.p[i] == '\n';
	return line;
}

void pk_form_complain(struct pk_form *f, uint64_t off, const char *fmt, ...)
{
	struct pk_complaint *c;
	va_list ap;

	if (f->why->count == PK_COMPLAINTS_MAX)
		return;
	c = &f->why->v[f->why->count++];
	c->line = pk_form_line(f, off);
	va_start(ap, fmt);
	(void)vsnprintf(c->text, sizeof(c->text), fmt, ap);
	va_end(ap);
}

void *pk_form_alloc(struct pk_form *f, size_t n, size_t size)
{
	void *p = pk_arena_alloc(f->arena, n, size);

	if (!p)
		f->no_memory = true;
	return p;
}

const char *pk_form_copy(struct pk_form *f, struct pk_span s)
{
	const char *text = pk_arena_copy(f->arena, s);

	if (!text)
		f->no_memory = true;
	return text ? text : "";
}

const char *pk_form_show(struct pk_form *f, struct pk_span s)
{
	enum { SHOWN_MAX = 120 };
	struct pk_buf b = { 0 };
	const char *text;

	pk_utf8_escape(&b, s, SHOWN_MAX);
	text = pk_arena_printf(f->arena, "%s", pk_buf_str(&b));
	pk_buf_release(&b);
	return text ? text : "?";
}

void pk_form_complain_word(struct pk_form *f, uint64_t off, struct pk_span word,
			   const char *what, const char *(*nth)(size_t n))
{
	const char *shown = pk_form_show(f, word);
	const char *near = pk_nearest(shown, nth);

	if (near)
		pk_form_complain(f, off,
				 "%s '%s' does not exist; did you mean '%s'?",
				 what, shown, near);
	else
		pk_form_complain(f, off, "%s '%s' does not exist", what, shown);
}

static const struct pk_form_member *member_named(const struct pk_form_member *m,
						 struct pk_span name)
{
	for (; m->name; m++) {
		if (strlen(m->name) == name.len &&
		    memcmp(m->name, name.p, name.len) == 0)
			return m;
	}
	return NULL;
}

/* For pk_nearest(), which takes a function without a context. */
static _Thread_local const struct pk_form_member *table;

static const char *nth_member(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!table[i].name)
			return NULL;
	}
	return table[n].name;
}

void pk_form_members(struct pk_form *f, void *to, const struct pk_jvalue *v,
		     const struct pk_form_member *members, const char *what)
{
	if (!pk_json_is(v, PK_J_OBJECT)) {
		pk_form_complain(f, v->off, "%s must be keys with values",
				 what);
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		const struct pk_form_member *m = member_named(members, k->key);

		table = members;
		if (!m)
			pk_form_complain_word(f, k->key_off, k->key, "the key",
					      nth_member);
		else if (k->repeated)
			pk_form_complain(f, k->key_off, "%s stands here twice",
					 m->name);
		else
			m->take(f, to, k);
	}
}

bool pk_form_list(struct pk_form *f, const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_ARRAY))
		return true;
	pk_form_complain(f, v->off, "%s must be a list",
			 pk_form_show(f, v->key));
	return false;
}

const char *pk_form_text(struct pk_form *f, const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_STRING) && v->text.len &&
	    !memchr(v->text.p, 0, v->text.len))
		return pk_form_copy(f, v->text);
	pk_form_complain(f, v->off, "%s must be a text",
			 pk_form_show(f, v->key));
	return NULL;
}

int pk_form_word(struct pk_form *f, const struct pk_jvalue *v, const char *what,
		 const char *(*nth)(size_t n))
{
	const struct pk_span s = pk_json_text(v);
	const char *name;

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		if (strlen(name) == s.len && memcmp(name, s.p, s.len) == 0)
			return (int)i;
	}
	pk_form_complain_word(f, v->off, s, what, nth);
	return -1;
}

const struct pk_jvalue *pk_form_document(struct pk_form *f, const char *what)
{
	struct pk_cursor c = pk_cursor_over(f->text, 0);
	const struct pk_jvalue *doc = pk_yaml_parse(&c, f->arena);

	if (!pk_cursor_ok(&c)) {
		pk_form_complain(f, c.fault_off, "not YAML from here on");
		return NULL;
	}
	if (!pk_json_is(doc, PK_J_OBJECT)) {
		pk_form_complain(f, 0, "%s is keys with values", what);
		return NULL;
	}
	if (doc->next)
		pk_form_complain(f, doc->next->off, "more than one document");
	return doc;
}

void pk_form_version(struct pk_form *f, void *to, const struct pk_jvalue *v)
{
	(void)to;
	if (!pk_json_is(v, PK_J_NUMBER) || !pk_span_eq(v->text, PK_LIT("1")))
		pk_form_complain(f, v->off, "the only version there is, is 1");
}
