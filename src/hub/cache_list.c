/* SPDX-License-Identifier: Apache-2.0 */
/* trees/COMMIT.json: {"format_version":1,"files":{path:{size,blob_id
 * [,lfs_sha256,lfs_size]}}} (huggingface_hub, _tree_cache.py). */
#include "hub/cache_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/json_read.h"

enum { LIST_MAX = 64 << 20 };

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct pk_cache_listed *)a)->path,
		      ((const struct pk_cache_listed *)b)->path);
}

static bool take_file(struct pk_cache *c, struct pk_cache_listed *to,
		      const struct pk_jvalue *v)
{
	const struct pk_jvalue *lfs = pk_json_get(v, "lfs_sha256");
	const struct pk_span digest =
		pk_json_text(lfs ? lfs : pk_json_get(v, "blob_id"));

	*to = (struct pk_cache_listed){
		.path = pk_arena_copy(&c->arena, v->key),
		.digest = pk_arena_copy(&c->arena, digest),
	};
	return to->path && to->digest && pk_cache_is_digest(to->digest) &&
	       pk_json_number(pk_json_get(v, lfs ? "lfs_size" : "size"),
			      &to->size);
}

static bool take_list(struct pk_cache *c, struct pk_cache_snapshot *s,
		      const struct pk_jvalue *doc)
{
	const struct pk_jvalue *files = pk_json_get(doc, "files");
	uint64_t version = 0;

	if (!pk_json_number(pk_json_get(doc, "format_version"), &version) ||
	    version != 1 || !pk_json_is(files, PK_J_OBJECT))
		return false;
	s->list = pk_arena_alloc(&c->arena, files->count + 1, sizeof(*s->list));
	if (!s->list)
		return false;
	for (const struct pk_jvalue *k = files->kids; k; k = k->next) {
		if (k->repeated || !take_file(c, &s->list[s->list_count++], k))
			return false;
	}
	if (s->list_count)
		qsort(s->list, s->list_count, sizeof(*s->list), by_path);
	s->has_list = true;
	return true;
}

static bool parse(struct pk_cache *c, struct pk_cache_snapshot *s, int fd,
		  uint64_t size)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT |
						    PK_JSON_WHOLE };
	uint8_t *text = malloc(size ? size : 1);
	struct pk_cursor cursor;
	size_t n = 0;
	ssize_t got = 1;
	bool ok;

	while (text && n < size && got > 0) {
		got = pread(fd, text + n, size - n, (off_t)n);
		n += got > 0 ? (size_t)got : 0;
	}
	cursor = pk_cursor_over((struct pk_span){ text, text ? n : 0 }, 0);
	ok = take_list(c, s, pk_json_parse(&cursor, &c->arena, &opts, NULL));
	free(text);
	return ok;
}

enum pk_status pk_cache_read_list(struct pk_cache *c,
				  struct pk_cache_repository *r, int repository,
				  struct pk_cache_snapshot *s)
{
	const char *name =
		pk_arena_printf(&c->arena, "trees/%s.json", s->commit);
	struct stat st;
	bool ok = false;
	int fd;

	if (!name)
		return PK_ERR_NOMEM;
	fd = openat(repository, name, PK_CACHE_FILE);
	if (fd < 0 && errno == ENOENT)
		return PK_OK;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= LIST_MAX)
		ok = parse(c, s, fd, (uint64_t)st.st_size);
	if (fd >= 0)
		(void)close(fd);
	if (ok)
		return PK_OK;
	s->list_count = 0;
	return pk_cache_fault(c, r, PK_RULE_CACHE_UNREAD, name,
			      "is no list of a commit's files");
}
