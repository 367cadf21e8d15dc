/* SPDX-License-Identifier: Apache-2.0 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/fingerprint.h"
#include "engine/map.h"
#include "engine/note.h"
#include "engine/wire.h"
#include "source/memory.h"

static struct pk_limits limits;

static void report(struct pk_result *r, enum pk_rule rule,
		   enum pk_severity severity, const char *evidence)
{
	struct pk_scan s = { .job = &r->job, .kept = "outer.zip!a.pkl" };
	const struct pk_report what = { .rule = rule,
					.severity = severity,
					.off = 7,
					.len = 3,
					.evidence = evidence };

	pk_report_full(&s, &what, "said of %s", evidence ? evidence : "it");
}

static void note(struct pk_result *r)
{
	struct pk_scan s = { .job = &r->job };
	const uint64_t shape[] = { 3, UINT64_MAX };

	r->job.wants_notes = true;
	pk_note_tensor(&s, &(struct pk_tensor_note){ .name = PK_LIT("a\0b"),
						     .dtype = PK_LIT("F32"),
						     .shape = shape,
						     .rank = 2,
						     .placed = true,
						     .off = 5,
						     .bytes = 6 });
	pk_note_number(&s, "layers", 12);
	pk_refer(&s, &(struct pk_ref){ .kind = PK_REF_SHARD,
				       .path = PK_LIT("b.bin"),
				       .need = 9 });
	pk_refer(&s, &(struct pk_ref){ .kind = PK_REF_BASE,
				       .path = PK_LIT("org/x"),
				       .revision = PK_LIT("v1") });
}

static void draw(struct pk_result *r)
{
	struct pk_scan s = { .job = &r->job,
			     .bytes = pk_memory_borrow((struct pk_span){
				     (const uint8_t *)"0123456789", 10 }),
			     .arena = PK_ARENA(&r->job.meter) };

	pk_name_part(&s, 2, 3, PK_LIT("part"));
	pk_claim(&s, 2, 3);
	pk_keep_gaps(&s);
	pk_cover_release(&s.cover);
	pk_arena_release(&s.arena);
	pk_source_free(s.bytes);
}

/* A result with a little of everything. */
static void make(struct pk_result *r)
{
	const struct pk_import im = { .module = PK_LIT("po\0six"),
				      .name = PK_LIT("system"),
				      .py3_module = PK_LIT("os"),
				      .class = PK_IMPORT_DANGEROUS,
				      .called = true,
				      .off = 2 };

	limits = pk_limits_default();
	assert_int_equal(pk_result_init(r, "a.pkl", &limits), PK_OK);
	r->job.size = 100;
	r->job.explained = 90;
	r->job.facts = PK_FACT_PICKLE;
	r->job.reason = "plain text";
	report(r, PK_RULE_FILE_EMPTY, PK_MEDIUM, NULL);
	report(r, PK_RULE_FILE_HIDDEN_CONTENT, PK_HIGH, "evidence");
	assert_non_null(pk_job_import(&r->job, &im));
	note(r);
	draw(r);
	pk_result_conclude(r);
	assert_int_equal(pk_fingerprint(&r->job), PK_OK);
}

static enum pk_status decode(struct pk_span bytes, struct pk_result *ret)
{
	assert_int_equal(pk_result_init(ret, "b.pkl", &limits), PK_OK);
	return pk_wire_decode(ret, bytes);
}

static void what_goes_in_comes_out(void **state)
{
	struct pk_result a, b;
	struct pk_buf wire = { 0 };

	(void)state;
	make(&a);
	assert_int_equal(pk_wire_encode(&a, &wire), PK_OK);
	assert_int_equal(decode(pk_buf_span(&wire), &b), PK_OK);
	assert_int_equal(b.verdict, PK_SUSPICIOUS);
	assert_int_equal(b.job.size, 100);
	assert_int_equal(b.job.explained, 90);
	assert_string_equal(b.path, "b.pkl");
	assert_string_equal(b.job.findings->evidence, "evidence");
	assert_string_equal(b.job.findings->member, "outer.zip!a.pkl");
	assert_memory_equal(b.job.findings->fingerprint,
			    a.job.findings->fingerprint, PK_SHA256_LEN);
	assert_null(b.job.findings->next->evidence);
	assert_true(pk_span_eq(b.job.imports->module, PK_LIT("po\0six")));
	assert_true(b.job.imports->called);
	assert_true(pk_span_eq(b.job.tensors->name, PK_LIT("a\0b")));
	assert_true(pk_span_eq(b.job.tensors->dtype, PK_LIT("F32")));
	assert_int_equal(b.job.tensors->rank, 2);
	assert_true(b.job.tensors->shape[1] == UINT64_MAX);
	assert_true(b.job.tensors->placed);
	assert_int_equal(b.job.tensors->off + b.job.tensors->bytes, 11);
	assert_true(pk_span_eq(b.job.values->key, PK_LIT("layers")));
	assert_true(pk_span_eq(b.job.values->value, PK_LIT("12")));
	assert_true(pk_span_eq(b.job.refs->path, PK_LIT("b.bin")));
	assert_int_equal(b.job.refs->kind, PK_REF_SHARD);
	assert_int_equal(b.job.refs->need, 9);
	assert_int_equal(b.job.refs->next->kind, PK_REF_BASE);
	assert_true(pk_span_eq(b.job.refs->next->revision, PK_LIT("v1")));
	pk_result_release(&a);
	pk_result_release(&b);
	pk_buf_release(&wire);
}

/* Every prefix and every byte changed is survived, and a cut is refused. */
static void a_lying_worker_is_survived(void **state)
{
	struct pk_result a, b;
	struct pk_buf wire = { 0 };

	(void)state;
	make(&a);
	assert_int_equal(pk_wire_encode(&a, &wire), PK_OK);
	for (size_t i = 0; i < wire.len; i++) {
		uint8_t *cut = malloc(i + 1);

		assert_non_null(cut);
		memcpy(cut, wire.p, i);
		assert_int_equal(decode((struct pk_span){ cut, i }, &b),
				 PK_ERR_IO);
		pk_result_release(&b);
		free(cut);
		for (int v = 1; v < 256; v += 2) {
			wire.p[i] = (char)(wire.p[i] ^ v);
			(void)decode(pk_buf_span(&wire), &b);
			pk_result_release(&b);
			wire.p[i] = (char)(wire.p[i] ^ v);
		}
	}
	pk_buf_putc(&wire, 0);
	assert_int_equal(decode(pk_buf_span(&wire), &b), PK_ERR_IO);
	pk_result_release(&b);
	pk_result_release(&a);
	pk_buf_release(&wire);
}

static void what_is_too_much_is_cut_and_said_so(void **state)
{
	enum { MANY = 20000, LONG = 1000 };
	static char text[LONG + 1];
	struct pk_result a, b;
	struct pk_buf wire = { 0 };

	(void)state;
	make(&a);
	memset(text, 'x', LONG);
	a.job.limits.imports = 2 * MANY;
	for (int i = 0; i < MANY; i++) {
		char name[16];
		struct pk_import im = { .module = { (uint8_t *)text, LONG } };

		(void)snprintf(name, sizeof(name), "%d", i);
		im.name = (struct pk_span){ (uint8_t *)name, strlen(name) };
		assert_non_null(pk_job_import(&a.job, &im));
	}
	assert_int_equal(pk_wire_encode(&a, &wire), PK_OK);
	assert_true(wire.len <= PK_WIRE_MAX);
	assert_int_equal(decode(pk_buf_span(&wire), &b), PK_OK);
	assert_true(b.job.partial);
	assert_int_equal(b.verdict, PK_SUSPICIOUS);
	pk_result_release(&a);
	pk_result_release(&b);
	pk_buf_release(&wire);
}

static void notes_give_way_and_say_so(void **state)
{
	enum { MANY = 30000, LONG = 1000 };
	static char text[LONG + 1];
	struct pk_result a, b;
	struct pk_buf wire = { 0 };
	struct pk_scan s = { .job = &a.job };

	(void)state;
	make(&a);
	memset(text, 'x', LONG);
	for (int i = 0; i < MANY; i++)
		pk_note_text(&s, text, (struct pk_span){ (uint8_t *)text, 10 });
	assert_int_equal(pk_wire_encode(&a, &wire), PK_OK);
	assert_true(wire.len <= PK_WIRE_MAX);
	assert_int_equal(decode(pk_buf_span(&wire), &b), PK_OK);
	assert_false(b.job.partial);
	assert_true(b.job.notes_dropped > 0);
	pk_result_release(&a);
	pk_result_release(&b);
	pk_buf_release(&wire);
}

static void equal_findings_have_fingerprints_of_their_own(void **state)
{
	struct pk_result a, b;
	const struct pk_finding *f;

	(void)state;
	limits = pk_limits_default();
	assert_int_equal(pk_result_init(&a, "a", &limits), PK_OK);
	assert_int_equal(pk_result_init(&b, "elsewhere/b", &limits), PK_OK);
	for (int i = 0; i < 3; i++) {
		struct pk_scan s = { .job = &a.job };

		pk_report(&s, PK_RULE_FILE_EMPTY, (uint64_t)i, "at %d", i);
		s.job = &b.job;
		pk_report(&s, PK_RULE_FILE_EMPTY, (uint64_t)i + 9, "is %d", i);
	}
	assert_int_equal(pk_fingerprint(&a.job), PK_OK);
	assert_int_equal(pk_fingerprint(&b.job), PK_OK);
	f = a.job.findings;
	assert_memory_not_equal(f->fingerprint, f->next->fingerprint,
				PK_SHA256_LEN);
	assert_memory_not_equal(f->next->fingerprint,
				f->next->next->fingerprint, PK_SHA256_LEN);
	/* neither wording nor place nor path go in */
	assert_memory_equal(f->next->fingerprint,
			    b.job.findings->next->fingerprint, PK_SHA256_LEN);
	pk_result_release(&a);
	pk_result_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_lying_worker_is_survived),
		cmocka_unit_test(what_is_too_much_is_cut_and_said_so),
		cmocka_unit_test(notes_give_way_and_say_so),
		cmocka_unit_test(equal_findings_have_fingerprints_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
