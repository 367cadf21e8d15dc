/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "attest/manifest_text.h"
#include "codec/json_read.h"
#include "core/utf8.h"

/* One reading of one text. */
struct reading {
	struct pk_manifest *m;
	struct pk_refusal *why;
	uint64_t line;
	enum pk_status status;
};

PK_PRINTF(2, 3)
static bool refuse(struct reading *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(r->why->text, sizeof(r->why->text), fmt, ap);
	va_end(ap);
	r->why->line = r->line;
	r->status = PK_ERR_USAGE;
	return false;
}

/* A path in a message: escaped, and no longer than a line. */
static bool refuse_path(struct reading *r, struct pk_span path,
			const char *what)
{
	struct pk_buf b = { 0 };

	pk_utf8_escape(&b, path, 100);
	(void)refuse(r, "'%s' %s", pk_buf_str(&b), what);
	pk_buf_release(&b);
	return false;
}

static bool take(struct reading *r, struct pk_span path,
		 struct pk_manifest_entry *e)
{
	const char *copy = pk_arena_copy(&r->m->arena, path);

	if (!pk_tree_path_ok(path)) {
		r->why->escapes = true;
		return refuse_path(r, path,
				   "is no path within a folder: absolute, or "
				   "with an empty, '.' or '..' component");
	}
	if (!copy || memchr(path.p, 0, path.len)) {
		r->status = PK_ERR_NOMEM;
		return false;
	}
	e->path = copy;
	if (pk_manifest_add(r->m, e) == PK_OK)
		return true;
	r->status = PK_ERR_NOMEM;
	return false;
}

/* In place: \\, \n and \r are one byte each; anything else is no escape. */
static bool unescape(struct pk_buf *name)
{
	size_t to = 0;

	for (size_t i = 0; i < name->len; i++) {
		char ch = name->p[i];

		if (ch == '\\') {
			const char next = i + 1 < name->len ? name->p[++i] : 0;

			if (next != '\\' && next != 'n' && next != 'r')
				return false;
			ch = next == 'n' ? '\n' : next == 'r' ? '\r' : '\\';
		}
		name->p[to++] = ch;
	}
	name->len = to;
	return true;
}

/* A line in one of the two spellings, taken apart. */
struct line {
	struct pk_span hex;
	struct pk_span name;
};

/* "HEX  name", "HEX *name" */
static bool split_plain(struct pk_span s, struct line *ret)
{
	enum { HEX = 2 * PK_SHA256_LEN };

	if (s.len < HEX + 3 || s.p[HEX] != ' ' ||
	    (s.p[HEX + 1] != ' ' && s.p[HEX + 1] != '*'))
		return false;
	ret->hex = (struct pk_span){ s.p, HEX };
	ret->name = (struct pk_span){ s.p + HEX + 2, s.len - HEX - 2 };
	return true;
}

/* "SHA256 (name) = HEX", as --tag and the BSDs write it */
static bool split_tagged(struct pk_span s, struct line *ret)
{
	enum { HEX = 2 * PK_SHA256_LEN };
	const struct pk_span head = PK_LIT("SHA256 (");
	const struct pk_span tail = PK_LIT(") = ");

	if (!pk_span_starts(s, head) || s.len <= head.len + tail.len + HEX)
		return false;
	ret->name = (struct pk_span){ s.p + head.len,
				      s.len - head.len - tail.len - HEX };
	if (memcmp(ret->name.p + ret->name.len, tail.p, tail.len) != 0)
		return false;
	ret->hex = (struct pk_span){ s.p + s.len - HEX, HEX };
	return true;
}

static bool take_split(struct reading *r, const struct line *l, bool escaped)
{
	struct pk_manifest_entry e = { .to = PK_TO_END, .size = PK_NO_SIZE };
	struct pk_buf name = { 0 };
	bool ok;

	if (!pk_hex_get(l->hex, e.digest, PK_SHA256_LEN))
		return refuse(r, "no SHA-256 digest stands where one should");
	pk_buf_put(&name, l->name.p, l->name.len);
	if (!pk_buf_ok(&name)) {
		r->status = PK_ERR_NOMEM;
		return false;
	}
	if (escaped && !unescape(&name))
		ok = refuse(r, "an escape in the name that sha256sum does not "
			       "write");
	else
		ok = take(r, pk_buf_span(&name), &e);
	pk_buf_release(&name);
	return ok;
}

static bool take_line(struct reading *r, struct pk_span s)
{
	const bool escaped = s.len && s.p[0] == '\\';
	struct line l;

	if (s.len && s.p[s.len - 1] == '\r')
		s.len--;
	if (s.len == 0 || s.p[0] == '#')
		return true;
	if (escaped) {
		s.p++;
		s.len--;
	}
	if (!split_plain(s, &l) && !split_tagged(s, &l))
		return refuse(r, "not a line of sha256sum: a digest, two "
				 "blanks, a name");
	return take_split(r, &l, escaped);
}

static void read_lines(struct reading *r, struct pk_span text)
{
	bool ok = true;

	while (ok && text.len) {
		const uint8_t *end = memchr(text.p, '\n', text.len);
		const size_t n = end ? (size_t)(end - text.p) : text.len;

		r->line++;
		ok = take_line(r, (struct pk_span){ text.p, n });
		text.p += end ? n + 1 : n;
		text.len -= end ? n + 1 : n;
	}
	r->line = 0;
}

/* Of names that are no UTF-8 the bytes stand beside, as hex. */
static bool path_of(struct reading *r, const struct pk_jvalue *file,
		    struct pk_span *ret)
{
	const struct pk_span hex = pk_json_text(pk_json_get(file, "path_hex"));
	uint8_t *raw;

	*ret = pk_json_text(pk_json_get(file, "path"));
	if (!hex.len)
		return ret->len || refuse(r, "a file without a path");
	raw = pk_arena_alloc(&r->m->arena, hex.len, 1);
	if (!raw) {
		r->status = PK_ERR_NOMEM;
		return false;
	}
	*ret = (struct pk_span){ raw, hex.len / 2 };
	return pk_hex_get(hex, raw, hex.len / 2) ||
	       refuse(r, "a path_hex that is no hex");
}

static bool take_file(struct reading *r, const struct pk_jvalue *file)
{
	struct pk_manifest_entry e = { .to = PK_TO_END, .size = PK_NO_SIZE };
	const struct pk_span hex =
		pk_json_text(pk_json_get(file, pk_hash_name(r->m->hash)));
	const struct pk_span format = pk_json_text(pk_json_get(file, "format"));
	struct pk_span path;
	uint64_t ctime = 0;

	if (!path_of(r, file, &path))
		return false;
	if (!pk_hex_get(hex, e.digest, pk_hash_len(r->m->hash)))
		return refuse_path(r, path, "has no digest");
	(void)pk_json_number(pk_json_get(file, "size"), &e.size);
	(void)pk_json_number(pk_json_get(file, "inode"), &e.inode);
	if (pk_json_number(pk_json_get(file, "ctime_ns"), &ctime) &&
	    ctime <= INT64_MAX)
		e.ctime_ns = (int64_t)ctime;
	if (format.len)
		e.format = pk_arena_copy(&r->m->arena, format);
	return take(r, path, &e);
}

static bool hash_of(struct reading *r, const struct pk_jvalue *top)
{
	const struct pk_span name = pk_json_text(pk_json_get(top, "hash"));

	for (int h = 0; h < PK_HASHES; h++) {
		const char *known = pk_hash_name((enum pk_hash)h);

		if (name.len == strlen(known) &&
		    memcmp(name.p, known, name.len) == 0) {
			r->m->hash = (enum pk_hash)h;
			return true;
		}
	}
	return refuse(r, "no hash that is known here");
}

static bool has_repeated(const struct pk_jvalue *v)
{
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		if (k->repeated || has_repeated(k))
			return true;
	}
	return false;
}

static void read_json(struct reading *r, struct pk_span text)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 8
	};
	struct pk_cursor c = pk_cursor_over(text, 0);
	const struct pk_jvalue *top =
		pk_json_parse(&c, &r->m->arena, &opts, NULL);
	bool ok;

	if (!top || has_repeated(top) ||
	    !pk_span_eq(pk_json_text(pk_json_get(top, "schema")),
			PK_LIT("picket.manifest/1"))) {
		(void)refuse(r, "no manifest: JSON, but not of the schema "
				"picket.manifest/1");
		return;
	}
	ok = hash_of(r, top);
	top = pk_json_get(top, "files");
	for (const struct pk_jvalue *f = top ? top->kids : NULL; ok && f;
	     f = f->next)
		ok = take_file(r, f);
}

/* After sorting, the same path twice stands side by side. */
static void refuse_twins(struct reading *r)
{
	for (size_t i = 1; i < r->m->count; i++) {
		const char *path = r->m->entries[i].path;

		if (strcmp(path, r->m->entries[i - 1].path) != 0)
			continue;
		(void)refuse_path(
			r,
			(struct pk_span){ (const uint8_t *)path, strlen(path) },
			"is named twice");
		return;
	}
}

enum pk_status pk_manifest_read(struct pk_manifest *m, struct pk_span text,
				struct pk_refusal *why)
{
	struct reading r = { .m = m, .why = why, .status = PK_OK };

	*why = (struct pk_refusal){ 0 };
	if (text.len && text.p[0] == '{')
		read_json(&r, text);
	else
		read_lines(&r, text);
	pk_manifest_sort(m);
	if (r.status == PK_OK)
		refuse_twins(&r);
	if (r.status == PK_OK && m->count == 0)
		(void)refuse(&r, "it names no file");
	return r.status;
}
