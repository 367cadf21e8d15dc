/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/save.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hub/identity.h"

enum { BLOCK = 1 << 20 };

/* Of a file whose size nobody tells. */
static const uint64_t MOST = 1ULL << 44;

struct saving {
	int fd;
	uint64_t at; /* where the next bytes go */
	struct pk_identify *identify;
	int error; /* errno of a write; 0: none */
};

static bool write_all(struct saving *s, const uint8_t *p, size_t n)
{
	while (n) {
		const ssize_t done = pwrite(s->fd, p, n, (off_t)s->at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			s->error = done < 0 ? errno : EIO;
			return false;
		}
		p += done;
		n -= (size_t)done;
		s->at += (uint64_t)done;
	}
	return true;
}

static bool take(void *ctx, const void *bytes, size_t n)
{
	struct saving *s = ctx;

	pk_identify_add(s->identify, bytes, n);
	return write_all(s, bytes, n);
}

/* Begins anew with nothing, or with what is there. */
static bool start(struct saving *s, const struct pk_remote_file *f,
		  uint64_t keep)
{
	uint8_t *buf = malloc(BLOCK);
	ssize_t n = 1;

	(void)pk_identify_end(s->identify, NULL);
	s->identify = pk_identify_new(f, f->size);
	s->at = 0;
	while (buf && s->identify && s->at < keep && n > 0) {
		const uint64_t left = keep - s->at;

		n = pread(s->fd, buf, left < BLOCK ? (size_t)left : BLOCK,
			  (off_t)s->at);
		if (n > 0)
			pk_identify_add(s->identify, buf, (size_t)n);
		s->at += n > 0 ? (uint64_t)n : 0;
	}
	free(buf);
	if (s->at == keep && ftruncate(s->fd, (off_t)keep) == 0)
		return true;
	s->error = errno;
	return false;
}

static void tell(struct pk_fetched *to, enum pk_http_problem problem,
		 const char *message)
{
	to->problem = problem;
	(void)snprintf(to->message, sizeof(to->message), "%s", message);
}

static void tell_write(struct pk_fetched *to, int error)
{
	to->problem = PK_HTTP_STOPPED;
	(void)snprintf(to->message, sizeof(to->message),
		       "cannot be written: %s", strerror(error));
}

static bool fetch_rest(struct saving *s, struct pk_http *h,
		       const struct pk_remote *r,
		       const struct pk_remote_file *f, struct pk_fetched *ret)
{
	const bool known = f->size != PK_SIZE_UNKNOWN;
	struct pk_meter meter = { .ceiling = 1 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_http_request q = { 0 };
	struct pk_http_answer a = { 0 };
	bool ok;

	q.first = s->at;
	q.count = s->at && known ? f->size - s->at : 0;
	ok = pk_remote_request(r, f, q.first, q.count, &arena, &q) == PK_OK;
	q.first = s->at;
	q.count = s->at && known ? f->size - s->at : 0;
	q.most = known ? f->size - s->at : MOST;
	q.take = take;
	q.ctx = s;
	if (ok)
		pk_http_do(h, &q, &a);
	else
		a.problem = PK_HTTP_NO_MEMORY;
	ret->received += a.received;
	if (s->error)
		tell_write(ret, s->error);
	else
		tell(ret, a.problem, a.message);
	pk_http_answer_release(&a);
	pk_arena_release(&arena);
	return ret->problem == PK_HTTP_FINE;
}

/* Whether what came is what the registry lists. */
static bool conclude(struct saving *s, const struct pk_remote_file *f,
		     struct pk_fetched *ret, uint8_t sha256[PK_SHA256_LEN])
{
	const bool whole = f->size == PK_SIZE_UNKNOWN || s->at == f->size;
	const enum pk_known is = pk_identify_end(s->identify, sha256);

	s->identify = NULL;
	ret->size = s->at;
	if (!whole) {
		tell(ret, PK_HTTP_CHANGED,
		     "the file is not as long as the registry lists");
		return false;
	}
	if (is == PK_YES)
		ret->proof = PK_PROOF_DONE;
	if (is != PK_NO)
		return true;
	ret->proof = PK_PROOF_REFUTED;
	tell(ret, PK_HTTP_CHANGED,
	     "the bytes do not have the digest that the registry lists");
	return false;
}

static uint64_t kept(int fd, const struct pk_remote_file *f)
{
	struct stat st;

	if (f->size == PK_SIZE_UNKNOWN || fstat(fd, &st) != 0 ||
	    st.st_size < 0 || (uint64_t)st.st_size > f->size)
		return 0;
	return (uint64_t)st.st_size;
}

static bool attempt(struct saving *s, struct pk_http *h,
		    const struct pk_remote *r, const struct pk_remote_file *f,
		    struct pk_fetched *ret, uint8_t sha256[PK_SHA256_LEN])
{
	const bool nothing_left = f->size == s->at && s->at > 0;

	ret->problem = PK_HTTP_FINE;
	ret->proof = PK_PROOF_NONE;
	return (nothing_left || fetch_rest(s, h, r, f, ret)) &&
	       conclude(s, f, ret, sha256);
}

/* Whether what was kept may be to blame. */
static bool is_worth_another_try(const struct pk_fetched *f)
{
	return f->problem == PK_HTTP_CHANGED || f->problem == PK_HTTP_NO_RANGES;
}

bool pk_save(struct pk_http *h, const struct pk_remote *r,
	     const struct pk_remote_file *f, int fd, struct pk_fetched *ret,
	     uint8_t sha256[PK_SHA256_LEN])
{
	struct saving s = { .fd = fd };
	const uint64_t keep = kept(fd, f);
	bool ok;

	*ret = (struct pk_fetched){ .size = f->size };
	ok = start(&s, f, keep);
	if (ok) {
		ok = attempt(&s, h, r, f, ret, sha256);
		if (!ok && keep && is_worth_another_try(ret))
			ok = start(&s, f, 0) &&
			     attempt(&s, h, r, f, ret, sha256);
	}
	if (s.error)
		tell_write(ret, s.error);
	(void)pk_identify_end(s.identify, NULL);
	return ok && !s.error;
}
