/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NumPy arrays (.npy): "\x93NUMPY" | version | length | header dict | data.
 *
 * What can hurt: where the dtype holds Python objects, the data is a pickle,
 * which numpy.load(allow_pickle=True) executes.
 */
#include "analyze/pickle_scan.h"
#include "codec/npy.h"
#include "engine/format.h"

static void scan_objects(struct pk_scan *s, const struct pk_npy *npy)
{
	struct pk_pickle_job p = { .off = npy->data,
				   .stop = s->bytes->size,
				   .single = true };

	s->job->facts |= PK_FACT_NPY_OBJECT;
	pk_note_format(s, "pickle");
	pk_pickle_scan(s, &p);
}

static void claim_data(struct pk_scan *s, const struct pk_npy *npy)
{
	uint64_t bytes;

	if (!__builtin_mul_overflow(npy->items, npy->item_size, &bytes) &&
	    bytes <= s->bytes->size - npy->data) {
		pk_claim(s, npy->data, bytes);
		return;
	}
	pk_partial(s);
	pk_report(s, PK_RULE_NUMPY_MALFORMED, npy->data,
		  "the array needs more bytes than follow its header");
}

/* A header that only Python's own parser reads for certain: whatever the
 * data is, an unpickler may be given it. */
static void scan_doubtful(struct pk_scan *s, const struct pk_npy *npy)
{
	pk_partial(s);
	pk_report(s, PK_RULE_NUMPY_MALFORMED, 0,
		  "the header is not one that NumPy writes");
	if (pk_pickle_recognise(s, npy->data, s->bytes->size))
		scan_objects(s, npy);
}

static void numpy_scan(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_npy npy = pk_npy_read(&c);

	pk_report_fault(s, PK_RULE_NUMPY_MALFORMED, &c, "the header");
	if (!pk_cursor_ok(&c))
		return;
	pk_claim(s, 0, npy.data);
	if (!npy.understood)
		scan_doubtful(s, &npy);
	else if (npy.objects)
		scan_objects(s, &npy);
	else
		claim_data(s, &npy);
}

static enum pk_match numpy_probe(const struct pk_head *head)
{
	return pk_npy_is(head->bytes) ? PK_MATCH_SURE : PK_MATCH_NO;
}

static const struct pk_span numpy_begins[] = {
	PK_LIT_INIT("\x93NUMPY"),
	{ 0 },
};

const struct pk_format pk_format_numpy = {
	.name = "numpy",
	.title = "NumPy array",
	.reads = "the header; the pickle of an object array",
	.risk = PK_RISK_DATA,
	.rank = 20,
	.begins = numpy_begins,
	.probe = numpy_probe,
	.scan = numpy_scan,
};
