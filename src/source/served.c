/* SPDX-License-Identifier: Apache-2.0 */
#include "source/served.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

enum { GRAIN = 4096 }; /* every question is a journey of its own */

enum what { ASK_SIZE, ASK_BYTES, TELL_EXPECTED };

struct ask {
	uint64_t tag;
	uint64_t off;
	uint32_t len;
	uint32_t what;
};

struct answer {
	uint64_t tag;
	uint64_t value;
	uint8_t bytes[PK_SERVED_MAX];
};

enum { ANSWER_HEAD = offsetof(struct answer, bytes) };

struct served {
	struct pk_source base;
	int fd;
	uint64_t tag;
	struct answer answer;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static bool send_all(int fd, const void *p, size_t n)
{
	ssize_t sent;

	do
		sent = send(fd, p, n, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)n;
}

/* The length of the message, or 0 at the end. */
static size_t receive(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = recv(fd, p, n, 0);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

/* The answer's length behind its head; false when there is none. */
static bool ask(struct served *s, struct ask a, size_t *ret_n)
{
	const uint64_t since = now_ns();
	size_t n;

	a.tag = ++s->tag;
	if (!send_all(s->fd, &a, sizeof(a)))
		return false;
	do
		n = receive(s->fd, &s->answer, sizeof(s->answer));
	while (n >= ANSWER_HEAD && s->answer.tag != s->tag);
	s->base.waited_ns += now_ns() - since;
	if (n < ANSWER_HEAD)
		return false;
	*ret_n = n - ANSWER_HEAD;
	return true;
}

static size_t served_read(struct pk_source *base, uint64_t off, void *buf,
			  size_t n)
{
	struct served *s = (struct served *)base;
	size_t done = 0, got = 0;

	while (done < n) {
		const size_t want =
			n - done < PK_SERVED_MAX ? n - done : PK_SERVED_MAX;
		const struct ask a = { .off = off + done,
				       .len = (uint32_t)want,
				       .what = ASK_BYTES };

		if (!ask(s, a, &got))
			break;
		got = got < want ? got : want;
		memcpy((uint8_t *)buf + done, s->answer.bytes, got);
		done += got;
		if (got < want)
			break;
	}
	return done;
}

static void served_expect(struct pk_source *base, const struct pk_extent *v,
			  size_t n)
{
	struct served *s = (struct served *)base;

	for (size_t i = 0; i < n; i++) {
		const struct ask a = { .off = v[i].off,
				       .len = v[i].len < UINT32_MAX
						      ? (uint32_t)v[i].len
						      : UINT32_MAX,
				       .what = TELL_EXPECTED };

		if (!send_all(s->fd, &a, sizeof(a)))
			return;
	}
}

static void served_free(struct pk_source *base)
{
	free(base);
}

static const struct pk_source_ops served_ops = {
	.read = served_read,
	.expect = served_expect,
	.free = served_free,
};

struct pk_source *pk_served_new(int fd)
{
	struct served *s = calloc(1, sizeof(*s));
	size_t n;

	if (!s)
		return NULL;
	s->base.ops = &served_ops;
	s->base.grain = GRAIN;
	s->fd = fd;
	if (getrandom(&s->tag, sizeof(s->tag), 0) == sizeof(s->tag) &&
	    ask(s, (struct ask){ .what = ASK_SIZE }, &n) &&
	    s->answer.value != UINT64_MAX) {
		s->base.size = s->answer.value;
		return &s->base;
	}
	free(s);
	errno = EIO;
	return NULL;
}

/* Of the source, which is not there when it could not be had. */
static size_t make_answer(struct pk_source *of, const struct ask *a,
			  struct answer *to)
{
	const size_t want = a->len < PK_SERVED_MAX ? a->len : PK_SERVED_MAX;

	to->tag = a->tag;
	to->value = 0;
	if (a->what == ASK_SIZE)
		to->value = of ? of->size : UINT64_MAX;
	else if (of)
		to->value = pk_source_read(of, a->off, to->bytes, want);
	return ANSWER_HEAD + (a->what == ASK_BYTES ? (size_t)to->value : 0);
}

/* False when nobody listens. */
static bool respond(int fd, struct pk_source *of, const struct ask *a,
		    struct answer *to)
{
	const struct pk_extent soon = { .off = a->off, .len = a->len };

	if (a->what != TELL_EXPECTED)
		return send_all(fd, to, make_answer(of, a, to));
	if (of)
		pk_source_expect(of, &soon, 1);
	return true;
}

void pk_serve(int fd, struct pk_source *(*open)(void *ctx), void *ctx)
{
	struct answer *to = calloc(1, sizeof(*to));
	struct pk_source *of = NULL;
	bool opened = false;
	struct ask a;

	while (to && receive(fd, &a, sizeof(a)) == sizeof(a)) {
		if (!opened)
			of = open(ctx);
		opened = true;
		if (!respond(fd, of, &a, to))
			break;
	}
	free(to);
}
