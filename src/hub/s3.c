/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a bucket of S3, and of what speaks like it:
 * docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
#include "hub/s3_xml.h"

#include <time.h>

#include "hub/kind.h"
#include "hub/token.h"
#include "hub/uri.h"

enum { PAGES_MAX = 1000 };

/* SHA-256 of nothing: what a GET carries. */
#define NO_PAYLOAD \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static struct pk_span span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

/* Where another service than AWS's is named: below it buckets are paths. */
static enum pk_status own_endpoint(struct pk_remote *r, const char *set,
				   struct pk_remote_trouble *why)
{
	struct pk_uri u;
	const char *wrong = pk_uri_split(set, &u);
	const char *origin;

	if (wrong || u.has_query)
		return pk_trouble(why, PK_HTTP_FINE,
				  "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL %s",
				  wrong ? wrong : "has a query");
	while (u.path.len && u.path.p[u.path.len - 1] == '/')
		u.path.len--;
	origin = pk_uri_origin(&u, &r->arena);
	r->origin.host = pk_uri_host(&u, &r->arena);
	r->endpoint = origin ? pk_arena_printf(&r->arena, "%s%.*s/%s", origin,
					       (int)u.path.len,
					       (const char *)u.path.p,
					       r->place->bucket)
			     : NULL;
	return PK_OK;
}

/* The certificate of a bucket's host does not cover names with dots. */
static void aws_endpoint(struct pk_remote *r, const char *region)
{
	const char *bucket = r->place->bucket;
	const char *zone = strncmp(region, "cn-", 3) == 0 ? "amazonaws.com.cn"
							  : "amazonaws.com";

	if (strchr(bucket, '.')) {
		r->origin.host =
			pk_arena_printf(&r->arena, "s3.%s.%s", region, zone);
		r->endpoint = pk_arena_printf(&r->arena, "https://s3.%s.%s/%s",
					      region, zone, bucket);
		return;
	}
	r->origin.host =
		pk_arena_printf(&r->arena, "%s.s3.%s.%s", bucket, region, zone);
	r->endpoint = pk_arena_printf(&r->arena, "https://%s.s3.%s.%s", bucket,
				      region, zone);
}

static enum pk_status named(struct pk_remote *r, struct pk_remote_trouble *why)
{
	const char *set = pk_env("AWS_ENDPOINT_URL_S3");
	struct pk_signer signer;
	enum pk_status status = pk_aws_signer(&r->arena, &signer, why);

	if (status != PK_OK)
		return status;
	if (!set)
		set = pk_env("AWS_ENDPOINT_URL");
	r->origin.owner = r->place->bucket;
	if (set)
		status = own_endpoint(r, set, why);
	else
		aws_endpoint(r, signer.region);
	if (status != PK_OK)
		return status;
	return r->endpoint && r->origin.host ? PK_OK : pk_trouble_memory(why);
}

static enum pk_status log_in(struct pk_asking *q)
{
	struct pk_signer *signer = PK_NEW(&q->r->arena, struct pk_signer);
	enum pk_status status;

	if (!signer)
		return pk_trouble_memory(q->why);
	if (q->s->no_token)
		return PK_OK;
	status = pk_aws_signer(&q->r->arena, signer, q->why);
	if (status == PK_OK && signer->key)
		q->r->signer = signer;
	return status;
}

/* Now, as in "20130524T000000Z". */
static bool stamp(char ret[17])
{
	const time_t now = time(NULL);
	struct tm tm;

	return gmtime_r(&now, &tm) &&
	       strftime(ret, 17, "%Y%m%dT%H%M%SZ", &tm) == 16;
}

/* "host", or "host:port" where that is not the usual one: as it is sent. */
static const char *host_header(const struct pk_uri *u, struct pk_arena *a)
{
	const char *origin = pk_uri_origin(u, a);

	return origin ? strstr(origin, "://") + 3 : NULL;
}

/* What is signed and sent: all but the host, which is signed only. */
static enum pk_status put_headers(struct pk_sigv4 *s,
				  struct pk_signed_header *h,
				  struct pk_arena *a, const char *const **ret)
{
	const char **v = pk_arena_alloc(a, PK_SIGNED_HEADERS_MAX, sizeof(*v));
	struct pk_buf b = { 0 };

	pk_buf_puts(&b, "authorization: ");
	if (!v || !pk_sigv4_put(s, &b)) {
		pk_buf_release(&b);
		return PK_ERR_NOMEM;
	}
	v[0] = pk_arena_copy(a, pk_buf_span(&b));
	pk_buf_release(&b);
	for (size_t i = 1; i < s->header_count; i++)
		v[i] = pk_arena_printf(a, "%s: %s", h[i].name, h[i].value);
	*ret = v;
	return a->meter->exceeded ? PK_ERR_NOMEM : PK_OK;
}

/* The headers of a GET of that URL, good for some minutes. */
static enum pk_status secrets(const struct pk_remote *r, const char *url,
			      struct pk_arena *a, const char *const **ret)
{
	char now[17];
	struct pk_uri u;
	struct pk_signed_header h[4] = {
		{ "host", NULL },
		{ "x-amz-content-sha256", NO_PAYLOAD },
		{ "x-amz-date", now },
	};
	struct pk_sigv4 s = { .who = r->signer,
			      .method = "GET",
			      .headers = h,
			      .header_count = 3,
			      .payload = NO_PAYLOAD,
			      .when = now };

	*ret = NULL;
	if (!r->signer)
		return PK_OK;
	if (pk_uri_split(url, &u) || !stamp(now))
		return PK_ERR_USAGE;
	h[0].value = host_header(&u, a);
	if (!h[0].value)
		return PK_ERR_NOMEM;
	if (r->signer->session)
		h[s.header_count++] =
			(struct pk_signed_header){ "x-amz-security-token",
						   r->signer->session };
	s.path = u.path;
	s.query = u.query;
	return put_headers(&s, h, a, ret);
}

static const char *page_url(const struct pk_remote *r, const char *prefix,
			    unsigned count, const char *next,
			    struct pk_arena *a)
{
	struct pk_buf b = { 0 };
	const char *url;

	pk_buf_printf(&b, "%s/?", r->endpoint);
	if (next) {
		pk_buf_puts(&b, "continuation-token=");
		pk_percent_put(&b, span(next), false);
		pk_buf_putc(&b, '&');
	}
	pk_buf_printf(
		&b, "encoding-type=url&list-type=2&max-keys=%u&prefix=", count);
	pk_percent_put(&b, span(prefix), false);
	url = b.failed ? NULL : pk_arena_copy(a, pk_buf_span(&b));
	pk_buf_release(&b);
	return url;
}

static enum pk_status take_page(struct pk_asking *q, const char *prefix,
				const char *below, const char *only,
				const char **next)
{
	struct pk_http_answer answer = { 0 };
	const char *url =
		page_url(q->r, prefix, only ? 1 : 1000, *next, &q->r->arena);
	enum pk_status status =
		url ? pk_ask(q, url, &answer) : pk_trouble_memory(q->why);

	if (status == PK_OK)
		status = pk_s3_page_read(pk_buf_span(&answer.body), below, only,
					 &q->r->arena, &q->files, next, q->why);
	pk_http_answer_release(&answer);
	return status;
}

/* Everything below a folder ("" or "name/"). */
static enum pk_status take_folder(struct pk_asking *q, const char *folder)
{
	const unsigned most = q->s->pages_max ? q->s->pages_max : PAGES_MAX;
	const char *next = NULL;
	enum pk_status status;
	unsigned pages = 0;

	do {
		if (pages++ == most)
			return pk_trouble(q->why, PK_HTTP_TOO_LARGE,
					  "the listing has more than %u pages",
					  most);
		status = take_page(q, folder, folder, NULL, &next);
	} while (status == PK_OK && next);
	return status;
}

/* The object of that very key, if there is one: of all keys that begin so it
 * comes first. */
static enum pk_status take_object(struct pk_asking *q, const char *key,
				  const char **ret_below)
{
	const char *last = strrchr(key, '/');
	const size_t n = last ? (size_t)(last + 1 - key) : 0;
	const char *next = NULL;

	*ret_below = pk_arena_copy(&q->r->arena,
				   (struct pk_span){ (const uint8_t *)key, n });
	if (!*ret_below)
		return pk_trouble_memory(q->why);
	return take_page(q, key, *ret_below, key, &next);
}

static enum pk_status set_key(struct pk_asking *q, const char *below)
{
	struct pk_buf b = { 0 };

	pk_buf_putc(&b, '/');
	pk_percent_put(&b, span(below), true);
	q->r->key =
		b.failed ? NULL : pk_arena_copy(&q->r->arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return q->r->key ? PK_OK : pk_trouble_memory(q->why);
}

static enum pk_status list(struct pk_asking *q)
{
	const char *path = q->r->place->path, *below = "";
	enum pk_status status = log_in(q);

	if (status == PK_OK && *path && !q->r->place->folder)
		status = take_object(q, path, &below);
	if (status == PK_OK && q->files.n == 0) {
		if (*path)
			below = pk_arena_printf(&q->r->arena, "%s/", path);
		status = below ? take_folder(q, below)
			       : pk_trouble_memory(q->why);
	}
	return status == PK_OK ? set_key(q, below) : status;
}

/* What an answer means here, and what to do about it. */
static const struct meaning {
	int status;
	bool gone;
	const char *anonymous; /* when nothing was signed */
	const char *known;
} meanings[] = {
	{ 301, false, "lies in another region: set AWS_REGION",
	  "lies in another region: set AWS_REGION" },
	{ 307, false, "lies in another region: set AWS_REGION",
	  "lies in another region: set AWS_REGION" },
	{ 400, false, "refuses the request; is AWS_REGION right?",
	  "refuses the request; is AWS_REGION right?" },
	{ 401, false,
	  "is closed to strangers: set AWS_ACCESS_KEY_ID and "
	  "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
	  "does not accept the credentials that are set" },
	{ 403, false,
	  "is closed to strangers: set AWS_ACCESS_KEY_ID and "
	  "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
	  "is closed to the credentials that are set" },
	{ 404, true, "has no such object, or does not exist",
	  "has no such object, or does not exist" },
};

static enum pk_status explain(const struct pk_remote *r,
			      const struct pk_http_answer *a,
			      struct pk_remote_trouble *why)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if (m->status != a->status)
			continue;
		why->gone = m->gone;
		return pk_trouble(why, PK_HTTP_STATUS, "bucket %s at %s %s",
				  r->origin.owner, r->origin.host,
				  r->signer ? m->known : m->anonymous);
	}
	return pk_trouble(why, a->problem, "bucket %s at %s: %s",
			  r->origin.owner, r->origin.host, a->message);
}

const struct pk_remote_ops pk_remote_s3 = {
	.name = "s3",
	.named = named,
	.list = list,
	.secrets = secrets,
	.explain = explain,
};
