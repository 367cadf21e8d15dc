/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

#define OBJECT          \
	PK_LIT("\x80\2" \
	       "c__torch__\nNet\n)\x81}b.")
#define NOTHING PK_LIT("\x80\2).")

static const struct pk_job *scan(struct pk_span object, struct pk_span code)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = "m/data.pkl", .data = object });
	z_add(z,
	      (struct t_member){ .name = "m/constants.pkl", .data = NOTHING });
	z_add(z, (struct t_member){ .name = "m/code/__torch__.py",
				    .data = code,
				    .method = 8 });
	return t_scan("m.pt", z_close(z));
}

static void a_script_is_named_and_nothing_worse(void **state)
{
	const struct pk_job *job = scan(OBJECT, PK_LIT("class Net(Module):\n"));

	(void)state;
	assert_string_equal(job->primary->name, "torchscript");
	assert_true(t_finds(PK_RULE_TORCH_SCRIPT));
	assert_int_equal(job->worst, PK_LOW);
	assert_false(t_partial());
}

static void an_operator_that_writes_files_is_high(void **state)
{
	(void)state;
	scan(OBJECT, PK_LIT("  _0 = ops.aten.save(x, \"/tmp/x\")\n"));
	assert_int_equal(t_severity(PK_RULE_TORCH_SCRIPT_REACHES), PK_HIGH);
}

static void what_only_looks_like_such_an_operator_is_not_one(void **state)
{
	(void)state;
	scan(OBJECT, PK_LIT("  # torch.save(x)\n"
			    "  _0 = self.torch.save(\"ops.aten.save(\")\n"
			    "  _1 = torch.save_all(x)\n"));
	assert_false(t_finds(PK_RULE_TORCH_SCRIPT_REACHES));
	scan(OBJECT, PK_LIT("  _0 = ops . aten .\\\n save(x)\n"));
	assert_true(t_finds(PK_RULE_TORCH_SCRIPT_REACHES));
}

static void a_python_import_in_its_pickle_counts(void **state)
{
	(void)state;
	scan(PK_LIT("\x80\2cos\nsystem\nX\2\0\0\0id\x85R."), PK_LIT("\n"));
	assert_true(t_finds(PK_RULE_PICKLE_DANGEROUS_CALL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_script_is_named_and_nothing_worse),
		T_TEST(an_operator_that_writes_files_is_high),
		T_TEST(what_only_looks_like_such_an_operator_is_not_one),
		T_TEST(a_python_import_in_its_pickle_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
