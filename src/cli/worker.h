/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_WORKER_H
#define PICKET_CLI_WORKER_H

#include <stdint.h>
#include <sys/types.h>

#include "cli/sandbox.h"
#include "picket/picket.h"

/*
 * A worker is a process that reads hostile bytes and may fall to them.  It
 * stands behind the walls of the sandbox, is handed open descriptors over a
 * socket and answers over a pipe; its parent trusts none of the answers
 * (picket_file_decode()).
 *
 * request = files whose descriptors come along (SCM_RIGHTS), one message
 *           (SOCK_SEQPACKET): their names, each NUL-terminated
 * answer  = u32:length (this machine's order) and an encoded result, in the
 *           order of the request; length 0: there is none
 */
enum {
	WORKER_BATCH = 16,             /* files of one request */
	WORKER_AHEAD = 2,              /* requests it has at most */
	WORKER_REQUEST_MAX = 256 * 16, /* names are at most NAME_MAX */
};

struct worker_settings {
	const struct picket_options *options;
	enum sandbox_mode sandbox;
	bool isolate; /* no worker reads two files */
};

struct worker_process {
	pid_t pid;
	int requests;
	int answers;
	uint64_t seconds; /* of processor time for each file */
};

/* False, with errno set, when there can be no more processes. */
bool worker_start(struct worker_process *w, const struct worker_settings *s);

/* Hands over n descriptors, which stay open here; false when the worker is
 * gone. */
bool worker_send(const struct worker_process *w, const int *fds,
		 const char *const *names, size_t n);

/* Ends it, if it has not ended, and returns how, as waitpid(2) does. */
int worker_end(struct worker_process *w);

/* That in words, for a person. */
void worker_describe_end(char *to, size_t n, int how);

#endif
