/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/hashing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PIECE = 1 << 20,
	THREADS_MAX = 256,
	PROGRESS_MS = 100,
};

/* The work of all threads. */
struct pool {
	const struct pk_tree *tree;
	const struct pk_hashing *how;
	struct pk_hash_task **order; /* the largest first */
	size_t count;
	atomic_size_t next;
	_Atomic uint64_t done; /* bytes */
	atomic_bool stop;
	atomic_bool failed; /* out of memory */
	pthread_mutex_t lock;
	pthread_cond_t finished;
	unsigned running; /* under the lock */
};

int64_t pk_ctime_ns(const struct stat *st)
{
	return (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && pk_ctime_ns(a) == pk_ctime_ns(b);
}

/* What one file goes through. */
struct hashers {
	struct pk_hasher *h;
	struct pk_git_blob *git; /* or NULL */
};

/* Reads [from, to) into the hashers; NULL, or why not. */
static const char *read_range(struct pool *p, int fd, uint64_t from,
			      uint64_t to, const struct hashers *h,
			      uint8_t *buf)
{
	while (from < to && !atomic_load(&p->stop)) {
		const size_t want =
			to - from < PIECE ? (size_t)(to - from) : PIECE;
		const ssize_t n = pread(fd, buf, want, (off_t)from);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return "could not be read";
		if (n == 0)
			return "changed while it was read";
		pk_hasher_add(h->h, buf, (size_t)n);
		pk_git_blob_add(h->git, buf, (size_t)n);
		from += (uint64_t)n;
		atomic_fetch_add(&p->done, (uint64_t)n);
	}
	return NULL;
}

static const char *hash_open(struct pool *p, struct pk_hash_task *k, int fd,
			     uint8_t *buf)
{
	struct stat before, after;
	struct hashers h = { 0 };
	const char *why;
	uint64_t to;
	bool ok;

	if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode))
		return "is no regular file any more";
	k->size = (uint64_t)before.st_size;
	k->ctime_ns = pk_ctime_ns(&before);
	k->inode = (uint64_t)before.st_ino;
	to = k->to == UINT64_MAX ? k->size : k->to;
	if (to > k->size)
		return "is shorter than it was";
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	h.h = pk_hasher_new(p->how->hash);
	h.git = k->git ? pk_git_blob_new(k->size) : NULL;
	why = read_range(p, fd, k->from, to, &h, buf);
	ok = pk_hasher_end(h.h, k->digest);
	if (k->git && !pk_git_blob_end(h.git, k->git_blob) && !why)
		ok = false;
	if (!ok) {
		atomic_store(&p->failed, true);
		return "out of memory";
	}
	if (!why && (fstat(fd, &after) != 0 || !same_file(&before, &after)))
		return "changed while it was read";
	return why;
}

static void hash_one(struct pool *p, struct pk_hash_task *k, uint8_t *buf)
{
	const int fd = pk_tree_open(p->tree, k->path);

	if (fd < 0) {
		k->trouble = errno == EXDEV || errno == ELOOP
				     ? "leads out of the tree"
			     : errno == ENOENT ? "is gone"
					       : "could not be opened";
		return;
	}
	k->trouble = hash_open(p, k, fd, buf);
	(void)close(fd);
}

static void *work(void *arg)
{
	struct pool *p = arg;
	uint8_t *buf = malloc(PIECE);
	size_t i;

	if (!buf)
		atomic_store(&p->failed, true);
	while (buf && !atomic_load(&p->stop) &&
	       (i = atomic_fetch_add(&p->next, 1)) < p->count)
		hash_one(p, p->order[i], buf);
	free(buf);
	(void)pthread_mutex_lock(&p->lock);
	p->running--;
	(void)pthread_cond_signal(&p->finished);
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static uint64_t length_of(const struct pk_hash_task *k)
{
	return k->to == UINT64_MAX ? k->size : k->to - k->from;
}

static int largest_first(const void *a, const void *b)
{
	const uint64_t x = length_of(*(struct pk_hash_task *const *)a);
	const uint64_t y = length_of(*(struct pk_hash_task *const *)b);

	return x > y ? -1 : x < y;
}

static unsigned threads_wanted(const struct pool *p)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t n = p->how->threads;

	if (n == 0)
		n = cpus > 0 ? (size_t)cpus : 1;
	if (n > p->count)
		n = p->count;
	return (unsigned)(n < THREADS_MAX ? n : THREADS_MAX);
}

/* Wakes now and then to tell how far the work is. */
static void watch(struct pool *p, uint64_t total)
{
	struct timespec t;

	(void)pthread_mutex_lock(&p->lock);
	while (p->running > 0) {
		(void)clock_gettime(CLOCK_REALTIME, &t);
		t.tv_nsec += PROGRESS_MS * 1000000L;
		if (t.tv_nsec >= 1000000000L) {
			t.tv_sec++;
			t.tv_nsec -= 1000000000L;
		}
		(void)pthread_cond_timedwait(&p->finished, &p->lock, &t);
		if (p->how->progress &&
		    !p->how->progress(p->how->ctx, atomic_load(&p->done),
				      total))
			atomic_store(&p->stop, true);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

static void run(struct pool *p, uint64_t total)
{
	const unsigned want = threads_wanted(p);
	pthread_t threads[THREADS_MAX];
	unsigned n = 0;

	p->running = want;
	while (n < want && pthread_create(&threads[n], NULL, work, p) == 0)
		n++;
	(void)pthread_mutex_lock(&p->lock);
	p->running -= want - n;
	(void)pthread_mutex_unlock(&p->lock);
	if (n == 0)
		atomic_store(&p->failed, true);
	watch(p, total);
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

enum pk_status pk_hash_tasks(const struct pk_tree *t,
			     struct pk_hash_task *tasks, size_t n,
			     const struct pk_hashing *how)
{
	struct pool p = { .tree = t, .how = how, .count = n };
	uint64_t total = 0;

	if (n == 0)
		return PK_OK;
	p.order = calloc(n, sizeof(struct pk_hash_task *));
	if (!p.order)
		return PK_ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		p.order[i] = &tasks[i];
		total += length_of(&tasks[i]);
	}
	qsort(p.order, n, sizeof(struct pk_hash_task *), largest_first);
	(void)pthread_mutex_init(&p.lock, NULL);
	(void)pthread_cond_init(&p.finished, NULL);
	run(&p, total);
	(void)pthread_cond_destroy(&p.finished);
	(void)pthread_mutex_destroy(&p.lock);
	free(p.order);
	if (atomic_load(&p.failed))
		return PK_ERR_NOMEM;
	return atomic_load(&p.stop) ? PK_ERR_USAGE : PK_OK;
}
