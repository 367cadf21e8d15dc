/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/proxy.h"

#include <stdio.h>
#include <stdlib.h>

#include "support.h"

static void a_list_excepts_hosts_and_what_is_below(void **state)
{
	(void)state;
	assert_true(pk_proxy_excepts("*", "hub.example"));
	assert_true(pk_proxy_excepts("a, hub.example", "hub.example"));
	assert_true(pk_proxy_excepts("EXAMPLE", "hub.example"));
	assert_true(pk_proxy_excepts(".example", "hub.example"));
	assert_true(pk_proxy_excepts(".example", "example"));
	assert_true(pk_proxy_excepts("hub.example.", "hub.example"));
	assert_true(pk_proxy_excepts("hub.example", "hub.example."));
	assert_false(pk_proxy_excepts("b.example", "hub.example"));
	assert_false(pk_proxy_excepts("", "hub.example"));
	assert_false(pk_proxy_excepts(",, .", "hub.example"));
	assert_false(pk_proxy_excepts("x.hub.example", "hub.example"));
}

static void a_list_excepts_blocks_of_addresses(void **state)
{
	(void)state;
	assert_true(pk_proxy_excepts("10.1.2.3", "10.1.2.3"));
	assert_true(pk_proxy_excepts("10.0.0.0/8", "10.1.2.3"));
	assert_true(pk_proxy_excepts("192.168.0.0/23", "192.168.1.1"));
	assert_false(pk_proxy_excepts("192.168.0.0/23", "192.168.2.1"));
	assert_true(pk_proxy_excepts("fd00::/8", "[fd12::1]"));
	assert_true(pk_proxy_excepts("::/0", "[fd12::1]"));
	assert_false(pk_proxy_excepts("fd00::/8", "10.1.2.3"));
	assert_false(pk_proxy_excepts("10.0.0.0/999", "10.1.2.3"));
	assert_false(pk_proxy_excepts("/8", "10.1.2.3"));
}

static const char *proxy_of(const char *host, bool tls)
{
	struct pk_url u = { .port = 443, .tls = tls };

	(void)snprintf(u.host, sizeof(u.host), "%s", host);
	return pk_proxy_for(&u);
}

static int nothing_set(void **state)
{
	static const char *const names[] = { "https_proxy", "HTTPS_PROXY",
					     "http_proxy",  "all_proxy",
					     "ALL_PROXY",   "no_proxy",
					     "NO_PROXY" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		(void)unsetenv(names[i]);
	return 0;
}

static void the_environment_names_it(void **state)
{
	(void)nothing_set(state);
	assert_string_equal(proxy_of("hub.example", true), "");
	(void)setenv("ALL_PROXY", "socks5h://all", 1);
	assert_string_equal(proxy_of("hub.example", true), "socks5h://all");
	(void)setenv("HTTPS_PROXY", "http://upper", 1);
	assert_string_equal(proxy_of("hub.example", true), "http://upper");
	(void)setenv("https_proxy", "http://lower", 1);
	assert_string_equal(proxy_of("hub.example", true), "http://lower");
	(void)setenv("no_proxy", "example", 1);
	assert_string_equal(proxy_of("hub.example", true), "");
	assert_string_equal(proxy_of("hub.org", true), "http://lower");
	assert_string_equal(proxy_of("localhost", true), "");
	assert_string_equal(proxy_of("[::1]", true), "");
	assert_string_equal(proxy_of("hub.org", false), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_excepts_hosts_and_what_is_below),
		cmocka_unit_test(a_list_excepts_blocks_of_addresses),
		cmocka_unit_test_teardown(the_environment_names_it,
					  nothing_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
