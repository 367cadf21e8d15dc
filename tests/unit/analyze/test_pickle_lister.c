/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_lister.h"

#include <stdlib.h>

#include "source/memory.h"
#include "support.h"

struct listing {
	struct pk_lister l;
	struct pk_buf text;
};

static bool gather(void *ctx, const void *bytes, size_t n)
{
	pk_buf_put(ctx, bytes, n);
	return true;
}

static struct listing list(enum pk_listing kind, struct pk_span bytes)
{
	static struct pk_buf text;
	const struct pk_limits limits = pk_limits_default();
	struct pk_source *src = pk_memory_borrow(bytes);
	struct listing g = { .l = { .kind = kind,
				    .path = "a.pkl",
				    .write = gather,
				    .ctx = &text } };
	struct pk_job job;

	text.len = 0;
	pk_job_init(&job, &limits);
	job.watch = &g.l.watch;
	pk_lister_begin(&g.l);
	pk_scan_file(&job, src, "a.pkl");
	pk_lister_end(&g.l);
	pk_job_release(&job);
	pk_source_free(src);
	g.text = text;
	return g;
}

static bool shows(const char *pka, const char *what)
{
	struct listing g = list(PK_LIST_OPCODES, t_pka(pka));
	const bool yes = strstr(pk_buf_str(&g.text), what) != NULL;

	if (!yes)
		print_message("%s", pk_buf_str(&g.text));
	return yes;
}

static void operands_are_what_python_would_write(void **state)
{
	(void)state;
	assert_true(shows("BINFLOAT 0.5\nSTOP", "BINFLOAT           0.5"));
	assert_true(shows("PROTO 2\nLONG1 -129\nSTOP", "-0x81"));
	assert_true(shows("BININT -3\nSTOP", "BININT             -3"));
	assert_true(
		shows("PROTO 4\nSHORT_BINUNICODE \"it's\"\nSTOP", "\"it's\""));
	assert_true(
		shows("PROTO 4\nSHORT_BINBYTES \"a\\x00\"\nSTOP", "b'a\\x00'"));
}

static void marks_indent_and_are_named(void **state)
{
	(void)state;
	assert_true(shows("MARK\nNONE\nLIST\nSTOP",
			  "       1    NONE\n"
			  "       2  LIST                ; MARK at 0\n"));
}

static void every_pickle_of_a_stream_is_shown(void **state)
{
	const char two[] = "PROTO 2\nNONE\nSTOP\nPROTO 2\nNEWTRUE\nSTOP\n";
	struct listing g = list(PK_LIST_OPCODES, t_pka(two));

	(void)state;
	assert_int_equal(g.l.streams, 2);
	assert_false(g.l.broken);
	assert_true(shows(two, "returns True"));
}

static void joblib_arrays_are_stepped_over(void **state)
{
	(void)state;
	assert_true(
		shows("PROTO 3\nGLOBAL joblib.numpy_pickle NumpyArrayWrapper\n"
		      "EMPTY_TUPLE\nNEWOBJ\nEMPTY_DICT\nMARK\n"
		      "BINUNICODE \"shape\"\nBININT1 2\nTUPLE1\n"
		      "BINUNICODE \"dtype\"\nGLOBAL numpy dtype\n"
		      "BINUNICODE \"u1\"\nNEWFALSE\nNEWTRUE\nTUPLE3\nREDUCE\n"
		      "SETITEMS\nBUILD\nhex 2e2e\nSTOP\n",
		      "the array's bytes follow"));
}

static bool refuse(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return false;
}

static void a_reader_that_leaves_ends_it(void **state)
{
	struct pk_lister l = { .path = "a", .write = refuse };
	const struct pk_limits limits = pk_limits_default();
	struct pk_source *src =
		pk_memory_borrow(t_pka("PROTO 2\nNONE\nSTOP\n"));
	struct pk_job job;

	(void)state;
	pk_job_init(&job, &limits);
	job.watch = &l.watch;
	pk_lister_begin(&l);
	pk_scan_file(&job, src, "a.pkl");
	pk_lister_end(&l);
	assert_true(l.failed);
	pk_job_release(&job);
	pk_source_free(src);
}

/* Every prefix and every flipped byte, in every form. */
static void survives_damage(void **state)
{
	static uint8_t copy[512];
	const struct pk_span whole =
		t_pka("PROTO 4\nFRAME\nSHORT_BINUNICODE \"os\"\nMEMOIZE\n"
		      "SHORT_BINUNICODE \"system\"\nSTACK_GLOBAL\nMARK\n"
		      "LONG1 -129\nINT 7\nBINFLOAT 1.5\nTUPLE\nREDUCE\n"
		      "EMPTY_DICT\nBUILD\nBINGET 0\nPOP\nSTOP\n");

	(void)state;
	assert_true(whole.len < sizeof(copy));
	for (unsigned kind = 0; kind < PK_LISTINGS; kind++) {
		for (size_t i = 0; i < 2 * whole.len; i++) {
			const size_t at = i % whole.len;
			struct pk_span s = { copy, whole.len };

			memcpy(copy, whole.p, whole.len);
			if (i < whole.len)
				s.len = at;
			else
				copy[at] ^= 0xff;
			(void)list((enum pk_listing)kind, s);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(operands_are_what_python_would_write),
		T_TEST(marks_indent_and_are_named),
		T_TEST(every_pickle_of_a_stream_is_shown),
		T_TEST(joblib_arrays_are_stepped_over),
		T_TEST(a_reader_that_leaves_ends_it),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
