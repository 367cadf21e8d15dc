/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer is what was asked for, and its bytes on their way. */
#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "hub/http_run.h"

enum { ERROR_TEXT_MAX = 16 << 10, MOST = 16 << 20 };

static uint64_t most(const struct pk_http_run *run)
{
	if (run->r->most)
		return run->r->most;
	return run->r->count > MOST ? run->r->count : MOST;
}

static bool too_large(struct pk_http_run *run)
{
	return pk_http_fail(run, PK_HTTP_TOO_LARGE,
			    "sends more than the %" PRIu64 " bytes allowed",
			    most(run));
}

static bool changed(struct pk_http_run *run)
{
	/* What nobody has seen yet can be thrown away. */
	run->restart = run->passing =
		!run->r->if_match && (!run->r->take || !run->got);
	return pk_http_fail(run, PK_HTTP_CHANGED,
			    "the file was changed meanwhile");
}

/* The entity tag that the bytes must have; "": any. */
static const char *wanted(const struct pk_http_run *run)
{
	return run->r->if_match ? run->r->if_match : run->version;
}

static bool judge_part(struct pk_http_run *run)
{
	const struct pk_http_request *r = run->r;
	const struct pk_http_head *h = &run->head;
	uint64_t from = r->first + run->got;
	uint64_t last = r->count ? r->first + r->count - 1 : UINT64_MAX;

	if (!r->count && !run->got)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "sends a part, asked for all");
	if (!h->part || h->first > h->last)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "sends a part, and not which");
	if (h->total != UINT64_MAX && last >= h->total)
		last = h->total - 1;
	if (h->first != from || h->last != last)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "sends other bytes than asked for");
	run->expect = last - from + 1;
	if (h->length != UINT64_MAX && h->length != run->expect)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "tells two lengths of one answer");
	return true;
}

static bool judge_whole(struct pk_http_run *run)
{
	if (run->r->count)
		return pk_http_fail(run, PK_HTTP_NO_RANGES,
				    "sends no parts of files");
	run->expect = run->head.length;
	run->skip = run->got;
	return true;
}

static bool judge_get(struct pk_http_run *run)
{
	const struct pk_http_head *h = &run->head;
	uint64_t total;

	if (!(h->status == 206 ? judge_part(run) : judge_whole(run)))
		return false;
	total = h->status == 206 ? h->total : h->length;
	if (run->total != UINT64_MAX && total != UINT64_MAX &&
	    total != run->total)
		return changed(run);
	if (total != UINT64_MAX)
		run->total = total;
	if (run->expect != UINT64_MAX &&
	    run->expect - run->skip > most(run) - run->got)
		return too_large(run);
	if (pk_http_is_strong(h->etag))
		memcpy(run->version, h->etag, sizeof(run->version));
	return true;
}

static bool is_success(int status)
{
	return status == 200 || status == 206;
}

bool pk_http_on_head(struct pk_http_run *run)
{
	const struct pk_http_head *h = &run->head;

	if (!is_success(h->status))
		return true;
	if (*h->encoding && strcasecmp(h->encoding, "identity") != 0)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "sends it encoded as %s, which was not "
				    "asked for",
				    h->encoding);
	if (*wanted(run) && strcmp(wanted(run), h->etag) != 0)
		return changed(run);
	run->success = run->r->head || judge_get(run);
	return run->success;
}

/* Of a failure the beginning is kept, which may say why. */
static bool keep_error(struct pk_http_run *run, const void *bytes, size_t n)
{
	size_t room = ERROR_TEXT_MAX - run->ret->body.len;

	if (pk_http_is_redirect(&run->head) || run->got)
		return true;
	pk_buf_put(&run->ret->body, bytes, n < room ? n : room);
	return true;
}

static bool hand_on(struct pk_http_run *run, const uint8_t *bytes, size_t n)
{
	if (run->got + n > most(run))
		return too_large(run);
	run->got += n;
	if (run->r->take)
		return run->r->take(run->r->ctx, bytes, n) ||
		       pk_http_fail(run, PK_HTTP_STOPPED, "enough was read");
	pk_buf_put(&run->ret->body, bytes, n);
	return pk_buf_ok(&run->ret->body) ||
	       pk_http_fail(run, PK_HTTP_NO_MEMORY, "out of memory");
}

enum { UNWANTED_MAX = 1 << 20 };

bool pk_http_on_body(struct pk_http_run *run, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	size_t old;

	run->ret->received += n;
	run->here += n;
	if (!run->success)
		return run->here > UNWANTED_MAX ? too_large(run)
						: keep_error(run, bytes, n);
	if (run->expect != UINT64_MAX && run->here > run->expect)
		return pk_http_fail(run, PK_HTTP_BROKEN,
				    "sends more bytes than it said");
	old = run->skip < n ? (size_t)run->skip : n;
	run->skip -= old;
	return n == old || hand_on(run, p + old, n - old);
}

static bool may_pass(int status)
{
	static const int passing[] = { 408, 425, 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		if (status == passing[i])
			return true;
	}
	return false;
}

/* All was there already, and only the end of it had not been told. */
static bool had_all(const struct pk_http_run *run)
{
	const struct pk_http_head *h = &run->head;

	return h->status == 416 && !run->r->count && h->part &&
	       h->total == run->got && strcmp(h->etag, run->version) == 0;
}

static void judge_failure(struct pk_http_run *run)
{
	const struct pk_http_head *h = &run->head;
	char wait[64] = "";

	if (run->got && had_all(run))
		return;
	if ((h->status == 412 && run->r->if_match) ||
	    (h->status == 416 && run->got)) {
		changed(run);
		return;
	}
	run->passing = may_pass(h->status);
	if (h->status == 429 && !run->wait)
		run->wait = pk_http_rate_wait(h->rate_limit);
	if (run->passing && run->wait > PK_HTTP_WAIT_MAX)
		(void)snprintf(wait, sizeof(wait),
			       ", and to come back in %u seconds", run->wait);
	pk_http_fail(run, PK_HTTP_STATUS, "answers %d%s%s%s%s", h->status,
		     *h->error_code ? " (" : "", h->error_code,
		     *h->error_code ? ")" : "", wait);
}

void pk_http_on_end(struct pk_http_run *run)
{
	bool short_of = run->expect != UINT64_MAX && run->here < run->expect;

	if (!run->success) {
		judge_failure(run);
	} else if (!run->r->head && (short_of || run->skip)) {
		run->passing = true;
		pk_http_fail(run, PK_HTTP_BROKEN,
			     "sends fewer bytes than it said");
	}
}
