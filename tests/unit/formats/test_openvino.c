/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#define NET(inner)                                                        \
	PK_LIT("<?xml version=\"1.0\"?>\n<net name=\"n\" version=\"11\">" \
	       "<layers>" inner "</layers></net>")
#define LAYER(set, more) \
	"<layer id=\"0\" name=\"a\" type=\"Add\" version=\"" set "\"" more "/>"

static void a_plain_model_is_clean(void **state)
{
	const struct pk_job *job = t_scan("a.xml", NET(LAYER("opset1", "")));

	(void)state;
	assert_int_equal(t_findings(), 0);
	assert_string_equal(job->primary->name, "openvino");
}

static void a_net_of_roads_is_none(void **state)
{
	(void)state;
	assert_null(t_scan("a.net.xml", PK_LIT("<net version=\"1.9\"><edge/>"
					       "</net>"))
			    ->primary);
}

static void extensions_and_libraries_are_said(void **state)
{
	(void)state;
	t_scan("a.xml", NET(LAYER("extension", "")));
	assert_int_equal(t_severity(PK_RULE_OPENVINO_EXTENSION), PK_LOW);
	t_scan("a.xml", NET(LAYER("opset1", " impl=\"./libevil.so\"")));
	assert_int_equal(t_severity(PK_RULE_OPENVINO_LIBRARY), PK_HIGH);
	t_scan("a.xml", NET("<layer id=\"1\" type=\"Python\" version=\"x\"/>"));
	assert_true(t_finds(PK_RULE_OPENVINO_PYTHON_LAYER));
	t_scan("a.xml", NET("<layer><data offset=\"-8\" size=\"9\"/></layer>"));
	assert_true(t_finds(PK_RULE_OPENVINO_MALFORMED));
	t_scan("a.xml", PK_LIT("<CustomLayer name=\"a\"><Kernel><Source "
			       "filename=\"a.cl\"/></Kernel></CustomLayer>"));
	assert_true(t_finds(PK_RULE_OPENVINO_CUSTOM_KERNEL));
}

static void history_is_no_danger(void **state)
{
	(void)state;
	t_scan("a.xml",
	       NET(LAYER("opset1", "") "<rt_info><x value=\"/a/lib.so\"/>"
				       "</rt_info>"));
	assert_int_equal(t_findings(), 0);
}

static void a_document_type_is_high(void **state)
{
	(void)state;
	t_scan("a.xml", PK_LIT("<!DOCTYPE net [<!ENTITY a SYSTEM "
			       "\"file:///etc/passwd\">]><net><layers>&a;"
			       "</layers></net>"));
	assert_int_equal(t_severity(PK_RULE_XML_DOCTYPE), PK_HIGH);
	assert_true(t_partial());
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("a.xml", NET(LAYER("opset1", " impl=\"a.dll\"")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(a_plain_model_is_clean),
		T_TEST(a_net_of_roads_is_none),
		T_TEST(extensions_and_libraries_are_said),
		T_TEST(history_is_no_danger),
		T_TEST(a_document_type_is_high),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
