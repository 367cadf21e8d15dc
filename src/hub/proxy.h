/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_PROXY_H
#define PK_HUB_PROXY_H

#include "hub/curl.h"

/*
 * The proxy that the environment names for a URL (https_proxy, all_proxy and
 * no_proxy, in lower or upper case, as curl understands them), or "": none.
 * This machine itself is always spoken to directly.  Whoever set it vouches
 * for it: it may be anywhere, and resolves names in our place.
 */
const char *pk_proxy_for(const struct pk_url *url);

/* Whether a list like "localhost,.corp.example,10.0.0.0/8" or "*" names the
 * host. */
bool pk_proxy_excepts(const char *list, const char *host);

#endif
