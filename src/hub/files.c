/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/files.h"

#include <stdlib.h>

#include "core/utf8.h"

static bool is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 ||
	       cp == 0x2029;
}

static const char *characters(struct pk_span path)
{
	struct pk_utf8_check utf8 = { 0 };

	if (!pk_utf8_strict(&utf8, path) || utf8.need)
		return "is not UTF-8";
	for (size_t i = 0; i < path.len;) {
		const int32_t cp = pk_utf8_next(path, &i);

		if (cp == '\\')
			return "holds a backslash";
		if (is_control((uint32_t)cp))
			return "holds control characters";
	}
	return NULL;
}

static const char *component(struct pk_span c)
{
	if (c.len == 0)
		return "has an empty part";
	if (pk_span_eq(c, PK_LIT(".")) || pk_span_eq(c, PK_LIT("..")))
		return "has a part '.' or '..'";
	return c.len > PK_REMOTE_NAME_MAX ? "has a part that is too long"
					  : NULL;
}

const char *pk_remote_path_fault(struct pk_span path)
{
	const char *wrong;
	size_t from = 0;

	if (path.len == 0)
		return "is empty";
	if (path.len > PK_REMOTE_PATH_MAX)
		return "is too long";
	if (path.p[0] == '/')
		return "is absolute";
	wrong = characters(path);
	for (size_t i = 0; i <= path.len && !wrong; i++) {
		if (i < path.len && path.p[i] != '/')
			continue;
		wrong = component((struct pk_span){ path.p + from, i - from });
		from = i + 1;
	}
	return wrong;
}

bool pk_remote_text_ok(struct pk_span text, size_t max)
{
	struct pk_utf8_check utf8 = { 0 };

	if (text.len == 0 || text.len > max || !pk_utf8_strict(&utf8, text) ||
	    utf8.need)
		return false;
	for (size_t i = 0; i < text.len;) {
		if (pk_utf8_is_trick((uint32_t)pk_utf8_next(text, &i)))
			return false;
	}
	return true;
}

static bool has_room(struct pk_files *l)
{
	const size_t cap = l->cap ? 2 * l->cap : 64;
	struct pk_remote_file *v;

	if (l->n < l->cap)
		return true;
	v = pk_arena_alloc(l->arena, cap, sizeof(*v));
	if (!v)
		return false;
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	l->v = v;
	l->cap = cap;
	return true;
}

enum pk_status pk_files_add(struct pk_files *l, struct pk_span path,
			    const struct pk_remote_file *f,
			    struct pk_remote_trouble *why)
{
	const char *wrong = pk_remote_path_fault(path);
	const char *copy;

	if (wrong)
		return pk_trouble(why, PK_HTTP_BROKEN,
				  "the listing names a file whose path %s: "
				  "'%.*s'",
				  wrong, path.len > 200 ? 200 : (int)path.len,
				  path.len ? (const char *)path.p : "");
	if (l->n >= l->max)
		return pk_trouble(why, PK_HTTP_TOO_LARGE,
				  "more than %zu files are listed", l->max);
	copy = pk_arena_copy(l->arena, path);
	if (!copy || !has_room(l))
		return pk_trouble_memory(why);
	l->v[l->n] = *f;
	l->v[l->n++].path = copy;
	return PK_OK;
}

static int by_path(const void *a, const void *b)
{
	const struct pk_remote_file *fa = a, *fb = b;

	return strcmp(fa->path, fb->path);
}

static int against(const void *key, const void *file)
{
	const struct pk_span *want = key;
	const struct pk_remote_file *f = file;
	const size_t n = strlen(f->path);
	const int order =
		memcmp(want->p, f->path, n < want->len ? n : want->len);

	if (order)
		return order;
	return want->len < n ? -1 : want->len > n;
}

struct pk_remote_file *pk_files_find(const struct pk_files *l,
				     struct pk_span path)
{
	return l->n && path.len
		       ? bsearch(&path, l->v, l->n, sizeof(l->v[0]), against)
		       : NULL;
}

/* Whether a folder above the file is itself a file. */
static bool under_a_file(const struct pk_files *l, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		if (pk_files_find(l,
				  (struct pk_span){ (const uint8_t *)path,
						    (size_t)(slash - path) }))
			return true;
	}
	return false;
}

enum pk_status pk_files_settle(struct pk_files *l,
			       struct pk_remote_trouble *why)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(l->v[0]), by_path);
	for (size_t i = 0; i < l->n; i++) {
		if (i && strcmp(l->v[i - 1].path, l->v[i].path) == 0)
			return pk_trouble(why, PK_HTTP_BROKEN,
					  "the listing names '%.200s' twice",
					  l->v[i].path);
		if (under_a_file(l, l->v[i].path))
			return pk_trouble(why, PK_HTTP_BROKEN,
					  "the listing has '%.200s' below "
					  "what it calls a file",
					  l->v[i].path);
	}
	return PK_OK;
}
