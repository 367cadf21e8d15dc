/* SPDX-License-Identifier: Apache-2.0 */
#include "report/links.h"

#include "engine/note.h"
#include "report/words.h"

static struct pk_span without_dot(const char *path)
{
	while (path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	return (struct pk_span){ (const uint8_t *)path, strlen(path) };
}

/* Where a loader looks: beside the file that names it. */
static struct pk_link *link_to(struct pk_links *l, const struct pk_result *r,
			       const struct pk_ref *ref)
{
	const struct pk_span own = without_dot(r->path);
	const uint8_t *slash = own.len ? memrchr(own.p, '/', own.len) : NULL;
	struct pk_link *link = PK_NEW(&l->arena, struct pk_link);
	const size_t folder = slash ? (size_t)(slash + 1 - own.p) : 0;
	uint8_t *path =
		pk_arena_alloc(&l->arena, folder + ref->path.len + 1, 1);

	if (!link || !path)
		return NULL;
	memcpy(path, own.p, folder);
	if (ref->path.len)
		memcpy(path + folder, ref->path.p, ref->path.len);
	link->path = (struct pk_span){ path, folder + ref->path.len };
	return link;
}

static bool add_links(struct pk_links *l, struct pk_linked *file,
		      const struct pk_result *r)
{
	struct pk_link **tail = &file->to;

	for (const struct pk_ref *ref = r->job.refs; ref; ref = ref->next) {
		if (ref->member || pk_ref_is_elsewhere(ref->kind))
			continue;
		*tail = link_to(l, r, ref);
		if (!*tail)
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static void open_links(struct pk_links *l)
{
	if (l->tail)
		return;
	l->meter.ceiling = SIZE_MAX;
	l->arena = PK_ARENA(&l->meter);
	l->by_path.arena = &l->arena;
	l->ids.arena = &l->arena;
	l->tail = &l->first;
}

void pk_links_add(struct pk_links *l, const struct pk_result *r, const char *id)
{
	struct pk_linked *file;
	const char *path;
	void **slot = NULL;
	bool is_new;

	open_links(l);
	file = PK_NEW(&l->arena, struct pk_linked);
	path = pk_arena_copy(&l->arena, without_dot(r->path));
	if (path)
		slot = pk_strmap_put(&l->by_path, pk_text_span(path), &is_new);
	if (file)
		file->id = pk_arena_printf(&l->arena, "%s", id);
	if (!slot || !file || !file->id || !add_links(l, file, r)) {
		l->failed = true;
		return;
	}
	*slot = file;
	*l->tail = file;
	l->tail = &file->next;
}

const char *pk_links_next(const struct pk_links *l,
			  const struct pk_linked *from,
			  const struct pk_link **rest)
{
	while (*rest) {
		struct pk_linked *file =
			pk_strmap_get(&l->by_path, (*rest)->path);

		*rest = (*rest)->next;
		if (!file || file == from || file->told_of == from)
			continue;
		file->told_of = from;
		return file->id;
	}
	return NULL;
}

bool pk_links_first(struct pk_links *l, const char *id)
{
	bool is_new = true;
	const char *key;

	open_links(l);
	key = pk_arena_copy(&l->arena, pk_text_span(id));
	if (!key || !pk_strmap_put(&l->ids, pk_text_span(key), &is_new))
		l->failed = true;
	return is_new;
}

void pk_links_release(struct pk_links *l)
{
	pk_arena_release(&l->arena);
	*l = (struct pk_links){ 0 };
}
