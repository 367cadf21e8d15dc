/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/worker.h"

enum {
	WINDOW = 4096,        /* files between the first not reported and the
			      * last taken in; a power of two */
	OPEN_MAX_FILES = 256, /* descriptors waiting or being scanned */
	AHEAD = WORKER_AHEAD,
	BATCH_BYTES = 4 << 20, /* a larger batch is cut: it takes long enough */
	READ_MAX = 64 * 1024,
	JOBS_MAX = 64,
	LOST_MAX = 16,
	WORKER_FILES = 1000,     /* then another takes its place */
	HELD_MAX = 256 << 20,    /* bytes of results that wait for their turn */
	GRACE_MS = 3000,         /* the library's own clock comes first */
	FAR_MS = 30 * 60 * 1000, /* more for what comes over a network */
};

enum state { WAITING, AWAY, DONE };

struct task {
	char *path;
	int fd;
	uint64_t size;
	enum state state;
	bool far;    /* others fetch it meanwhile: it takes its time */
	size_t held; /* about what the result takes */
	struct picket_file *result;
};

struct worker {
	struct worker_process process;       /* pid 0: none */
	uint64_t away[AHEAD * WORKER_BATCH]; /* tasks, in the order sent */
	size_t count;
	size_t batches[AHEAD]; /* how many files of each are open */
	uint64_t heard_at;
	bool killed;    /* by us, for it took too long */
	bool alone;     /* has a file that came back, and takes no other */
	bool spent;     /* takes no more, and goes when it has nothing left */
	unsigned files; /* that it has answered for */
	char *buf;
	size_t len;
	size_t cap;
};

struct cli_pool {
	struct worker_settings settings;
	struct cli_pool_hooks hooks;
	struct task tasks[WINDOW];
	uint64_t first; /* not reported yet */
	uint64_t next;  /* the number that the next file gets */
	uint64_t sent;  /* all before were sent or needed no scan, except
			 * those that came back */
	size_t back;    /* how many came back and wait */
	size_t open;
	size_t held;
	unsigned lost; /* workers in a row that were gone when needed */
	struct worker *workers;
	size_t jobs;
	size_t batch_max; /* files of one request */
	uint64_t patience_ms;
	bool failed;
};

/* A walk and the pool may hold a few hundred descriptors at once. */
static void raise_file_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

struct cli_pool *cli_pool_new(const struct worker_settings *s, size_t jobs,
			      const struct cli_pool_hooks *hooks)
{
	struct cli_pool *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
	p->workers = calloc(jobs, sizeof(*p->workers));
	if (!p->workers) {
		free(p);
		return NULL;
	}
	raise_file_limit();
	p->settings = *s;
	p->batch_max = s->isolate ? 1 : WORKER_BATCH;
	p->hooks = *hooks;
	p->jobs = jobs;
	p->patience_ms =
		picket_options_limit(s->options, "seconds") * 1100 + GRACE_MS;
	return p;
}

static struct task *task(struct cli_pool *p, uint64_t number)
{
	return &p->tasks[number % WINDOW];
}

static void close_task(struct cli_pool *p, struct task *t)
{
	if (t->fd < 0)
		return;
	(void)close(t->fd);
	t->fd = -1;
	p->open--;
}

static void set_result(struct cli_pool *p, struct task *t,
		       struct picket_file *f)
{
	close_task(p, t);
	t->result = f;
	t->state = DONE;
	if (!f)
		p->failed = true;
}

/* The file counts as not analysed, whatever happened. */
static void blame(struct cli_pool *p, struct task *t, const char *rule,
		  const char *message)
{
	const struct picket_note note = { .rule = rule,
					  .message = message,
					  .size = t->size };
	struct picket_file *f = NULL;

	if (picket_file_from_note(p->settings.options, t->path, &note, &f) !=
	    PICKET_OK)
		f = NULL;
	set_result(p, t, f);
}

static void report_ready(struct cli_pool *p)
{
	while (p->first < p->next && task(p, p->first)->state == DONE) {
		struct task *t = task(p, p->first++);

		if (t->result)
			p->hooks.done(p->hooks.ctx, t->result);
		p->held -= t->held;
		free(t->path);
		*t = (struct task){ .fd = -1 };
	}
	/* Those that needed no scan may have been reported before anything
	 * was sent. */
	if (p->sent < p->first)
		p->sent = p->first;
}

static void drop_first_away(struct worker *w)
{
	w->count--;
	memmove(w->away, w->away + 1, w->count * sizeof(*w->away));
	if (--w->batches[0] == 0) {
		memmove(w->batches, w->batches + 1,
			(AHEAD - 1) * sizeof(*w->batches));
		w->batches[AHEAD - 1] = 0;
	}
}

static void blame_death(struct cli_pool *p, const struct worker *w, int how)
{
	struct task *t = task(p, w->away[0]);
	char message[160];

	if (w->killed || (WIFSIGNALED(how) && WTERMSIG(how) == SIGXCPU)) {
		blame(p, t, "budget.time",
		      "its analysis did not end and was stopped");
		return;
	}
	worker_describe_end(message, sizeof(message), how);
	blame(p, t, "worker.crashed", message);
}

/* What it had goes to others, one file at a time. */
static void give_back(struct cli_pool *p, struct worker *w)
{
	for (size_t i = 0; i < w->count; i++)
		task(p, w->away[i])->state = WAITING;
	p->back += w->count;
	w->count = 0;
}

/*
 * The worker is dead or must die.  One file away: it is the one to blame.
 * Several: nobody knows which, so each is tried again by itself.  None: it
 * did what it had to do.
 */
static void bury(struct cli_pool *p, struct worker *w)
{
	const int how = worker_end(&w->process);

	if (w->count == 1)
		blame_death(p, w, how);
	else
		give_back(p, w);
	free(w->buf);
	*w = (struct worker){ 0 };
}

/* An answer that is no result: its worker is no longer to be trusted. */
static void distrust(struct cli_pool *p, struct worker *w)
{
	blame(p, task(p, w->away[0]), "worker.unanswered",
	      "the process that read it sent no usable result");
	drop_first_away(w);
	give_back(p, w);
	bury(p, w);
}

/*
 * Whether what the worker read may have done something to it, so that it
 * should read nothing more: it met something hostile or broken, or has read
 * much.  With isolation every file gets a worker of its own.
 */
static bool is_spent(const struct cli_pool *p, const struct worker *w,
		     const struct picket_file *f)
{
	return p->settings.isolate || w->files >= WORKER_FILES ||
	       picket_file_verdict(f) >= PICKET_ERROR ||
	       !picket_file_complete(f);
}

static bool take_answer(struct cli_pool *p, struct worker *w, const char *bytes,
			size_t n)
{
	struct task *t = task(p, w->away[0]);
	struct picket_file *f;

	if (picket_file_decode(p->settings.options, t->path, bytes, n, &f) !=
	    PICKET_OK) {
		distrust(p, w);
		return false;
	}
	w->files++;
	w->spent |= is_spent(p, w, f);
	set_result(p, t, f);
	t->held = n;
	p->held += n;
	drop_first_away(w);
	if (!w->spent || w->count)
		return true;
	bury(p, w);
	return false;
}

/* All whole answers in the buffer; false when the worker is gone. */
static bool take_answers(struct cli_pool *p, struct worker *w)
{
	size_t at = 0;
	uint32_t n;

	while (w->len - at >= sizeof(n)) {
		memcpy(&n, w->buf + at, sizeof(n));
		if (w->count == 0 || n > PICKET_ENCODED_MAX) {
			if (w->count)
				distrust(p, w);
			else
				bury(p, w);
			return false;
		}
		if (w->len - at - sizeof(n) < n)
			break;
		if (!take_answer(p, w, w->buf + at + sizeof(n), n))
			return false;
		at += sizeof(n) + n;
	}
	w->len -= at;
	memmove(w->buf, w->buf + at, w->len);
	return true;
}

static bool reserve(struct worker *w)
{
	const size_t cap = w->len + READ_MAX;
	char *p;

	if (cap <= w->cap)
		return true;
	p = realloc(w->buf, cap * 2);
	if (!p)
		return false;
	w->buf = p;
	w->cap = cap * 2;
	return true;
}

static void hear(struct cli_pool *p, struct worker *w)
{
	ssize_t n;

	if (!reserve(w)) {
		p->failed = true;
		return;
	}
	n = read(w->process.answers, w->buf + w->len, READ_MAX);
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		bury(p, w);
		return;
	}
	w->len += (size_t)n;
	w->heard_at = cli_now_ms();
	(void)take_answers(p, w);
}

/* Answers come within the patience, or the worker hangs. */
static void check_clock(struct cli_pool *p, struct worker *w, uint64_t now)
{
	uint64_t patience = p->patience_ms;

	if (w->process.pid && w->count && task(p, w->away[0])->far)
		patience += FAR_MS;
	if (!w->process.pid || !w->count || now - w->heard_at <= patience)
		return;
	w->killed = true;
	bury(p, w);
}

static bool stopped(const struct cli_pool *p)
{
	return p->failed || (p->hooks.stop && *p->hooks.stop);
}

static int wait_ms(const struct cli_pool *p)
{
	const uint64_t most = 1000; /* also looks at the clock and the stop */

	return (int)(p->patience_ms < most ? p->patience_ms : most);
}

/* Waits until a worker says something, and listens. */
static void listen_to_workers(struct cli_pool *p)
{
	struct pollfd v[JOBS_MAX];
	struct worker *of[JOBS_MAX];
	nfds_t n = 0;

	for (size_t i = 0; i < p->jobs; i++) {
		if (!p->workers[i].process.pid)
			continue;
		of[n] = &p->workers[i];
		v[n++] = (struct pollfd){ p->workers[i].process.answers, POLLIN,
					  0 };
	}
	p->hooks.idle(p->hooks.ctx);
	if (poll(v, n, wait_ms(p)) < 0 && errno != EINTR)
		p->failed = true;
	for (nfds_t i = 0; i < n && !stopped(p); i++) {
		if (v[i].revents)
			hear(p, of[i]);
		else
			check_clock(p, of[i], cli_now_ms());
	}
	report_ready(p);
}

struct batch {
	uint64_t numbers[WORKER_BATCH];
	int fds[WORKER_BATCH];
	const char *names[WORKER_BATCH];
	size_t count;
	uint64_t bytes;
	bool alone;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_to_batch(struct batch *b, struct task *t, uint64_t number)
{
	b->numbers[b->count] = number;
	b->fds[b->count] = t->fd;
	b->names[b->count] = base_name(t->path);
	b->count++;
	b->bytes += t->far ? BATCH_BYTES : t->size;
}

/* One that came back goes by itself. */
static bool batch_of_returned(struct cli_pool *p, struct batch *b)
{
	for (uint64_t i = p->first; p->back && i < p->sent; i++) {
		struct task *t = task(p, i);

		if (t->state != WAITING)
			continue;
		add_to_batch(b, t, i);
		b->alone = true;
		p->back--;
		return true;
	}
	return false;
}

static void make_batch(struct cli_pool *p, struct batch *b)
{
	if (batch_of_returned(p, b))
		return;
	while (p->sent < p->next && b->count < p->batch_max &&
	       b->bytes < BATCH_BYTES) {
		struct task *t = task(p, p->sent);

		if (t->state == WAITING)
			add_to_batch(b, t, p->sent);
		p->sent++;
	}
}

static size_t batches_of(const struct worker *w)
{
	size_t n = 0;

	while (n < AHEAD && w->batches[n])
		n++;
	return n;
}

static bool takes_more(const struct worker *w)
{
	return w->count == 0 ||
	       (!w->alone && !w->spent && batches_of(w) < AHEAD);
}

/* An idle worker, a new one, or the least busy that takes one more; files
 * that came back go to none that has another. */
static struct worker *choose(struct cli_pool *p)
{
	struct worker *least = NULL, *none = NULL;

	for (size_t i = 0; i < p->jobs; i++) {
		struct worker *w = &p->workers[i];

		if (!w->process.pid)
			none = none ? none : w;
		else if (takes_more(w) && (!least || w->count < least->count))
			least = w;
	}
	if (least && least->count == 0)
		return least;
	if (none && worker_start(&none->process, &p->settings))
		return none;
	return p->back ? NULL : least;
}

static void send_batch(struct cli_pool *p, struct worker *w,
		       const struct batch *b)
{
	if (w->count == 0)
		w->heard_at = cli_now_ms();
	w->alone = b->alone;
	w->batches[batches_of(w)] = b->count;
	for (size_t i = 0; i < b->count; i++) {
		w->away[w->count++] = b->numbers[i];
		task(p, b->numbers[i])->state = AWAY;
	}
	if (worker_send(&w->process, b->fds, b->names, b->count)) {
		p->lost = 0;
		return;
	}
	/* It was gone before it had these files: they are not to blame. */
	give_back(p, w);
	bury(p, w);
	p->failed |= ++p->lost == LOST_MAX;
}

static bool any_worker(const struct cli_pool *p)
{
	for (size_t i = 0; i < p->jobs; i++) {
		if (p->workers[i].process.pid)
			return true;
	}
	return false;
}

/* Hands out what waits, as far as there are workers for it. */
static void hand_out(struct cli_pool *p)
{
	while (!p->failed && (p->back || p->sent < p->next)) {
		struct worker *w = choose(p);
		struct batch b = { .count = 0 };

		if (!w) {
			p->failed |= !any_worker(p);
			return;
		}
		if (p->held > HELD_MAX && !p->back && p->sent > p->first)
			return; /* the first is away; wait for it */
		make_batch(p, &b);
		if (b.count)
			send_batch(p, w, &b);
	}
}

/* Waits for room; the caller is about to add a task. */
static bool make_room(struct cli_pool *p)
{
	while (!stopped(p) &&
	       (p->next - p->first == WINDOW || p->open >= OPEN_MAX_FILES)) {
		hand_out(p);
		listen_to_workers(p);
	}
	return !stopped(p);
}

static bool is_socket(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

bool cli_pool_scan(struct cli_pool *p, int fd, const char *path, uint64_t size)
{
	struct task *t;
	char *copy = strdup(path);

	if (!copy || !make_room(p)) {
		free(copy);
		(void)close(fd);
		return false;
	}
	t = task(p, p->next++);
	*t = (struct task){ .path = copy, .fd = fd, .size = size };
	t->far = is_socket(fd);
	p->open++;
	if (p->next - p->sent >= WORKER_BATCH || size >= BATCH_BYTES || t->far)
		hand_out(p);
	return !stopped(p);
}

bool cli_pool_put(struct cli_pool *p, struct picket_file *f)
{
	struct task *t;

	if (!make_room(p)) {
		picket_file_free(f);
		return false;
	}
	t = task(p, p->next++);
	*t = (struct task){ .fd = -1, .state = DONE, .result = f };
	report_ready(p);
	return !stopped(p);
}

bool cli_pool_finish(struct cli_pool *p)
{
	report_ready(p);
	while (!stopped(p) && p->first < p->next) {
		hand_out(p);
		listen_to_workers(p);
	}
	return !stopped(p);
}

void cli_pool_free(struct cli_pool *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->jobs; i++) {
		if (p->workers[i].process.pid)
			(void)worker_end(&p->workers[i].process);
		free(p->workers[i].buf);
	}
	for (; p->first < p->next; p->first++) {
		struct task *t = task(p, p->first);

		close_task(p, t);
		picket_file_free(t->result);
		free(t->path);
	}
	free(p->workers);
	free(p);
}
