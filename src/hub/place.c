/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/place.h"

#include "core/digest.h"
#include "hub/files.h"
#include "hub/uri.h"

enum { ID_PART_MAX = 96, REVISION_MAX = 255, COMMIT_LEN = 40 };

static const char *const types[] = { "models", "datasets", "spaces" };

static struct pk_span span(const char *s, size_t n)
{
	return (struct pk_span){ (const uint8_t *)s, n };
}

static struct pk_span whole(const char *s)
{
	return span(s, strlen(s));
}

static bool contains(struct pk_span s, const char *what)
{
	return s.len && memmem(s.p, s.len, what, strlen(what)) != NULL;
}

static bool is_edge(uint8_t ch)
{
	return ch == '-' || ch == '.';
}

static bool id_part_ok(struct pk_span s)
{
	if (s.len == 0 || s.len > ID_PART_MAX || is_edge(s.p[0]) ||
	    is_edge(s.p[s.len - 1]) || contains(s, "--") || contains(s, ".."))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!(ch >= 'a' && ch <= 'z') && !(ch >= 'A' && ch <= 'Z') &&
		    !(ch >= '0' && ch <= '9') && ch != '_' && !is_edge(ch))
			return false;
	}
	return !(s.len > 4 && memcmp(s.p + s.len - 4, ".git", 4) == 0);
}

bool pk_repo_id_ok(struct pk_span id)
{
	const uint8_t *slash = id.len ? memchr(id.p, '/', id.len) : NULL;
	size_t n;

	if (!slash)
		return id_part_ok(id);
	n = (size_t)(slash - id.p);
	return id_part_ok((struct pk_span){ id.p, n }) &&
	       id_part_ok((struct pk_span){ slash + 1, id.len - n - 1 });
}

bool pk_commit_ok(struct pk_span s)
{
	uint8_t bytes[COMMIT_LEN / 2];

	return pk_hex_get(s, bytes, sizeof(bytes));
}

/* What git allows in a name of a reference, and nothing that would mean
 * something else in a URL or a path. */
static bool revision_ok(struct pk_span s)
{
	if (s.len > REVISION_MAX || pk_remote_path_fault(s) || s.p[0] == '-' ||
	    contains(s, "..") || contains(s, "@{"))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (strchr(" ~^:?*[", s.p[i]))
			return false;
	}
	return true;
}

/* One URI being read. */
struct reading {
	const char *uri;
	struct pk_arena *arena;
	struct pk_place *to;
	struct pk_remote_trouble *why;
};

static enum pk_status refuse(const struct reading *r, const char *what)
{
	return pk_trouble(r->why, PK_HTTP_FINE, "'%.200s' %s", r->uri, what);
}

/* A copy with percent signs decoded; "" with *ret_bad where they are none. */
static const char *decoded(const struct reading *r, struct pk_span s,
			   bool *ret_bad)
{
	struct pk_buf b = { 0 };
	const char *copy;

	if (!pk_percent_get(&b, s, false) || (b.len && memchr(b.p, 0, b.len)))
		*ret_bad = true;
	copy = b.failed ? NULL : pk_arena_copy(r->arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return copy;
}

static size_t segment(const char *s)
{
	return strcspn(s, "/");
}

/* How much of the text is the revision. */
static size_t revision_len(const char *s)
{
	size_t n = segment(s);

	if (strncmp(s, "refs/pr/", 8) == 0)
		n = 8 + segment(s + 8);
	else if (strncmp(s, "refs/convert/", 13) == 0)
		n = 13 + segment(s + 13);
	return n;
}

static enum pk_status take_revision(struct reading *r, const char **s)
{
	const size_t n = revision_len(*s);
	bool bad = false;
	const char *copy = decoded(r, span(*s, n), &bad);

	if (!copy)
		return pk_trouble_memory(r->why);
	if (bad || !revision_ok(whole(copy)))
		return refuse(r, "names no branch, tag or commit");
	r->to->revision = copy;
	*s += n;
	return PK_OK;
}

/* What follows the source's name: "" or "/path". */
static enum pk_status take_path(struct reading *r, const char *s, bool percents)
{
	size_t n = strlen(s);
	bool bad = false;
	const char *wrong;

	if (n && s[0] == '/') {
		s++;
		n--;
	}
	r->to->folder = n && s[n - 1] == '/';
	if (r->to->folder)
		n--;
	r->to->path = percents ? decoded(r, span(s, n), &bad)
			       : pk_arena_copy(r->arena, span(s, n));
	if (!r->to->path)
		return pk_trouble_memory(r->why);
	if (bad)
		return refuse(r, "has a percent sign that encodes nothing");
	wrong = n ? pk_remote_path_fault(whole(r->to->path)) : NULL;
	return wrong ? pk_trouble(r->why, PK_HTTP_FINE,
				  "the path in '%.200s' %s", r->uri, wrong)
		     : PK_OK;
}

static void take_type(struct reading *r, const char **s)
{
	r->to->type = types[0];
	for (size_t i = 1; i < sizeof(types) / sizeof(types[0]); i++) {
		const size_t n = strlen(types[i]);

		if (strncmp(*s, types[i], n) == 0 && (*s)[n] == '/') {
			r->to->type = types[i];
			*s += n + 1;
			return;
		}
	}
}

static enum pk_status take_id(struct reading *r, const char *s, size_t n)
{
	if (!pk_repo_id_ok(span(s, n)))
		return refuse(r, "names no repository: org/name, of letters, "
				 "digits, '.', '_' and '-'");
	r->to->id = pk_arena_copy(r->arena, span(s, n));
	return r->to->id ? PK_OK : pk_trouble_memory(r->why);
}

/* org/name[@revision][/path] */
static enum pk_status parse_hf(struct reading *r, const char *s)
{
	enum pk_status status;
	size_t n;

	take_type(r, &s);
	n = strcspn(s, "/@");
	if (s[n] == '/')
		n += 1 + strcspn(s + n + 1, "/@");
	status = take_id(r, s, n);
	s += n;
	if (status == PK_OK && *s == '@') {
		s++;
		status = take_revision(r, &s);
	}
	return status == PK_OK ? take_path(r, s, false) : status;
}

/* The word that stands before a revision in a page's path, with its
 * slashes; 0: none is. */
static size_t verb(const char *s)
{
	static const char *const verbs[] = { "/tree/", "/blob/", "/resolve/",
					     "/raw/" };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strncmp(s, verbs[i], strlen(verbs[i])) == 0)
			return strlen(verbs[i]);
	}
	return 0;
}

/* The length of the id that a page's path begins with. */
static size_t page_id(const char *s)
{
	size_t n = segment(s);

	if (s[n] == '/' && s[n + 1] && !verb(s + n))
		n += 1 + segment(s + n + 1);
	return n;
}

/* org/name[/(tree|blob|resolve|raw)/revision[/path]], of a page's URL */
static enum pk_status parse_page(struct reading *r, const char *s)
{
	enum pk_status status;
	size_t n;

	r->to->kind = PK_REMOTE_HF;
	take_type(r, &s);
	n = page_id(s);
	status = take_id(r, s, n);
	s += n;
	if (status != PK_OK)
		return status;
	if (verb(s)) {
		s += verb(s);
		status = take_revision(r, &s);
	} else if (*s && strcmp(s, "/") != 0) {
		return refuse(r, "is no page of a repository, of a revision or "
				 "of a file in it");
	}
	return status == PK_OK ? take_path(r, s, true) : status;
}

/* https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
static bool bucket_ok(struct pk_span s)
{
	if (s.len < 3 || s.len > 63 || is_edge(s.p[0]) ||
	    is_edge(s.p[s.len - 1]) || contains(s, ".."))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') &&
		    !is_edge(ch))
			return false;
	}
	return true;
}

static enum pk_status parse_s3(struct reading *r, const char *s)
{
	const size_t n = segment(s);

	if (!bucket_ok(span(s, n)))
		return refuse(r, "names no bucket: 3 to 63 small letters, "
				 "digits, '.' and '-'");
	r->to->bucket = pk_arena_copy(r->arena, span(s, n));
	return r->to->bucket ? take_path(r, s + n, false)
			     : pk_trouble_memory(r->why);
}

/* What may not stand in a request line is encoded, as browsers do. */
static const char *target(struct pk_arena *a, const struct pk_uri *u)
{
	struct pk_buf b = { 0 };
	const struct pk_span parts[] = { u->path, u->query };
	const char *copy;

	if (u->path.len == 0)
		pk_buf_putc(&b, '/');
	for (size_t k = 0; k < 2; k++) {
		if (k == 1 && u->has_query)
			pk_buf_putc(&b, '?');
		for (size_t i = 0; i < parts[k].len; i++) {
			const uint8_t ch = parts[k].p[i];

			if (ch > '~' || strchr("\"<>\\^`{|}", ch))
				pk_buf_printf(&b, "%%%02X", ch);
			else
				pk_buf_putc(&b, (char)ch);
		}
	}
	copy = b.failed ? NULL : pk_arena_copy(a, pk_buf_span(&b));
	pk_buf_release(&b);
	return copy;
}

/* The path of a page below the hub, without its first slash; NULL: it is
 * elsewhere.  What stands for the hub may have other things, too: there only
 * what names a revision is a page. */
static const char *below_hub(struct reading *r, const struct pk_uri *u,
			     const char *hub)
{
	static const char *const names[] = { "https://huggingface.co",
					     "https://www.huggingface.co",
					     "https://hf.co" };
	const char *path = pk_arena_copy(r->arena, u->path);
	const char *slash = strstr(hub, "://"), *id;
	size_t n;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (pk_uri_same_origin(names[i], r->uri))
			return path && *path ? path + 1 : path;
	}
	slash = slash ? strchr(slash + 3, '/') : NULL;
	n = slash ? strlen(slash) : 0;
	if (!path || !pk_uri_same_origin(hub, r->uri) ||
	    (n && strncmp(path, slash, n) != 0) || path[n] != '/')
		return NULL;
	id = path + n + 1;
	take_type(r, &id);
	return verb(id + page_id(id)) ? path + n + 1 : NULL;
}

static enum pk_status parse_web(struct reading *r, const char *hub)
{
	struct pk_uri u;
	const char *wrong = pk_uri_split(r->uri, &u);
	const char *page;

	if (wrong)
		return refuse(r, wrong);
	page = below_hub(r, &u, hub);
	if (page)
		return parse_page(r, page);
	r->to->site = pk_uri_origin(&u, r->arena);
	r->to->target = target(r->arena, &u);
	return r->to->site && r->to->target ? PK_OK : pk_trouble_memory(r->why);
}

enum pk_status pk_place_parse(const char *uri, const char *hub,
			      struct pk_arena *a, struct pk_place *ret,
			      struct pk_remote_trouble *why)
{
	struct reading r = { uri, a, ret, why };

	*ret = (struct pk_place){ .path = "" };
	if (strncmp(uri, "hf://", 5) == 0) {
		ret->kind = PK_REMOTE_HF;
		return parse_hf(&r, uri + 5);
	}
	if (strncmp(uri, "s3://", 5) == 0) {
		ret->kind = PK_REMOTE_S3;
		return parse_s3(&r, uri + 5);
	}
	ret->kind = PK_REMOTE_WEB;
	return parse_web(&r, hub);
}

/* One revision of several parts: refs/pr/N, refs/convert/NAME. */
static const char *after_revision(const char *at)
{
	unsigned parts = strncmp(at, "@refs/pr/", 9) == 0 ||
					 strncmp(at, "@refs/convert/", 14) == 0
				 ? 3
				 : 1;

	while (*at && !(*at == '/' && --parts == 0))
		at++;
	return at;
}

void pk_place_pin(struct pk_buf *b, const char *uri, const char *commit)
{
	const char *at = uri + strlen("hf://");
	unsigned parts = strncmp(at, "datasets/", 9) == 0 ||
					 strncmp(at, "spaces/", 7) == 0
				 ? 3
				 : 2;

	while (*at && *at != '@' && !(*at == '/' && --parts == 0))
		at++;
	pk_buf_put(b, uri, (size_t)(at - uri));
	pk_buf_printf(b, "@%s", commit);
	pk_buf_puts(b, *at == '@' ? after_revision(at) : at);
}
