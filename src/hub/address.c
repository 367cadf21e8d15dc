/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The special-purpose registries of IANA (RFC 6890 and what updates it), as
 * far as they matter to whoever would make us knock at a door for him.
 */
#include "hub/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

struct block {
	uint8_t head[16];
	uint8_t bits;
	uint8_t reach;
};

#define NONE   PK_REACH_NONE
#define PUBLIC PK_REACH_PUBLIC
#define OURS   PK_REACH_PRIVATE
#define LOOP   PK_REACH_LOOP
#define LINK   PK_REACH_LINK

/* The first that fits counts; what fits none is public. */
static const struct block v4[] = {
	{ { 0 }, 8, NONE },
	{ { 10 }, 8, OURS },
	{ { 100, 64 }, 10, OURS }, /* carrier-grade NAT, overlay networks */
	{ { 127 }, 8, LOOP },
	{ { 168, 63, 129, 16 }, 32, LINK }, /* Azure: the host's own services */
	{ { 169, 254 }, 16, LINK },
	{ { 172, 16 }, 12, OURS },
	{ { 192, 0, 0 }, 24, NONE },
	{ { 192, 0, 2 }, 24, NONE },
	{ { 192, 88, 99 }, 24, NONE },
	{ { 192, 168 }, 16, OURS },
	{ { 198, 18 }, 15, OURS },
	{ { 198, 51, 100 }, 24, NONE },
	{ { 203, 0, 113 }, 24, NONE },
	{ { 224 }, 3, NONE }, /* multicast, reserved, broadcast */
};

/* What fits none is nobody's: only 2000::/3 is given out. */
static const struct block v6[] = {
	/* EC2's metadata, before the block that it lies in */
	{ { 0xfd, 0, 0x0e, 0xc2 }, 32, LINK },
	{ { 0xfc }, 7, OURS },
	{ { 0xfe, 0x80 }, 10, LINK },
	{ { 0xfe, 0xc0 }, 10, OURS },
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, OURS }, /* RFC 8215 */
	{ { 0x20, 0x01, 0, 0 }, 23, NONE },          /* Teredo and the like */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, NONE },
	{ { 0x3f, 0xff, 0 }, 20, NONE },
	{ { 0x20 }, 3, PUBLIC },
};

/* Where an IPv4 address lies in an IPv6 one. */
static const struct {
	uint8_t head[12];
	uint8_t bits;
	uint8_t at;
} holds_v4[] = {
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96, 12 },
	{ { 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0 }, 96, 12 },
	{ { 0, 0x64, 0xff, 0x9b }, 96, 12 },
	{ { 0x20, 0x02 }, 16, 2 },
	{ { 0 }, 96, 12 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool starts(const uint8_t *address, const uint8_t *head, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	if (memcmp(address, head, whole) != 0)
		return false;
	return rest == 0 || (address[whole] ^ head[whole]) >> (8 - rest) == 0;
}

static enum pk_reach first_of(const struct block *b, size_t n,
			      const uint8_t *address, enum pk_reach other)
{
	for (size_t i = 0; i < n; i++) {
		if (starts(address, b[i].head, b[i].bits))
			return (enum pk_reach)b[i].reach;
	}
	return other;
}

enum pk_reach pk_reach_v4(const uint8_t address[4])
{
	return first_of(v4, COUNT(v4), address, PUBLIC);
}

enum pk_reach pk_reach_v6(const uint8_t address[16])
{
	static const uint8_t one[16] = { [15] = 1 };

	if (memcmp(address, one, sizeof(one)) == 0)
		return LOOP;
	for (size_t i = 0; i < COUNT(holds_v4); i++) {
		if (starts(address, holds_v4[i].head, holds_v4[i].bits))
			return pk_reach_v4(address + holds_v4[i].at);
	}
	return first_of(v6, COUNT(v6), address, NONE);
}

enum pk_reach pk_reach_sockaddr(const void *sockaddr, size_t size)
{
	sa_family_t family;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (size < offsetof(struct sockaddr, sa_family) + sizeof(family))
		return NONE;
	memcpy(&family,
	       (const char *)sockaddr + offsetof(struct sockaddr, sa_family),
	       sizeof(family));
	if (family == AF_INET && size >= sizeof(in)) {
		memcpy(&in, sockaddr, sizeof(in));
		return pk_reach_v4((const uint8_t *)&in.sin_addr);
	}
	if (family == AF_INET6 && size >= sizeof(in6)) {
		memcpy(&in6, sockaddr, sizeof(in6));
		return pk_reach_v6(in6.sin6_addr.s6_addr);
	}
	return NONE;
}

bool pk_reach_text(const char *text, enum pk_reach *ret)
{
	char bare[INET6_ADDRSTRLEN + 2];
	size_t n = strlen(text);
	uint8_t address[16];

	if (n >= sizeof(bare))
		return false;
	memcpy(bare, text, n + 1);
	if (n > 2 && bare[0] == '[' && bare[n - 1] == ']') {
		bare[n - 1] = '\0';
		memmove(bare, bare + 1, n - 1);
	}
	if (inet_pton(AF_INET, bare, address) == 1)
		*ret = pk_reach_v4(address);
	else if (inet_pton(AF_INET6, bare, address) == 1)
		*ret = pk_reach_v6(address);
	else
		return false;
	return true;
}

static bool is_localhost(const char *host)
{
	static const char name[] = "localhost";
	size_t n = strlen(host), own = sizeof(name) - 1;

	if (n && host[n - 1] == '.')
		n--;
	if (n < own || strncasecmp(host + n - own, name, own) != 0)
		return false;
	return n == own || host[n - own - 1] == '.';
}

enum pk_reach pk_reach_host(const char *host)
{
	enum pk_reach reach;

	if (is_localhost(host))
		return LOOP;
	return pk_reach_text(host, &reach) ? reach : PUBLIC;
}

const char *pk_reach_name(enum pk_reach reach)
{
	switch (reach) {
	case PK_REACH_PUBLIC:
		return "a public address";
	case PK_REACH_PRIVATE:
		return "a private address";
	case PK_REACH_LOOP:
		return "this machine";
	case PK_REACH_LINK:
		return "a link-local or metadata address";
	case PK_REACH_NONE:
		break;
	}
	return "an address that is nobody's";
}
