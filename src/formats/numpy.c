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
#include "engine/map.h"
#include "engine/note.h"

static void scan_objects(struct pk_scan *s, const struct pk_npy *npy)
{
	struct pk_pickle_job p = { .off = npy->data,
				   .stop = s->bytes->size,
				   .single = true };

	s->job->facts |= PK_FACT_NPY_OBJECT;
	pk_note_format(s, "pickle");
	pk_pickle_scan(s, &p);
}

/* "<f4" as SafeTensors spells it; other types by NumPy's own word. */
static struct pk_span dtype_of(const struct pk_npy *npy)
{
	static const struct {
		const char *numpy;
		struct pk_span name;
	} names[] = {
		{ "f4", PK_LIT_INIT("F32") }, { "f8", PK_LIT_INIT("F64") },
		{ "f2", PK_LIT_INIT("F16") }, { "i8", PK_LIT_INIT("I64") },
		{ "i4", PK_LIT_INIT("I32") }, { "i2", PK_LIT_INIT("I16") },
		{ "i1", PK_LIT_INIT("I8") },  { "u1", PK_LIT_INIT("U8") },
		{ "u2", PK_LIT_INIT("U16") }, { "u4", PK_LIT_INIT("U32") },
		{ "u8", PK_LIT_INIT("U64") }, { "b1", PK_LIT_INIT("BOOL") },
		{ "c8", PK_LIT_INIT("C64") },
	};
	const char *descr = npy->descr;

	if (!*descr)
		return PK_LIT("structured");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(descr + 1, names[i].numpy) == 0)
			return names[i].name;
	}
	return (struct pk_span){ (const uint8_t *)descr, strlen(descr) };
}

/* The array is called like its file or member, without the suffix. */
static struct pk_span name_of(const struct pk_scan *s)
{
	const char *name = s->name ? s->name : "";
	size_t n = strlen(name);

	if (n > 4 && strcmp(name + n - 4, ".npy") == 0)
		n -= 4;
	return (struct pk_span){ (const uint8_t *)name, n };
}

static void note(struct pk_scan *s, const struct pk_npy *npy)
{
	uint64_t bytes;

	if (__builtin_mul_overflow(npy->items, npy->item_size, &bytes))
		bytes = UINT64_MAX;
	pk_note_tensor(s, &(struct pk_tensor_note){ .name = name_of(s),
						    .dtype = dtype_of(npy),
						    .shape = npy->shape,
						    .rank = npy->rank,
						    .placed = true,
						    .off = npy->data,
						    .bytes = bytes });
	if (npy->fortran)
		pk_note_text(s, "fortran_order", PK_LIT("true"));
}

static void claim_data(struct pk_scan *s, const struct pk_npy *npy)
{
	uint64_t bytes;

	if (!__builtin_mul_overflow(npy->items, npy->item_size, &bytes) &&
	    bytes <= s->bytes->size - npy->data) {
		pk_claim(s, npy->data, bytes);
		pk_name_part(s, npy->data, bytes, PK_LIT("array data"));
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
	pk_name_part(s, 0, npy.data, PK_LIT("header"));
	if (npy.understood)
		note(s, &npy);
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
