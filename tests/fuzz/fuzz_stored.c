/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stored report: the input as it stands, and the one on a file that holds
 * the input, with bytes of it changed and cut.  What was taken must come out
 * in every form, and as JSON be taken again and be the same.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "picket/picket.h"

enum { FILE_MAX = 4096, CHANGES = 24 };

struct bytes {
	unsigned char *p;
	size_t n;
};

static int keep(void *ctx, const void *bytes, size_t n)
{
	struct bytes *b = ctx;
	unsigned char *p = realloc(b->p, b->n + n + 1);

	if (!p)
		return -1;
	b->p = p;
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
	return 0;
}

/* NULL when it is refused.  From a block of the very size. */
static struct picket_stored *take(const void *p, size_t n)
{
	struct picket_stored *s = picket_stored_new();
	struct picket_refusal why;
	void *copy = malloc(n ? n : 1);

	if (!s || !copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	if (picket_stored_add(s, copy, n, &why) != PICKET_OK) {
		if (!why.text[0])
			abort();
		picket_stored_free(s);
		s = NULL;
	}
	free(copy);
	return s;
}

static struct bytes tell(struct picket_stored *s, const char *form)
{
	struct bytes b = { NULL, 0 };
	const struct picket_sink sink = { keep, &b };
	struct picket_report *r = NULL;

	if (picket_stored_report(s, form, &sink, &r) != PICKET_OK ||
	    picket_stored_write(s, r) != PICKET_OK)
		abort();
	picket_report_free(r);
	return b;
}

static void try_report(const void *p, size_t n)
{
	struct picket_stored *s = take(p, n);
	struct bytes once, twice;
	const char *form;

	if (!s)
		return;
	picket_stored_free(s);
	for (size_t i = 0; (form = picket_report_format(i)) != NULL; i++) {
		s = take(p, n);
		free(tell(s, form).p);
		picket_stored_free(s);
	}
	s = take(p, n);
	once = tell(s, "json");
	picket_stored_free(s);
	s = take(once.p, once.n);
	if (!s)
		abort();
	twice = tell(s, "json");
	if (once.n != twice.n || memcmp(once.p, twice.p, once.n) != 0)
		abort();
	picket_stored_free(s);
	free(once.p);
	free(twice.p);
}

static struct bytes report_on(const uint8_t *data, size_t size)
{
	struct bytes b = { NULL, 0 };
	const struct picket_sink sink = { keep, &b };
	struct picket_policy *policy = NULL;
	struct picket_options *o = picket_options_new();
	struct picket_summary *sum = picket_summary_new();
	struct picket_report *r = NULL;
	struct picket_file *f = NULL;

	if (picket_policy_new("standard", &policy) != PICKET_OK || !o || !sum)
		abort();
	picket_options_for_report(o, "json");
	if (picket_scan_memory(o, data, size, "fuzz.pt", &f) == PICKET_OK &&
	    picket_report_new("json", policy, &sink, &r) == PICKET_OK) {
		picket_policy_apply(policy, f);
		picket_summary_add(sum, f);
		if (picket_report_add(r, f) != PICKET_OK ||
		    picket_report_finish(r, sum) != PICKET_OK)
			abort();
	}
	picket_report_free(r);
	picket_file_free(f);
	picket_summary_free(sum);
	picket_options_free(o);
	picket_policy_free(policy);
	return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b;

	try_report(data, size);
	if (size > FILE_MAX)
		return 0;
	b = report_on(data, size);
	try_report(b.p, b.n);
	for (size_t i = 0; i + 2 < size && i < 3 * CHANGES && b.n; i += 3) {
		const size_t at = (data[i] | (size_t)data[i + 1] << 8) % b.n;
		const unsigned char was = b.p[at];

		b.p[at] ^= data[i + 2];
		try_report(b.p, b.n);
		try_report(b.p, at);
		b.p[at] = was;
	}
	free(b.p);
	return 0;
}
