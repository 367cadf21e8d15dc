/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/lock.h"

#include <stdlib.h>

#include "core/utf8.h"

void pk_lock_init(struct pk_lock *l)
{
	*l = (struct pk_lock){ .meter = { .ceiling = 512 << 20 } };
	l->arena = PK_ARENA(&l->meter);
}

void pk_lock_release(struct pk_lock *l)
{
	pk_arena_release(&l->arena);
	*l = (struct pk_lock){ 0 };
}

bool pk_lock_text_ok(struct pk_span text)
{
	struct pk_utf8_check utf8 = { 0 };

	return text.len > 0 && !memchr(text.p, 0, text.len) &&
	       pk_utf8_strict(&utf8, text) && !utf8.need;
}

static int by_path(const void *a, const void *b)
{
	const struct pk_lock_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static int by_uri(const void *a, const void *b)
{
	const struct pk_lock_model *x = a, *y = b;

	return strcmp(x->from.uri, y->from.uri);
}

/* "org/name", or what else names it best. */
static const char *usual_folder(const struct pk_lock_model *m)
{
	return m->from.repository ? m->from.repository
	       : m->from.owner    ? m->from.owner
	       : m->from.host     ? m->from.host
				  : "model";
}

static const char *repeated_file(struct pk_lock_model *m)
{
	if (m->count)
		qsort(m->files, m->count, sizeof(*m->files), by_path);
	for (size_t i = 1; i < m->count; i++) {
		if (by_path(&m->files[i - 1], &m->files[i]) == 0)
			return m->files[i].path;
	}
	return NULL;
}

/* Models are few: each is held against each. */
static const char *repeated_folder(const struct pk_lock *l)
{
	for (size_t i = 0; i < l->count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(l->models[i].folder, l->models[j].folder) ==
			    0)
				return l->models[i].folder;
		}
	}
	return NULL;
}

bool pk_lock_settle(struct pk_lock *l, const char **ret)
{
	*ret = NULL;
	if (l->count)
		qsort(l->models, l->count, sizeof(*l->models), by_uri);
	for (size_t i = 0; i < l->count && !*ret; i++) {
		struct pk_lock_model *m = &l->models[i];

		if (!m->folder)
			m->folder = usual_folder(m);
		if (i && by_uri(m - 1, m) == 0)
			*ret = m->from.uri;
		else
			*ret = repeated_file(m);
	}
	if (!*ret)
		*ret = repeated_folder(l);
	return !*ret;
}

const struct pk_lock_file *pk_lock_find(const struct pk_lock_model *m,
					const char *path)
{
	const struct pk_lock_file key = { .path = path };

	return m->count
		       ? bsearch(&key, m->files, m->count, sizeof(key), by_path)
		       : NULL;
}
