/* SPDX-License-Identifier: Apache-2.0 */
/* Repositories of the Hugging Face Hub and of what speaks like it:
 * huggingface.co/docs/hub/api */
#include "hub/hf.h"

#include "hub/hf_json.h"
#include "hub/kind.h"
#include "hub/token.h"
#include "hub/uri.h"

enum { PAGES_MAX = 1000 };

static struct pk_span span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

enum pk_status pk_hf_endpoint(struct pk_arena *a, const char **ret,
			      struct pk_remote_trouble *why)
{
	const char *set = pk_env("HF_ENDPOINT");
	const char *text = set ? set : "https://huggingface.co";
	struct pk_uri u;
	const char *wrong = pk_uri_split(text, &u);
	const char *origin;

	if (wrong || u.has_query)
		return pk_trouble(why, PK_HTTP_FINE, "HF_ENDPOINT %s",
				  wrong ? wrong : "has a query");
	while (u.path.len && u.path.p[u.path.len - 1] == '/')
		u.path.len--;
	origin = pk_uri_origin(&u, a);
	*ret = origin ? pk_arena_printf(a, "%s%.*s", origin, (int)u.path.len,
					(const char *)u.path.p)
		      : NULL;
	return *ret ? PK_OK : pk_trouble_memory(why);
}

static const char *owner_of(struct pk_arena *a, const char *id)
{
	const size_t n = strcspn(id, "/");

	return id[n] ? pk_arena_copy(a,
				     (struct pk_span){ (const uint8_t *)id, n })
		     : NULL;
}

/* "datasets/org/name": the path of the page that a person would look at. */
static void put_page(struct pk_buf *b, const struct pk_place *p)
{
	if (strcmp(p->type, "models") != 0)
		pk_buf_printf(b, "%s/", p->type);
	pk_buf_puts(b, p->id);
}

/* A page's URL as the URI that means the same: one source, one name. */
static const char *uri_of(struct pk_remote *r)
{
	const struct pk_place *p = r->place;
	struct pk_buf b = { 0 };
	const char *uri;

	if (strncmp(r->origin.uri, "hf://", 5) == 0)
		return r->origin.uri;
	pk_buf_puts(&b, "hf://");
	put_page(&b, p);
	if (p->revision) {
		pk_buf_putc(&b, '@');
		pk_percent_put(&b, span(p->revision),
			       strncmp(p->revision, "refs/", 5) == 0);
	}
	if (*p->path)
		pk_buf_printf(&b, "/%s%s", p->path, p->folder ? "/" : "");
	uri = b.failed ? NULL : pk_arena_copy(&r->arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return uri;
}

static enum pk_status named(struct pk_remote *r, struct pk_remote_trouble *why)
{
	const struct pk_place *p = r->place;
	struct pk_origin *o = &r->origin;
	struct pk_uri u;
	enum pk_status status = pk_hf_endpoint(&r->arena, &r->endpoint, why);

	if (status != PK_OK)
		return status;
	if (!pk_uri_split(r->endpoint, &u))
		o->host = pk_uri_host(&u, &r->arena);
	o->uri = uri_of(r);
	o->repository = p->id;
	o->owner = owner_of(&r->arena, p->id);
	o->revision = p->revision;
	o->pinned = p->revision && pk_commit_ok(span(p->revision));
	if (o->pinned) {
		char *commit = pk_arena_copy(&r->arena, span(p->revision));

		for (char *c = commit; c && *c; c++)
			*c = *c <= '9' ? *c : (char)(*c | 0x20);
		o->commit = commit;
	}
	return r->meter.exceeded ? pk_trouble_memory(why) : PK_OK;
}

/* What an answer means here, and what to do about it. */
static const struct meaning {
	const char *code; /* X-Error-Code; NULL: any */
	int status;       /* 0: any */
	bool gone;
	bool gated;
	bool revision;         /* the revision is named, too */
	const char *anonymous; /* when no token was sent */
	const char *known;
} meanings[] = {
	{ "GatedRepo", 0, false, true, false,
	  "is gated: accept the terms on this page, then set HF_TOKEN to a "
	  "token of that account",
	  "is gated, and the account of the token has not accepted the terms "
	  "on this page, or is not let in yet" },
	{ "RepoNotFound", 0, true, false, false,
	  "does not exist, or is private: for a private one set HF_TOKEN to a "
	  "token that may read it",
	  "does not exist, or the token may not read it" },
	{ "RevisionNotFound", 0, true, false, true,
	  "has no such branch, tag or commit",
	  "has no such branch, tag or commit" },
	{ "EntryNotFound", 0, true, false, true, "has no such file or folder",
	  "has no such file or folder" },
	{ NULL, 401, false, false, false,
	  "does not exist, or is private: for a private one set HF_TOKEN to a "
	  "token that may read it",
	  "does not accept the token that is set" },
	{ NULL, 403, false, false, false,
	  "is closed to strangers: set HF_TOKEN to a token that may read it",
	  "is closed to the account of the token that is set" },
	{ NULL, 404, true, false, true, "does not exist", "does not exist" },
	{ NULL, 410, true, false, true, "is gone", "is gone" },
	{ NULL, 429, false, false, false,
	  "has had too many requests from here: wait some minutes, or set "
	  "HF_TOKEN, which allows more",
	  "has had too many requests from here: wait some minutes" },
};

static const struct meaning *meaning_of(const struct pk_http_answer *a)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if ((!m->code || strcmp(m->code, a->error_code) == 0) &&
		    (!m->status || m->status == a->status))
			return m;
	}
	return NULL;
}

/* What a message begins with: the repository's page, and its revision if it
 * matters.  What was decoded knows its URI only. */
static const char *page_of(const struct pk_remote *r, bool revision,
			   struct pk_buf *b)
{
	if (r->place) {
		pk_buf_printf(b, "%s/", r->endpoint);
		put_page(b, r->place);
	} else {
		pk_buf_puts(b, r->origin.uri);
	}
	if (revision && r->place && r->origin.revision)
		pk_buf_printf(b, "@%s", r->origin.revision);
	return pk_buf_str(b);
}

static enum pk_status say(const struct pk_remote *r, const struct meaning *m,
			  enum pk_http_problem problem, const char *text,
			  struct pk_remote_trouble *why)
{
	struct pk_buf b = { 0 };
	enum pk_status status;

	if (m) {
		why->gone = m->gone;
		why->gated = m->gated;
		text = r->headers ? m->known : m->anonymous;
	}
	status = pk_trouble(why, problem, "%s%s %s",
			    page_of(r, m && m->revision, &b), m ? "" : ":",
			    text);
	pk_buf_release(&b);
	return status;
}

static const struct meaning disabled = { NULL,
					 0,
					 true,
					 false,
					 false,
					 "was disabled by the registry",
					 "was disabled by the registry" };

static enum pk_status explain(const struct pk_remote *r,
			      const struct pk_http_answer *a,
			      struct pk_remote_trouble *why)
{
	const struct meaning *m = strstr(a->error_message, "is disabled")
					  ? &disabled
					  : meaning_of(a);

	return say(r, m, m ? PK_HTTP_STATUS : a->problem, a->message, why);
}

static enum pk_status log_in(struct pk_asking *q)
{
	const char **headers;
	const char *token = NULL;
	enum pk_status status;

	if (q->s->no_token)
		return PK_OK;
	status = pk_hf_token(&q->r->arena, &token, q->why);
	if (status != PK_OK || !token)
		return status;
	headers = pk_arena_alloc(&q->r->arena, 2, sizeof(*headers));
	if (headers)
		headers[0] = pk_arena_printf(&q->r->arena,
					     "authorization: Bearer %s", token);
	if (!headers || !headers[0])
		return pk_trouble_memory(q->why);
	q->r->headers = headers;
	return PK_OK;
}

/* "ENDPOINT/api/TYPE/ID/WORD/REV", the revision as one part of it. */
static void put_api(struct pk_buf *b, const struct pk_remote *r, const char *id,
		    const char *word, const char *rev)
{
	pk_buf_printf(b, "%s/api/%s/%s", r->endpoint, r->place->type, id);
	if (!rev)
		return;
	pk_buf_printf(b, "/%s/", word);
	pk_percent_put(b, span(rev), false);
}

/* What is known of the repository; its tree lives in the arena. */
static enum pk_status ask_info(struct pk_asking *q, struct pk_arena *a,
			       struct pk_hf_info *ret)
{
	const struct pk_remote *r = q->r;
	struct pk_http_answer answer = { 0 };
	struct pk_buf url = { 0 };
	enum pk_status status;

	put_api(&url, r, r->place->id, "revision", r->place->revision);
	/* Only of models is it known what the registry's own scan found. */
	if (strcmp(r->place->type, "models") == 0)
		pk_buf_puts(&url, "?securityStatus=true");
	status = pk_ask(q, pk_buf_str(&url), &answer);
	if (status == PK_OK)
		status = pk_hf_info_read(pk_buf_span(&answer.body), a, ret,
					 q->why);
	pk_http_answer_release(&answer);
	pk_buf_release(&url);
	return status;
}

static const char *keep(struct pk_remote *r, const char *s)
{
	return s ? pk_arena_copy(&r->arena, span(s)) : NULL;
}

/* What the information says of the origin. */
static enum pk_status take_info(struct pk_asking *q,
				const struct pk_hf_info *info)
{
	struct pk_remote *r = q->r;
	struct pk_origin *o = &r->origin;

	if (info->disabled)
		return say(r, &disabled, PK_HTTP_STATUS, NULL, q->why);
	if (o->pinned && strcmp(o->commit, info->commit) != 0)
		return pk_trouble(q->why, PK_HTTP_CHANGED,
				  "the registry answers with commit %s where "
				  "%s was asked for",
				  info->commit, o->commit);
	o->commit = keep(r, info->commit);
	o->licence = keep(r, info->licence);
	o->gated = info->gated;
	if (info->id && strcmp(info->id, o->repository) != 0)
		o->renamed_to = keep(r, info->id);
	return r->meter.exceeded ? pk_trouble_memory(q->why) : PK_OK;
}

/* The repository's name now. */
static const char *id_now(const struct pk_remote *r)
{
	return r->origin.renamed_to ? r->origin.renamed_to : r->place->id;
}

/* Takes pages until there is no next; url is the first.  *ret_missing: the
 * first was answered with "there is no such folder". */
static enum pk_status take_pages(struct pk_asking *q, const char *url,
				 const char *below, const char *only,
				 bool *ret_missing)
{
	const unsigned most = q->s->pages_max ? q->s->pages_max : PAGES_MAX;
	enum pk_status status = PK_OK;

	*ret_missing = false;
	for (unsigned page = 0; url && status == PK_OK; page++) {
		struct pk_http_answer answer = { 0 };
		const char *next = NULL;

		if (page == most)
			return pk_trouble(q->why, PK_HTTP_TOO_LARGE,
					  "the listing has more than %u pages",
					  most);
		status = pk_ask(q, url, &answer);
		if (status == PK_OK)
			status =
				pk_hf_tree_read(pk_buf_span(&answer.body),
						below, only, &q->files, q->why);
		else if (page == 0 && answer.status == 404)
			*ret_missing = true;
		if (status == PK_OK && answer.next) {
			next = pk_arena_copy(&q->r->arena, span(answer.next));
			status = next ? PK_OK : pk_trouble_memory(q->why);
		}
		if (next && !pk_uri_same_origin(next, q->r->endpoint))
			status = pk_trouble(q->why, PK_HTTP_REFUSED,
					    "the listing goes on at another "
					    "host, which is not asked");
		pk_http_answer_release(&answer);
		url = next;
	}
	return status;
}

/* The tree below a folder; only: not what lies in its folders, and of that
 * one file. */
static enum pk_status take_tree(struct pk_asking *q, const char *folder,
				const char *only, bool *ret_missing)
{
	struct pk_buf url = { 0 };
	enum pk_status status;

	put_api(&url, q->r, id_now(q->r), "tree", q->r->origin.commit);
	if (*folder) {
		pk_buf_putc(&url, '/');
		pk_percent_put(&url, span(folder), true);
	}
	pk_buf_printf(&url, "?recursive=%s&expand=false",
		      only ? "false" : "true");
	status = take_pages(q, pk_buf_str(&url), folder, only, ret_missing);
	pk_buf_release(&url);
	return status;
}

/* The folder that files are named below; with *ret_only, of a path that is a
 * file, its own name. */
static const char *folder_of(struct pk_arena *a, const char *path,
			     const char **ret_only)
{
	const char *last = strrchr(path, '/');

	*ret_only = last ? last + 1 : path;
	return last ? pk_arena_copy(a,
				    (struct pk_span){ (const uint8_t *)path,
						      (size_t)(last - path) })
		    : "";
}

/* A path is a folder's; what is no folder may be a file. */
static enum pk_status take_files(struct pk_asking *q, const char **ret_folder)
{
	const char *path = q->r->place->path;
	const char *only = NULL;
	bool missing;
	enum pk_status status = take_tree(q, path, NULL, &missing);

	*ret_folder = path;
	if (!*path || (status == PK_OK && q->files.n) ||
	    (status != PK_OK && !missing) || q->r->place->folder)
		return status;
	*q->why = (struct pk_remote_trouble){ 0 };
	*ret_folder = folder_of(&q->r->arena, path, &only);
	if (!*ret_folder)
		return pk_trouble_memory(q->why);
	return take_tree(q, *ret_folder, only, &missing);
}

static enum pk_status set_key(struct pk_asking *q, const char *folder)
{
	struct pk_remote *r = q->r;
	struct pk_place now = *r->place;
	struct pk_buf b = { 0 };

	now.id = id_now(r);
	pk_buf_putc(&b, '/');
	put_page(&b, &now);
	pk_buf_printf(&b, "/resolve/%s/", r->origin.commit);
	pk_percent_put(&b, span(folder), true);
	if (*folder)
		pk_buf_putc(&b, '/');
	r->key = b.failed ? NULL : pk_arena_copy(&r->arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return r->key ? PK_OK : pk_trouble_memory(q->why);
}

/* Whether the owner is an organisation that the registry vouches for; what
 * cannot be found out is unknown, and no trouble. */
static void ask_owner(struct pk_asking *q)
{
	struct pk_remote *r = q->r;
	const char *owner = owner_of(&r->arena, id_now(r));
	struct pk_http_answer answer = { 0 };
	const char *url = owner ? pk_arena_printf(&r->arena,
						  "%s/api/organizations/%s/"
						  "overview",
						  r->endpoint, owner)
				: NULL;

	if (url && pk_ask(q, url, &answer) == PK_OK)
		r->origin.verified =
			pk_hf_owner_read(pk_buf_span(&answer.body));
	*q->why = (struct pk_remote_trouble){ 0 };
	pk_http_answer_release(&answer);
}

/* Whether the revision is a tag; the same. */
static void ask_refs(struct pk_asking *q)
{
	struct pk_remote *r = q->r;
	struct pk_http_answer answer = { 0 };
	struct pk_buf url = { 0 };

	put_api(&url, r, id_now(r), "refs", NULL);
	pk_buf_puts(&url, "/refs");
	if (pk_ask(q, pk_buf_str(&url), &answer) == PK_OK)
		r->origin.tag = pk_hf_refs_read(pk_buf_span(&answer.body),
						r->origin.revision);
	*q->why = (struct pk_remote_trouble){ 0 };
	pk_http_answer_release(&answer);
	pk_buf_release(&url);
}

static enum pk_status list_with(struct pk_asking *q, struct pk_arena *mem)
{
	struct pk_hf_info info;
	const char *folder = "";
	enum pk_status status = ask_info(q, mem, &info);

	if (status == PK_OK)
		status = take_info(q, &info);
	if (status == PK_OK)
		status = take_files(q, &folder);
	if (status == PK_OK)
		status = set_key(q, folder);
	if (status == PK_OK)
		status = pk_files_settle(&q->files, q->why);
	if (status != PK_OK)
		return status;
	pk_hf_advise(&info, folder, &q->files);
	if (q->s->want_verified)
		ask_owner(q);
	if (q->s->want_tag && q->r->origin.revision && !q->r->origin.pinned)
		ask_refs(q);
	return PK_OK;
}

static enum pk_status list(struct pk_asking *q)
{
	struct pk_meter meter = { .ceiling = 256U << 20 };
	struct pk_arena mem = PK_ARENA(&meter);
	const char *offline = pk_hf_offline();
	enum pk_status status;

	if (offline)
		return pk_trouble(q->why, PK_HTTP_REFUSED,
				  "%s is set: nothing is asked", offline);
	status = log_in(q);
	if (status == PK_OK)
		status = list_with(q, &mem);
	pk_arena_release(&mem);
	return status;
}

const struct pk_remote_ops pk_remote_hf = {
	.name = "hf",
	.named = named,
	.list = list,
	.explain = explain,
};
