/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/courier_run.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/cli.h"

enum {
	REMOTES_MAX = 4096,
	IDLE_MAX = 16, /* clients that keep their connections open */
	FILES_OPEN = 4096,
	STACK = 512 * 1024,
};

/* All that the threads share. */
static struct {
	const struct courier_settings *settings;
	int answers;
	pthread_mutex_t lock;
	struct picket_client *idle[IDLE_MAX];
	size_t idle_count;
	struct picket_remote *remotes[REMOTES_MAX];
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct task {
	struct courier_request q;
	int fd;
	char uri[COURIER_URI_MAX + 1];
};

static struct picket_client *take_client(void)
{
	struct picket_client *c = NULL;

	(void)pthread_mutex_lock(&shared.lock);
	if (shared.idle_count)
		c = shared.idle[--shared.idle_count];
	(void)pthread_mutex_unlock(&shared.lock);
	if (!c && picket_client_new(&shared.settings->client, &c) != PICKET_OK)
		c = NULL;
	return c;
}

static void give_client(struct picket_client *c)
{
	(void)pthread_mutex_lock(&shared.lock);
	if (shared.idle_count < IDLE_MAX) {
		shared.idle[shared.idle_count++] = c;
		c = NULL;
	}
	(void)pthread_mutex_unlock(&shared.lock);
	picket_client_free(c);
}

static void write_all(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n) {
		const ssize_t done = write(shared.answers, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			_exit(1); /* nobody listens */
		p += done;
		n -= (size_t)done;
	}
}

static void answer(uint32_t ticket, const void *bytes, size_t n)
{
	const struct courier_answer head = { ticket, (uint32_t)n };

	(void)pthread_mutex_lock(&shared.lock);
	write_all(&head, sizeof(head));
	write_all(bytes, n);
	(void)pthread_mutex_unlock(&shared.lock);
}

static int send_listing(void *ctx, const void *bytes, size_t n)
{
	const struct task *t = ctx;

	answer(t->q.ticket, bytes, n);
	return 0;
}

static void list(struct task *t, struct picket_client *c)
{
	const struct picket_sink to = { send_listing, t };
	struct picket_remote *r = NULL;

	if (picket_remote_new(t->uri, &r) != PICKET_OK)
		_exit(1);
	(void)picket_remote_list(r, c);
	if (t->q.remote < REMOTES_MAX)
		shared.remotes[t->q.remote] = r;
	if (picket_remote_encode(r, &to) != PICKET_OK)
		_exit(1);
}

static void fetch(struct task *t, struct picket_client *c)
{
	const struct picket_remote *r =
		t->q.remote < REMOTES_MAX ? shared.remotes[t->q.remote] : NULL;
	struct picket_fetched f = { .failed = true };

	if (!r || t->q.file >= picket_remote_count(r))
		(void)strcpy(f.message, "no such file");
	else if (t->q.what == COURIER_SERVE)
		picket_remote_serve(c, r, t->q.file, t->fd, &f);
	else
		(void)picket_remote_save(c, r, t->q.file, t->fd, &f);
	answer(t->q.ticket, &f, sizeof(f));
}

static void *work(void *ctx)
{
	struct task *t = ctx;
	struct picket_client *c = take_client();

	if (!c)
		_exit(1);
	if (t->q.what == COURIER_LIST)
		list(t, c);
	else
		fetch(t, c);
	give_client(c);
	if (t->fd >= 0)
		(void)close(t->fd);
	free(t);
	return NULL;
}

/* False when nobody asks any more. */
static bool receive(int requests, struct task *t)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov[] = { { &t->q, sizeof(t->q) },
			       { t->uri, COURIER_URI_MAX } };
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 2,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	const struct cmsghdr *h;
	ssize_t n;

	do
		n = recvmsg(requests, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < (ssize_t)sizeof(t->q))
		return false;
	t->uri[(size_t)n - sizeof(t->q)] = '\0';
	t->fd = -1;
	h = CMSG_FIRSTHDR(&m);
	if (h && h->cmsg_type == SCM_RIGHTS)
		memcpy(&t->fd, CMSG_DATA(h), sizeof(int));
	return true;
}

/* A thread for each: most wait for a worker's next question. */
static bool begin(struct task *t)
{
	pthread_attr_t a;
	pthread_t thread;
	bool ok;

	if (pthread_attr_init(&a) != 0)
		return false;
	ok = pthread_attr_setstacksize(&a, STACK) == 0 &&
	     pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED) == 0 &&
	     pthread_create(&thread, &a, work, t) == 0;
	(void)pthread_attr_destroy(&a);
	return ok;
}

static void enter(const struct courier_settings *s)
{
	const struct sandbox walls = { .role = SANDBOX_COURIER,
				       .files = FILES_OPEN };
	unsigned missing;

	if (s->sandbox == SANDBOX_OFF)
		return;
	missing = sandbox_enter(&walls);
	for (size_t i = 0; sandbox_wall_name(i); i++) {
		if (missing >> i & 1 && sandbox_wall_needed(i) &&
		    s->sandbox == SANDBOX_REQUIRE)
			_exit(1);
	}
}

void courier_run(const struct courier_settings *s, int requests, int answers)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		_exit(1);
	(void)signal(SIGINT, SIG_IGN); /* the parent decides */
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGPIPE, SIG_IGN);
	shared.settings = s;
	shared.answers = answers;
	enter(s);
	for (;;) {
		struct task *t = calloc(1, sizeof(*t));

		if (!t || !receive(requests, t))
			_exit(t ? 0 : 1);
		if (!begin(t))
			_exit(1);
	}
}
