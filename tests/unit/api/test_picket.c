/* SPDX-License-Identifier: Apache-2.0 */
/* The library as another program sees it: nothing but picket/picket.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "picket/picket.h"

static const char attack[] = "cos\nsystem\n(S'echo inert'\ntR.";

struct text {
	char p[1 << 16];
	size_t len;
};

static int gather(void *ctx, const void *bytes, size_t n)
{
	struct text *t = ctx;

	if (n > sizeof(t->p) - t->len)
		return -1;
	memcpy(t->p + t->len, bytes, n);
	t->len += n;
	return 0;
}

static int refuse(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	(void)bytes;
	(void)n;
	return -1;
}

static struct picket_options *options;

static int make_options(void **state)
{
	(void)state;
	options = picket_options_new();
	return options ? 0 : -1;
}

static int free_options(void **state)
{
	(void)state;
	picket_options_free(options);
	return 0;
}

static struct picket_file *scan(const char *name)
{
	struct picket_file *f = NULL;

	assert_int_equal(picket_scan_memory(options, attack, sizeof(attack) - 1,
					    name, &f),
			 PICKET_OK);
	return f;
}

static void an_attack_is_found_and_blocked(void **state)
{
	struct picket_file *f = scan("dir/a.pkl");
	struct picket_policy *p;
	const struct picket_finding *first = picket_file_findings(f);

	(void)state;
	assert_int_equal(picket_policy_new("standard", &p), PICKET_OK);
	picket_policy_apply(p, f);
	assert_int_equal(picket_file_verdict(f), PICKET_MALICIOUS);
	assert_int_equal(picket_file_action(f), PICKET_BLOCK);
	assert_string_equal(picket_file_format(f), "pickle");
	assert_string_equal(picket_file_path(f), "dir/a.pkl");
	assert_string_equal(picket_file_outcome(f, 0), "runs-code");
	assert_non_null(first);
	assert_int_equal(picket_finding_severity(first), PICKET_CRITICAL);
	assert_non_null(picket_rule_by_id(picket_finding_rule(first)));
	assert_string_equal(picket_import_name(picket_file_imports(f), NULL),
			    "system");
	picket_policy_free(p);
	picket_file_free(f);
}

static void a_result_survives_the_pipe(void **state)
{
	static struct text t;
	const struct picket_sink sink = { gather, &t };
	struct picket_file *f = scan("a.pkl"), *g;

	(void)state;
	t.len = 0;
	assert_int_equal(picket_file_encode(f, &sink), PICKET_OK);
	assert_int_equal(picket_file_decode(options, "a.pkl", t.p, t.len, &g),
			 PICKET_OK);
	assert_int_equal(picket_file_verdict(g), PICKET_MALICIOUS);
	assert_int_equal(
		picket_file_decode(options, "a.pkl", t.p, t.len - 1, &f),
		PICKET_ERR_DATA);
	picket_file_free(f);
	picket_file_free(g);
}

static void every_failure_is_a_value(void **state)
{
	const struct picket_sink broken = { refuse, NULL };
	struct picket_report *r = NULL;
	struct picket_policy *p = NULL;
	struct picket_file *f = NULL;

	(void)state;
	assert_int_equal(picket_scan_path(options, "/nonexistent/x", &f),
			 PICKET_ERR_IO);
	assert_int_equal(picket_scan_path(options, "/dev/null", &f),
			 PICKET_ERR_IO);
	assert_int_equal(picket_scan_fd(options, -1, "x", &f), PICKET_ERR_IO);
	assert_int_equal(picket_policy_new("lax", &p), PICKET_ERR_USAGE);
	assert_int_equal(picket_policy_new("warn", &p), PICKET_OK);
	assert_int_equal(picket_policy_set_fail_on(p, "info"),
			 PICKET_ERR_USAGE);
	assert_int_equal(picket_report_new("pdf", p, &broken, &r),
			 PICKET_ERR_USAGE);
	assert_int_equal(picket_report_new("json", p, &broken, &r), PICKET_OK);
	f = scan("a.pkl");
	assert_int_equal(picket_report_add(r, f), PICKET_ERR_IO);
	assert_int_equal(picket_options_set_limit(options, "nothing", 1),
			 PICKET_ERR_USAGE);
	assert_int_equal(picket_options_set_limit(options, "depth", 0),
			 PICKET_ERR_USAGE);
	picket_report_free(r);
	picket_file_free(f);
	picket_policy_free(p);
}

static void limits_have_names(void **state)
{
	(void)state;
	assert_int_equal(picket_options_set_limit(options, "depth", 3),
			 PICKET_OK);
	assert_int_equal(picket_options_limit(options, "depth"), 3);
	assert_string_equal(picket_limit_name(0), "memory");
	assert_null(picket_limit_name(1000));
}

static void the_catalogues_can_be_read(void **state)
{
	(void)state;
	for (size_t i = 0; picket_rule_at(i); i++) {
		const struct picket_rule *r = picket_rule_at(i);

		assert_ptr_equal(picket_rule_by_id(picket_rule_id(r)), r);
		assert_non_null(picket_severity_name(picket_rule_severity(r)));
		assert_true(*picket_rule_why(r) && *picket_rule_fix(r));
	}
	assert_null(picket_rule_by_id("no.such"));
	assert_non_null(picket_format_at(0));
	assert_null(picket_verdict_name((enum picket_verdict)77));
	picket_file_free(NULL);
	picket_walk_free(NULL);
	picket_report_free(NULL);
	picket_summary_free(NULL);
	picket_filter_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_attack_is_found_and_blocked),
		cmocka_unit_test(a_result_survives_the_pipe),
		cmocka_unit_test(every_failure_is_a_value),
		cmocka_unit_test(limits_have_names),
		cmocka_unit_test(the_catalogues_can_be_read),
	};

	return cmocka_run_group_tests(tests, make_options, free_options);
}
