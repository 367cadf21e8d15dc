/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_COURIER_H
#define PICKET_CLI_COURIER_H

#include <signal.h>

#include "cli/sandbox.h"
#include "picket/picket.h"

/*
 * The courier is the one process that talks to the network, for a parent that
 * does not and for workers that cannot.  It lists sources, answers what
 * workers read of a file, and writes files into descriptors that it is given;
 * it has no way to open a file for writing or to run a program.
 *
 * request = u32:what u32:remote u32:file u32:ticket, or with a URI behind it,
 *           one message (SOCK_SEQPACKET), a descriptor may come along
 * answer  = u32:ticket u32:length and the bytes: an encoded listing or a
 *           struct picket_fetched, over a pipe, in any order
 */
struct courier;

struct courier_settings {
	struct picket_client_settings client;
	enum sandbox_mode sandbox;
	/* Set from a signal handler: stop waiting. */
	const volatile sig_atomic_t *stop;
};

/* NULL after a complaint. */
struct courier *courier_start(const struct courier_settings *s);
/* Ends it, whatever it is at. NULL is fine. */
void courier_end(struct courier *c);

/*
 * Lists a source and waits for it.  NULL when the courier is lost or memory
 * is; otherwise the remote, perhaps with a trouble, belongs to the courier
 * and lives as long.
 */
struct picket_remote *courier_list(struct courier *c, const char *uri);

/* A descriptor to scan the ith file of a listed remote by
 * (picket_scan_fd()), the caller's to close; -1 after a complaint. */
int courier_serve(struct courier *c, const struct picket_remote *r, size_t i,
		  uint32_t *ret_ticket);

/* Begins to fetch the ith file into fd, which stays the caller's; false when
 * the courier is lost. */
bool courier_save(struct courier *c, const struct picket_remote *r, size_t i,
		  int fd, uint32_t *ret_ticket);

/* Waits for what became of a file: after every descriptor of
 * courier_serve() was closed, or it was saved.  Each ticket once. */
bool courier_wait(struct courier *c, uint32_t ticket,
		  struct picket_fetched *ret);

#endif
