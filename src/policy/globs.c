/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/globs.h"

#include "engine/format.h"
#include "source/filter.h"

bool pk_globs_match(const struct pk_globs *g, const char *text)
{
	for (size_t i = 0; i < g->n; i++) {
		if (pk_glob(g->v[i], text))
			return true;
	}
	return false;
}

bool pk_glob_exists(struct pk_form *f, struct pk_span glob, uint64_t off,
		    const char *what, const char *(*nth)(size_t n))
{
	const char *text = pk_form_copy(f, glob), *name;

	for (size_t i = 0; (name = nth(i)) != NULL; i++) {
		if (pk_glob(text, name))
			return true;
	}
	pk_form_complain_word(f, off, glob, what, nth);
	return false;
}

void pk_globs_take(struct pk_form *f, struct pk_globs *g,
		   const struct pk_jvalue *list)
{
	if (!pk_form_list(f, list))
		return;
	g->v = pk_form_alloc(f, list->count + 1, sizeof(*g->v));
	if (!g->v)
		return;
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		const char *text = pk_form_text(f, k);

		if (text)
			g->v[g->n++] = text;
	}
}

static const char *nth_format(size_t n)
{
	for (size_t i = 0; i <= n; i++) {
		if (!pk_formats[i])
			return NULL;
	}
	return pk_formats[n]->name;
}

void pk_globs_take_formats(struct pk_form *f, struct pk_globs *g,
			   const struct pk_jvalue *list)
{
	pk_globs_take(f, g, list);
	for (const struct pk_jvalue *k = list->kids; k; k = k->next)
		(void)pk_glob_exists(f, k->text, k->off, "the format",
				     nth_format);
}

void pk_globs_contradict(struct pk_form *f, const struct pk_globs *allow,
			 const struct pk_globs *deny, uint64_t off)
{
	for (size_t i = 0; i < allow->n; i++) {
		for (size_t j = 0; j < deny->n; j++) {
			if (strcmp(allow->v[i], deny->v[j]) == 0)
				pk_form_complain(
					f, off,
					"'%s' is both allowed and denied",
					allow->v[i]);
		}
	}
}
