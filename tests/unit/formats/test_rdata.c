/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define HEAD          "580a 00000003 00040202 00030500 00000005 5554462d38 "
#define CHARS(n, hex) "00040009 000000" n hex " "
#define SYM(n, hex)   "00000001 " CHARS(n, hex)
#define NIL           "000000fe "
#define STR_ID        "00000010 00000001 " CHARS("02", "6964")
#define SYSTEM        SYM("06", "73797374656d")
/* system("id"), with or without tags */
#define CALL "00000006 " SYSTEM "00000002 " STR_ID NIL
/* g(1) */
#define HARMLESS                                         \
	"00000006 " SYM("01", "67") "00000002 0000000e " \
				    "00000001 3ff0000000000000 " NIL
#define UNBOUND "000000fc "

static int scan(const char *hex)
{
	const struct pk_job *job = t_scan("m.rds", t_hex(hex));

	assert_string_equal(job->primary->name, "r-data");
	return job->worst;
}

static void numbers_and_calls_are_clean(void **state)
{
	(void)state;
	assert_int_equal(scan(HEAD "0000000d 00000002 00000001 00000002"), -1);
	assert_int_equal(scan(HEAD HARMLESS), -1);
	assert_false(t_partial());
}

static void a_promise_of_an_expression_is_critical(void **state)
{
	(void)state;
	scan(HEAD "00000005 " UNBOUND HARMLESS);
	assert_int_equal(t_severity(PK_RULE_R_PROMISE), PK_CRITICAL);
	/* in a list, and with an environment */
	scan(HEAD "00000013 00000001 00000405 000000fd " UNBOUND CALL);
	assert_int_equal(t_severity(PK_RULE_R_PROMISE), PK_CRITICAL);
	/* as an attribute of a number */
	scan(HEAD "0000020d 00000001 00000007 00000402 " SYM(
		"01", "61") "00000005 " UNBOUND HARMLESS NIL);
	assert_int_equal(t_severity(PK_RULE_R_PROMISE), PK_CRITICAL);
}

/* An environment with one binding. */
#define ENVIRONMENT(value) \
	"00000004 00000000 000000fd 00000402 " SYM("01", "61") value NIL NIL NIL

static void promises_of_arguments_are_ordinary(void **state)
{
	(void)state;
	/* evaluated already: the value is a number */
	assert_int_equal(
		scan(HEAD ENVIRONMENT(
			"00000005 0000000d 00000001 00000007 " HARMLESS)),
		-1);
	/* never evaluated */
	assert_int_equal(scan(HEAD ENVIRONMENT("00000005 " UNBOUND HARMLESS)),
			 PK_LOW);
	/* never evaluated, and calls a shell */
	scan(HEAD ENVIRONMENT("00000005 " UNBOUND CALL));
	assert_int_equal(t_severity(PK_RULE_R_PROMISE), PK_CRITICAL);
}

static void a_call_of_a_shell_is_high(void **state)
{
	(void)state;
	scan(HEAD CALL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	/* the body of a closure */
	scan(HEAD "00000403 000000fd " NIL CALL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	/* base::system */
	scan(HEAD "00000006 00000006 " SYM("02", "3a3a") "00000002 " SYM(
		"04", "62617365") "00000002 " SYSTEM NIL
				  "00000002 " STR_ID NIL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	/* do.call("system", ...) */
	scan(HEAD "00000006 " SYM(
		"07", "646f2e63616c6c") "00000002 "
					"00000010 00000001 " CHARS(
						"06", "73797374656d") NIL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	/* a name met before, by its number */
	scan(HEAD "00000013 00000002 " SYSTEM
		  "00000006 000001ff 00000002 " STR_ID NIL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
}

static void the_word_system_alone_is_nothing(void **state)
{
	(void)state;
	/* a symbol, a string, and y ~ system */
	assert_int_equal(scan(HEAD
			      "00000013 00000002 " SYSTEM
			      "00000010 00000001 " CHARS("06", "73797374656d")),
			 -1);
	assert_int_equal(scan(HEAD "00000006 " SYM("01", "7e") "00000002 " SYM(
				 "01", "79") "00000002 " SYSTEM NIL),
			 -1);
}

static void bytecode_is_read(void **state)
{
	(void)state;
	/* a closure whose constants are a number and the call */
	scan(HEAD "00000403 000000fd " NIL
		  "00000015 00000001 0000000d 00000001 0000000c 00000001 "
		  "00000006 " NIL "00000000 " SYSTEM "00000002 " NIL
		  "00000000 " STR_ID "000000fe " NIL);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	assert_false(t_partial());
	/* only the name of the function */
	scan(HEAD "00000403 000000fd " NIL
		  "00000015 00000001 0000000d 00000001 0000000c 00000001 "
		  "00000001 " SYSTEM);
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	/* by itself */
	scan(HEAD "00000015 00000001 0000000d 00000001 0000000c 00000000");
	assert_int_equal(t_severity(PK_RULE_R_BYTECODE), PK_MEDIUM);
}

static void a_startup_function_is_high(void **state)
{
	(void)state;
	t_scan(".RData",
	       t_hex("524458330a" HEAD "00000402 " SYM(
		       "06", "2e4669727374") "00000403 000000fd " NIL NIL NIL));
	assert_int_equal(t_severity(PK_RULE_R_STARTUP), PK_HIGH);
}

static void a_mapped_file_is_high(void **state)
{
	(void)state;
	scan(HEAD "000000ee 00000002 " SYM("09", "6d6d61705f7265616c")
		     NIL STR_ID NIL);
	assert_int_equal(t_severity(PK_RULE_R_MMAP), PK_HIGH);
}

static void text_is_read_too(void **state)
{
	static const char call[] =
		"A\n3\n262658\n197888\n5\nUTF-8\n6\n1\n262153\n6\nsys\\164em\n"
		"2\n16\n1\n262153\n2\nid\n254\n";

	(void)state;
	t_scan("m.rds",
	       (struct pk_span){ (const uint8_t *)call, sizeof(call) - 1 });
	assert_int_equal(t_severity(PK_RULE_R_CALLS), PK_HIGH);
	assert_false(t_partial());
	t_survives_damage("m.rds", (struct pk_span){ (const uint8_t *)call,
						     sizeof(call) - 1 });
	/* what is no stream, and begins as one */
	assert_null(
		t_scan("a.txt", PK_LIT("A\nprefix of something\n\n"))->primary);
}

static void a_forged_length_is_a_finding(void **state)
{
	(void)state;
	scan(HEAD "0000000d ffffffff 7fffffff 00000000");
	assert_true(t_finds(PK_RULE_R_MALFORMED));
	assert_true(t_partial());
	scan(HEAD "00000013 7fffffff " NIL);
	assert_true(t_finds(PK_RULE_R_MALFORMED));
	scan(HEAD "0000ffff");
	assert_true(t_finds(PK_RULE_R_MALFORMED));
}

static void deep_nesting_ends(void **state)
{
	static uint8_t deep[1 << 20];
	const struct pk_span head = t_hex(HEAD);

	(void)state;
	memcpy(deep, head.p, head.len);
	for (size_t i = head.len; i + 8 <= sizeof(deep); i += 8)
		memcpy(deep + i, "\0\0\0\x13\0\0\0\1", 8);
	t_scan("m.rds", (struct pk_span){ deep, sizeof(deep) });
	assert_true(t_finds(PK_RULE_R_MALFORMED));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("m.rds",
			  t_hex(HEAD ENVIRONMENT("00000005 " UNBOUND CALL)));
	t_survives_damage(
		"m.rds",
		t_hex(HEAD
		      "00000403 000000fd " NIL
		      "00000015 00000001 0000000d 00000001 0000000c 00000001 "
		      "000000f4 00000000 00000006 " NIL "00000000 " SYSTEM
		      "00000002 " NIL "000000f3 00000000 000000fe " NIL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(numbers_and_calls_are_clean),
		T_TEST(a_promise_of_an_expression_is_critical),
		T_TEST(promises_of_arguments_are_ordinary),
		T_TEST(a_call_of_a_shell_is_high),
		T_TEST(the_word_system_alone_is_nothing),
		T_TEST(bytecode_is_read),
		T_TEST(a_startup_function_is_high),
		T_TEST(a_mapped_file_is_high),
		T_TEST(text_is_read_too),
		T_TEST(a_forged_length_is_a_finding),
		T_TEST(deep_nesting_ends),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
