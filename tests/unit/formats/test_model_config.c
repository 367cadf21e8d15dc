/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/note.h"
#include "support.h"

#define B(s) PK_LIT(s)

static const struct pk_job *scan(struct pk_span text)
{
	return t_scan("config.json", text);
}

static void an_ordinary_configuration_is_clean(void **state)
{
	const struct pk_job *job = scan(
		B("{\"architectures\": [\"GPT2LMHeadModel\"], \"model_type\": "
		  "\"gpt2\", \"transformers_version\": \"4.40.0\"}"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "model-config");
	scan(B("{\"_class_name\": \"StableDiffusionPipeline\", "
	       "\"_diffusers_version\": \"0.21\", \"feature_extractor\": "
	       "[null, null], \"unet\": [\"diffusers\", \"UNet2DModel\"], "
	       "\"sizes\": [1, 2]}"));
	assert_int_equal(t_findings(), 0);
	scan(B("[{\"idx\": 0, \"name\": \"0\", \"path\": \"\", \"type\": "
	       "\"sentence_transformers.models.Transformer\"}]"));
	assert_int_equal(t_findings(), 0);
}

static void other_json_is_none_of_ours(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"name\": \"x\", \"type\": \"os.system\"}",
		"[{\"func\": \"os.system\"}, {\"code\": \"x\"}]",
		"{\"a\": 1} trailing",
		"{\"auto_map\": ",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_null(scan((struct pk_span){ (const uint8_t *)texts[i],
						   strlen(texts[i]) })
				    ->primary);
		assert_int_equal(t_findings(), 0);
	}
}

static void remote_code_is_high(void **state)
{
	const struct pk_job *job = scan(B(
		"{\"\\u0061uto_map\": {\"AutoModel\": \"modeling_x.Model\"}}"));

	(void)state;
	assert_int_equal(t_severity(PK_RULE_REPO_REMOTE_CODE), PK_HIGH);
	assert_non_null(job->refs);
	assert_int_equal(job->refs->kind, PK_REF_CODE);
	assert_true(pk_span_eq(job->refs->path, B("modeling_x.py")));
	job = scan(B("{\"auto_map\": {\"AutoTokenizer\": [\"org/x--tok.Slow\","
		     " null]}}"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
	assert_non_null(strstr(job->findings->message, "org/x"));
	assert_int_equal(job->ref_count, 1);
	assert_int_equal(job->refs->kind, PK_REF_REPOSITORY);
	assert_true(pk_span_eq(job->refs->path, B("org/x")));
	scan(B("{\"custom_pipelines\": {\"t\": {\"impl\": \"p.P\"}}}"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
	scan(B("{\"_class_name\": [\"pipe\", \"P\"], \"_diffusers_version\": "
	       "\"0.2\"}"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
	scan(B("{\"_class_name\": \"P\", \"_diffusers_version\": \"0.2\", "
	       "\"unet\": [\"my_unet\", \"U\"]}"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
	scan(B("[{\"idx\":0,\"name\":\"0\",\"path\":\"\",\"type\":"
	       "\"custom_st.T\"}]"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
}

static void code_may_be_named_in_any_encoding_that_python_takes(void **state)
{
	(void)state;
	scan(t_hex("7b00 2200 6100 7500 7400 6f00 5f00 6d00 6100 7000 2200"
		   "3a00 7b00 2200 4100 2200 3a00 2200 6d00 2e00 4100 2200"
		   "7d00 7d00"));
	assert_true(t_finds(PK_RULE_REPO_REMOTE_CODE));
}

static void other_code_is_said(void **state)
{
	(void)state;
	scan(B("{\"peft_type\": \"LORA\", \"auto_mapping\": "
	       "{\"parent_library\": \"subprocess\"}}"));
	assert_true(t_finds(PK_RULE_REPO_LOADER_MODULE));
	scan(B("{\"peft_type\": \"LORA\", \"auto_mapping\": {\"parent_library"
	       "\": \"transformers.models.llama.modeling_llama\"}}"));
	assert_int_equal(t_findings(), 0);
	scan(B("{\"peft_type\": \"LORA\", \"auto_mapping\": "
	       "{\"parent_library\": \"__main__\"}}"));
	assert_int_equal(t_severity(PK_RULE_REPO_LOADER_MODULE), PK_MEDIUM);
	scan(B("{\"attn_implementation\": \"org/kernel\"}"));
	assert_true(t_finds(PK_RULE_REPO_KERNEL));
	scan(B("{\"attn_implementation\": \"sdpa\"}"));
	assert_int_equal(t_findings(), 0);
	scan(B("{\"trust_remote_code\": true}"));
	assert_int_equal(t_severity(PK_RULE_REPO_TRUST_SWITCH), PK_MEDIUM);
	scan(B("{\"x\": {\"_target_\": \"os.system\", \"command\": \"id\"}}"));
	assert_int_equal(t_severity(PK_RULE_CONFIG_TARGET), PK_CRITICAL);
	scan(B("{\"chat_template\": \"{{ ''.__class__.__mro__[1]."
	       "__subclasses__() }}\"}"));
	assert_true(t_findings() > 0);
	scan(B("{\"chat_template\": [{\"name\": \"default\", \"template\": "
	       "\"{{ ''.__class__.__mro__ }}\"}]}"));
	assert_true(t_findings() > 0);
}

/* The only source that the configuration leads to, or NULL. */
static const struct pk_ref *source_in(struct pk_span text)
{
	const struct pk_job *job = scan(text);

	assert_true(job->ref_count <= 1);
	return job->refs;
}

#define ADAPTER(base, more)                                       \
	B("{\"peft_type\": \"LORA\", \"base_model_name_or_path\"" \
	  ": \"" base "\"" more "}")

static void the_base_of_an_adapter_is_another_source(void **state)
{
	const struct pk_ref *ref =
		source_in(ADAPTER("org/base", ", \"revision\": \"v1\""));

	(void)state;
	assert_int_equal(ref->kind, PK_REF_BASE);
	assert_true(pk_span_eq(ref->path, B("org/base")));
	assert_true(pk_span_eq(ref->revision, B("v1")));
	assert_int_equal(t_findings(), 0);
	ref = source_in(ADAPTER("gpt2", ", \"revision\": null"));
	assert_int_equal(ref->kind, PK_REF_BASE);
	assert_int_equal(ref->revision.len, 0);
}

static void a_path_is_no_source(void **state)
{
	(void)state;
	assert_null(source_in(ADAPTER("/home/me/base", "")));
	assert_null(source_in(ADAPTER("./base", "")));
	assert_null(source_in(ADAPTER("../org/base", "")));
	assert_null(source_in(ADAPTER("a/b/c", "")));
	assert_null(source_in(ADAPTER("C:\\\\base", "")));
	assert_null(source_in(ADAPTER("org/", "")));
	assert_null(source_in(ADAPTER("", "")));
}

static void where_weights_once_came_from_is_no_source(void **state)
{
	(void)state;
	assert_null(source_in(B("{\"architectures\": [\"X\"], "
				"\"_name_or_path\": \"org/x\"}")));
	assert_int_equal(t_findings(), 0);
}

static void a_kernel_is_code_of_another_source(void **state)
{
	const struct pk_ref *ref = source_in(
		B("{\"attn_implementation\": \"paged|org/k@v2:fn\"}"));

	(void)state;
	assert_int_equal(ref->kind, PK_REF_REPOSITORY);
	assert_true(pk_span_eq(ref->path, B("org/k")));
	assert_true(pk_span_eq(ref->revision, B("v2")));
	ref = source_in(B("{\"attn_implementation\": \"org/k:fn\"}"));
	assert_true(pk_span_eq(ref->path, B("org/k")));
	assert_int_equal(ref->revision.len, 0);
}

static void a_model_without_its_weights_fetches_them(void **state)
{
	const struct pk_ref *ref = source_in(
		B("{\"mlflow_version\": \"2\", \"f\": {\"source_model_name\": "
		  "\"org/m\", \"source_model_revision\": \"abc\"}}"));

	(void)state;
	assert_int_equal(ref->kind, PK_REF_BASE);
	assert_true(pk_span_eq(ref->revision, B("abc")));
	assert_null(source_in(
		B("{\"mlflow_version\": \"2\", \"f\": {\"source_model_name\": "
		  "\"org/m\", \"model_binary\": \"model\"}}")));
}

static void an_address_is_another_source(void **state)
{
	const struct pk_ref *ref = source_in(
		B("{\"weight_map\": {\"a\": \"https://x.example/m\"}}"));

	(void)state;
	assert_int_equal(ref->kind, PK_REF_URL);
	assert_true(pk_span_eq(ref->path, B("https://x.example/m")));
}

static void an_index_names_its_shards(void **state)
{
	const struct pk_job *job = scan(
		B("{\"metadata\": {\"total_size\": 8}, \"weight_map\": {\"a\": "
		  "\"m-1.safetensors\", \"b\": \"m-2.safetensors\", \"c\": "
		  "\"m-1.safetensors\"}}"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->ref_count, 2);
	assert_int_equal(job->refs->kind, PK_REF_SHARD);
	scan(B("{\"weight_map\": {\"a\": \"../../etc/passwd\"}}"));
	assert_int_equal(t_severity(PK_RULE_REPO_PATH), PK_HIGH);
	scan(B("{\"weight_map\": {\"a\": \"m\", \"a\": \"n\"}}"));
	assert_true(t_finds(PK_RULE_REPO_INDEX_DUPLICATE));
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("config.json",
			  B("{\"auto_map\":{\"A\":\"m.A\"},\"weight_map\":"
			    "{\"a\":\"b\"},\"_diffusers_version\":\"1\"}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(an_ordinary_configuration_is_clean),
		T_TEST(other_json_is_none_of_ours),
		T_TEST(remote_code_is_high),
		T_TEST(code_may_be_named_in_any_encoding_that_python_takes),
		T_TEST(other_code_is_said),
		T_TEST(the_base_of_an_adapter_is_another_source),
		T_TEST(a_path_is_no_source),
		T_TEST(where_weights_once_came_from_is_no_source),
		T_TEST(a_kernel_is_code_of_another_source),
		T_TEST(a_model_without_its_weights_fetches_them),
		T_TEST(an_address_is_another_source),
		T_TEST(an_index_names_its_shards),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
