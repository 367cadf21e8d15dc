/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a manifest is of a whole tree. */
#include "attest/manifest.h"

static void drop_ignored(struct pk_manifest *m, const struct pk_tree_options *o)
{
	size_t to = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (!pk_tree_ignores(o, m->entries[i].path))
			m->entries[to++] = m->entries[i];
	}
	m->count = to;
}

static const char *why_not(const struct pk_manifest_entry *e,
			   const struct pk_tree_file *f)
{
	if (!e)
		return "has no digest: it was skipped, could not be read "
		       "whole, or changed meanwhile";
	if (!f)
		return "is gone, or there twice";
	return e->size != f->size ? "has another size now" : NULL;
}

/* Both are in the order of paths; steps past the lesser one. */
static enum pk_status compare_next(struct pk_manifest *m, size_t *at,
				   const struct pk_tree *t, size_t *file)
{
	const struct pk_manifest_entry *e =
		*at < m->count ? &m->entries[*at] : NULL;
	const struct pk_tree_file *f =
		*file < t->count ? &t->files[*file] : NULL;
	const int order = !e ? 1 : !f ? -1 : pk_tree_order(e->path, f->path);
	const char *why;

	if (order < 0)
		f = NULL;
	else if (order > 0)
		e = NULL;
	*at += e != NULL;
	*file += f != NULL;
	why = why_not(e, f);
	return why ? pk_manifest_trouble(m, e ? e->path : f->path, why) : PK_OK;
}

static enum pk_status compare(struct pk_manifest *m, const struct pk_tree *t)
{
	enum pk_status s = PK_OK;
	size_t at = 0, file = 0;

	for (const struct pk_tree_trouble *k = t->troubles; s == PK_OK && k;
	     k = k->next)
		s = pk_manifest_trouble(m, k->path, k->why);
	while (s == PK_OK && (at < m->count || file < t->count))
		s = compare_next(m, &at, t, &file);
	return s;
}

enum pk_status pk_manifest_cover(struct pk_manifest *m, const char *root,
				 const struct pk_tree_options *o)
{
	struct pk_tree tree;
	enum pk_status s;

	drop_ignored(m, o);
	pk_manifest_sort(m);
	pk_tree_init(&tree);
	s = pk_tree_read(&tree, root, o);
	if (s == PK_OK)
		s = compare(m, &tree);
	pk_tree_release(&tree);
	return s;
}
