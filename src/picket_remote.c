/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: sources elsewhere. */
#include "picket_remote.h"
#include "picket_types.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/buf.h"
#include "hub/place.h"
#include "hub/ranges.h"
#include "hub/save.h"
#include "hub/uri.h"
#include "source/served.h"

struct picket_client {
	struct pk_http *http;
	struct pk_remote_settings settings;
	struct picket_client_settings given;
};

bool picket_is_uri(const char *text)
{
	return pk_remote_is_uri(text);
}

const char *picket_network_missing(void)
{
	return pk_http_missing();
}

static bool stop(void *ctx)
{
	const struct picket_client *c = ctx;

	return c->given.stop && c->given.stop(c->given.ctx);
}

enum picket_status
picket_client_new(const struct picket_client_settings *settings,
		  struct picket_client **ret)
{
	static const struct picket_client_settings defaults;
	struct picket_client *c = calloc(1, sizeof(*c));
	struct pk_http_settings http = { .stop = stop, .ctx = c };

	if (!c)
		return PICKET_ERR_NOMEM;
	c->given = settings ? *settings : defaults;
	c->settings.no_token = c->given.no_token;
	c->settings.want_verified = true;
	c->settings.want_tag = c->given.ask_tags;
	http.connect_seconds = c->given.connect_seconds;
	http.idle_seconds = c->given.idle_seconds;
	http.retries = c->given.retries;
	http.ca_file = c->given.ca_file;
	http.private_hosts = c->given.private_hosts;
	c->http = pk_http_new(&http);
	if (c->http) {
		*ret = c;
		return PICKET_OK;
	}
	free(c);
	return PICKET_ERR_NOMEM;
}

void picket_client_free(struct picket_client *c)
{
	if (!c)
		return;
	pk_http_free(c->http);
	free(c);
}

/* "hf://org/name@commit" however it was asked for. */
static bool set_pinned(struct picket_remote *r)
{
	const struct pk_origin *o = &r->r.origin;
	struct pk_buf b = { 0 };

	if (r->r.kind == PK_REMOTE_HF && o->uri && o->commit)
		pk_place_pin(&b, o->uri, o->commit);
	else
		pk_buf_puts(&b, o->uri ? o->uri : "");
	free(r->pinned);
	r->pinned = strdup(pk_buf_str(&b));
	pk_buf_release(&b);
	return r->pinned != NULL;
}

enum picket_status picket_remote_new(const char *uri,
				     struct picket_remote **ret)
{
	struct picket_remote *r = calloc(1, sizeof(*r));
	enum pk_status s;

	if (!r)
		return PICKET_ERR_NOMEM;
	s = pk_remote_name(&r->r, uri, &r->trouble);
	if (s == PK_ERR_NOMEM || !set_pinned(r)) {
		picket_remote_free(r);
		return PICKET_ERR_NOMEM;
	}
	*ret = r;
	return PICKET_OK;
}

void picket_remote_free(struct picket_remote *r)
{
	if (!r)
		return;
	pk_remote_release(&r->r);
	free(r->pinned);
	free(r);
}

enum picket_status picket_remote_list(struct picket_remote *r,
				      struct picket_client *c)
{
	enum pk_status s;

	if (*r->trouble.text)
		return PICKET_ERR_IO;
	s = pk_remote_list(&r->r, c->http, &c->settings, &r->trouble);
	r->r.origin.listed = s == PK_OK;
	if (s == PK_OK && !set_pinned(r))
		s = PK_ERR_NOMEM;
	return pk_public_status(s);
}

const char *picket_remote_trouble(const struct picket_remote *r)
{
	return *r->trouble.text ? r->trouble.text : NULL;
}

/* A letter tells a listing from a trouble; of that, whether it is gone, and
 * whether it is gated. */
enum picket_status picket_remote_encode(const struct picket_remote *r,
					const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;
	struct pk_buf b = { 0 };

	pk_buf_putc(&b, *r->trouble.text ? 'T' : 'L');
	if (*r->trouble.text)
		pk_buf_printf(&b, "%d%d%s", r->trouble.gone, r->trouble.gated,
			      r->trouble.text);
	else if (pk_remote_encode(&r->r, &b) != PK_OK)
		b.failed = true;
	if (!pk_buf_ok(&b))
		s = PICKET_ERR_NOMEM;
	else if (to->write(to->ctx, b.p, b.len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(&b);
	return s;
}

static void take_trouble(struct picket_remote *r, struct pk_span text)
{
	const size_t most = sizeof(r->trouble.text) - 1;
	const size_t left = text.len > 2 ? text.len - 2 : 0;
	const size_t n = left < most ? left : most;

	r->trouble.gone = text.len > 0 && text.p[0] == '1';
	r->trouble.gated = text.len > 1 && text.p[1] == '1';
	if (n)
		memcpy(r->trouble.text, text.p + 2, n);
	r->trouble.text[n] = '\0';
}

enum picket_status picket_remote_decode(const void *bytes, size_t n,
					struct picket_remote **ret)
{
	const struct pk_span body = { (const uint8_t *)bytes + 1,
				      n ? n - 1 : 0 };
	struct picket_remote *r = calloc(1, sizeof(*r));
	enum pk_status s = PK_OK;

	if (!r)
		return PICKET_ERR_NOMEM;
	if (body.len && *(const char *)bytes == 'T')
		take_trouble(r, body);
	else
		s = pk_remote_decode(body, &r->r);
	r->r.origin.listed = s == PK_OK && !*r->trouble.text;
	if (s == PK_OK && set_pinned(r)) {
		*ret = r;
		return PICKET_OK;
	}
	picket_remote_free(r);
	return s == PK_OK ? PICKET_ERR_NOMEM : PICKET_ERR_DATA;
}

const char *picket_remote_uri(const struct picket_remote *r)
{
	return r->r.origin.uri;
}

const char *picket_remote_pinned_uri(const struct picket_remote *r)
{
	return r->pinned;
}

size_t picket_remote_count(const struct picket_remote *r)
{
	return r->r.count;
}

const char *picket_remote_path(const struct picket_remote *r, size_t i)
{
	return r->r.files[i].path;
}

static bool ends_with(const char *text, size_t n, const char *end)
{
	const size_t have = strlen(end);

	return n >= have && memcmp(text + n - have, end, have) == 0;
}

/* Whether the source was named as this very file, and not as the folder that
 * it lies in. */
static bool is_itself(const struct pk_remote *r, const char *uri, size_t n,
		      const char *path)
{
	struct pk_buf key = { 0 };
	bool folder = false;

	if (r->kind == PK_REMOTE_WEB)
		return true;
	if (r->count != 1 || !r->key || !ends_with(uri, n, path))
		return false;
	if (pk_percent_get(&key,
			   ((struct pk_span){ (const uint8_t *)r->key,
					      strlen(r->key) }),
			   false)) {
		while (key.len && key.p[key.len - 1] == '/')
			key.len--;
		folder = ends_with(key.p, key.len, path);
	}
	pk_buf_release(&key);
	return !folder;
}

size_t picket_remote_file_uri(const struct picket_remote *r, size_t i,
			      char *buf, size_t size)
{
	const char *path = r->r.files[i].path;
	size_t len = strlen(r->pinned);
	int n;

	while (len && r->pinned[len - 1] == '/')
		len--;
	n = is_itself(&r->r, r->pinned, len, path)
		    ? snprintf(buf, size, "%.*s", (int)len, r->pinned)
		    : snprintf(buf, size, "%.*s/%s", (int)len, r->pinned, path);
	return n > 0 ? (size_t)n : 0;
}

uint64_t picket_remote_size(const struct picket_remote *r, size_t i)
{
	return r->r.files[i].size;
}

static void tell(struct picket_fetched *to, const struct pk_fetched *f)
{
	*to = (struct picket_fetched){
		.size = f->size,
		.received = f->received,
		.proven = f->proof == PK_PROOF_DONE,
		.refuted = f->proof == PK_PROOF_REFUTED,
		.failed = f->problem != PK_HTTP_FINE,
	};
	memcpy(to->message, f->message, sizeof(to->message));
}

enum picket_status picket_scan_remote(const struct picket_options *o,
				      struct picket_client *c,
				      const struct picket_remote *r, size_t i,
				      struct picket_file **ret)
{
	const struct pk_remote_file *file = &r->r.files[i];
	struct pk_fetched fetched;
	struct picket_fetched told;
	struct pk_source *src = pk_ranges_new(c->http, &r->r, file, &fetched);
	enum picket_status s;

	if (!src) {
		const struct picket_note note = {
			.rule = "source.unreachable",
			.message = fetched.message,
		};

		return picket_file_from_note(o, file->path, &note, ret);
	}
	s = pk_scan_source(o, src, file->path, ret);
	tell(&told, &fetched);
	if (s == PICKET_OK)
		s = picket_file_set_remote(*ret, r, i, &told);
	return s;
}

struct serving {
	struct picket_client *c;
	const struct picket_remote *r;
	size_t i;
	struct pk_source *src;
	struct pk_fetched fetched;
};

static struct pk_source *begin(void *ctx)
{
	struct serving *s = ctx;

	s->src = pk_ranges_new(s->c->http, &s->r->r, &s->r->r.files[s->i],
			       &s->fetched);
	return s->src;
}

void picket_remote_serve(struct picket_client *c, const struct picket_remote *r,
			 size_t i, int fd, struct picket_fetched *ret)
{
	struct serving s = { .c = c, .r = r, .i = i };

	s.fetched.size = r->r.files[i].size;
	pk_serve(fd, begin, &s);
	tell(ret, &s.fetched);
	pk_source_free(s.src);
}

bool picket_remote_save(struct picket_client *c, const struct picket_remote *r,
			size_t i, int fd, struct picket_fetched *ret)
{
	uint8_t sha256[PK_SHA256_LEN] = { 0 };
	struct pk_fetched fetched;
	const bool ok =
		pk_save(c->http, &r->r, &r->r.files[i], fd, &fetched, sha256);

	tell(ret, &fetched);
	memcpy(ret->sha256, sha256, sizeof(ret->sha256));
	return ok;
}

static bool is_noted(const struct pk_result *r, enum pk_rule rule)
{
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		if (f->rule == rule)
			return true;
	}
	return false;
}

static enum pk_status note_arrival(struct pk_result *r,
				   const struct pk_remote_file *file,
				   const struct picket_fetched *f)
{
	const enum pk_rule rule = f->refuted ? PK_RULE_SOURCE_DIGEST_MISMATCH
					     : PK_RULE_SOURCE_UNREACHABLE;
	enum pk_status s = PK_OK;

	/* What was not scanned for that was noted when it came. */
	if (f->failed && !is_noted(r, rule))
		s = pk_result_note(r, rule, f->message, true);
	if (s == PK_OK && strcmp(file->advice, "unsafe") == 0)
		s = pk_result_note(r, PK_RULE_SOURCE_REGISTRY_ADVICE,
				   "the registry's own scan calls it unsafe",
				   false);
	return s;
}

enum picket_status picket_file_set_remote(struct picket_file *f,
					  const struct picket_remote *r,
					  size_t i,
					  const struct picket_fetched *fetched)
{
	f->r.origin = &r->r.origin;
	f->r.arrival = (struct pk_arrival){ .received = fetched->received,
					    .proven = fetched->proven };
	if (f->r.job.size == 0 && r->r.files[i].size != PK_SIZE_UNKNOWN)
		f->r.job.size = r->r.files[i].size;
	return pk_public_status(note_arrival(&f->r, &r->r.files[i], fetched));
}

enum picket_status picket_policy_judge_remote(const struct picket_policy *p,
					      const struct picket_options *o,
					      const struct picket_remote *r,
					      struct picket_file **ret)
{
	struct picket_file *f = NULL;
	enum picket_status s =
		picket_file_from_reason(o, r->pinned, "a source of files", &f);

	if (s == PICKET_OK)
		s = pk_public_status(
			pk_policy_judge_origin(&p->p, &r->r.origin, &f->r));
	if (s != PICKET_OK) {
		picket_file_free(f);
		return s;
	}
	pk_policy_apply(&p->p, &f->r);
	*ret = f;
	return PICKET_OK;
}
