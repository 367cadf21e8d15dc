/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "hub/http_run.h"

enum {
	CONNECT_SECONDS = 15,
	IDLE_SECONDS = 30,
	RETRIES = 4,
	PAUSE_MS = 500,
	PAUSE_MS_MAX = 16000,
	SLICE_MS = 100,
	/* So much further on, it counts as another beginning. */
	PROGRESS = 1 << 20,
};

static unsigned or_else(unsigned value, unsigned other)
{
	return value ? value : other;
}

struct pk_http *pk_http_new(const struct pk_http_settings *s)
{
	struct pk_http *h = calloc(1, sizeof(*h));
	const char *ca_file = s->ca_file;
	struct timespec now = { 0 };

	if (!h)
		return NULL;
	h->s = *s;
	h->s.connect_seconds = or_else(s->connect_seconds, CONNECT_SECONDS);
	h->s.idle_seconds = or_else(s->idle_seconds, IDLE_SECONDS);
	h->s.retries = or_else(s->retries, RETRIES);
	h->s.pause_ms = or_else(s->pause_ms, PAUSE_MS);
	if (!ca_file || !*ca_file)
		ca_file = getenv("SSL_CERT_FILE");
	if (ca_file && *ca_file) {
		h->ca_file = strdup(ca_file);
		if (!h->ca_file) {
			pk_http_free(h);
			return NULL;
		}
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	h->chance = (uint64_t)now.tv_nsec ^ (uint64_t)getpid() << 32;
	return h;
}

struct pk_http *pk_http_twin(const struct pk_http *h)
{
	struct pk_http_settings s = h->s;

	s.ca_file = h->ca_file;
	return pk_http_new(&s);
}

void pk_http_free(struct pk_http *h)
{
	if (!h)
		return;
	pk_curl_free(h->curl);
	free(h->ca_file);
	free(h);
}

void pk_http_answer_release(struct pk_http_answer *a)
{
	pk_buf_release(&a->body);
	free(a->url);
	free(a->next);
	a->url = a->next = NULL;
}

/* Nothing but printable ASCII: no second line, no second header. */
static bool is_line(const char *text)
{
	for (; *text; text++) {
		if (*text < 0x20 || *text > 0x7e)
			return false;
	}
	return true;
}

static bool are_lines(const char *const *lines)
{
	for (; lines && *lines; lines++) {
		if (!is_line(*lines) || !strchr(*lines, ':'))
			return false;
	}
	return true;
}

static bool is_request(const struct pk_http_request *r)
{
	return is_line(r->url) && !strchr(r->url, ' ') &&
	       are_lines(r->headers) && are_lines(r->secrets) &&
	       (!r->if_match ||
		(is_line(r->if_match) && pk_http_is_strong(r->if_match) &&
		 strlen(r->if_match) <
			 sizeof(((struct pk_http_run *)0)->version))) &&
	       (!r->count || r->first <= UINT64_MAX - r->count);
}

static bool opened(struct pk_http_run *run)
{
	struct pk_http *h = run->h;
	const char *why;
	enum pk_url_fault fault;

	if (!is_request(run->r))
		return pk_http_fail(run, PK_HTTP_REFUSED,
				    "a URL or header with characters that "
				    "may not stand in it");
	if (!h->curl)
		h->curl = pk_curl_new(&why);
	if (!h->curl)
		return pk_http_fail(
			run, why ? PK_HTTP_NO_LIBRARY : PK_HTTP_NO_MEMORY, "%s",
			why ? why : "out of memory");
	fault = pk_curl_url(h->curl, NULL, run->r->url, &run->origin);
	if (fault == PK_URL_NO_MEMORY)
		return pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
	return fault == PK_URL_FINE ||
	       pk_http_fail(run, PK_HTTP_REFUSED, "refused to ask for %s",
			    pk_http_url_fault(fault));
}

/* SplitMix64 */
static uint64_t chance(struct pk_http *h)
{
	uint64_t x = h->chance += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* Between half and all of what is due, so that many do not come back at
 * once; never less than the server asked for. */
static uint64_t pause_ms(struct pk_http_run *run, unsigned n)
{
	uint64_t ms = run->h->s.pause_ms;
	uint64_t least = (uint64_t)run->wait * 1000;

	while (--n && ms < PAUSE_MS_MAX)
		ms *= 2;
	ms = ms / 2 + chance(run->h) % (ms / 2 + 1);
	return ms > least ? ms : least + ms;
}

bool pk_http_stopped(void *ctx)
{
	const struct pk_http_run *run = ctx;
	const struct pk_http_settings *s = &run->h->s;

	return s->stop && s->stop(s->ctx);
}

/* False when it is not worth it, or nobody wants to wait any more. */
static bool pause_before(struct pk_http_run *run, unsigned n)
{
	uint64_t ms = pause_ms(run, n);

	if (run->wait > PK_HTTP_WAIT_MAX)
		return false;
	while (ms) {
		uint64_t slice = ms < SLICE_MS ? ms : SLICE_MS;
		struct timespec t = { .tv_nsec = (long)slice * 1000000 };

		if (pk_http_stopped(run))
			return pk_http_fail(run, PK_HTTP_STOPPED, "given up");
		(void)nanosleep(&t, NULL);
		ms -= slice;
	}
	return true;
}

/* A body that was cut can be gone on with if it is known to be the same. */
static bool can_go_on(struct pk_http_run *run)
{
	if (!run->got || (!run->restart && (*run->version || run->r->if_match)))
		return true;
	if (run->r->take)
		return false;
	run->got = 0;
	return true;
}

/* Ready to begin from the first byte, whatever version there is. */
static void forget_version(struct pk_http_run *run)
{
	run->version[0] = '\0';
	run->total = UINT64_MAX;
	pk_buf_release(&run->ret->body);
}

static unsigned tries(const struct pk_http_run *run)
{
	return run->before ? 1 : run->h->s.retries;
}

static void run_all(struct pk_http_run *run)
{
	for (unsigned n = 0;;) {
		uint64_t before = run->got;

		if (!run->got)
			forget_version(run);
		pk_http_try(run);
		if (run->ret->problem == PK_HTTP_FINE || !run->passing)
			return;
		if (run->got > before && run->got - before >= PROGRESS)
			n = 0;
		if (n++ >= tries(run) || !can_go_on(run) ||
		    !pause_before(run, n))
			return;
	}
}

const char *pk_http_missing(void)
{
	const char *why;

	pk_curl_free(pk_curl_new(&why));
	return why;
}

void pk_http_do(struct pk_http *h, const struct pk_http_request *r,
		struct pk_http_answer *ret)
{
	struct pk_http_run run = {
		.h = h, .r = r, .ret = ret, .total = UINT64_MAX
	};

	*ret = (struct pk_http_answer){ .length = UINT64_MAX,
					.total = UINT64_MAX };
	if (!h)
		pk_http_fail(&run, PK_HTTP_NO_MEMORY, "out of memory");
	else if (opened(&run))
		run_all(&run);
	if (ret->problem != PK_HTTP_FINE && run.got)
		pk_buf_release(&ret->body); /* a piece of a file */
	pk_url_release(&run.origin);
	pk_url_release(&run.url);
}
