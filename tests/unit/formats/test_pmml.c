/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define PMML(inner)                                           \
	PK_LIT("<PMML xmlns=\"http://www.dmg.org/PMML-4_4\" " \
	       "version=\"4.4\"><Header/>" inner "</PMML>")

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job =
		t_scan("a.pmml",
		       PMML("<DefineFunction name=\"a.b.c\"/>"
			    "<Apply function=\"a.b.c\"/>"
			    "<Apply function=\"x-mean\"/>"
			    "<Extension name=\"e\" value=\"exec time\">os is "
			    "a word</Extension>"));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "pmml");
}

static void a_function_that_is_a_class_is_said(void **state)
{
	(void)state;
	t_scan("a.pmml", PMML("<Apply function=\"com.evil.Run\"/>"));
	assert_int_equal(t_severity(PK_RULE_PMML_FOREIGN_FUNCTION), PK_MEDIUM);
}

static void a_script_in_an_extension_is_said(void **state)
{
	(void)state;
	t_scan("a.pmml", PMML("<Extension><a>Runtime.getRuntime().exec(1)</a>"
			      "</Extension>"));
	assert_int_equal(t_severity(PK_RULE_PMML_SCRIPT), PK_MEDIUM);
}

static void a_document_type_is_high_in_any_encoding(void **state)
{
	(void)state;
	t_scan("a.pmml", PK_LIT("<?xml version=\"1.0\"?><!DOCTYPE PMML SYSTEM "
				"\"http://a/b.dtd\"><PMML/>"));
	assert_int_equal(t_severity(PK_RULE_XML_DOCTYPE), PK_HIGH);
	t_scan("a.pmml",
	       PK_LIT("\xff\xfe<\0!\0D\0O\0C\0T\0Y\0P\0E\0 \0P\0M\0M\0L\0 \0"
		      "[\0]\0>\0<\0P\0M\0M\0L\0/\0>\0"));
	assert_int_equal(t_severity(PK_RULE_XML_DOCTYPE), PK_HIGH);
}

static void what_is_no_xml_is_refused(void **state)
{
	const struct pk_job *job = t_scan("a.pmml", PK_LIT("<PMML><a></PMML>"));

	(void)state;
	assert_true(t_finds(PK_RULE_PMML_MALFORMED));
	assert_true(job->facts & PK_FACT_REFUSED);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.pmml", PMML("<Apply function=\"com.evil.Run\"/>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(a_function_that_is_a_class_is_said),
		T_TEST(a_script_in_an_extension_is_said),
		T_TEST(a_document_type_is_high_in_any_encoding),
		T_TEST(what_is_no_xml_is_refused),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
