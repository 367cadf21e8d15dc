/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/remote.h"

#include "hub/hf.h"
#include "hub/kind.h"
#include "hub/uri.h"

enum {
	MEMORY_MAX = 1 << 30,
	FILES_MAX = 100 * 1000,
	URI_MAX = 4096,
};

static const struct pk_remote_ops *const kinds[PK_REMOTE_KINDS] = {
	[PK_REMOTE_HF] = &pk_remote_hf,
	[PK_REMOTE_S3] = &pk_remote_s3,
	[PK_REMOTE_WEB] = &pk_remote_web,
};

const struct pk_remote_ops *pk_remote_ops(enum pk_remote_kind kind)
{
	return kinds[kind];
}

bool pk_remote_is_uri(const char *text)
{
	static const char *const schemes[] = { "hf://", "s3://", "https://",
					       "http://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return true;
	}
	return false;
}

void pk_remote_init(struct pk_remote *r)
{
	*r = (struct pk_remote){ .meter = { .ceiling = MEMORY_MAX } };
	r->arena = PK_ARENA(&r->meter);
}

void pk_remote_release(struct pk_remote *r)
{
	pk_arena_release(&r->arena);
	*r = (struct pk_remote){ 0 };
}

enum pk_status pk_remote_name(struct pk_remote *r, const char *uri,
			      struct pk_remote_trouble *why)
{
	struct pk_place *place;
	enum pk_status status;
	const char *hub;

	*why = (struct pk_remote_trouble){ 0 };
	pk_remote_init(r);
	if (!pk_remote_text_ok(
		    (struct pk_span){ (const uint8_t *)uri, strlen(uri) },
		    URI_MAX))
		return pk_trouble(why, PK_HTTP_FINE,
				  "'%.200s' is too long for a URI, or holds "
				  "what moves, hides or reorders text",
				  uri);
	status = pk_hf_endpoint(&r->arena, &hub, why);
	if (status != PK_OK)
		return status;
	place = PK_NEW(&r->arena, struct pk_place);
	r->origin.uri =
		pk_arena_copy(&r->arena, (struct pk_span){ (const uint8_t *)uri,
							   strlen(uri) });
	if (!place || !r->origin.uri)
		return pk_trouble_memory(why);
	status = pk_place_parse(uri, hub, &r->arena, place, why);
	if (status != PK_OK)
		return status;
	r->kind = place->kind;
	r->place = place;
	return kinds[r->kind]->named(r, why);
}

enum pk_status pk_remote_explain(const struct pk_remote *r,
				 const struct pk_http_answer *a,
				 struct pk_remote_trouble *why)
{
	why->status = a->status;
	return kinds[r->kind]->explain(r, a, why);
}

enum pk_status pk_ask(struct pk_asking *q, const char *url,
		      struct pk_http_answer *ret)
{
	struct pk_http_request request = { .url = url,
					   .secrets = q->r->headers };
	const struct pk_remote_ops *ops = kinds[q->r->kind];
	enum pk_status status = PK_OK;

	*ret = (struct pk_http_answer){ 0 };
	if (ops->secrets)
		status =
			ops->secrets(q->r, url, &q->r->arena, &request.secrets);
	if (status != PK_OK)
		return pk_trouble_memory(q->why);
	pk_http_do(q->http, &request, ret);
	return ret->problem == PK_HTTP_FINE
		       ? PK_OK
		       : pk_remote_explain(q->r, ret, q->why);
}

enum pk_status pk_remote_list(struct pk_remote *r, struct pk_http *h,
			      const struct pk_remote_settings *s,
			      struct pk_remote_trouble *why)
{
	static const struct pk_remote_settings usual;
	struct pk_asking q = {
		.r = r, .http = h, .s = s ? s : &usual, .why = why
	};
	enum pk_status status;

	*why = (struct pk_remote_trouble){ 0 };
	if (!r->place)
		return pk_trouble(why, PK_HTTP_FINE, "no source is named");
	q.files = (struct pk_files){ .arena = &r->arena,
				     .max = q.s->files_max ? q.s->files_max
							   : FILES_MAX };
	status = kinds[r->kind]->list(&q);
	if (status == PK_OK)
		status = pk_files_settle(&q.files, why);
	if (status != PK_OK)
		return status;
	if (q.files.n == 0) {
		why->gone = true;
		return pk_trouble(why, PK_HTTP_STATUS, "%s has no files",
				  r->origin.uri);
	}
	r->files = q.files.v;
	r->count = q.files.n;
	return PK_OK;
}

static const char *url_of(const struct pk_remote *r,
			  const struct pk_remote_file *f, struct pk_arena *a)
{
	struct pk_buf b = { 0 };
	const char *url;

	pk_buf_printf(&b, "%s%s", r->endpoint, r->key);
	if (r->kind != PK_REMOTE_WEB)
		pk_percent_put(&b,
			       (struct pk_span){ (const uint8_t *)f->path,
						 strlen(f->path) },
			       true);
	url = b.failed ? NULL : pk_arena_copy(a, pk_buf_span(&b));
	pk_buf_release(&b);
	return url;
}

enum pk_status pk_remote_request(const struct pk_remote *r,
				 const struct pk_remote_file *f, uint64_t first,
				 uint64_t count, struct pk_arena *a,
				 struct pk_http_request *ret)
{
	const struct pk_remote_ops *ops = kinds[r->kind];
	struct pk_http_request request = { .first = first,
					   .count = count,
					   .secrets = r->headers };
	enum pk_status status = PK_OK;

	if (!r->key)
		return PK_ERR_USAGE;
	request.url = url_of(r, f, a);
	if (!request.url)
		return PK_ERR_NOMEM;
	if (ops->secrets)
		status = ops->secrets(r, request.url, a, &request.secrets);
	if (status == PK_OK)
		*ret = request;
	return status;
}
