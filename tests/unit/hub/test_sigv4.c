/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include "hub/sigv4.h"

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct pk_signer example = {
	.key = "AKIAIOSFODNN7EXAMPLE",
	.secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
	.region = "us-east-1",
};

static const struct pk_signed_header headers[] = {
	{ "x-amz-date", "20130524T000000Z" },
	{ "x-amz-content-sha256", EMPTY },
	{ "host", "examplebucket.s3.amazonaws.com" },
	{ "range", "bytes=0-9" },
};

#define HEAD                                                \
	"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/" \
	"20130524/us-east-1/s3/aws4_request, SignedHeaders="

static void signs(const struct pk_sigv4 *r, const char *want)
{
	struct pk_buf b = { 0 };

	assert_true(pk_sigv4_put(r, &b));
	assert_string_equal(pk_buf_str(&b), want);
	pk_buf_release(&b);
}

/* The examples of docs.aws.amazon.com/AmazonS3/latest/API/
 * sig-v4-header-based-auth.html */
static void the_example_get_object(void **state)
{
	const struct pk_sigv4 r = { .who = &example,
				    .method = "GET",
				    .path = PK_LIT("/test.txt"),
				    .headers = headers,
				    .header_count = 4,
				    .payload = EMPTY,
				    .when = "20130524T000000Z" };

	(void)state;
	signs(&r, HEAD "host;range;x-amz-content-sha256;x-amz-date, "
		       "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170"
		       "aba48dd91039c6036bdb41");
}

static void the_example_list_objects(void **state)
{
	const struct pk_sigv4 r = { .who = &example,
				    .method = "GET",
				    .path = PK_LIT("/"),
				    .query = PK_LIT("prefix=J&max-keys=2"),
				    .headers = headers,
				    .header_count = 3,
				    .payload = EMPTY,
				    .when = "20130524T000000Z" };

	(void)state;
	signs(&r, HEAD "host;x-amz-content-sha256;x-amz-date, "
		       "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59d"
		       "b6670ed5711ef69dc6f7");
}

static void the_example_lifecycle(void **state)
{
	const struct pk_sigv4 r = { .who = &example,
				    .method = "GET",
				    .path = PK_LIT("/"),
				    .query = PK_LIT("lifecycle"),
				    .headers = headers,
				    .header_count = 3,
				    .payload = EMPTY,
				    .when = "20130524T000000Z" };

	(void)state;
	signs(&r, HEAD "host;x-amz-content-sha256;x-amz-date, "
		       "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f"
		       "91ac7a200a0136783543");
}

/* "a-b" comes before "a" where whole parameters are compared. */
static void parameters_are_in_the_order_of_their_names(void **state)
{
	struct pk_sigv4 r = { .who = &example,
			      .method = "GET",
			      .path = PK_LIT("/"),
			      .query = PK_LIT("a-b=1&a=2&a=1"),
			      .headers = headers,
			      .header_count = 3,
			      .payload = EMPTY,
			      .when = "20130524T000000Z" };
	struct pk_buf one = { 0 }, two = { 0 };

	(void)state;
	assert_true(pk_sigv4_put(&r, &one));
	r.query = PK_LIT("a=1&a=2&a-b=1");
	assert_true(pk_sigv4_put(&r, &two));
	assert_string_equal(pk_buf_str(&one), pk_buf_str(&two));
	pk_buf_release(&one);
	pk_buf_release(&two);
}

static void too_much_is_not_signed(void **state)
{
	struct pk_sigv4 r = { .who = &example,
			      .method = "GET",
			      .headers = headers,
			      .header_count = PK_SIGNED_HEADERS_MAX + 1,
			      .payload = EMPTY,
			      .when = "20130524T000000Z" };
	struct pk_buf b = { 0 };

	(void)state;
	assert_false(pk_sigv4_put(&r, &b));
	r.header_count = 3;
	r.when = "2013";
	assert_false(pk_sigv4_put(&r, &b));
	pk_buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_get_object),
		cmocka_unit_test(the_example_list_objects),
		cmocka_unit_test(the_example_lifecycle),
		cmocka_unit_test(parameters_are_in_the_order_of_their_names),
		cmocka_unit_test(too_much_is_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
