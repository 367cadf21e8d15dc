/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *either(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if (!value || !*value)
		value = getenv(upper);
	return value && *value ? value : NULL;
}

/* "10.0.0.0/8" and IPv6 alike; entry has no blanks. */
static bool in_block(const char *entry, size_t n, const char *host)
{
	char head[64];
	const char *slash = memchr(entry, '/', n);
	size_t len = slash ? (size_t)(slash - entry) : n;
	unsigned char net[16], own[16];
	int family = memchr(entry, ':', len) ? AF_INET6 : AF_INET;
	unsigned whole, bits = family == AF_INET ? 32 : 128;

	if (len >= sizeof(head))
		return false;
	memcpy(head, entry, len);
	head[len] = '\0';
	if (inet_pton(family, head, net) != 1 ||
	    inet_pton(family, host, own) != 1)
		return false;
	if (slash) {
		unsigned long asked = strtoul(slash + 1, NULL, 10);

		bits = asked < bits ? (unsigned)asked : bits;
	}
	whole = bits / 8;
	return memcmp(net, own, whole) == 0 &&
	       (bits % 8 == 0 ||
		(net[whole] ^ own[whole]) >> (8 - bits % 8) == 0);
}

/* Names end alike at a dot: "corp.example" is for "a.corp.example", too. */
static bool is_below(const char *entry, size_t n, const char *host)
{
	size_t len = strlen(host);

	while (n && *entry == '.') {
		entry++;
		n--;
	}
	if (n && entry[n - 1] == '.')
		n--;
	if (!n || len < n || strncasecmp(host + len - n, entry, n) != 0)
		return false;
	return len == n || host[len - n - 1] == '.';
}

bool pk_proxy_excepts(const char *list, const char *host)
{
	char bare[256];
	size_t n;

	n = (size_t)snprintf(bare, sizeof(bare), "%s",
			     *host == '[' ? host + 1 : host);
	if (n >= sizeof(bare))
		return false;
	if (n && (*host == '[' || bare[n - 1] == '.'))
		bare[n - 1] = '\0';
	while (*list) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if ((n == 1 && *list == '*') || in_block(list, n, bare) ||
		    is_below(list, n, bare))
			return true;
		list += n;
	}
	return false;
}

const char *pk_proxy_for(const struct pk_url *url)
{
	const char *proxy = either("https_proxy", "HTTPS_PROXY");
	const char *except = either("no_proxy", "NO_PROXY");

	if (!url->tls || pk_reach_host(url->host) == PK_REACH_LOOP)
		return "";
	if (!proxy)
		proxy = either("all_proxy", "ALL_PROXY");
	if (!proxy || (except && pk_proxy_excepts(except, url->host)))
		return "";
	return proxy;
}
