/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inventory.h"

#include <ctype.h>

#include "support.h"

static void every_identifier_is_found_whatever_its_case(void **state)
{
	static const char *const ids[] = {
#define PK_SPDX_ID(id) id,
#include "report/spdx_ids.def"
#undef PK_SPDX_ID
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		char text[64];
		size_t n = 0;

		for (; ids[i][n]; n++)
			text[n] = (char)tolower((unsigned char)ids[i][n]);
		text[n] = 0;
		assert_string_equal(pk_spdx_id(pk_text_span(text)), ids[i]);
	}
}

static void what_is_no_identifier_is_none(void **state)
{
	static uint8_t longest[1000];

	(void)state;
	assert_null(pk_spdx_id(PK_LIT("")));
	assert_null(pk_spdx_id(PK_LIT("MIT ")));
	assert_null(pk_spdx_id(PK_LIT("MIT\0x")));
	assert_null(pk_spdx_id(PK_LIT("my own")));
	assert_null(pk_spdx_id(PK_LIT("LLVM-exception")));
	assert_null(pk_spdx_id((struct pk_span){ longest, sizeof(longest) }));
}

static void has_purl(const char *path, const char *want)
{
	struct pk_buf b = { 0 };

	assert_int_equal(pk_put_purl(&b, path), want != NULL);
	assert_string_equal(pk_buf_str(&b), want ? want : "");
	pk_buf_release(&b);
}

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

static void a_package_url_is_made_of_what_is_known(void **state)
{
	(void)state;
	has_purl("hf://org/name@" COMMIT "/a b.pt",
		 "pkg:huggingface/org/name@" COMMIT "#a%20b.pt");
	has_purl("hf://org/name@main/a.pt", "pkg:huggingface/org/name#a.pt");
	has_purl("hf://org/name", "pkg:huggingface/org/name");
	has_purl("hf://org/name@" COMMIT, "pkg:huggingface/org/name@" COMMIT);
	has_purl("hf://org/name/", "pkg:huggingface/org/name");
	has_purl("hf://datasets/org/name", NULL);
	has_purl("hf://org", NULL);
	has_purl("hf:///name", NULL);
	has_purl("models--org--name/snapshots/" COMMIT "/a.pt", NULL);
	has_purl("", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_identifier_is_found_whatever_its_case),
		cmocka_unit_test(what_is_no_identifier_is_none),
		cmocka_unit_test(a_package_url_is_made_of_what_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
