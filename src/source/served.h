/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_SERVED_H
#define PK_SOURCE_SERVED_H

#include "core/source.h"

/*
 * A source that another process reads for us: each end holds one of a pair of
 * sockets (AF_UNIX, SOCK_SEQPACKET).  So a process that may open nothing and
 * has no network reads a file that lies far away, and can ask for nothing but
 * its bytes.
 *
 *	ask    = u64:tag u64:offset u32:length u32:what
 *	answer = u64:tag u64:value, and bytes
 *
 * in this machine's byte order.  what is the size (value: the size, or
 * UINT64_MAX when it cannot be had), bytes (value: how many follow; fewer
 * than asked for is a failure), or what will be asked for soon, which gets no
 * answer.  A tag that was not asked for belongs to somebody who
 * held the socket before, and is passed over.
 */
enum { PK_SERVED_MAX = 64 * 1024 }; /* bytes of one answer */

/* Asks for the size.  The descriptor stays the caller's.  NULL with errno set
 * when nobody answers. */
struct pk_source *pk_served_new(int fd);

/*
 * Answers from the source that `open` gives when the first question comes
 * (NULL: it could not be had) until the other end is closed; releases
 * nothing.
 */
void pk_serve(int fd, struct pk_source *(*open)(void *ctx), void *ctx);

#endif
