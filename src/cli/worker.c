/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/sandbox.h"

enum {
	ANSWERS_MAX = 64 * 1024, /* gathered before they are sent */
	ANSWERS_MS = 50,         /* how long they wait at most */
};

/* What one worker has to say and has not said yet. */
struct answers {
	int fd;
	char *p;
	size_t len;
	size_t cap;
	uint64_t sent_at;
};

/* The parent's death is ours, whatever it died of. */
static void die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
}

/* The library counts what it takes for a file; decompressors and the
 * program itself come on top, so the hard ceiling leaves room for them. */
static uint64_t address_space(const struct picket_options *o)
{
	const uint64_t budget = picket_options_limit(o, "memory");

	return budget < UINT64_MAX / 4 ? budget * 2 + (256ULL << 20) : 0;
}

static void close_from(int first)
{
	if (close_range((unsigned)first, ~0U, 0) == 0)
		return;
	for (int fd = first; fd < 4096; fd++)
		(void)close(fd);
}

/* Reads as empty, and keeps nothing.  In a root folder without devices the
 * end of a pipe that has no other end does it, too. */
static int open_nothing(void)
{
	const int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	int ends[2];

	if (fd >= 0)
		return fd;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	(void)close(ends[1]);
	return ends[0];
}

/* The two ends stay, and nothing where a library might print: a terminal
 * would act on what it says. */
static void keep_only(int requests, int answers)
{
	int nothing = open_nothing();

	requests = fcntl(requests, F_DUPFD_CLOEXEC, 10);
	answers = fcntl(answers, F_DUPFD_CLOEXEC, 10);
	if (nothing < 0 || requests < 0 || answers < 0 ||
	    dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(nothing, STDOUT_FILENO) < 0 ||
	    (!SANDBOX_SANITIZED && dup2(nothing, STDERR_FILENO) < 0) ||
	    dup2(requests, SANDBOX_REQUESTS) < 0 ||
	    dup2(answers, SANDBOX_ANSWERS) < 0)
		_exit(1);
	close_from(SANDBOX_ANSWERS + 1);
}

static void flush(struct answers *a)
{
	size_t at = 0;

	while (at < a->len) {
		ssize_t n = write(a->fd, a->p + at, a->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		at += (size_t)n;
	}
	a->len = 0;
	a->sent_at = cli_now_ms();
}

static int gather(void *ctx, const void *bytes, size_t n)
{
	struct answers *a = ctx;

	if (n > a->cap - a->len) {
		const size_t cap = a->len + n + ANSWERS_MAX;
		char *p = realloc(a->p, cap);

		if (!p)
			return -1;
		a->p = p;
		a->cap = cap;
	}
	memcpy(a->p + a->len, bytes, n);
	a->len += n;
	return 0;
}

/* The length is known only after the result. */
static void answer(struct answers *a, const struct picket_file *f)
{
	const struct picket_sink sink = { gather, a };
	const size_t at = a->len;
	uint32_t n = 0;

	if (gather(a, &n, sizeof(n)) != 0)
		_exit(1);
	if (f && picket_file_encode(f, &sink) == PICKET_OK)
		n = (uint32_t)(a->len - at - sizeof(n));
	else
		a->len = at + sizeof(n);
	memcpy(a->p + at, &n, sizeof(n));
	if (a->len > ANSWERS_MAX || cli_now_ms() - a->sent_at > ANSWERS_MS)
		flush(a);
}

static void scan(const struct picket_options *o, struct answers *a, int fd,
		 const char *name)
{
	const struct picket_note unread = { .rule = "file.unreadable",
					    .message = "it could not be read" };
	struct picket_file *f = NULL;
	enum picket_status s = picket_scan_fd(o, fd, name, &f);

	if (s == PICKET_ERR_IO)
		s = picket_file_from_note(o, name, &unread, &f);
	if (s != PICKET_OK)
		f = NULL;
	answer(a, f);
	picket_file_free(f);
	(void)close(fd);
}

struct request {
	char names[WORKER_REQUEST_MAX + 1];
	size_t len;
	int fds[WORKER_BATCH];
	size_t count;
};

static bool receive(struct request *r)
{
	union {
		char bytes[CMSG_SPACE(sizeof(r->fds))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { r->names, WORKER_REQUEST_MAX };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(SANDBOX_REQUESTS, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return false;
	r->len = (size_t)n;
	r->names[r->len] = '\0';
	r->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(r->fds, CMSG_DATA(c), r->count * sizeof(int));
	return true;
}

static void serve(const struct picket_options *o)
{
	struct answers a = { .fd = SANDBOX_ANSWERS, .sent_at = cli_now_ms() };
	struct request r;

	while (receive(&r)) {
		const char *name = r.names;

		for (size_t i = 0; i < r.count; i++) {
			scan(o, &a, r.fds[i], name);
			name += strlen(name);
			name += name < r.names + r.len;
		}
		flush(&a);
	}
	_exit(0);
}

static bool any_needed(unsigned walls)
{
	for (size_t i = 0; i < SANDBOX_WALLS; i++) {
		if (walls >> i & 1 && sandbox_wall_needed(i))
			return true;
	}
	return false;
}

static void enter(const struct worker_settings *s)
{
	const struct sandbox walls = { .role = SANDBOX_WORKER,
				       .memory = address_space(s->options),
				       .files = SANDBOX_ANSWERS + 1 +
						WORKER_BATCH };

	if (s->sandbox == SANDBOX_OFF)
		return;
	if (any_needed(sandbox_enter(&walls)) && s->sandbox == SANDBOX_REQUIRE)
		_exit(1);
}

static void be_worker(const struct worker_settings *s, pid_t parent,
		      int requests, int answers)
{
	die_with(parent);
	(void)signal(SIGINT, SIG_IGN); /* the parent decides */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	keep_only(requests, answers);
	enter(s);
	serve(s->options);
}

bool worker_start(struct worker_process *w, const struct worker_settings *s)
{
	const pid_t self = getpid();
	int pair[2], ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	if (pipe2(ends, O_CLOEXEC) != 0) {
		(void)close(pair[0]);
		(void)close(pair[1]);
		return false;
	}
	w->pid = fork();
	if (w->pid == 0)
		be_worker(s, self, pair[1], ends[1]);
	(void)close(pair[1]);
	(void)close(ends[1]);
	w->requests = pair[0];
	w->answers = ends[0];
	w->seconds = picket_options_limit(s->options, "seconds");
	if (w->pid > 0)
		return true;
	(void)close(pair[0]);
	(void)close(ends[0]);
	return false;
}

/* Copies the names behind one another; of one that is too long the end, which
 * is what promises something, stays. */
static size_t pack(char *to, const char *const *names, size_t n)
{
	const size_t room = WORKER_REQUEST_MAX / WORKER_BATCH;
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		const size_t have = strlen(names[i]);
		const size_t skip = have < room ? 0 : have - room + 1;

		memcpy(to + len, names[i] + skip, have - skip + 1);
		len += have - skip + 1;
	}
	return len;
}

/* So much more for so many files: nobody but the parent can raise it. */
static void allow_time(const struct worker_process *w, size_t n)
{
	enum { GRACE = 5 };
	struct rlimit r = { 0, RLIM_INFINITY };
	struct timespec used;
	clockid_t clock;

	if (w->seconds > UINT32_MAX ||
	    clock_getcpuclockid(w->pid, &clock) != 0 ||
	    clock_gettime(clock, &used) != 0)
		return;
	r.rlim_cur = (rlim_t)used.tv_sec + GRACE + (rlim_t)(w->seconds * n);
	(void)prlimit(w->pid, RLIMIT_CPU, &r, NULL);
}

bool worker_send(const struct worker_process *w, const int *fds,
		 const char *const *names, size_t n)
{
	union {
		char bytes[CMSG_SPACE(WORKER_BATCH * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	char packed[WORKER_REQUEST_MAX];
	struct iovec iov = { packed, pack(packed, names, n) };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = CMSG_SPACE(n * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	allow_time(w, n * WORKER_AHEAD);
	return sendmsg(w->requests, &m, MSG_NOSIGNAL) > 0;
}

int worker_end(struct worker_process *w)
{
	int how = 0;

	(void)close(w->requests);
	(void)close(w->answers);
	(void)kill(w->pid, SIGKILL);
	while (waitpid(w->pid, &how, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
	return how;
}

void worker_describe_end(char *to, size_t n, int how)
{
	if (WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS)
		(void)snprintf(to, n,
			       "the process that read it asked the kernel for "
			       "what no analysis needs, and was stopped");
	else if (WIFSIGNALED(how))
		(void)snprintf(to, n,
			       "the process that read it was ended by "
			       "signal %d (%s)",
			       WTERMSIG(how), strsignal(WTERMSIG(how)));
	else
		(void)snprintf(to, n,
			       "the process that read it ended with "
			       "status %d",
			       WIFEXITED(how) ? WEXITSTATUS(how) : -1);
}
