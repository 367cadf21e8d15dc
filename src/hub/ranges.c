/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/ranges.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/held.h"
#include "hub/http_many.h"
#include "hub/identity.h"

enum {
	WHOLE_MAX = 256 * 1024, /* up to here a file is fetched at once */
	WITHOUT_RANGES_MAX = 16 << 20, /* and up to here, if need be */
	ALIGN = 4096,
	PIECE_MIN = 16 * 1024, /* of a place that was not met before */
	PIECE_MAX = 4 << 20,   /* where reading goes on */
	EXPECTED_MAX = 1 << 16,
};

struct ranges {
	struct pk_source base;
	struct pk_http_team team;
	const struct pk_remote *remote;
	const struct pk_remote_file *file;
	struct pk_fetched *told;
	struct pk_meter meter;
	struct pk_arena arena; /* of one request */
	struct pk_held held;
	uint64_t next; /* the end of the last piece */
	size_t step;   /* the length of the next when it begins there */
	char *direct;  /* where it was led to the last time, or NULL */
	char etag[256];
	struct pk_extent *expected; /* what will be read, in that order */
	size_t expected_count;
	size_t expected_cap;
	size_t expected_at; /* all before were fetched */
	bool begun;         /* etag and size are those of the first answer */
};

static bool fail(struct ranges *r, enum pk_http_problem problem,
		 const char *message)
{
	if (r->told->problem != PK_HTTP_FINE)
		return false;
	r->told->problem = problem;
	(void)snprintf(r->told->message, sizeof(r->told->message), "%s",
		       message);
	return false;
}

/* The server's word about the file, which must not change. */
static bool same_version(struct ranges *r, const struct pk_http_answer *a)
{
	const struct pk_remote_file *f = r->file;

	if (f->identity == PK_ID_SHA256 && strlen(a->linked_etag) == 64 &&
	    strcmp(a->linked_etag, f->digest) != 0)
		return false;
	if (a->total != UINT64_MAX && r->base.size != PK_SIZE_UNKNOWN &&
	    a->total != r->base.size)
		return false;
	if (r->begun && strcmp(r->etag, a->etag) != 0)
		return false;
	if (!r->begun)
		memcpy(r->etag, a->etag, sizeof(r->etag));
	if (r->base.size == PK_SIZE_UNKNOWN)
		r->base.size = a->total;
	r->begun = true;
	return true;
}

/* A content network's signed address serves for some minutes. */
static void remember_direct(struct ranges *r, const char *asked,
			    struct pk_http_answer *a)
{
	free(r->direct);
	r->direct = NULL;
	if (a->url && strcmp(a->url, asked) != 0 &&
	    r->file->identity == PK_ID_SHA256)
		r->direct = strdup(a->url);
}

/* The request for bytes [first, first + count), or all with count 0. */
static bool make_request(struct ranges *r, uint64_t first, uint64_t count,
			 struct pk_http_request *ret)
{
	*ret = (struct pk_http_request){ .url = r->direct };
	if (!r->direct && pk_remote_request(r->remote, r->file, first, count,
					    &r->arena, ret) != PK_OK)
		return fail(r, PK_HTTP_NO_MEMORY, "out of memory");
	ret->first = first;
	ret->count = count;
	ret->most = count ? count : WITHOUT_RANGES_MAX;
	return true;
}

static bool ask(struct ranges *r, uint64_t first, uint64_t count,
		struct pk_http_answer *a)
{
	struct pk_http_request q;

	if (!make_request(r, first, count, &q))
		return false;
	pk_http_do(r->team.own, &q, a);
	r->told->received += a->received;
	if (a->problem == PK_HTTP_FINE && !r->direct)
		remember_direct(r, q.url, a);
	return a->problem == PK_HTTP_FINE;
}

/* When the address has expired the registry gives another. */
static bool ask_again(struct ranges *r, uint64_t first, uint64_t count,
		      struct pk_http_answer *a)
{
	if (ask(r, first, count, a))
		return true;
	if (!r->direct || a->problem != PK_HTTP_STATUS)
		return false;
	free(r->direct);
	r->direct = NULL;
	pk_http_answer_release(a);
	*a = (struct pk_http_answer){ 0 };
	return ask(r, first, count, a);
}

/* The bytes of a good answer, the caller's to free; NULL after fail(). */
static uint8_t *take_body(struct ranges *r, struct pk_http_answer *a,
			  size_t *ret_len)
{
	uint8_t *p = (uint8_t *)a->body.p;

	if (!same_version(r, a)) {
		(void)fail(r, PK_HTTP_CHANGED,
			   "the file changed while it was read, or is not "
			   "the one that the registry lists");
		return NULL;
	}
	*ret_len = a->body.len;
	a->body = (struct pk_buf){ 0 };
	return p;
}

static void forget_requests(struct ranges *r)
{
	pk_arena_release(&r->arena);
	r->arena = PK_ARENA(&r->meter);
}

static uint8_t *fetch(struct ranges *r, uint64_t first, uint64_t count,
		      size_t *ret_len)
{
	struct pk_http_answer a = { 0 };
	uint8_t *p = NULL;

	if (ask_again(r, first, count, &a))
		p = take_body(r, &a, ret_len);
	else
		(void)fail(r, a.problem, a.message);
	pk_http_answer_release(&a);
	forget_requests(r);
	return p;
}

static const struct pk_piece *keep(struct ranges *r, uint64_t off, uint8_t *p,
				   size_t len)
{
	const struct pk_piece *kept = pk_held_keep(&r->held, off, p, len);

	if (!kept)
		(void)fail(r, PK_HTTP_NO_MEMORY, "out of memory");
	r->next = off + len;
	return kept;
}

/* How much to fetch at once for a read of n bytes at off. */
static uint64_t plan(struct ranges *r, uint64_t off, size_t n,
		     uint64_t *ret_first)
{
	const bool goes_on = off == r->next && off > 0;
	uint64_t want;

	*ret_first = goes_on ? off : off - off % ALIGN;
	r->step = !goes_on                  ? PIECE_MIN
		  : r->step < PIECE_MAX / 2 ? r->step * 2
					    : PIECE_MAX;
	want = off - *ret_first + n;
	if (want < r->step)
		want = r->step;
	return want < r->base.size - *ret_first ? want
						: r->base.size - *ret_first;
}

static const struct pk_piece *load(struct ranges *r, uint64_t off, size_t n)
{
	uint64_t first;
	const uint64_t count =
		plan(r, off, n < PIECE_MAX ? n : PIECE_MAX, &first);
	size_t len = 0;
	uint8_t *p;

	if (r->told->problem != PK_HTTP_FINE)
		return NULL;
	p = fetch(r, first, count, &len);
	if (!p)
		return NULL;
	if (len == count)
		return keep(r, first, p, len);
	free(p);
	(void)fail(r, PK_HTTP_BROKEN, "the server sent less than it has");
	return NULL;
}

/* ---- several at once ---- */

static void ranges_expect(struct pk_source *s, const struct pk_extent *v,
			  size_t n)
{
	struct ranges *r = (struct ranges *)s;

	for (size_t i = 0; i < n && r->expected_count < EXPECTED_MAX; i++) {
		if (r->expected_count == r->expected_cap) {
			const size_t cap = r->expected_cap * 2 + 64;
			struct pk_extent *p = realloc(
				r->expected, cap * sizeof(*r->expected));

			if (!p)
				return;
			r->expected = p;
			r->expected_cap = cap;
		}
		r->expected[r->expected_count++] = v[i];
	}
}

/* Where in what is expected a place is, from the last on; or the end. */
static size_t find_expected(const struct ranges *r, uint64_t off)
{
	size_t i = r->expected_at;

	while (i < r->expected_count &&
	       (off < r->expected[i].off ||
		off - r->expected[i].off >= r->expected[i].len))
		i++;
	return i;
}

struct group {
	uint64_t first[PK_HTTP_MANY];
	uint64_t count[PK_HTTP_MANY];
	size_t n;
};

/* What is expected next and is not here, neighbours in one. */
static void choose(struct ranges *r, size_t i, struct group *g)
{
	for (; i < r->expected_count && g->n < PK_HTTP_MANY; i++) {
		const struct pk_extent *e = &r->expected[i];

		if (e->off >= r->base.size || pk_held_find(&r->held, e->off) ||
		    (g->n && e->off >= g->first[g->n - 1] &&
		     e->off - g->first[g->n - 1] + e->len <=
			     g->count[g->n - 1]))
			continue;
		g->first[g->n] = e->off;
		g->count[g->n] = e->len < r->base.size - e->off
					 ? e->len
					 : r->base.size - e->off;
		g->n++;
	}
	r->expected_at = i;
}

static void take_piece(struct ranges *r, struct pk_http_answer *a,
		       uint64_t first, uint64_t count)
{
	size_t len = 0;
	uint8_t *p;

	r->told->received += a->received;
	if (a->problem != PK_HTTP_FINE)
		return; /* whoever needs it asks again */
	p = take_body(r, a, &len);
	if (p && len == count)
		(void)keep(r, first, p, len);
	else
		free(p);
}

/* Fetches what will be read soon, with what is read now at its head. */
static void load_expected(struct ranges *r, uint64_t off)
{
	struct pk_http_request q[PK_HTTP_MANY] = { { 0 } };
	struct pk_http_answer a[PK_HTTP_MANY];
	struct group g = { .n = 0 };
	const size_t i = find_expected(r, off);
	size_t n = 0;

	if (i == r->expected_count)
		return;
	choose(r, i, &g);
	while (g.n > 1 && n < g.n &&
	       make_request(r, g.first[n], g.count[n], &q[n]))
		n++;
	pk_http_do_many(&r->team, q, n, a);
	for (size_t k = 0; k < n; k++) {
		take_piece(r, &a[k], g.first[k], g.count[k]);
		pk_http_answer_release(&a[k]);
	}
	forget_requests(r);
}

static size_t ranges_read(struct pk_source *s, uint64_t off, void *buf,
			  size_t n)
{
	struct ranges *r = (struct ranges *)s;
	size_t done = 0;

	while (done < n) {
		const struct pk_piece *p = pk_held_find(&r->held, off + done);
		size_t part;

		if (!p && r->expected_at < r->expected_count) {
			load_expected(r, off + done);
			p = pk_held_find(&r->held, off + done);
		}
		if (!p)
			p = load(r, off + done, n - done);
		if (!p)
			break;
		part = p->len - (size_t)(off + done - p->off);
		part = part < n - done ? part : n - done;
		memcpy((uint8_t *)buf + done, p->p + (off + done - p->off),
		       part);
		done += part;
	}
	return done;
}

static void ranges_free(struct pk_source *s)
{
	struct ranges *r = (struct ranges *)s;

	pk_held_release(&r->held);
	pk_arena_release(&r->arena);
	free(r->direct);
	free(r->expected);
	pk_http_team_release(&r->team);
	free(r);
}

static const struct pk_source_ops ranges_ops = {
	.read = ranges_read,
	.expect = ranges_expect,
	.free = ranges_free,
};

/* All of it is here: it is what the registry says, or nothing is given. */
static bool prove(struct ranges *r, const struct pk_piece *p)
{
	struct pk_identify *i = pk_identify_new(r->file, p->len);

	pk_identify_add(i, p->p, p->len);
	switch (pk_identify_end(i, NULL)) {
	case PK_YES:
		r->told->proof = PK_PROOF_DONE;
		return true;
	case PK_NOT_KNOWN:
		return true;
	case PK_NO:
		break;
	}
	r->told->proof = PK_PROOF_REFUTED;
	return fail(r, PK_HTTP_CHANGED,
		    "the bytes do not have the digest that the registry lists");
}

static bool take_whole(struct ranges *r)
{
	const struct pk_piece *kept;
	size_t len = 0;
	uint8_t *p = fetch(r, 0, 0, &len);

	if (!p && r->told->problem == PK_HTTP_FINE)
		p = calloc(1, 1); /* an empty body */
	if (!p)
		return false;
	if (r->base.size == PK_SIZE_UNKNOWN)
		r->base.size = len;
	if (len != r->base.size) {
		free(p);
		return fail(r, PK_HTTP_CHANGED,
			    "the file is not as long as the registry lists");
	}
	if (len == 0) {
		const struct pk_piece none = { .p = p };
		const bool ok = prove(r, &none);

		free(p);
		return ok;
	}
	kept = keep(r, 0, p, len);
	return kept && prove(r, kept);
}

static bool take_head(struct ranges *r)
{
	size_t len = 0;
	uint8_t *p = fetch(r, 0, PIECE_MIN, &len);

	if (!p)
		return false;
	(void)keep(r, 0, p, len);
	r->step = PIECE_MIN;
	if (r->base.size == PK_SIZE_UNKNOWN)
		return fail(r, PK_HTTP_BROKEN,
			    "the server does not tell the file's size");
	return true;
}

/* A server that answers no parts gives small files whole. */
static bool begin(struct ranges *r)
{
	if (r->base.size <= WHOLE_MAX)
		return take_whole(r);
	if (take_head(r))
		return true;
	if (r->told->problem != PK_HTTP_NO_RANGES)
		return false;
	if (r->base.size > WITHOUT_RANGES_MAX) {
		(void)snprintf(r->told->message, sizeof(r->told->message),
			       "the server sends no parts of files: this one "
			       "can only be fetched whole (--full)");
		return false;
	}
	r->told->problem = PK_HTTP_FINE;
	return take_whole(r);
}

struct pk_source *pk_ranges_new(struct pk_http *h, const struct pk_remote *r,
				const struct pk_remote_file *f,
				struct pk_fetched *ret)
{
	struct ranges *s = calloc(1, sizeof(*s));

	*ret = (struct pk_fetched){ .size = f->size };
	if (!s) {
		ret->problem = PK_HTTP_NO_MEMORY;
		return NULL;
	}
	s->base.ops = &ranges_ops;
	s->base.size = f->size;
	s->base.grain = ALIGN;
	s->team.own = h;
	s->remote = r;
	s->file = f;
	s->told = ret;
	s->meter.ceiling = 1 << 20;
	s->arena = PK_ARENA(&s->meter);
	if (begin(s)) {
		ret->size = s->base.size;
		return &s->base;
	}
	ranges_free(&s->base);
	return NULL;
}
