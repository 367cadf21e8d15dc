/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "hub/s3_xml.h"

static struct pk_meter meter = { .ceiling = 1 << 24 };
static struct pk_arena arena = { .meter = &meter };
static struct pk_remote_trouble why;
static struct pk_files files;
static const char *next;

#define LIST(body)                                                \
	"<?xml version=\"1.0\"?><ListBucketResult "               \
	"xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" body \
	"</ListBucketResult>"
#define OBJECT(key, size)                                          \
	"<Contents><Key>" key "</Key><ETag>&quot;abc&quot;</ETag>" \
	"<Size>" size "</Size><Owner><ID>x</ID></Owner></Contents>"
#define URL "<EncodingType>url</EncodingType>"

static int release(void **state)
{
	(void)state;
	pk_arena_release(&arena);
	return 0;
}

static enum pk_status read_page(const char *xml, const char *below,
				const char *only)
{
	why = (struct pk_remote_trouble){ 0 };
	files = (struct pk_files){ .arena = &arena, .max = 100 };
	return pk_s3_page_read(
		(struct pk_span){ (const uint8_t *)xml, strlen(xml) }, below,
		only, &arena, &files, &next, &why);
}

static void objects_are_files_below_the_prefix(void **state)
{
	(void)state;
	assert_int_equal(
		read_page(LIST("<Name>b</Name>" OBJECT("p/a b", "5")
				       OBJECT("p/", "0") OBJECT("p/c/", "0")
					       OBJECT("p/c/&amp;d", "0")),
			  "p/", NULL),
		PK_OK);
	assert_int_equal(files.n, 2);
	assert_string_equal(files.v[0].path, "a b");
	assert_int_equal(files.v[0].size, 5);
	assert_string_equal(files.v[0].etag, "abc");
	assert_int_equal(files.v[0].identity, PK_ID_NONE);
	assert_string_equal(files.v[1].path, "c/&d");
	assert_null(next);
}

static void keys_are_decoded_when_the_page_says_so(void **state)
{
	(void)state;
	assert_int_equal(
		read_page(LIST(OBJECT("a+b%2Bc%C3%A9", "1") URL), "", NULL),
		PK_OK);
	assert_string_equal(files.v[0].path, "a b+c\xc3\xa9");
	assert_int_equal(read_page(LIST(OBJECT("a+b%2B", "1")), "", NULL),
			 PK_OK);
	assert_string_equal(files.v[0].path, "a+b%2B");
}

static void pages_lead_to_the_next(void **state)
{
	(void)state;
	assert_int_equal(
		read_page(LIST("<IsTruncated>true</IsTruncated>"
			       "<NextContinuationToken>t+/=</"
			       "NextContinuationToken>" OBJECT("a", "1")),
			  "", NULL),
		PK_OK);
	assert_string_equal(next, "t+/=");
	assert_int_equal(read_page(LIST("<IsTruncated>false</IsTruncated>"
					"<NextContinuationToken>t</"
					"NextContinuationToken>"),
				   "", NULL),
			 PK_OK);
	assert_null(next);
}

static void one_object_of_several(void **state)
{
	(void)state;
	assert_int_equal(read_page(LIST(OBJECT("p/a", "1") OBJECT("p/ab", "1")),
				   "p/", "p/a"),
			 PK_OK);
	assert_int_equal(files.n, 1);
	assert_string_equal(files.v[0].path, "a");
}

static void what_cannot_be_a_listing(void **state)
{
	static const char *const bad[] = {
		"",
		"<html></html>",
		"<Error><Code>AccessDenied</Code></Error>",
		"<ListBucketResult>",
		"<!DOCTYPE x [<!ENTITY a \"b\">]>" LIST(""),
		LIST(OBJECT("../x", "1")),
		LIST(OBJECT("/x", "1")),
		LIST(OBJECT("a//b", "1")),
		LIST(OBJECT("a\\b", "1")),
		LIST(OBJECT("a/", "1")),
		LIST(OBJECT("", "1")),
		LIST(OBJECT("a%00b", "1") URL),
		LIST(OBJECT("a%0ab", "1") URL),
		LIST(OBJECT("a%2", "1") URL),
		LIST(OBJECT("a", "")),
		LIST(OBJECT("a", "-1")),
		LIST(OBJECT("a", "1e3")),
		LIST(OBJECT("a", "99999999999999999999")),
		LIST("<Contents><Key>a</Key></Contents>"),
		LIST("<Contents><Size>1</Size></Contents>"),
		LIST("<Contents><Key>a</Key><Key>b</Key><Size>1</Size>"
		     "</Contents>"),
		LIST("<IsTruncated>true</IsTruncated>"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (read_page(bad[i], "", NULL) != PK_ERR_IO)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(why.problem, PK_HTTP_BROKEN);
		assert_true(why.text[0]);
	}
	assert_int_equal(read_page(LIST(OBJECT("q/a", "1")), "p/", NULL),
			 PK_ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_files_below_the_prefix),
		cmocka_unit_test(keys_are_decoded_when_the_page_says_so),
		cmocka_unit_test(pages_lead_to_the_next),
		cmocka_unit_test(one_object_of_several),
		cmocka_unit_test(what_cannot_be_a_listing),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
