/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/scipy_args.h"
#include "support.h"

/* What scipy 1.10 keeps for a distribution with the shapes a and b. */
#define OWN                                                              \
	"\n"                                                             \
	"def _parse_args(self, a, b,  loc=0, scale=1):\n"                \
	"    return (a, b, ), loc, scale\n"                              \
	"\n"                                                             \
	"def _parse_args_rvs(self, a, b,  loc=0, scale=1, size=None):\n" \
	"    return self._argcheck_rvs(a, b,  loc, scale, size=size)\n"  \
	"\n"                                                             \
	"def _parse_args_stats(self, a, b,  loc=0, scale=1, "            \
	"moments='mv'):\n"                                               \
	"    return (a, b, ), loc, scale, moments\n"

static bool own(const char *text)
{
	return pk_scipy_template_is_own(
		(struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void what_scipy_writes_is_its_own(void **state)
{
	(void)state;
	assert_true(own(OWN));
	assert_true(own("\ndef _parse_args(self,  loc=0):\n"
			"    return (), loc, 1\n"));
	assert_true(own(""));
}

static void a_statement_is_not(void **state)
{
	(void)state;
	assert_false(own(OWN "print('hello')\n"));
	assert_false(own("import os\n"));
	assert_false(own("    return loc; print('hello')\n"));
}

static void a_default_that_calls_is_not(void **state)
{
	(void)state;
	assert_false(own("def _parse_args(self, a=print('hello')):\n"));
	assert_false(own("def _parse_args(self, a=x.y):\n"));
	assert_false(own("def _parse_args(self): print('hello')\n"));
	assert_false(own("def _parse_args(self, a=0): print(a\n):\n"));
}

static void a_body_that_calls_is_not(void **state)
{
	(void)state;
	assert_false(own("    return print('hello')\n"));
	assert_false(own("    return print (a)\n"));
	assert_false(own("    return self._argcheck_rvs(a), print(a)\n"));
	assert_false(own("    return (a)(b)\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_scipy_writes_is_its_own),
		cmocka_unit_test(a_statement_is_not),
		cmocka_unit_test(a_default_that_calls_is_not),
		cmocka_unit_test(a_body_that_calls_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
