/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's end; the courier itself is in courier_run.c. */
#include "cli/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/courier_run.h"

/* What came before it was waited for. */
struct answer {
	struct answer *next;
	uint32_t ticket;
	uint32_t len;
	uint8_t bytes[];
};

struct courier {
	pid_t pid;
	int requests;
	int answers;
	const volatile sig_atomic_t *stop;
	uint32_t last_ticket;
	struct answer *early;
	struct picket_remote **remotes; /* as numbered in requests */
	uint32_t count;
};

struct courier *courier_start(const struct courier_settings *s)
{
	struct courier *c = calloc(1, sizeof(*c));
	int pair[2], ends[2];

	if (!c || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
		free(c);
		cli_complain("no process to talk to the network: %s",
			     strerror(errno));
		return NULL;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		ends[0] = ends[1] = -1;
	c->stop = s->stop;
	c->pid = fork();
	if (c->pid == 0) {
		(void)close(pair[0]);
		(void)close(ends[0]);
		courier_run(s, pair[1], ends[1]);
	}
	(void)close(pair[1]);
	(void)close(ends[1]);
	c->requests = pair[0];
	c->answers = ends[0];
	if (c->pid > 0 && c->answers >= 0)
		return c;
	cli_complain("no process to talk to the network: %s", strerror(errno));
	courier_end(c);
	return NULL;
}

void courier_end(struct courier *c)
{
	if (!c)
		return;
	(void)close(c->requests);
	(void)close(c->answers);
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	while (c->early) {
		struct answer *a = c->early;

		c->early = a->next;
		free(a);
	}
	for (uint32_t i = 0; i < c->count; i++)
		picket_remote_free(c->remotes[i]);
	free(c->remotes);
	free(c);
}

static bool send_request(struct courier *c, struct courier_request *q,
			 const char *uri, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov[] = { { q, sizeof(*q) },
			       { (void *)(uintptr_t)uri,
				 uri ? strlen(uri) : 0 } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	q->ticket = ++c->last_ticket;
	if (fd >= 0) {
		struct cmsghdr *h;

		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(int));
	}
	return sendmsg(c->requests, &m, MSG_NOSIGNAL) > 0;
}

static bool read_all(const struct courier *c, void *to, size_t n)
{
	uint8_t *p = to;

	while (n) {
		const ssize_t got = read(c->answers, p, n);

		if (got < 0 && errno == EINTR && !(c->stop && *c->stop))
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

/* The next answer, whosever it is; the caller's to free. */
static struct answer *read_answer(struct courier *c)
{
	struct courier_answer head;
	struct answer *a;

	if (!read_all(c, &head, sizeof(head)) || head.len > COURIER_ANSWER_MAX)
		return NULL;
	a = malloc(sizeof(*a) + head.len);
	if (!a)
		return NULL;
	*a = (struct answer){ .ticket = head.ticket, .len = head.len };
	if (read_all(c, a->bytes, head.len))
		return a;
	free(a);
	return NULL;
}

static struct answer *take_early(struct courier *c, uint32_t ticket)
{
	struct answer **at = &c->early;

	while (*at && (*at)->ticket != ticket)
		at = &(*at)->next;
	if (*at) {
		struct answer *a = *at;

		*at = a->next;
		return a;
	}
	return NULL;
}

static struct answer *await(struct courier *c, uint32_t ticket)
{
	struct answer *a = take_early(c, ticket);

	while (!a) {
		a = read_answer(c);
		if (!a)
			return NULL;
		if (a->ticket == ticket)
			break;
		a->next = c->early;
		c->early = a;
		a = NULL;
	}
	return a;
}

static bool keep(struct courier *c, struct picket_remote *r)
{
	struct picket_remote **v = realloc(
		c->remotes, (c->count + 1) * sizeof(struct picket_remote *));

	if (!v)
		return false;
	c->remotes = v;
	c->remotes[c->count++] = r;
	return true;
}

struct picket_remote *courier_list(struct courier *c, const char *uri)
{
	struct courier_request q = { .what = COURIER_LIST, .remote = c->count };
	struct picket_remote *r = NULL;
	struct answer *a;

	if (strlen(uri) > COURIER_URI_MAX || !send_request(c, &q, uri, -1))
		return NULL;
	a = await(c, q.ticket);
	if (a && picket_remote_decode(a->bytes, a->len, &r) != PICKET_OK)
		r = NULL;
	free(a);
	if (r && !keep(c, r)) {
		picket_remote_free(r);
		r = NULL;
	}
	return r;
}

static uint32_t number_of(const struct courier *c,
			  const struct picket_remote *r)
{
	uint32_t i = 0;

	while (i < c->count && c->remotes[i] != r)
		i++;
	return i;
}

int courier_serve(struct courier *c, const struct picket_remote *r, size_t i,
		  uint32_t *ret_ticket)
{
	struct courier_request q = { .what = COURIER_SERVE,
				     .remote = number_of(c, r),
				     .file = (uint32_t)i };
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		cli_complain("no socket to be had: %s", strerror(errno));
		return -1;
	}
	ok = send_request(c, &q, NULL, pair[1]);
	(void)close(pair[1]);
	*ret_ticket = q.ticket;
	if (ok)
		return pair[0];
	(void)close(pair[0]);
	cli_complain("the process that talks to the network was lost");
	return -1;
}

bool courier_save(struct courier *c, const struct picket_remote *r, size_t i,
		  int fd, uint32_t *ret_ticket)
{
	struct courier_request q = { .what = COURIER_SAVE,
				     .remote = number_of(c, r),
				     .file = (uint32_t)i };
	const bool ok = send_request(c, &q, NULL, fd);

	*ret_ticket = q.ticket;
	return ok;
}

bool courier_wait(struct courier *c, uint32_t ticket,
		  struct picket_fetched *ret)
{
	struct answer *a = await(c, ticket);
	const bool ok = a && a->len == sizeof(*ret);

	if (ok) {
		memcpy(ret, a->bytes, sizeof(*ret));
		ret->message[sizeof(ret->message) - 1] = '\0';
	}
	free(a);
	return ok;
}
