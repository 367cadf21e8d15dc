/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "support.h"

#define N PK_REACH_NONE
#define P PK_REACH_PUBLIC
#define O PK_REACH_PRIVATE
#define L PK_REACH_LOOP
#define K PK_REACH_LINK

static const struct {
	const char *text;
	enum pk_reach reach;
} known[] = {
	{ "8.8.8.8", P },
	{ "1.1.1.1", P },
	{ "223.255.255.255", P },
	{ "0.0.0.0", N },
	{ "0.1.2.3", N },
	{ "9.255.255.255", P },
	{ "10.0.0.0", O },
	{ "10.255.255.255", O },
	{ "11.0.0.0", P },
	{ "100.63.255.255", P },
	{ "100.64.0.0", O },
	{ "100.127.255.255", O },
	{ "100.128.0.0", P },
	{ "127.0.0.1", L },
	{ "127.255.255.254", L },
	{ "168.63.129.16", K },
	{ "168.63.129.17", P },
	{ "169.253.255.255", P },
	{ "169.254.169.254", K },
	{ "172.15.255.255", P },
	{ "172.16.0.0", O },
	{ "172.31.255.255", O },
	{ "172.32.0.0", P },
	{ "192.0.0.8", N },
	{ "192.0.2.1", N },
	{ "192.167.255.255", P },
	{ "192.168.0.1", O },
	{ "192.169.0.0", P },
	{ "198.17.255.255", P },
	{ "198.18.0.1", O },
	{ "198.19.255.255", O },
	{ "198.20.0.0", P },
	{ "203.0.113.9", N },
	{ "224.0.0.1", N },
	{ "239.255.255.255", N },
	{ "240.0.0.1", N },
	{ "255.255.255.255", N },
	{ "::", N },
	{ "::1", L },
	{ "::2", N },
	{ "::127.0.0.1", L },
	{ "::ffff:127.0.0.1", L },
	{ "::ffff:10.1.2.3", O },
	{ "::ffff:169.254.169.254", K },
	{ "::ffff:8.8.8.8", P },
	{ "::ffff:0:10.1.2.3", O },
	{ "64:ff9b::10.1.2.3", O },
	{ "64:ff9b::8.8.8.8", P },
	{ "64:ff9b:1::8.8.8.8", O },
	{ "2002:a01:203::1", O },
	{ "2002:7f00:1::", L },
	{ "2002:808:808::1", P },
	{ "2001::1", N },
	{ "2001:db8::1", N },
	{ "2001:4860:4860::8888", P },
	{ "2606:4700::1111", P },
	{ "3fff::1", N },
	{ "4000::1", N },
	{ "100::1", N },
	{ "fc00::1", O },
	{ "fd12:3456::1", O },
	{ "fd00:ec2::254", K },
	{ "fe80::1", K },
	{ "febf::1", K },
	{ "fec0::1", O },
	{ "ff02::1", N },
};

enum { KNOWN = sizeof(known) / sizeof(*known) };

static void each_address_is_somebodys(void **state)
{
	enum pk_reach reach;

	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		assert_true(pk_reach_text(known[i].text, &reach));
		if (reach != known[i].reach)
			fail_msg("%s is not %s", known[i].text,
				 pk_reach_name(reach));
		assert_int_equal(pk_reach_host(known[i].text), reach);
	}
}

/* What the socket is opened to is judged as the text is. */
static void a_socket_address_counts_as_its_text(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		if (inet_pton(AF_INET, known[i].text, &in.sin_addr) == 1)
			assert_int_equal(pk_reach_sockaddr(&in, sizeof(in)),
					 known[i].reach);
		else if (inet_pton(AF_INET6, known[i].text, &in6.sin6_addr) ==
			 1)
			assert_int_equal(pk_reach_sockaddr(&in6, sizeof(in6)),
					 known[i].reach);
		else
			fail_msg("%s", known[i].text);
	}
	assert_int_equal(pk_reach_sockaddr(&in, 3), N);
	in.sin_family = AF_UNIX;
	assert_int_equal(pk_reach_sockaddr(&in, sizeof(in)), N);
}

static void names_say_little(void **state)
{
	enum pk_reach reach;

	(void)state;
	assert_int_equal(pk_reach_host("localhost"), L);
	assert_int_equal(pk_reach_host("LocalHost."), L);
	assert_int_equal(pk_reach_host("a.localhost"), L);
	assert_int_equal(pk_reach_host("notlocalhost"), P);
	assert_int_equal(pk_reach_host("localhost.example"), P);
	assert_int_equal(pk_reach_host("[::1]"), L);
	assert_int_equal(pk_reach_host("[fe80::1]"), K);
	assert_int_equal(pk_reach_host(""), P);
	assert_false(pk_reach_text("127.0.0.1.example", &reach));
	assert_false(pk_reach_text("[]", &reach));
	assert_false(pk_reach_text("", &reach));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_somebodys),
		cmocka_unit_test(a_socket_address_counts_as_its_text),
		cmocka_unit_test(names_say_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
