/* SPDX-License-Identifier: Apache-2.0 */
/* TensorProto: whether the data fit the dimensions, and where they lie when
 * they lie in another file. */
#include "analyze/elsewhere.h"
#include "analyze/ref_path.h"
#include "formats/onnx_model.h"

enum {
	RANK_MAX = 64,
	EXTERNAL = 1, /* of DataLocation */
	STRING = 8,   /* of DataType */
	SURPLUS = 64, /* bytes behind a tensor that padding explains */
};

/* What the entries of external_data say. */
struct external {
	struct pk_pb_text location;
	uint64_t offset, length;
	uint64_t at; /* of the first entry */
	bool any, has_offset, has_length;
};

struct tensor {
	struct onnx *o;
	struct pk_pb_text name;
	uint64_t dims[RANK_MAX];
	uint64_t rank;
	uint64_t type;
	uint64_t raw_off, raw_len;
	uint64_t typed; /* numbers in the fields for one type each */
	bool has_raw, has_typed, negative;
	uint64_t location;
	struct external external;
};

/* Bits of an element, and how many numbers of a typed field hold one. */
static const struct {
	const char *name; /* as SafeTensors spells it */
	uint8_t bits;
	uint8_t per_number; /* elements in one number of int32_data */
	uint8_t numbers;    /* numbers for one element */
} types[] = {
	[1] = { "F32", 32, 1, 1 },     [2] = { "U8", 8, 1, 1 },
	[3] = { "I8", 8, 1, 1 },       [4] = { "U16", 16, 1, 1 },
	[5] = { "I16", 16, 1, 1 },     [6] = { "I32", 32, 1, 1 },
	[7] = { "I64", 64, 1, 1 },     [8] = { "STRING", 0, 1, 1 },
	[9] = { "BOOL", 8, 1, 1 },     [10] = { "F16", 16, 1, 1 },
	[11] = { "F64", 64, 1, 1 },    [12] = { "U32", 32, 1, 1 },
	[13] = { "U64", 64, 1, 1 },    [14] = { "C64", 64, 1, 2 },
	[15] = { "C128", 128, 1, 2 },  [16] = { "BF16", 16, 1, 1 },
	[17] = { "F8_E4M3", 8, 1, 1 }, [18] = { "F8_E4M3FNUZ", 8, 1, 1 },
	[19] = { "F8_E5M2", 8, 1, 1 }, [20] = { "F8_E5M2FNUZ", 8, 1, 1 },
	[21] = { "U4", 4, 2, 1 },      [22] = { "I4", 4, 2, 1 },
	[23] = { "F4", 4, 2, 1 },      [24] = { "F8_E8M0", 8, 1, 1 },
	[25] = { "U2", 2, 4, 1 },      [26] = { "I2", 2, 4, 1 },
};

static bool type_known(const struct tensor *t)
{
	return t->type < sizeof(types) / sizeof(types[0]) &&
	       types[t->type].name;
}

static void take_dims(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;
	uint64_t at = 0, v;

	while (pk_pb_int(r, f, &at, &v)) {
		if (t->rank < RANK_MAX)
			t->dims[t->rank] = v;
		t->rank++;
		t->negative |= v > INT64_MAX;
	}
}

static void take_type(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;

	(void)r;
	t->type = (uint32_t)f->value;
}

static void take_raw(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;

	(void)r;
	t->raw_off = f->off;
	t->raw_len = f->len;
	t->has_raw = true;
}

static void take_floats(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;

	t->typed += pk_pb_count(r, f, PK_PB_FIXED32S);
	t->has_typed = true;
}

static void take_doubles(struct pk_pb *r, const struct pk_pb_field *f,
			 void *ctx)
{
	struct tensor *t = ctx;

	t->typed += pk_pb_count(r, f, PK_PB_FIXED64S);
	t->has_typed = true;
}

static void take_ints(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;

	t->typed += pk_pb_count(r, f, PK_PB_INTS);
	t->has_typed = true;
}

static void take_string(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;

	(void)r;
	(void)f;
	t->typed++;
	t->has_typed = true;
}

static void take_location(struct pk_pb *r, const struct pk_pb_field *f,
			  void *ctx)
{
	struct tensor *t = ctx;

	(void)r;
	t->location = (uint32_t)f->value;
}

/* Digits alone: parsers that take more (blanks, signs, underscores) differ
 * in what they make of it. */
static bool decimal(const struct pk_pb_text *text, uint64_t *ret)
{
	const struct pk_span s = pk_pb_span(text);
	uint64_t v = 0;

	if (text->len == 0 || text->len > 19)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (uint64_t)(s.p[i] - '0');
	}
	*ret = v;
	return v <= INT64_MAX;
}

/* Elements of the tensor; false when they are more than can be. */
static bool elements(const struct tensor *t, uint64_t *ret)
{
	uint64_t n = 1;

	if (t->negative || t->rank > RANK_MAX)
		return false;
	for (uint64_t i = 0; i < t->rank; i++) {
		if (t->dims[i] == 0)
			n = 0;
	}
	for (uint64_t i = 0; i < t->rank && n; i++) {
		if (__builtin_mul_overflow(n, t->dims[i], &n))
			return false;
	}
	*ret = n;
	return n <= INT64_MAX / 16;
}

static uint64_t bytes_of(const struct tensor *t, uint64_t n)
{
	const uint64_t bits = types[t->type].bits;

	return n / 8 * bits + (n % 8 * bits + 7) / 8;
}

static const char *show_name(const struct tensor *t)
{
	return pk_show(t->o->file.s, pk_pb_span(&t->name), 120);
}

static void check_path(struct tensor *t, uint64_t need)
{
	static const char mark[] = "_ORT_MEM_ADDR_";
	const struct external *e = &t->external;
	struct pk_scan *s = t->o->file.s;
	const struct pk_span path = pk_pb_span(&e->location);
	const struct pk_path_flaw flaw = pk_path_flaw(path);
	const struct pk_ref ref = { .kind = PK_REF_DATA,
				    .path = path,
				    .need = e->offset +
					    (e->has_length ? e->length : need),
				    .at = e->location.off };
	struct pk_report r = { .rule = flaw.severity >= PK_HIGH
					       ? PK_RULE_ONNX_EXTERNAL_PATH
					       : PK_RULE_ONNX_EXTERNAL_DATA,
			       .severity = flaw.severity,
			       .off = e->location.off ? e->location.off
						      : e->at };

	if (memmem(path.p, path.len, mark, sizeof(mark) - 1)) {
		pk_report(s, PK_RULE_ONNX_MEMORY_ADDRESS, r.off,
			  "the data of the tensor %s are said to lie at the "
			  "address %llu",
			  show_name(t), (unsigned long long)e->offset);
		return;
	}
	if (flaw.what)
		pk_report_full(s, &r,
			       "the data of the tensor %s lie in %s, "
			       "which %s",
			       show_name(t), pk_show(s, path, 200), flaw.what);
	if (!flaw.what || flaw.severity < PK_MEDIUM)
		pk_refer(s, &ref);
	else
		pk_fetch_url(s, path, r.off);
}

static void odd_entry(struct tensor *t, uint64_t off,
		      const struct pk_pb_text *key,
		      const struct pk_pb_text *value)
{
	struct pk_scan *s = t->o->file.s;
	const struct pk_span k = pk_pb_span(key);
	const bool dunder = k.len > 2 && k.p[0] == '_' && k.p[1] == '_';
	const struct pk_report r = { .rule = PK_RULE_ONNX_EXTERNAL_DATA,
				     .severity = dunder ? PK_HIGH : PK_MEDIUM,
				     .off = off };

	pk_report_full(s, &r, "an entry of a tensor's external data is %s = %s",
		       pk_show(s, k, 80), pk_show(s, pk_pb_span(value), 80));
}

static void take_entry(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor *t = ctx;
	struct external *e = &t->external;
	struct pk_pb_text key = { 0 }, value = { .off = f->off };
	const struct pk_pb_pick pair[] = { { 1, &key }, { 2, &value } };
	bool fine = true;

	pk_pb_pick(r, f, pair, 2);
	if (!e->any)
		e->at = f->at;
	e->any = true;
	if (pk_pb_is(&key, "location")) {
		/* The last one counts; the others were meant for somebody. */
		if (e->location.off)
			check_path(t, 0);
		e->location = value;
	} else if (pk_pb_is(&key, "offset"))
		fine = e->has_offset = decimal(&value, &e->offset);
	else if (pk_pb_is(&key, "length"))
		fine = e->has_length = decimal(&value, &e->length);
	else if (!pk_pb_is(&key, "checksum") && !pk_pb_is(&key, "basepath"))
		fine = false;
	if (!fine)
		odd_entry(t, f->at, &key, &value);
	pk_pb_walk(r, f, &onnx_pair, NULL);
}

static const struct pk_pb_line segment_lines[] = {
	PK_PB(1, INT, "begin"),
	PK_PB(2, INT, "end"),
};
static const struct pk_pb_message segment = PK_PB_LINES(segment_lines);

static const struct pk_pb_line tensor_lines[] = {
	PK_PB(1, INTS, "dims", .take = take_dims),
	PK_PB(2, INT, "data_type", .take = take_type),
	PK_PB(3, MESSAGE, "segment", .of = &segment),
	PK_PB(4, FIXED32S, "float_data", .take = take_floats),
	PK_PB(5, INTS, "int32_data", .take = take_ints),
	PK_PB(6, BYTES, "string_data", .take = take_string),
	PK_PB(7, INTS, "int64_data", .take = take_ints),
	PK_PB(8, TEXT, "name"),
	PK_PB(9, BYTES, "raw_data", .take = take_raw),
	PK_PB(10, FIXED64S, "double_data", .take = take_doubles),
	PK_PB(11, INTS, "uint64_data", .take = take_ints),
	PK_PB(12, TEXT, "doc_string"),
	PK_PB(13, MESSAGE, "external_data", .of = &onnx_pair,
	      .take = take_entry),
	PK_PB(14, INT, "data_location", .take = take_location),
	PK_PB(16, MESSAGE, "metadata_props", .of = &onnx_pair),
};
const struct pk_pb_message onnx_tensor = PK_PB_LINES(tensor_lines);

static void check_raw(struct tensor *t, uint64_t need)
{
	struct pk_pb_file *file = &t->o->file;

	if (t->raw_len < need)
		pk_report(file->s, PK_RULE_ONNX_TENSOR_SIZE, t->raw_off,
			  "the tensor %s needs %llu bytes and has %llu",
			  show_name(t), (unsigned long long)need,
			  (unsigned long long)t->raw_len);
	else if (t->raw_len - need > SURPLUS)
		pk_pb_unexplained(file, t->raw_off + need, t->raw_len - need);
	if (need)
		pk_pb_look_into(file, t->raw_off, need, "tensor data");
}

static void check_typed(struct tensor *t, uint64_t n)
{
	const uint64_t each = types[t->type].per_number;
	const uint64_t need =
		(n / each + (n % each != 0)) * types[t->type].numbers;

	if (t->typed < need)
		pk_report(t->o->file.s, PK_RULE_ONNX_TENSOR_SIZE, t->name.off,
			  "the tensor %s needs %llu numbers and has %llu",
			  show_name(t), (unsigned long long)need,
			  (unsigned long long)t->typed);
}

static void check_external(struct tensor *t, uint64_t need)
{
	const struct external *e = &t->external;

	t->o->external++;
	if (e->has_length && need && e->length < need)
		pk_report(t->o->file.s, PK_RULE_ONNX_TENSOR_SIZE, e->at,
			  "the tensor %s needs %llu bytes and is given %llu "
			  "of another file",
			  show_name(t), (unsigned long long)need,
			  (unsigned long long)e->length);
	check_path(t, need);
}

static void tell(const struct tensor *t, uint64_t need)
{
	const char *type = type_known(t) ? types[t->type].name : "?";
	const struct pk_tensor_note note = {
		.name = pk_pb_span(&t->name),
		.dtype = { (const uint8_t *)type, strlen(type) },
		.shape = t->dims,
		.rank = t->rank > PK_NOTE_RANK_MAX ? PK_NOTE_RANK_MAX
						   : (unsigned)t->rank,
		.placed = t->has_raw,
		.off = t->raw_off,
		.bytes = need,
	};

	pk_note_tensor(t->o->file.s, &note);
}

static void check(struct tensor *t)
{
	uint64_t n = 0, need = 0;
	const bool sized = elements(t, &n);

	if (!sized)
		pk_report(t->o->file.s, PK_RULE_ONNX_TENSOR_SIZE, t->name.off,
			  "the dimensions of the tensor %s are no sizes",
			  show_name(t));
	if (sized && type_known(t))
		need = bytes_of(t, n);
	if (t->o->file.s->job->wants_notes)
		tell(t, need);
	if (t->external.any || t->location == EXTERNAL)
		check_external(t, need);
	if (!sized || !type_known(t) || t->type == STRING)
		return;
	if (t->has_raw)
		check_raw(t, need);
	else if (t->has_typed)
		check_typed(t, n);
}

void onnx_take_tensor(struct pk_pb *r, const struct pk_pb_field *f, void *ctx)
{
	struct tensor t = { .o = ctx, .name = { .off = f->off } };
	const struct pk_pb_pick names[] = { { 8, &t.name } };

	pk_pb_pick(r, f, names, 1);
	pk_pb_walk(r, f, &onnx_tensor, &t);
	if (pk_cursor_ok(&r->c))
		check(&t);
}
