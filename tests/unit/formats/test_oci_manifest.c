/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define HEX64                              \
	"0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef"
#define MANIFEST(digest, more)                                        \
	"{\"schemaVersion\":2,\"mediaType\":"                         \
	"\"application/vnd.oci.image.manifest.v1+json\",\"layers\":[" \
	"{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","  \
	"\"digest\":\"" digest "\",\"size\":3" more "}]}"

static const struct pk_job *scan(const char *text)
{
	return t_scan("manifest.json",
		      (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void a_manifest_is_clean(void **state)
{
	const struct pk_job *job = scan(MANIFEST("sha256:" HEX64, ""));

	(void)state;
	assert_string_equal(job->primary->name, "oci-manifest");
	assert_int_equal(t_findings(), 0);
	assert_int_equal(job->explained, job->size);
}

static void a_digest_that_is_a_path_is_high(void **state)
{
	(void)state;
	scan(MANIFEST("sha256:../../../../etc/passwd", ""));
	assert_int_equal(t_severity(PK_RULE_OCI_DIGEST), PK_HIGH);
}

static void names_that_lead_elsewhere_are_high(void **state)
{
	(void)state;
	scan(MANIFEST("sha256:" HEX64,
		      ",\"annotations\":{\"org.opencontainers.image.title\":"
		      "\"../../x\"}"));
	assert_int_equal(t_severity(PK_RULE_OCI_PATH), PK_HIGH);
	scan("[{\"Config\":\"a\",\"RepoTags\":[],\"Layers\":"
	     "[\"/etc/x.tar\"]}]");
	assert_int_equal(t_severity(PK_RULE_OCI_PATH), PK_HIGH);
	scan(MANIFEST("sha256:" HEX64, ",\"urls\":[\"http://host/x\"]"));
	assert_int_equal(t_severity(PK_RULE_OCI_FOREIGN_LAYER), PK_MEDIUM);
}

static void a_broken_manifest_is_not_clean(void **state)
{
	(void)state;
	scan("{\"schemaVersion\":2,\"layers\":[],\"digest\":");
	assert_true(t_finds(PK_RULE_OCI_MALFORMED));
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	static const char text[] = MANIFEST("sha256:" HEX64, "");

	(void)state;
	t_survives_damage("m.json", (struct pk_span){ (const uint8_t *)text,
						      sizeof(text) - 1 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_manifest_is_clean),
		T_TEST(a_digest_that_is_a_path_is_high),
		T_TEST(names_that_lead_elsewhere_are_high),
		T_TEST(a_broken_manifest_is_not_clean),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
