/* SPDX-License-Identifier: Apache-2.0 */
#include "zip_builder.h"

/* Constants: class #2, "A", class #4, "B"; public A extends B. */
#define CLASS                                                            \
	"cafebabe 0000 0034 0005 07 0002 01 0001 41 07 0004 01 0001 42 " \
	"0021 0001 0003 0000 0000 0000 0000"
/* A type section of one function, and a function section. */
#define WASM "0061736d 01000000 01 04 01 60 00 00 03 02 01 00"
/* As Python 3.11 begins them. */
#define PYC "a70d0d0a 00000000 00000000 00000000 e3000000"
/* Of it: import os; os.system("id"), and x = 1. */
#define STARTS_A_PROGRAM                                               \
	"a70d0d0a00000000334b066b1a000000e300000000000000000000000003" \
	"00000000000000f32e0000009700640064016c005a00020065006a010000" \
	"0000000000006402a6010000ab0100000000000000000100640153002903" \
	"e9000000004eda0269642902da026f73da0673797374656da900f3000000" \
	"00fa04682e7079fa083c6d6f64756c653e72090000000100000073210000" \
	"00f003010101d80009800980098009d80009800284098824810f840f800f" \
	"800f800f7207000000"
#define HARMLESS                                                       \
	"a70d0d0a00000000334b066b06000000e300000000000000000000000001" \
	"00000000000000f30a000000970064005a00640153002902e9010000004e" \
	"2901da0178a900f300000000fa04672e7079fa083c6d6f64756c653e7207" \
	"00000001000000730e000000f003010101d8040580018001800172050000" \
	"00"

#define ORDINARY                                                       \
	"a70d0d0a00000000af59066b63000000e300000000000000000000000004" \
	"00000000000000f3280000009700640064016c005a000200470064028400" \
	"6403a6020000ab0200000000000000005a01640153002904e9000000004e" \
	"630000000000000000000000000100000000000000f31400000097006500" \
	"5a0164005a02640184005a03640253002903da0148630200000000000000" \
	"000000000300000003000000f39400000097007c01a00000000000000000" \
	"00000000000000000000000000a6000000ab000000000000000000010074" \
	"03000000000000000000006a0200000000000000006401a6010000ab0100" \
	"0000000000000001007407000000000000000000006402a6010000ab0100" \
	"00000000000000a0040000000000000000000000000000000000000000a6" \
	"000000ab000000000000000000530029034eda0161da01622905da046576" \
	"616cda026f73da076c697374646972da046f70656eda04726561642902da" \
	"0473656c66da017873020000002020fa046f2e7079da02676f7a04482e67" \
	"6f0300000073300000008000d808098f068a0689088c0888089522942a98" \
	"53912f942f902fad24a873a929ac29af2eaa2ed12a3ad42a3ad0233af300" \
	"0000004e2904da085f5f6e616d655f5fda0a5f5f6d6f64756c655f5fda0c" \
	"5f5f7175616c6e616d655f5f7210000000a9007211000000720f00000072" \
	"04000000720400000002000000732300000080008000800080008000f002" \
	"01053bf00001053bf00001053bf00001053bf00001053b72110000007204" \
	"00000029027209000000720400000072150000007211000000720f000000" \
	"fa083c6d6f64756c653e7216000000010000007340000000f003010101d8" \
	"0009800980098009f00202013bf00002013bf00002013bf00002013bf000" \
	"02013bf10002013bf40002013bf00002013bf00002013bf00002013b7211" \
	"000000"

static const char *reason(const char *hex)
{
	return t_scan("file", t_hex(hex))->reason;
}

static void each_kind_of_its_own_is_no_model(void **state)
{
	(void)state;
	assert_string_equal(reason(CLASS), "a Java class, no model");
	assert_string_equal(reason(WASM), "a WebAssembly module, no model");
	assert_string_equal(reason(PYC), "compiled Python, no model");
}

static void one_under_a_models_name_is_said(void **state)
{
	(void)state;
	t_scan("model.gguf", t_hex(CLASS));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_POSING), PK_HIGH);
}

static void four_bytes_are_no_class(void **state)
{
	(void)state;
	assert_string_equal(reason("cafebabe 0000 0034 ff00 0000 0000"),
			    "bytes of no model format");
}

/* A zip of compiled Python and, where it has a name, one more member. */
static int in_archive(const char *as, const char *pyc, const char *name,
		      const char *other)
{
	struct t_zip *z = z_new();

	z_add(z, (struct t_member){ .name = name, .data = t_hex(pyc) });
	if (other)
		z_add(z, (struct t_member){
				 .name = other,
				 .data = z_text("{\"model\":{}}"),
			 });
	return t_scan(as, z_close(z))->worst;
}

static void pythons_in_a_models_archive_is_code_by_value(void **state)
{
	(void)state;
	assert_int_equal(
		in_archive("m.mar", HARMLESS, "h.pyc", "MAR-INF/MANIFEST.json"),
		PK_HIGH);
	assert_true(t_finds(PK_RULE_PROGRAM_BYTECODE));
	assert_int_equal(in_archive("m.mar", STARTS_A_PROGRAM, "h.pyc",
				    "MAR-INF/MANIFEST.json"),
			 PK_CRITICAL);
	assert_true(t_finds(PK_RULE_PROGRAM_BYTECODE_REACHES));
	assert_false(t_partial());
}

static void pythons_in_an_archive_of_programs_is_ordinary(void **state)
{
	(void)state;
	assert_int_equal(
		in_archive("app.zip", STARTS_A_PROGRAM, "h.pyc", "__main__.py"),
		PK_LOW);
	assert_int_equal(in_archive("app.pt", STARTS_A_PROGRAM, "h.pyc", NULL),
			 PK_HIGH);
}

/* A zip of a pickle and compiled Python, in a zip. */
static int beside_a_pickle(const char *name, unsigned flags)
{
	uint8_t pyc[sizeof(STARTS_A_PROGRAM) / 2];
	const struct pk_span b = t_hex(STARTS_A_PROGRAM);
	struct t_zip *z = z_new();

	memcpy(pyc, b.p, b.len);
	pyc[4] = (uint8_t)flags;
	z_add(z, (struct t_member){ .name = name, .data = { pyc, b.len } });
	z_add(z, (struct t_member){ .name = "m.pkl",
				    .data = PK_LIT("\x80\x04}.") });
	return t_scan("model.zip", z_close(z))->worst;
}

static void beside_a_model_it_counts_unless_its_source_does(void **state)
{
	(void)state;
	assert_int_equal(beside_a_pickle("h.pyc", 0), PK_HIGH);
	assert_int_equal(beside_a_pickle("__pycache__/h.cpython-311.pyc", 0),
			 PK_INFO);
	/* Python checks it against the source. */
	assert_int_equal(beside_a_pickle("__pycache__/h.cpython-311.pyc", 3),
			 PK_INFO);
	/* It does not. */
	assert_int_equal(beside_a_pickle("__pycache__/h.cpython-311.pyc", 1),
			 PK_HIGH);
}

/* Of Python 3.11, with a source of 99 bytes: a size that looks like code.
 * import os; class H: def go(self, x): x.eval(); os.listdir("a"); open("b") */
static void attributes_and_sizes_are_not_taken_for_more(void **state)
{
	(void)state;
	assert_int_equal(
		in_archive("m.mar", ORDINARY, "h.pyc", "MAR-INF/MANIFEST.json"),
		PK_HIGH);
	assert_true(t_finds(PK_RULE_PROGRAM_BYTECODE));
}

static void a_models_archive_in_another_is_still_one(void **state)
{
	struct t_zip *z = z_new();
	uint8_t inner[1024];
	struct pk_span mar;

	(void)state;
	z_add(z, (struct t_member){ .name = "h.pyc",
				    .data = t_hex(STARTS_A_PROGRAM) });
	z_add(z, (struct t_member){ .name = "MAR-INF/MANIFEST.json",
				    .data = z_text("{\"model\":{}}") });
	mar = z_close(z);
	assert_true(mar.len <= sizeof(inner));
	memcpy(inner, mar.p, mar.len);
	mar.p = inner;
	z = z_new();
	z_add(z, (struct t_member){ .name = "m.mar", .data = mar });
	t_scan("outer.zip", z_close(z));
	assert_int_equal(t_severity(PK_RULE_PROGRAM_BYTECODE_REACHES),
			 PK_CRITICAL);
}

static void survives_damage(void **state)
{
	(void)state;
	t_survives_damage("model.gguf", t_hex(CLASS));
	t_survives_damage("model.gguf", t_hex(WASM));
	t_survives_damage("model.gguf", t_hex(PYC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T_TEST(each_kind_of_its_own_is_no_model),
		T_TEST(one_under_a_models_name_is_said),
		T_TEST(four_bytes_are_no_class),
		T_TEST(pythons_in_a_models_archive_is_code_by_value),
		T_TEST(pythons_in_an_archive_of_programs_is_ordinary),
		T_TEST(beside_a_model_it_counts_unless_its_source_does),
		T_TEST(attributes_and_sizes_are_not_taken_for_more),
		T_TEST(a_models_archive_in_another_is_still_one),
		T_TEST(survives_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
