/* SPDX-License-Identifier: Apache-2.0 */
/* One file of any web server. */
#include <strings.h>

#include "hub/kind.h"
#include "hub/uri.h"

/* Parameters that give access to what a URL names: not for reports. */
static const char *const secret_names[] = {
	"x-amz-signature",
	"x-amz-security-token",
	"x-amz-credential",
	"x-goog-signature",
	"x-goog-credential",
	"signature",
	"sig",
	"token",
	"access_token",
	"auth",
	"key",
	"api_key",
	"apikey",
	"password",
	"secret",
	"policy",
};

static bool is_secret(struct pk_span parameter)
{
	const uint8_t *equals =
		parameter.len ? memchr(parameter.p, '=', parameter.len) : NULL;
	const size_t n = equals ? (size_t)(equals - parameter.p) : 0;

	for (size_t i = 0; i < sizeof(secret_names) / sizeof(secret_names[0]);
	     i++) {
		if (n && n == strlen(secret_names[i]) &&
		    strncasecmp((const char *)parameter.p, secret_names[i],
				n) == 0)
			return true;
	}
	return false;
}

/* The URL for reports: without fragment, secrets as "***". */
static const char *shown(struct pk_remote *r)
{
	const struct pk_place *p = r->place;
	const size_t path = strcspn(p->target, "?");
	struct pk_span left = { (const uint8_t *)p->target + path,
				strlen(p->target + path) };
	struct pk_buf b = { 0 };
	const char *copy;

	pk_buf_printf(&b, "%s%.*s", p->site, (int)path, p->target);
	while (left.len) {
		const uint8_t *amp = memchr(left.p + 1, '&', left.len - 1);
		const struct pk_span one = {
			left.p + 1,
			(amp ? (size_t)(amp - left.p) : left.len) - 1
		};
		const uint8_t *equals =
			one.len ? memchr(one.p, '=', one.len) : NULL;

		pk_buf_putc(&b, (char)left.p[0]);
		if (is_secret(one)) {
			pk_buf_put(&b, one.p, (size_t)(equals + 1 - one.p));
			pk_buf_puts(&b, "***");
		} else {
			pk_buf_put(&b, one.p, one.len);
		}
		left.p += one.len + 1;
		left.len -= one.len + 1;
	}
	copy = b.failed ? NULL : pk_arena_copy(&r->arena, pk_buf_span(&b));
	pk_buf_release(&b);
	return copy;
}

static enum pk_status named(struct pk_remote *r, struct pk_remote_trouble *why)
{
	struct pk_uri u;

	r->endpoint = r->place->site;
	r->key = r->place->target;
	r->origin.uri = shown(r);
	if (!pk_uri_split(r->endpoint, &u))
		r->origin.host = pk_uri_host(&u, &r->arena);
	return r->origin.host && r->origin.uri ? PK_OK : pk_trouble_memory(why);
}

/* The last part of the path, decoded, if it can be a file's name. */
static enum pk_status add(struct pk_asking *q, const struct pk_remote_file *f)
{
	const char *path = q->r->place->target;
	const size_t n = strcspn(path, "?");
	const char *last = memrchr(path, '/', n);
	const struct pk_span raw = { (const uint8_t *)last + 1,
				     (size_t)(path + n - last - 1) };
	struct pk_buf name = { 0 };
	enum pk_status status;

	if (!pk_percent_get(&name, raw, false) || name.failed ||
	    pk_remote_path_fault(pk_buf_span(&name)) ||
	    memchr(name.p, '/', name.len)) {
		pk_buf_release(&name);
		pk_buf_puts(&name, "download");
	}
	status = pk_files_add(&q->files, pk_buf_span(&name), f, q->why);
	pk_buf_release(&name);
	return status;
}

/* HEAD; of servers that refuse it the first byte. */
static enum pk_status ask(struct pk_asking *q, struct pk_http_answer *ret)
{
	struct pk_http_request request = { .head = true };

	request.url = pk_arena_printf(&q->r->arena, "%s%s", q->r->endpoint,
				      q->r->key);
	if (!request.url)
		return pk_trouble_memory(q->why);
	pk_http_do(q->http, &request, ret);
	if (ret->problem != PK_HTTP_STATUS)
		return PK_OK;
	pk_http_answer_release(ret);
	request.head = false;
	request.count = 1;
	pk_http_do(q->http, &request, ret);
	return PK_OK;
}

/* Unquoted, if it is a strong one that can be sent back. */
static void take_etag(struct pk_remote_file *f, const char *s)
{
	const size_t n = strlen(s);

	if (n > 2 && n - 2 < sizeof(f->etag) && s[0] == '"' && s[n - 1] == '"')
		memcpy(f->etag, s + 1, n - 2);
}

static enum pk_status list(struct pk_asking *q)
{
	struct pk_remote_file f = { .size = PK_SIZE_UNKNOWN };
	struct pk_http_answer answer = { 0 };
	enum pk_status status = ask(q, &answer);

	if (status == PK_OK && answer.problem != PK_HTTP_FINE &&
	    answer.problem != PK_HTTP_NO_RANGES)
		status = pk_remote_explain(q->r, &answer, q->why);
	if (status == PK_OK) {
		f.size = answer.total;
		take_etag(&f, answer.etag);
		status = add(q, &f);
	}
	pk_http_answer_release(&answer);
	return status;
}

static enum pk_status explain(const struct pk_remote *r,
			      const struct pk_http_answer *a,
			      struct pk_remote_trouble *why)
{
	why->gone = a->status == 404 || a->status == 410;
	return pk_trouble(why, a->problem, "%s: %s", r->origin.uri, a->message);
}

const struct pk_remote_ops pk_remote_web = {
	.name = "web",
	.named = named,
	.list = list,
	.explain = explain,
};
