/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/lock.h"

#include <stdlib.h>

#include "core/utf8.h"
#include "source/below.h"

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

/* "bucket/prefix" of "s3://bucket/prefix" */
static const char *folder_of_uri(struct pk_arena *a, const char *uri)
{
	const char *at = strstr(uri, "://");
	struct pk_span s = { 0 };

	if (at)
		s = (struct pk_span){ (const uint8_t *)at + 3,
				      strcspn(at + 3, "?#") };
	while (s.len && s.p[s.len - 1] == '/')
		s.len--;
	return s.len && pk_path_below(s) ? pk_arena_copy(a, s) : NULL;
}

static bool is_taken(const struct pk_lock *l, const char *folder)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->models[i].folder &&
		    strcmp(l->models[i].folder, folder) == 0)
			return true;
	}
	return false;
}

/* "org/name"; the second of a repository says which revision it is. */
static const char *usual_folder(struct pk_lock *l,
				const struct pk_lock_model *m)
{
	const struct pk_origin *o = &m->from;
	const char *folder = o->repository ? o->repository
					   : folder_of_uri(&l->arena, o->uri);

	if (!folder)
		folder = o->host ? o->host : "model";
	if (is_taken(l, folder) && (o->revision || o->commit))
		folder = pk_arena_printf(&l->arena, "%s@%s", folder,
					 o->revision ? o->revision : o->commit);
	return folder && pk_path_below((struct pk_span){
				 (const uint8_t *)folder, strlen(folder) })
		       ? folder
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
			m->folder = usual_folder(l, m);
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

struct pk_lock_model *pk_lock_model_of(const struct pk_lock *l, const char *uri)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->models[i].from.uri, uri) == 0)
			return &l->models[i];
	}
	return NULL;
}
