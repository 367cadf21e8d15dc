/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/weights.h"

#include <stdio.h>
#include <stdlib.h>

#include "source/memory.h"
#include "support.h"

static struct pk_weights w;
static struct pk_source *src;

static int teardown(void **state)
{
	(void)state;
	pk_weights_release(&w);
	pk_source_free(src);
	src = NULL;
	return 0;
}

static enum pk_weights_end open_as(struct pk_span bytes,
				   enum pk_weights_rules rules)
{
	(void)teardown(NULL);
	src = pk_memory_borrow(bytes);
	return pk_weights_open(&w, src, rules, 64 << 20);
}

static enum pk_weights_end open_now(const char *pka)
{
	return open_as(t_pka(pka), PK_RULES_NOW);
}

/* A tensor of two floats of storage 0, of size and stride as given. */
#define STORAGE(numel)                   \
	"MARK\nBINUNICODE \"storage\"\n" \
	"GLOBAL torch FloatStorage\n"    \
	"BINUNICODE \"0\"\nBINUNICODE \"cpu\"\n" numel "\nTUPLE\nBINPERSID\n"
#define TENSOR(numel, offset, size, stride)                                    \
	"GLOBAL torch._utils _rebuild_tensor_v2\nMARK\n" STORAGE(numel) offset \
		"\n" size "\nTUPLE1\n" stride "\nTUPLE1\nNEWFALSE\n"           \
		"GLOBAL collections OrderedDict\n"                             \
		"EMPTY_TUPLE\nREDUCE\nTUPLE\nREDUCE\n"
#define ARCHIVE(pickle)                                      \
	"zip\nmember \"a/data.pkl\"\nPROTO 2\n" pickle       \
	"STOP\nmember \"a/data/0\"\nhex 0000803f 00000040\n" \
	"member \"a/version\"\nraw \"3\\n\"\nend\n"

static void a_state_dict_gives_named_tensors(void **state)
{
	const struct pk_named *n;
	uint8_t buf[16];
	struct pk_gather *g;

	(void)state;
	assert_int_equal(
		open_now(ARCHIVE("EMPTY_DICT\nBINUNICODE \"w\"\n" TENSOR(
			"BININT1 2", "BININT1 0", "BININT1 2",
			"BININT1 1") "SETITEM\n"
				     "BINUNICODE \"epoch\"\nBININT1 3\n"
				     "SETITEM\n")),
		PK_WEIGHTS_OK);
	assert_string_equal(w.format, "pytorch-zip");
	assert_int_equal(w.n, 1);
	assert_int_equal(w.skipped_n, 1);
	assert_string_equal(w.skipped[0].what, "int 3");
	n = pk_weights_find(&w, "w");
	assert_non_null(n);
	assert_true(pk_weights_locate(&w, n->tensor));
	assert_true(pk_tensor_verbatim(n->tensor));
	g = pk_gather_new(n->tensor);
	assert_int_equal(pk_gather_next(g, buf, sizeof(buf)), 8);
	assert_memory_equal(buf, "\0\0\x80\x3f\0\0\0\x40", 8);
	assert_int_equal(pk_gather_next(g, buf, sizeof(buf)), 0);
	assert_false(pk_gather_failed(g));
	pk_gather_free(g);
	assert_null(pk_weights_find(&w, "v"));
}

static void the_same_view_twice_is_one_tensor(void **state)
{
	(void)state;
	assert_int_equal(
		open_now(ARCHIVE("EMPTY_DICT\nBINUNICODE \"z\"\n" TENSOR(
			"BININT1 2", "BININT1 0", "BININT1 2",
			"BININT1 1") "BINPUT 1\nSETITEM\n"
				     "BINUNICODE \"a\"\nBINGET 1\n"
				     "SETITEM\n")),
		PK_WEIGHTS_OK);
	assert_int_equal(w.n, 2);
	assert_null(pk_weights_find(&w, "a")->same_as);
	assert_ptr_equal(pk_weights_find(&w, "z")->same_as,
			 pk_weights_find(&w, "a"));
}

static void an_import_is_refused_and_named(void **state)
{
	(void)state;
	assert_int_equal(open_now(ARCHIVE("GLOBAL builtins print\n")),
			 PK_WEIGHTS_REFUSED);
	assert_non_null(strstr(w.why, "builtins.print"));
	assert_int_equal(w.n, 0);
}

static void salvage_gives_the_tensors_and_drops_the_rest(void **state)
{
	(void)state;
	assert_int_equal(
		open_as(t_pka(ARCHIVE("EMPTY_DICT\nBINUNICODE \"w\"\n" TENSOR(
				"BININT1 2", "BININT1 0", "BININT1 2",
				"BININT1 1") "SETITEM\n"
					     "BINUNICODE \"h\"\n"
					     "GLOBAL argparse "
					     "Namespace\n"
					     "EMPTY_TUPLE\nREDUCE\n"
					     "EMPTY_DICT\n"
					     "BINUNICODE \"lr\"\n"
					     "BININT1 1\nSETITEM\n"
					     "BUILD\nSETITEM\n")),
			PK_RULES_SALVAGE),
		PK_WEIGHTS_OK);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.skipped_n, 2);
	assert_true(w.skipped[0].stub);
	assert_string_equal(w.skipped[0].what, "argparse.Namespace");
	assert_string_equal(w.skipped[1].name, "h.lr");
}

static void lies_about_sizes_are_found(void **state)
{
	static const char *const lies[][4] = {
		{ "BININT1 3", "BININT1 0", "BININT1 2", "BININT1 1" },
		{ "BININT1 1", "BININT1 0", "BININT1 1", "BININT1 1" },
		{ "BININT -1", "BININT1 0", "BININT1 2", "BININT1 1" },
		{ "BININT1 2", "BININT1 1", "BININT1 2", "BININT1 1" },
		{ "BININT1 2", "BININT1 0", "BININT1 3", "BININT1 1" },
		{ "BININT1 2", "BININT1 0", "BININT1 2", "BININT1 2" },
		{ "BININT1 2", "BININT1 0", "BININT -2", "BININT1 1" },
		{ "BININT1 2", "BININT1 0", "BININT1 2", "BININT -1" },
		{ "BININT1 2", "BININT1 0", "BININT1 2",
		  "LONG1 9223372036854775807" },
		{ "BININT1 2", "BININT1 0", "LONG1 9223372036854775807",
		  "BININT1 0" },
		{ "LONG1 4611686018427387905", "BININT1 0", "BININT1 2",
		  "BININT1 1" },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		(void)snprintf(text, sizeof(text),
			       ARCHIVE("EMPTY_DICT\nBINUNICODE \"w\"\n" TENSOR(
				       "%s", "%s", "%s", "%s") "SETITEM\n"),
			       lies[i][0], lies[i][1], lies[i][2], lies[i][3]);
		assert_int_not_equal(open_now(text), PK_WEIGHTS_OK);
		assert_true(w.why && *w.why);
	}
}

static void a_dict_that_holds_itself_ends(void **state)
{
	(void)state;
	assert_int_equal(open_now(ARCHIVE("EMPTY_DICT\nBINPUT 0\n"
					  "BINUNICODE \"me\"\nBINGET 0\n"
					  "SETITEM\n")),
			 PK_WEIGHTS_OK);
	assert_int_equal(w.n, 0);
	assert_int_equal(w.skipped_n, 1);
}

static void two_tensors_of_one_name_are_refused(void **state)
{
	(void)state;
	assert_int_equal(
		open_now(ARCHIVE("EMPTY_DICT\nBINUNICODE \"a.b\"\n" TENSOR(
			"BININT1 2", "BININT1 0", "BININT1 2",
			"BININT1 1") "BINPUT 1\nSETITEM\n"
				     "BINUNICODE \"a\"\nEMPTY_DICT\n"
				     "BINUNICODE \"b\"\nBINGET 1\n"
				     "SETITEM\nSETITEM\n")),
		PK_WEIGHTS_BROKEN);
}

static void the_rules_of_1_13_know_fewer_opcodes(void **state)
{
	const char *text = ARCHIVE("BINFLOAT 1.5\n");

	(void)state;
	assert_int_equal(open_as(t_pka(text), PK_RULES_NOW), PK_WEIGHTS_OK);
	assert_int_equal(open_as(t_pka(text), PK_RULES_1_13),
			 PK_WEIGHTS_REFUSED);
}

static void survives_damage(void **state)
{
	const struct pk_span made =
		t_pka(ARCHIVE("EMPTY_DICT\nBINUNICODE \"w\"\n" TENSOR(
			"BININT1 2", "BININT1 0", "BININT1 2",
			"BININT1 1") "BINPUT 1\nSETITEM\n"
				     "BINUNICODE \"a\"\nBINGET 1\n"
				     "SETITEM\n"));
	uint8_t *copy;

	(void)state;
	for (size_t i = 0; i < made.len * 9; i++) {
		const size_t n = i < made.len ? i : made.len;

		copy = malloc(n ? n : 1);
		memcpy(copy, made.p, n);
		if (i >= made.len)
			copy[(i - made.len) / 8] ^=
				(uint8_t)(1U << (i - made.len) % 8);
		(void)open_as((struct pk_span){ copy, n }, PK_RULES_NOW);
		(void)open_as((struct pk_span){ copy, n }, PK_RULES_SALVAGE);
		(void)teardown(NULL);
		free(copy);
	}
}

#define TEST(fn) cmocka_unit_test_teardown(fn, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_state_dict_gives_named_tensors),
		TEST(the_same_view_twice_is_one_tensor),
		TEST(an_import_is_refused_and_named),
		TEST(salvage_gives_the_tensors_and_drops_the_rest),
		TEST(lies_about_sizes_are_found),
		TEST(a_dict_that_holds_itself_ends),
		TEST(two_tensors_of_one_name_are_refused),
		TEST(the_rules_of_1_13_know_fewer_opcodes),
		TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
