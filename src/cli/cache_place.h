/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CACHE_PLACE_H
#define PICKET_CLI_CACHE_PLACE_H

/* Where huggingface_hub keeps its cache, by the environment: HF_HUB_CACHE,
 * HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, the home.  To be freed;
 * NULL when out of memory or without a home. */
char *cli_cache_place(void);

#endif
