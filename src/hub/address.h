/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_ADDRESS_H
#define PK_HUB_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who can be reached at an address of the Internet Protocol.  One of several
 * bits, so that a request says which of them it may reach.
 */
enum pk_reach {
	PK_REACH_NONE = 0,    /* nobody: unspecified, multicast, reserved */
	PK_REACH_PUBLIC = 1,  /* anyone's machine */
	PK_REACH_PRIVATE = 2, /* this organisation's: RFC 1918, 4193, 6598 */
	PK_REACH_LOOP = 4,    /* this very machine */
	PK_REACH_LINK = 8,    /* this cable's, and the cloud's metadata */
};

/* An address in network order.  IPv6 forms that hold an IPv4 address (mapped,
 * compatible, translated, 6to4) count as that one. */
enum pk_reach pk_reach_v4(const uint8_t address[4]);
enum pk_reach pk_reach_v6(const uint8_t address[16]);

/* Of a struct sockaddr of that many bytes; NONE for another family. */
enum pk_reach pk_reach_sockaddr(const void *sockaddr, size_t size);

/* Of a text "127.0.0.1", "::1" or "[::1]"; false when it is none. */
bool pk_reach_text(const char *text, enum pk_reach *ret);

/*
 * What a host of a URL says of itself without asking anyone: LOOP for
 * "localhost" and names below it, the address's for an address, PUBLIC for
 * any other name (where it leads is seen when it is resolved).
 */
enum pk_reach pk_reach_host(const char *host);

/* "a private address", for a message. */
const char *pk_reach_name(enum pk_reach reach);

#endif
