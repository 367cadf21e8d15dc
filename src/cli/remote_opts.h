/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_REMOTE_OPTS_H
#define PICKET_CLI_REMOTE_OPTS_H

#include "cli/opts.h"
#include "picket/picket.h"

/*
 * What the commands that reach sources elsewhere have in common.  The
 * settings of such a command begin with this struct, and its table of options
 * has the ones here.
 */
struct remote_settings {
	struct picket_client_settings client;
};

#define REMOTE_OPTIONS                                                       \
	{ 0,                                                                 \
	  "no-token",                                                        \
	  NULL,                                                              \
	  "send no credentials (HF_TOKEN, AWS_ACCESS_KEY_ID, ...)",          \
	  "Sources elsewhere",                                               \
	  remote_set_no_token },                                             \
		{ 0,      "ca-file",                                         \
		  "FILE", "certificates to trust (default: the system's)",   \
		  NULL,   remote_set_ca_file },                              \
		{ 0,                                                         \
		  "private-hosts",                                           \
		  NULL,                                                      \
		  "names may lead to private addresses (your own registry)", \
		  NULL,                                                      \
		  remote_set_private_hosts },                                \
		{ 0,         "network-timeout",                              \
		  "SECONDS", "how long to wait for the next byte (30)",      \
		  NULL,      remote_set_timeout },                           \
	{                                                                    \
		0, "retries", "N",                                           \
			"of what may pass, with growing pauses (4)", NULL,   \
			remote_set_retries                                   \
	}

bool remote_set_no_token(void *settings, const struct cli_option *o,
			 const char *value);
bool remote_set_ca_file(void *settings, const struct cli_option *o,
			const char *value);
bool remote_set_private_hosts(void *settings, const struct cli_option *o,
			      const char *value);
bool remote_set_timeout(void *settings, const struct cli_option *o,
			const char *value);
bool remote_set_retries(void *settings, const struct cli_option *o,
			const char *value);

#endif
