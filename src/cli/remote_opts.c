/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote_opts.h"

static struct picket_client_settings *client(void *settings)
{
	return &((struct remote_settings *)settings)->client;
}

bool remote_set_no_token(void *settings, const struct cli_option *o,
			 const char *value)
{
	(void)o;
	(void)value;
	client(settings)->no_token = true;
	return true;
}

bool remote_set_ca_file(void *settings, const struct cli_option *o,
			const char *value)
{
	(void)o;
	client(settings)->ca_file = value;
	return true;
}

bool remote_set_private_hosts(void *settings, const struct cli_option *o,
			      const char *value)
{
	(void)o;
	(void)value;
	client(settings)->private_hosts = true;
	return true;
}

static bool set_number(const struct cli_option *o, const char *value,
		       unsigned *ret)
{
	enum { MOST = 3600 };
	uint64_t n = 0;

	if (!cli_number(o->name, value, 1, &n))
		return false;
	*ret = n < MOST ? (unsigned)n : MOST;
	return true;
}

bool remote_set_timeout(void *settings, const struct cli_option *o,
			const char *value)
{
	return set_number(o, value, &client(settings)->idle_seconds);
}

bool remote_set_retries(void *settings, const struct cli_option *o,
			const char *value)
{
	return set_number(o, value, &client(settings)->retries);
}
