/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "engine/loader.h"

/* What the loader whose name begins so does with such a file; -1: it is not
 * listed. */
static int outcome(const char *format, unsigned facts, const char *loader)
{
	struct pk_format f = { .name = format };
	const struct pk_job job = { .primary = &f, .facts = facts };
	struct pk_loading v[PK_LOADINGS_MAX];
	const size_t n = pk_loadings(&job, v);

	for (size_t i = 0; i < n; i++) {
		if (strncmp(v[i].loader, loader, strlen(loader)) == 0)
			return (int)v[i].outcome;
	}
	return -1;
}

static void code_runs_before_a_stream_breaks(void **state)
{
	const unsigned facts = PK_FACT_PICKLE | PK_FACT_PICKLE_IMPORTS |
			       PK_FACT_PICKLE_RUNS_CODE | PK_FACT_PICKLE_BREAKS;

	(void)state;
	assert_int_equal(outcome("pickle", facts, "pickle.load"), PK_RUNS_CODE);
}

static void a_plain_pickle_loads_data(void **state)
{
	(void)state;
	assert_int_equal(outcome("pickle", PK_FACT_PICKLE, "pickle.load"),
			 PK_LOADS_DATA);
	assert_int_equal(outcome("pickle",
				 PK_FACT_PICKLE | PK_FACT_PICKLE_BREAKS,
				 "joblib.load"),
			 PK_FAILS);
}

static void the_defaults_of_pytorch_differ(void **state)
{
	const unsigned facts = PK_FACT_PICKLE | PK_FACT_PICKLE_RUNS_CODE |
			       PK_FACT_WEIGHTS_ONLY_REFUSES;

	(void)state;
	assert_int_equal(
		outcome("pytorch-zip", facts, "torch.load, weights_only=False"),
		PK_RUNS_CODE);
	assert_int_equal(
		outcome("pytorch-zip", facts, "torch.load, weights_only=True"),
		PK_REFUSES);
}

static void who_unpickles_nothing_of_it_is_not_listed(void **state)
{
	const struct pk_format gzip = { .name = "gzip",
					.risk = PK_RISK_WRAPPER };
	const struct pk_format tar = { .name = "tar" };
	const struct pk_format pickle = { .name = "pickle" };
	struct pk_job job = { .primary = &gzip,
			      .formats = { &gzip, &tar, &pickle },
			      .format_count = 3 };
	struct pk_loading v[PK_LOADINGS_MAX];

	(void)state;
	assert_int_equal(pk_loadings(&job, v), 0);
	job.facts = PK_FACT_PICKLE; /* in the tar, which joblib cannot read */
	assert_int_equal(pk_loadings(&job, v), 0);
	job.formats[1] = &pickle;
	job.format_count = 2;
	assert_int_equal(pk_loadings(&job, v), 1);
	job.primary = NULL;
	assert_int_equal(pk_loadings(&job, v), 0);
}

static void it_is_said_how_far_a_loader_gets(void **state)
{
	const struct pk_format pickle = { .name = "pickle" };
	struct pk_job job = { .primary = &pickle,
			      .facts = PK_FACT_PICKLE |
				       PK_FACT_PICKLE_RUNS_CODE };
	struct pk_moment *m =
		&job.moments[__builtin_ctz(PK_FACT_PICKLE_RUNS_CODE)];
	struct pk_loading v[PK_LOADINGS_MAX];

	(void)state;
	assert_true(pk_loadings(&job, v) > 0);
	assert_null(v[0].at);
	*m = (struct pk_moment){ true, NULL, 35 };
	(void)pk_loadings(&job, v);
	assert_int_equal(v[0].at->off, 35);
}

static void every_outcome_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(pk_outcome_name(PK_RUNS_CODE), "runs-code");
	assert_string_equal(pk_outcome_name(PK_LOADS_DATA), "loads-data");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_runs_before_a_stream_breaks),
		cmocka_unit_test(a_plain_pickle_loads_data),
		cmocka_unit_test(the_defaults_of_pytorch_differ),
		cmocka_unit_test(who_unpickles_nothing_of_it_is_not_listed),
		cmocka_unit_test(it_is_said_how_far_a_loader_gets),
		cmocka_unit_test(every_outcome_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
