/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

/* As spaCy writes them, shortened; more goes behind. */
#define PIPELINE                                                          \
	"[paths]\ntrain = null\n\n[system]\ngpu_allocator = null\n\n"     \
	"[nlp]\nlang = \"en\"\npipeline = [\"tok2vec\",\"ner\"]\n"        \
	"before_creation = null\ntokenizer = "                            \
	"{\"@tokenizers\":\"spacy.Tokenizer.v1\"}\n\n[components]\n\n"    \
	"[components.ner]\nfactory = \"ner\"\n\n[components.ner.model]\n" \
	"@architectures = \"spacy.TransitionBasedParser.v2\"\n\n"         \
	"[training.optimizer]\n@optimizers = \"Adam.v1\"\n"               \
	"[training.logger]\n# a remark\n"                                 \
	"@loggers = \"spacy-loggers.WandbLogger.v3\"\n"                   \
	"list = [\n    \"a\",\n    \"b\"\n  ]\n"

static const struct pk_job *scan(const char *text)
{
	return t_scan("config.cfg",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void an_ordinary_pipeline_is_clean(void **state)
{
	const struct pk_job *job = scan(PIPELINE);

	(void)state;
	assert_string_equal(job->primary->name, "spacy-config");
	assert_int_equal(t_findings(), 0);
	assert_false(t_partial());
	assert_int_equal(job->explained, job->size);
}

static void functions_of_others_are_low(void **state)
{
	static const char *const with[] = {
		PIPELINE "[initialize.before_init]\n"
			 "@callbacks = \"my_package.prepare.v1\"\n",
		PIPELINE "[nlp.x]\ny = {\"z\": [{\"@misc\": \"mine.f.v1\"}]}\n",
		PIPELINE "[components.x]\nfactory = \"my_factory\"\n",
		PIPELINE "[components.x]\nfactory : \"my_factory\"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
		scan(with[i]);
		assert_int_equal(t_severity(PK_RULE_SPACY_OUTSIDE_FUNCTION),
				 PK_LOW);
		assert_false(t_partial());
		t_teardown(NULL);
	}
}

static void trust_and_paths_are_judged_as_elsewhere(void **state)
{
	(void)state;
	scan(PIPELINE "[components.t.model.transformer_config]\n"
		      "trust_remote_code = true\n");
	assert_true(t_finds(PK_RULE_REPO_TRUST_SWITCH));
	scan(PIPELINE "[components.t.model]\n"
		      "tokenizer_config = {\"trust_remote_code\":true}\n");
	assert_true(t_finds(PK_RULE_REPO_TRUST_SWITCH));
	scan(PIPELINE "[components.x]\nsource = \"../../other\"\n");
	assert_true(t_finds(PK_RULE_REPO_PATH));
}

static void what_is_no_setting_makes_it_partial(void **state)
{
	(void)state;
	scan(PIPELINE "what is this\n");
	assert_true(t_finds(PK_RULE_SPACY_MALFORMED));
	assert_true(t_partial());
}

static void other_settings_are_none(void **state)
{
	(void)state;
	assert_null(scan("[metadata]\nname = a\n\n[nlp]\nx = 1\n")->primary);
	assert_null(scan("[nlp]\nlang = en\n")->primary);
	assert_int_equal(t_findings(), 0);
}

static void meta_json_asks_for_packages(void **state)
{
	const struct pk_job *job =
		t_scan("meta.json",
		       PK_LIT("{\"lang\":\"en\",\"name\":\"x\","
			      "\"spacy_version\":\">=3.5.0,<3.6.0\","
			      "\"pipeline\":[\"ner\"],\"requirements\":"
			      "[\"a>=1\",\"b @ git+https://b.example/b\"]}"));

	(void)state;
	assert_string_equal(job->primary->name, "spacy-config");
	assert_int_equal(t_severity(PK_RULE_REPO_REQUIREMENT), PK_LOW);
	assert_int_equal(t_findings(), 1);
	assert_null(t_scan("a.json", PK_LIT("{\"spacy_version\":1}"))->primary);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("config.cfg", PK_LIT(PIPELINE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_ordinary_pipeline_is_clean),
		T_TEST(functions_of_others_are_low),
		T_TEST(trust_and_paths_are_judged_as_elsewhere),
		T_TEST(what_is_no_setting_makes_it_partial),
		T_TEST(other_settings_are_none),
		T_TEST(meta_json_asks_for_packages),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
