/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"kind": "hf", "endpoint": "https://...", "key": "/...",
 *  "origin": {"uri": ..., ..., "pinned": false, "verified": "yes", ...},
 *  "files": [{"path": ..., "size": 1, "sha256": "...", "etag": ...,
 *             "advice": ...}, ...]}
 * What is not known is left out.
 */
#include "codec/json_read.h"
#include "core/json_out.h"
#include "hub/kind.h"
#include "hub/uri.h"

enum {
	TEXT_MAX = 8192, /* a URI */
	FILES_MAX = 10 * 1000 * 1000,
	TREE_MAX = 1 << 30, /* memory for reading it */
};

/* The texts of an origin. */
static const struct text_field {
	const char *name;
	size_t at;
} texts[] = {
	{ "uri", offsetof(struct pk_origin, uri) },
	{ "host", offsetof(struct pk_origin, host) },
	{ "owner", offsetof(struct pk_origin, owner) },
	{ "repository", offsetof(struct pk_origin, repository) },
	{ "revision", offsetof(struct pk_origin, revision) },
	{ "commit", offsetof(struct pk_origin, commit) },
	{ "licence", offsetof(struct pk_origin, licence) },
	{ "renamed_to", offsetof(struct pk_origin, renamed_to) },
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static const char *const known[] = {
	[PK_NOT_KNOWN] = "unknown",
	[PK_NO] = "no",
	[PK_YES] = "yes",
};

static const struct {
	const char *name;
	size_t len;
} identities[] = {
	[PK_ID_SHA256] = { "sha256", 64 },
	[PK_ID_GIT_BLOB] = { "git-blob", 40 },
};
enum { IDENTITIES = sizeof(identities) / sizeof(identities[0]) };

static void put_text(struct pk_json *j, const char *key, const char *s)
{
	if (s && *s)
		pk_json_str(j, key, s);
}

static void put_origin(struct pk_json *j, const struct pk_origin *o)
{
	pk_json_object(j, "origin");
	for (size_t i = 0; i < TEXTS; i++) {
		const char *s;

		memcpy(&s, (const char *)o + texts[i].at, sizeof(s));
		put_text(j, texts[i].name, s);
	}
	pk_json_bool(j, "pinned", o->pinned);
	pk_json_str(j, "verified", known[o->verified]);
	pk_json_str(j, "gated", known[o->gated]);
	if (o->tag != PK_NOT_KNOWN) /* mostly nobody asked */
		pk_json_str(j, "tag", known[o->tag]);
	pk_json_close(j);
}

static void put_file(struct pk_json *j, const struct pk_remote_file *f)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "path", f->path);
	if (f->size != PK_SIZE_UNKNOWN)
		pk_json_uint(j, "size", f->size);
	if (f->identity != PK_ID_NONE)
		pk_json_str(j, identities[f->identity].name, f->digest);
	put_text(j, "etag", f->etag);
	put_text(j, "advice", f->advice);
	pk_json_close(j);
}

/* A web page's query may be what gives access to it. */
static bool key_is_secret(const struct pk_remote *r)
{
	return r->kind == PK_REMOTE_WEB && r->key && strchr(r->key, '?');
}

enum pk_status pk_remote_encode(const struct pk_remote *r, struct pk_buf *to)
{
	struct pk_json j = { .out = to };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "kind", pk_remote_ops(r->kind)->name);
	put_text(&j, "endpoint", r->endpoint);
	if (!key_is_secret(r))
		put_text(&j, "key", r->key);
	put_origin(&j, &r->origin);
	pk_json_array(&j, "files");
	for (size_t i = 0; i < r->count; i++)
		put_file(&j, &r->files[i]);
	pk_json_close(&j);
	pk_json_close(&j);
	return pk_buf_ok(to) ? PK_OK : PK_ERR_NOMEM;
}

/* One being decoded.  A value that is there must be what it ought to be. */
struct decoding {
	struct pk_remote *r;
	struct pk_files files;
	bool bad;
	bool starved;
};

static const char *get_text(struct decoding *d, const struct pk_jvalue *of,
			    const char *key)
{
	const struct pk_jvalue *v = pk_json_get(of, key);
	const char *copy;

	if (!v)
		return NULL;
	if (!pk_json_is(v, PK_J_STRING) ||
	    !pk_remote_text_ok(pk_json_text(v), TEXT_MAX)) {
		d->bad = true;
		return NULL;
	}
	copy = pk_arena_copy(&d->r->arena, pk_json_text(v));
	d->starved |= !copy;
	return copy;
}

/* Into an array of n bytes; "" when it is not there. */
static void get_short(struct decoding *d, const struct pk_jvalue *of,
		      const char *key, char *ret, size_t n)
{
	const char *s = get_text(d, of, key);

	ret[0] = '\0';
	if (s && strlen(s) < n)
		memcpy(ret, s, strlen(s) + 1);
	else if (s)
		d->bad = true;
}

static enum pk_known get_known(struct decoding *d, const struct pk_jvalue *of,
			       const char *key)
{
	const struct pk_span s = pk_json_text(pk_json_get(of, key));

	for (unsigned i = PK_NOT_KNOWN; i <= PK_YES; i++) {
		if (s.len == strlen(known[i]) &&
		    memcmp(s.p, known[i], s.len) == 0)
			return (enum pk_known)i;
	}
	d->bad = true;
	return PK_NOT_KNOWN;
}

static bool is_hex(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789abcdef") == n;
}

static void get_origin(struct decoding *d, const struct pk_jvalue *v)
{
	struct pk_origin *o = &d->r->origin;

	for (size_t i = 0; i < TEXTS; i++) {
		const char *s = get_text(d, v, texts[i].name);

		memcpy((char *)o + texts[i].at, &s, sizeof(s));
	}
	o->pinned = pk_json_true(pk_json_get(v, "pinned"));
	o->verified = get_known(d, v, "verified");
	o->gated = get_known(d, v, "gated");
	if (pk_json_get(v, "tag"))
		o->tag = get_known(d, v, "tag");
	if (!o->uri || (o->commit && !is_hex(o->commit, 40)) ||
	    (o->pinned && !o->commit) ||
	    (d->r->kind == PK_REMOTE_S3 && (!o->owner || !o->host)))
		d->bad = true;
}

static void get_identity(struct decoding *d, const struct pk_jvalue *v,
			 struct pk_remote_file *f)
{
	for (unsigned i = PK_ID_SHA256; i < IDENTITIES; i++) {
		char digest[sizeof(f->digest)];

		get_short(d, v, identities[i].name, digest, sizeof(digest));
		if (!digest[0])
			continue;
		if (f->identity != PK_ID_NONE ||
		    !is_hex(digest, identities[i].len))
			d->bad = true;
		f->identity = (enum pk_identity)i;
		memcpy(f->digest, digest, sizeof(digest));
	}
}

static void get_file(struct decoding *d, const struct pk_jvalue *v)
{
	struct pk_remote_file f = { .size = PK_SIZE_UNKNOWN };
	const struct pk_jvalue *path = pk_json_get(v, "path");
	const struct pk_jvalue *size = pk_json_get(v, "size");
	struct pk_remote_trouble why = { 0 };

	get_identity(d, v, &f);
	get_short(d, v, "etag", f.etag, sizeof(f.etag));
	get_short(d, v, "advice", f.advice, sizeof(f.advice));
	if (!pk_json_is(path, PK_J_STRING) ||
	    (size &&
	     (!pk_json_number(size, &f.size) || f.size == PK_SIZE_UNKNOWN)))
		d->bad = true;
	else if (pk_files_add(&d->files, pk_json_text(path), &f, &why) != PK_OK)
		d->bad = true;
}

static void get_kind(struct decoding *d, const struct pk_jvalue *v)
{
	const struct pk_span s = pk_json_text(pk_json_get(v, "kind"));

	for (unsigned i = 0; i < PK_REMOTE_KINDS; i++) {
		const char *name = pk_remote_ops((enum pk_remote_kind)i)->name;

		if (s.len == strlen(name) && memcmp(s.p, name, s.len) == 0) {
			d->r->kind = (enum pk_remote_kind)i;
			return;
		}
	}
	d->bad = true;
}

/* An endpoint is "scheme://host:port/path" without a slash at its end, a key
 * begins with one. */
static void get_address(struct decoding *d, const struct pk_jvalue *v)
{
	struct pk_uri u;
	const char *endpoint = get_text(d, v, "endpoint");
	const char *key = get_text(d, v, "key");

	d->r->endpoint = endpoint;
	d->r->key = key;
	if (!endpoint || pk_uri_split(endpoint, &u) || u.has_query ||
	    strpbrk(endpoint, "#") || endpoint[strlen(endpoint) - 1] == '/')
		d->bad = true;
	if (key && (key[0] != '/' || strpbrk(key, " #") ||
		    !pk_utf8_plain((struct pk_span){ (const uint8_t *)key,
						     strlen(key) })))
		d->bad = true;
}

static void get_files(struct decoding *d, const struct pk_jvalue *v)
{
	struct pk_remote_trouble why = { 0 };

	d->files = (struct pk_files){ .arena = &d->r->arena, .max = FILES_MAX };
	if (!pk_json_is(v, PK_J_ARRAY))
		d->bad = true;
	for (v = v ? v->kids : NULL; v && !d->bad; v = v->next)
		get_file(d, v);
	if (d->bad || pk_files_settle(&d->files, &why) != PK_OK)
		d->bad = true;
	d->r->files = d->files.v;
	d->r->count = d->files.n;
}

enum pk_status pk_remote_decode(struct pk_span json, struct pk_remote *ret)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 8
	};
	struct pk_meter meter = { .ceiling = TREE_MAX };
	struct pk_arena mem = PK_ARENA(&meter);
	struct pk_cursor c = pk_cursor_over(json, 0);
	struct decoding d = { .r = ret };
	const struct pk_jvalue *v;

	pk_remote_init(ret);
	v = pk_json_parse(&c, &mem, &opts, NULL);
	if (v) {
		get_kind(&d, v);
		get_address(&d, v);
		get_origin(&d, pk_json_get(v, "origin"));
		get_files(&d, pk_json_get(v, "files"));
	}
	pk_arena_release(&mem);
	if (meter.exceeded || ret->meter.exceeded)
		return PK_ERR_NOMEM;
	return v && !d.bad ? PK_OK : PK_ERR_IO;
}
