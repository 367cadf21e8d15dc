/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/json_read.h"
#include "source/batch.h"

enum {
	TAIL = 64 * 1024,     /* read at first to find the index */
	INDEX_MAX = 64 << 20, /* of PK_BATCH_UNITS_MAX units */
	UNIT_MAX = 1 << 30,
};

static enum pk_status refuse(struct pk_batch *p, const char *why)
{
	(void)snprintf(p->why, sizeof(p->why), "%s", why);
	return PK_ERR_USAGE;
}

static char *read_at(struct pk_batch *p, uint64_t off, size_t n)
{
	char *buf = malloc(n + 1);

	if (buf && pk_source_read(p->src, off, buf, n) != n) {
		free(buf);
		buf = NULL;
		(void)refuse(p, "it cannot be read");
	}
	return buf;
}

/* Where in the bytes the last line begins; n when they hold less of it. */
static size_t last_line(const char *p, size_t n, bool all)
{
	size_t at = n - 1;

	while (at > 0 && p[at - 1] != '\n')
		at--;
	return at > 0 || all ? at : n;
}

/* The last line, with its newline; NULL with why, or out of memory. */
static char *read_index(struct pk_batch *p, uint64_t *ret_off, size_t *ret_n)
{
	uint64_t n = TAIL;

	for (;; n *= 8) {
		const bool all = n >= p->src->size;
		char *buf;
		size_t at;

		n = all ? p->src->size : n;
		if (n == 0 || n > INDEX_MAX)
			break;
		buf = read_at(p, p->src->size - n, (size_t)n);
		if (!buf || buf[n - 1] != '\n') {
			free(buf);
			break;
		}
		at = last_line(buf, (size_t)n, all);
		if (at < n) {
			*ret_off = p->src->size - n + at;
			*ret_n = (size_t)n - at;
			memmove(buf, buf + at, *ret_n);
			return buf;
		}
		free(buf);
		if (all)
			break;
	}
	if (!p->why[0])
		(void)refuse(p, "it ends before the index");
	return NULL;
}

/* Bytes that are no UTF-8 stand as hex beside the string.  NULL when it is
 * missing, or when memory ran out (the meter knows). */
static const char *get_bytes(const struct pk_jvalue *v, const char *key,
			     const char *hex_key, struct pk_arena *a)
{
	const struct pk_span hex = pk_json_text(pk_json_get(v, hex_key));
	const struct pk_span text = pk_json_text(pk_json_get(v, key));
	uint8_t *raw;

	if (!hex.len)
		return text.len && !memchr(text.p, 0, text.len)
			       ? pk_arena_copy(a, text)
			       : NULL;
	raw = pk_arena_alloc(a, hex.len / 2 + 1, 1);
	if (!raw || !pk_hex_get(hex, raw, hex.len / 2) ||
	    memchr(raw, 0, hex.len / 2))
		return NULL;
	return (const char *)raw;
}

/* For a person; nothing in it acts on a terminal. */
static const char *get_text(const struct pk_jvalue *v, const char *key,
			    struct pk_arena *a)
{
	const struct pk_jvalue *t = pk_json_get(v, key);
	struct pk_buf b = { 0 };
	const char *ret;

	if (!pk_json_is(t, PK_J_STRING))
		return NULL;
	pk_utf8_defuse(&b, pk_json_text(t));
	ret = pk_buf_ok(&b) ? pk_arena_copy(a, pk_buf_span(&b)) : NULL;
	pk_buf_release(&b);
	return ret;
}

static bool get_unit(const struct pk_jvalue *v, struct pk_batch_unit *u)
{
	return pk_json_number(pk_json_get(v, "offset"), &u->off) &&
	       pk_json_number(pk_json_get(v, "length"), &u->len) &&
	       pk_json_number(pk_json_get(v, "files"), &u->files) &&
	       pk_json_number(pk_json_get(v, "bytes"), &u->bytes) &&
	       pk_json_number(pk_json_get(v, "excluded"), &u->excluded) &&
	       pk_hex_get(pk_json_text(pk_json_get(v, "sha256")), u->digest,
			  PK_SHA256_LEN);
}

/* Units lie behind one another, from the first byte up to the index. */
static enum pk_status get_units(struct pk_batch *p, const struct pk_jvalue *v,
				uint64_t end)
{
	const struct pk_jvalue *list = pk_json_get(v, "units");
	uint64_t at = 0;

	if (!pk_json_is(list, PK_J_ARRAY) || !list->count ||
	    list->count > PK_BATCH_UNITS_MAX)
		return refuse(p, "it has no units");
	p->units = pk_arena_alloc(&p->arena, list->count, sizeof(*p->units));
	if (!p->units)
		return PK_ERR_NOMEM;
	for (v = list->kids; v; v = v->next) {
		struct pk_batch_unit *u = &p->units[p->count++];

		if (!get_unit(v, u) || u->off != at || u->len > end - at)
			return refuse(p, "a unit of it cannot be");
		at += u->len;
	}
	return at == end ? PK_OK : refuse(p, "lines of it are in no unit");
}

static enum pk_status get_roots(struct pk_batch *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *list = pk_json_get(v, "roots");

	if (!pk_json_is(list, PK_J_ARRAY))
		return refuse(p, "it has no roots");
	p->roots =
		pk_arena_alloc(&p->arena, list->count + 1, sizeof(*p->roots));
	if (!p->roots)
		return PK_ERR_NOMEM;
	for (v = list->kids; v; v = v->next) {
		const char *path = get_bytes(v, "path", "path_hex", &p->arena);

		if (!path)
			return refuse(p, "a root of it is no path");
		p->roots[p->root_count++] = path;
	}
	return PK_OK;
}

static enum pk_status parse_index(struct pk_batch *p, struct pk_span text,
				  uint64_t off)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT |
						    PK_JSON_WHOLE };
	struct pk_meter meter = { .ceiling = SIZE_MAX };
	struct pk_arena a = PK_ARENA(&meter);
	struct pk_cursor c = pk_cursor_over(text, 0);
	const struct pk_jvalue *v = pk_json_parse(&c, &a, &opts, NULL);
	enum pk_status s;

	if (!pk_span_eq(pk_json_text(pk_json_get(v, "schema")),
			PK_LIT("picket.plan/1")))
		s = refuse(p, v ? "not a plan of schema picket.plan/1"
				: "it ends before the index");
	else
		s = get_roots(p, v);
	if (s == PK_OK)
		s = get_units(p, v, off);
	pk_arena_release(&a);
	return s;
}

static bool digest_of(const char *p, size_t n, uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, p, n);
	return pk_sha256_end(h, ret);
}

static bool set_id(struct pk_batch *p, const char *index, size_t n)
{
	uint8_t digest[PK_SHA256_LEN];

	if (!digest_of(index, n, digest))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(p->id + 2 * i, 3, "%02x", digest[i]);
	return true;
}

enum pk_status pk_batch_open(struct pk_batch *p, struct pk_source *src)
{
	uint64_t off = 0;
	size_t n = 0;
	char *index;
	enum pk_status s;

	*p = (struct pk_batch){ .src = src, .meter.ceiling = SIZE_MAX };
	p->arena.meter = &p->meter;
	index = read_index(p, &off, &n);
	if (!index)
		return p->why[0] ? PK_ERR_USAGE : PK_ERR_NOMEM;
	s = set_id(p, index, n)
		    ? parse_index(p, (struct pk_span){ (uint8_t *)index, n },
				  off)
		    : PK_ERR_NOMEM;
	free(index);
	return s;
}

void pk_batch_release(struct pk_batch *p)
{
	pk_arena_release(&p->arena);
	*p = (struct pk_batch){ 0 };
}

static bool get_time(const struct pk_jvalue *v, int64_t *ret)
{
	const struct pk_jvalue *after = pk_json_get(v, "modified_ns");
	const struct pk_jvalue *before =
		pk_json_get(v, "modified_before_1970_ns");
	uint64_t ns = 0;

	if (!pk_json_number(after ? after : before, &ns) || ns > INT64_MAX)
		return false;
	*ret = after ? (int64_t)ns : -(int64_t)ns;
	return true;
}

static bool get_planned(const struct pk_jvalue *v, struct pk_arena *a,
			struct pk_planned *f)
{
	f->path = get_bytes(v, "path", "path_hex", a);
	f->reason = get_text(v, "skip", a);
	f->rule = get_text(v, "rule", a);
	if (!f->path)
		return false;
	if (f->reason)
		return true;
	if (!f->rule)
		return pk_json_number(pk_json_get(v, "size"), &f->size) &&
		       get_time(v, &f->modified_ns);
	f->message = get_text(v, "message", a);
	f->complete = pk_json_true(pk_json_get(v, "complete"));
	return f->message != NULL;
}

static enum pk_status parse_lines(struct pk_batch *p, struct pk_span text,
				  struct pk_batch_list *l, uint64_t files)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT };
	struct pk_cursor c = pk_cursor_over(text, 0);

	while (l->count < files) {
		struct pk_meter meter = { .ceiling = SIZE_MAX };
		struct pk_arena a = PK_ARENA(&meter);
		const struct pk_jvalue *v = pk_json_parse(&c, &a, &opts, NULL);
		const bool ok =
			v && get_planned(v, &l->arena, &l->files[l->count]);

		pk_arena_release(&a);
		if (!ok)
			return l->meter.exceeded
				       ? PK_ERR_NOMEM
				       : refuse(p, "a line of it cannot be");
		l->count++;
	}
	return PK_OK;
}

static enum pk_status check_lines(struct pk_batch *p,
				  const struct pk_batch_unit *u,
				  const char *text, struct pk_batch_list *ret)
{
	uint8_t digest[PK_SHA256_LEN];
	const size_t n = (size_t)u->len;

	if (!digest_of(text, n, digest))
		return PK_ERR_NOMEM;
	if (memcmp(digest, u->digest, sizeof(digest)) != 0)
		return refuse(p, "lines of it are not what they were");
	if (u->files > u->len)
		return refuse(p, "a unit of it cannot be");
	ret->files = pk_arena_alloc(&ret->arena, (size_t)u->files + 1,
				    sizeof(*ret->files));
	if (!ret->files)
		return PK_ERR_NOMEM;
	return parse_lines(p, (struct pk_span){ (const uint8_t *)text, n }, ret,
			   u->files);
}

enum pk_status pk_batch_read(struct pk_batch *p, size_t unit,
			     struct pk_batch_list *ret)
{
	const struct pk_batch_unit *u = &p->units[unit];
	enum pk_status s;
	char *text;

	*ret = (struct pk_batch_list){ .meter.ceiling = SIZE_MAX };
	ret->arena.meter = &ret->meter;
	if (u->len > UNIT_MAX)
		return refuse(p, "a unit of it is too large");
	text = read_at(p, u->off, (size_t)u->len);
	if (!text)
		return p->why[0] ? PK_ERR_USAGE : PK_ERR_NOMEM;
	s = check_lines(p, u, text, ret);
	free(text);
	return s;
}

void pk_batch_list_release(struct pk_batch_list *l)
{
	pk_arena_release(&l->arena);
	*l = (struct pk_batch_list){ 0 };
}
