/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the URL that was asked for to where its bytes are.  Each hop is held
 * against the rules anew, since whoever answered chose it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hub/http_run.h"
#include "hub/proxy.h"

enum {
	REDIRECTS_MAX = 5,
	LINES_MAX = 32,
	LINE_MAX = 320,
	WHOLE_SECONDS = 600, /* for an answer that is kept in memory */
};

bool pk_http_is_redirect(const struct pk_http_head *h)
{
	return *h->location &&
	       (h->status == 301 || h->status == 302 || h->status == 303 ||
		h->status == 307 || h->status == 308);
}

/*
 * What a socket may lead to on this hop.  Beyond the public, only what the
 * request itself named is open to it; this machine, only by its own name.
 */
static unsigned may_reach(const struct pk_http_run *run)
{
	unsigned open = pk_reach_host(run->origin.host);

	open &= PK_REACH_PRIVATE | PK_REACH_LOOP;
	open |= PK_REACH_PUBLIC;
	if (run->h->s.private_hosts)
		open |= PK_REACH_PRIVATE;
	if (pk_reach_host(run->url.host) == PK_REACH_LOOP)
		return open & PK_REACH_LOOP;
	return open & ~(unsigned)PK_REACH_LOOP;
}

static bool may_go(struct pk_http_run *run)
{
	enum pk_reach named = pk_reach_host(run->url.host);

	if (!(named & may_reach(run)))
		return pk_http_fail(run, PK_HTTP_REFUSED,
				    "refused, as it is %s",
				    pk_reach_name(named));
	if (!run->url.tls && named != PK_REACH_LOOP)
		return pk_http_fail(run, PK_HTTP_REFUSED,
				    "refused, as http:// would be neither "
				    "secret nor authentic; use https://");
	return true;
}

static bool on_header(void *ctx, const char *line, size_t n)
{
	struct pk_http_run *run = ctx;
	bool was = run->head.done;

	if (!pk_http_head_line(&run->head, line, n))
		return pk_http_fail(run, PK_HTTP_BROKEN, "its answer %s",
				    run->head.fault);
	return was || !run->head.done || pk_http_on_head(run);
}

static bool on_body(void *ctx, const void *bytes, size_t n)
{
	return pk_http_on_body(ctx, bytes, n);
}

/* The lines of a request; texts of its own lie in own. */
struct lines {
	const char *list[LINES_MAX + 1];
	size_t n;
	char own[3][LINE_MAX];
};

static bool add_all(struct lines *l, const char *const *lines)
{
	for (; lines && *lines; lines++) {
		if (l->n == LINES_MAX - 4)
			return false;
		l->list[l->n++] = *lines;
	}
	return true;
}

static void add_range(struct lines *l, const struct pk_http_run *run)
{
	const struct pk_http_request *r = run->r;
	uint64_t from = r->first + run->got;
	char *line = l->own[0];

	if (r->count)
		(void)snprintf(line, LINE_MAX,
			       "Range: bytes=%" PRIu64 "-%" PRIu64, from,
			       r->first + r->count - 1);
	else
		(void)snprintf(line, LINE_MAX, "Range: bytes=%" PRIu64 "-",
			       from);
	l->list[l->n++] = line;
}

static bool write_lines(struct lines *l, const struct pk_http_run *run)
{
	const struct pk_http_request *r = run->r;

	l->n = 0;
	l->list[l->n++] = "Accept-Encoding: identity";
	if (!add_all(l, r->headers) ||
	    (run->secrets && !add_all(l, r->secrets)))
		return false;
	if (!r->head && (r->count || run->got))
		add_range(l, run);
	if (r->if_match) {
		(void)snprintf(l->own[1], LINE_MAX, "If-Match: %s",
			       r->if_match);
		l->list[l->n++] = l->own[1];
	} else if (run->got) {
		(void)snprintf(l->own[2], LINE_MAX, "If-Range: %s",
			       run->version);
		l->list[l->n++] = l->own[2];
	}
	l->list[l->n] = NULL;
	return true;
}

static void explain(struct pk_http_run *run, const struct pk_exchanged *done)
{
	if (run->ret->problem != PK_HTTP_FINE) /* a callback has said why */
		return;
	run->passing = done->passing;
	run->before = done->before;
	/* What was promised has come: how it ended does not matter. */
	if (done->problem == PK_HTTP_BROKEN && run->success &&
	    run->here == run->expect)
		return;
	if (done->problem == PK_HTTP_REFUSED)
		pk_http_fail(run, PK_HTTP_REFUSED,
			     "refused, as its name leads to %s",
			     pk_reach_name(done->met));
	else if (done->problem == PK_HTTP_NO_MEMORY)
		pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
	else if (done->problem == PK_HTTP_UNREACHABLE)
		pk_http_fail(run, PK_HTTP_UNREACHABLE, "not reached: %s",
			     done->text);
	else if (done->problem == PK_HTTP_STOPPED)
		pk_http_fail(run, PK_HTTP_STOPPED, "given up");
	else
		pk_http_fail(run, done->problem, "%s", done->text);
}

/* One request and its answer. */
static void hop(struct pk_http_run *run)
{
	const struct pk_http_settings *s = &run->h->s;
	struct lines lines;
	struct pk_exchanged done;
	struct pk_exchange x = {
		.url = run->url.text,
		.head = run->r->head,
		.lines = lines.list,
		.proxy = pk_proxy_for(&run->url),
		.ca_file = run->h->ca_file,
		.connect_seconds = s->connect_seconds,
		.idle_seconds = s->idle_seconds,
		.whole_seconds = run->r->take ? 0 : WHOLE_SECONDS,
		.reach = may_reach(run),
		.header = on_header,
		.body = on_body,
		.stop = pk_http_stopped,
		.ctx = run,
	};

	memset(&run->head, 0, sizeof(run->head));
	pk_http_head_begin(&run->head);
	run->success = false;
	run->expect = UINT64_MAX;
	run->here = run->skip = 0;
	if (!write_lines(&lines, run)) {
		pk_http_fail(run, PK_HTTP_REFUSED, "too many headers");
		return;
	}
	pk_curl_exchange(run->h->curl, &x, &done);
	run->wait = done.retry_after;
	if (done.problem != PK_HTTP_FINE)
		explain(run, &done);
}

const char *pk_http_url_fault(enum pk_url_fault fault)
{
	switch (fault) {
	case PK_URL_SCHEME:
		return "what is neither https:// nor http://";
	case PK_URL_LOGIN:
		return "a URL with a user name or password in it";
	case PK_URL_MALFORMED:
	case PK_URL_NO_MEMORY:
	case PK_URL_FINE:
		break;
	}
	return "what is no proper URL";
}

static bool follow(struct pk_http_run *run)
{
	struct pk_url next = { .text = NULL };
	enum pk_url_fault fault = pk_curl_url(run->h->curl, run->url.text,
					      run->head.location, &next);

	if (fault == PK_URL_NO_MEMORY)
		return pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
	if (fault != PK_URL_FINE)
		return pk_http_fail(run, PK_HTTP_REFUSED,
				    "refused to be redirected to %s",
				    pk_http_url_fault(fault));
	/* Once elsewhere, whoever is there chooses the way: no return. */
	run->secrets = run->secrets && pk_url_same_place(&run->origin, &next);
	pk_url_release(&run->url);
	run->url = next;
	return true;
}

static void first_of(char *to, size_t size, const char *from)
{
	size_t n = strlen(from);

	if (!*to && n < size)
		memcpy(to, from, n + 1);
}

/* What counts from the first along the way that says it. */
static void note_head(struct pk_http_run *run)
{
	struct pk_http_answer *a = run->ret;
	const struct pk_http_head *h = &run->head;

	first_of(a->linked_etag, sizeof(a->linked_etag), h->linked_etag);
	first_of(a->linked_size, sizeof(a->linked_size), h->linked_size);
	first_of(a->commit, sizeof(a->commit), h->commit);
	first_of(a->error_code, sizeof(a->error_code), h->error_code);
}

static void note_next(struct pk_http_run *run)
{
	struct pk_url next = { .text = NULL };
	enum pk_url_fault fault =
		pk_curl_url(run->h->curl, run->url.text, run->head.next, &next);

	if (fault == PK_URL_FINE) {
		run->ret->next = next.text;
		run->ret->next_elsewhere =
			!pk_url_same_place(&run->origin, &next);
	} else if (fault == PK_URL_NO_MEMORY) {
		pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
	} else {
		pk_http_fail(run, PK_HTTP_BROKEN, "names %s as the next page",
			     pk_http_url_fault(fault));
	}
}

/* What is said of the last answer alone. */
static void note_last(struct pk_http_run *run)
{
	struct pk_http_answer *a = run->ret;
	const struct pk_http_head *h = &run->head;

	a->status = h->status;
	a->length = h->length;
	a->ranges = h->ranges || h->status == 206;
	memcpy(a->etag, h->etag, sizeof(a->etag));
	memcpy(a->error_message, h->error_message, sizeof(a->error_message));
	if (h->part)
		a->total = h->total;
	else if (h->status == 200)
		a->total = h->length;
	if (*h->next && a->problem == PK_HTTP_FINE)
		note_next(run);
}

static void forget(struct pk_http_answer *a)
{
	free(a->url);
	free(a->next);
	a->url = a->next = NULL;
	a->next_elsewhere = false;
	a->problem = PK_HTTP_FINE;
	a->status = 0;
	a->length = a->total = UINT64_MAX;
	a->ranges = false;
	a->message[0] = a->etag[0] = a->linked_etag[0] = a->linked_size[0] =
		'\0';
	a->commit[0] = a->error_code[0] = a->error_message[0] = '\0';
	a->location[0] = '\0';
}

/* Ready for a try; what was handed on stays. */
static bool begin(struct pk_http_run *run)
{
	pk_url_release(&run->url);
	run->url = run->origin;
	run->url.text = strdup(run->origin.text);
	run->secrets = true;
	run->passing = run->before = run->restart = false;
	run->wait = 0;
	forget(run->ret);
	return run->url.text != NULL ||
	       pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
}

void pk_http_try(struct pk_http_run *run)
{
	struct pk_http_answer *a = run->ret;

	if (!begin(run))
		return;
	for (unsigned n = 0;; n++) {
		if (!may_go(run))
			return;
		hop(run);
		note_head(run);
		if (n == 0)
			first_of(a->location, sizeof(a->location),
				 run->head.location);
		if (a->problem != PK_HTTP_FINE ||
		    !pk_http_is_redirect(&run->head))
			break;
		if (n == REDIRECTS_MAX) {
			pk_http_fail(run, PK_HTTP_REFUSED,
				     "more than %d redirects", REDIRECTS_MAX);
			return;
		}
		if (!follow(run))
			return;
	}
	if (a->problem == PK_HTTP_FINE)
		pk_http_on_end(run);
	note_last(run);
	a->url = run->url.text;
	run->url.text = NULL;
}
