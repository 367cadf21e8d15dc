/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GGUF: llama.cpp's model container.
 *
 *   "GGUF" | u32 version | tensors | pairs | pair... | tensor... | data
 *   pair   = string key | u32 kind | value
 *   tensor = string name | u32 n | dimension... | u32 type | u64 offset
 *
 * What can hurt: counts and sizes that overflow a reader, and the chat
 * template, which loaders hand to Jinja2.
 */
#include "codec/gguf.h"

#include <stdarg.h>
#include <stdio.h>

#include "analyze/template.h"
#include "core/set64.h"
#include "engine/format.h"
#include "engine/map.h"
#include "engine/note.h"
#include "source/slice.h"

enum {
	COUNT_MAX = 1 << 30, /* of an array, bytes of a string: llama.cpp's */
	NAME_MAX_LEN = 64,   /* GGML_MAX_NAME */
	NAME_FORK_MAX = 128, /* the same in builds that raise it */
	DIMS_MAX = 4,
	ALIGNMENT = 32, /* when the file does not say */
	TEMPLATE_MAX = 4 << 20,
	SHOWN_MAX = 80,
};

struct reader {
	struct pk_scan *s;
	struct pk_gguf g;
	struct pk_set64 keys, names;
	uint64_t alignment;
	uint64_t split_no, split_count;
	uint64_t data;     /* where the section of tensor data begins */
	uint64_t expected; /* offset in it that the next tensor must have */
	bool lost;         /* a type of unknown size came before */
	bool short_of;     /* said that data are missing */
	bool odd;          /* said that something is */
};

PK_PRINTF(4, 5)
static void refuse(struct reader *r, enum pk_rule rule, uint64_t off,
		   const char *fmt, ...)
{
	va_list ap;
	char text[256];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->s->job->facts |= r->s->depth ? 0 : PK_FACT_REFUSED;
	pk_report(r->s, rule, off, "%s", text);
}

static void say_odd(struct reader *r, uint64_t off, const char *what)
{
	if (!r->odd)
		pk_report(r->s, PK_RULE_GGUF_ODD, off, "%s", what);
	r->odd = true;
}

/* FNV-1a: names are looked for twice, not found again. */
static uint64_t hash(struct pk_span s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 0x100000001b3;
	return h;
}

static bool contains(struct pk_span s, struct pk_span what)
{
	for (size_t i = 0; i + what.len <= s.len; i++) {
		if (memcmp(s.p + i, what.p, what.len) == 0)
			return true;
	}
	return false;
}

static void scan_template(struct reader *r, const char *key, uint64_t off,
			  uint64_t len)
{
	struct pk_scan *s = r->s;
	uint8_t *text = NULL;

	if (len <= TEMPLATE_MAX)
		text = pk_arena_alloc(&s->arena, (size_t)len + 1, 1);
	if (!text || pk_source_read(s->bytes, off, text, (size_t)len) != len) {
		pk_partial(s);
		pk_report(s, PK_RULE_GGUF_MALFORMED, off,
			  "a template of %llu bytes was not read",
			  (unsigned long long)len);
		return;
	}
	pk_template_scan(s, (struct pk_span){ text, (size_t)len }, off,
			 pk_arena_printf(&s->arena, "the template %s", key));
}

/* A string value, of any length; templates and other files are looked at. */
static void read_string(struct reader *r, const char *key)
{
	const uint64_t len = pk_gguf_count(&r->g);
	const uint64_t off = r->g.c.off;
	const struct pk_span name = { (const uint8_t *)key, strlen(key) };

	if (len > COUNT_MAX)
		pk_cursor_fail(&r->g.c, PK_FAULT_RANGE);
	pk_skip(&r->g.c, len);
	if (!pk_cursor_ok(&r->g.c))
		return;
	if (contains(name, PK_LIT("template")))
		scan_template(r, key, off, len);
	else if (pk_span_eq(name, PK_LIT("tokenizer.huggingface.json")))
		pk_descend(r->s, name, pk_slice_new(r->s->bytes, off, len),
			   PK_MEMBER_RAW);
	if (len <= 4096 && pk_wants_value(r->s, name)) {
		struct pk_cursor c =
			pk_cursor_open(r->s->bytes, off, len, &r->s->arena);

		pk_note_pair(r->s, name, pk_get_bytes(&c, len));
	}
}

static void read_array(struct reader *r, const char *key)
{
	const uint32_t kind = pk_gguf_u32(&r->g);
	const uint64_t n = pk_gguf_count(&r->g);
	struct pk_cursor *c = &r->g.c;
	const struct pk_span name = { (const uint8_t *)key, strlen(key) };

	/* An array of arrays is in the format's paper and in no reader. */
	if (kind >= PK_GGUF_KINDS || kind == PK_GGUF_ARRAY)
		pk_cursor_fail(c, PK_FAULT_VALUE);
	if (n > COUNT_MAX)
		pk_cursor_fail(c, PK_FAULT_RANGE);
	if (!pk_cursor_ok(c))
		return;
	if (kind != PK_GGUF_STRING) {
		if (pk_cursor_fits(c, n, pk_gguf_size[kind]))
			pk_skip(c, n * pk_gguf_size[kind]);
		return;
	}
	if (!pk_cursor_fits(c, n, pk_gguf_text_min(&r->g)))
		return;
	for (uint64_t i = 0; i < n && pk_cursor_ok(c); i++) {
		if (contains(name, PK_LIT("template"))) {
			read_string(r, key);
			continue;
		}
		pk_skip(c, pk_gguf_count(&r->g));
		if (!(i & 0xffff) && pk_out_of_budget(r->s))
			return;
	}
}

static void note_number(struct reader *r, const char *key, uint32_t kind,
			uint64_t v)
{
	const unsigned bits = pk_gguf_size[kind] * 8;
	char text[32];
	float f32;
	double f64;
	uint32_t low = (uint32_t)v;

	if (!r->s->job->wants_notes)
		return;
	memcpy(&f32, &low, sizeof(f32));
	memcpy(&f64, &v, sizeof(f64));
	if (kind == PK_GGUF_BOOL)
		snprintf(text, sizeof(text), "%s", v ? "true" : "false");
	else if (kind == PK_GGUF_F32 || kind == PK_GGUF_F64)
		snprintf(text, sizeof(text), "%g",
			 kind == PK_GGUF_F32 ? (double)f32 : f64);
	else if (kind == PK_GGUF_I8 || kind == PK_GGUF_I16 ||
		 kind == PK_GGUF_I32 || kind == PK_GGUF_I64)
		snprintf(text, sizeof(text), "%lld",
			 (long long)(v << (64 - bits)) >> (64 - bits));
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	pk_note_text(r->s, key,
		     (struct pk_span){ (const uint8_t *)text, strlen(text) });
}

static void read_alignment(struct reader *r, uint32_t kind, uint64_t v,
			   uint64_t off)
{
	if (kind == PK_GGUF_U32 && v && !(v & (v - 1))) {
		r->alignment = v;
		return;
	}
	refuse(r, PK_RULE_GGUF_MALFORMED, off,
	       "the alignment of the data is no power of two");
}

static void read_number(struct reader *r, const char *key, uint32_t kind)
{
	const uint64_t off = r->g.c.off;
	const uint64_t v = pk_gguf_value(&r->g, kind);

	if (!pk_cursor_ok(&r->g.c))
		return;
	note_number(r, key, kind, v);
	if (strcmp(key, "general.alignment") == 0)
		read_alignment(r, kind, v, off);
	else if (strcmp(key, "split.no") == 0)
		r->split_no = v;
	else if (strcmp(key, "split.count") == 0)
		r->split_count = v;
}

static void read_pair(struct reader *r)
{
	const uint64_t off = r->g.c.off;
	const struct pk_span raw = pk_gguf_text(&r->g);
	const char *key = pk_show(r->s, raw, 128);
	const bool fresh = pk_set64_add(&r->keys, hash(raw));
	const bool empty = raw.len == 0;
	const uint32_t kind = pk_gguf_u32(&r->g);

	if (!pk_cursor_ok(&r->g.c))
		return;
	if (empty)
		refuse(r, PK_RULE_GGUF_MALFORMED, off, "a key is empty");
	else if (!fresh)
		refuse(r, PK_RULE_GGUF_DUPLICATE, off,
		       "the key %.80s is there twice", key);
	if (kind == PK_GGUF_STRING)
		read_string(r, key);
	else if (kind == PK_GGUF_ARRAY)
		read_array(r, key);
	else if (kind < PK_GGUF_KINDS)
		read_number(r, key, kind);
	else
		pk_cursor_fail(&r->g.c, PK_FAULT_VALUE);
}

/* One tensor as it is read. */
struct tensor {
	uint64_t at; /* of its description */
	uint8_t name[NAME_FORK_MAX];
	size_t name_len;
	uint32_t n;
	uint64_t dims[DIMS_MAX];
	uint32_t type;
	uint64_t offset;
	uint64_t bytes;
};

static void keep_name(struct tensor *t, struct pk_span raw)
{
	t->name_len = raw.len < sizeof(t->name) ? raw.len : sizeof(t->name);
	if (t->name_len)
		memcpy(t->name, raw.p, t->name_len);
}

static struct pk_span name_of(const struct tensor *t)
{
	return (struct pk_span){ t->name, t->name_len };
}

static const char *show(struct reader *r, const struct tensor *t)
{
	return pk_show(r->s, name_of(t), SHOWN_MAX);
}

/* How many values; false and a finding when no reader can count them. */
static bool count_values(struct reader *r, const struct tensor *t,
			 uint64_t *ret_n)
{
	uint64_t n = 1;

	for (uint32_t i = 0; i < t->n; i++) {
		if (t->dims[i] > INT64_MAX) {
			refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
			       "the tensor %.80s has a dimension below zero",
			       show(r, t));
			return false;
		}
		if (t->dims[i] && n > INT64_MAX / t->dims[i]) {
			refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
			       "the dimensions of tensor %.80s overflow 64 bits",
			       show(r, t));
			return false;
		}
		n *= t->dims[i];
	}
	*ret_n = n;
	return true;
}

static bool measure(struct reader *r, struct tensor *t,
		    struct pk_ggml_type type)
{
	uint64_t n;

	if (!count_values(r, t, &n))
		return false;
	if (t->dims[0] % type.block) {
		refuse(r, PK_RULE_GGUF_MALFORMED, t->at,
		       "rows of tensor %.80s do not fill blocks of %u values",
		       show(r, t), type.block);
		return false;
	}
	if (__builtin_mul_overflow(n / type.block, type.bytes, &t->bytes) ||
	    t->bytes > INT64_MAX - r->alignment) {
		refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
		       "the size of tensor %.80s overflows 64 bits",
		       show(r, t));
		return false;
	}
	return true;
}

static uint64_t padded(const struct reader *r, uint64_t n)
{
	return (n + r->alignment - 1) & ~(r->alignment - 1);
}

/* Tensors lie one behind the other, each padded; nothing else is loaded. */
static void place(struct reader *r, const struct tensor *t)
{
	if (t->offset != r->expected && !r->lost)
		refuse(r, PK_RULE_GGUF_MALFORMED, t->at,
		       "tensor %.80s lies at %llu, readers expect it at %llu",
		       show(r, t), (unsigned long long)t->offset,
		       (unsigned long long)r->expected);
	if (t->offset > INT64_MAX - t->bytes - r->alignment ||
	    __builtin_add_overflow(t->offset, padded(r, t->bytes),
				   &r->expected)) {
		refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
		       "the end of tensor %.80s overflows 64 bits", show(r, t));
		r->lost = true;
		return;
	}
	r->lost = false;
}

static void read_tensor_type(struct reader *r, struct tensor *t)
{
	const struct pk_ggml_type type = pk_ggml_type(t->type);

	if (t->type > INT32_MAX) {
		refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
		       "tensor %.80s has a type below zero", show(r, t));
		r->lost = true;
	} else if (!type.name) {
		say_odd(r, t->at,
			"tensors have a type that ggml does not know, so "
			"their sizes are not checked");
		r->lost = true;
	} else if (!measure(r, t, type)) {
		r->lost = true;
	} else {
		place(r, t);
	}
}

static void check_name(struct reader *r, struct tensor *t, struct pk_span raw)
{
	keep_name(t, raw);
	if (!pk_set64_add(&r->names, hash(raw)))
		refuse(r, PK_RULE_GGUF_DUPLICATE, t->at,
		       "the tensor %.80s is there twice", show(r, t));
	if (raw.len >= NAME_FORK_MAX)
		refuse(r, PK_RULE_GGUF_MALFORMED, t->at,
		       "the name of tensor %.80s is too long", show(r, t));
	else if (raw.len >= NAME_MAX_LEN)
		say_odd(r, t->at, "a tensor's name is longer than ggml keeps");
}

static bool read_tensor(struct reader *r, struct tensor *t)
{
	t->at = r->g.c.off;
	check_name(r, t, pk_gguf_text(&r->g));
	t->n = pk_gguf_u32(&r->g);
	if (t->n > DIMS_MAX) {
		refuse(r, PK_RULE_GGUF_SIZE_OVERFLOW, t->at,
		       "tensor %.80s has %u dimensions, readers have room for 4",
		       show(r, t), t->n);
		pk_cursor_fail(&r->g.c, PK_FAULT_VALUE);
		return false;
	}
	for (uint32_t i = 0; i < DIMS_MAX; i++)
		t->dims[i] = i < t->n ? pk_gguf_count(&r->g) : 1;
	t->type = pk_gguf_u32(&r->g);
	t->offset = pk_gguf_u64(&r->g);
	if (!pk_cursor_ok(&r->g.c))
		return false;
	read_tensor_type(r, t);
	return true;
}

static void note(struct reader *r, const struct tensor *t,
		 struct pk_ggml_type type)
{
	uint64_t shape[DIMS_MAX];
	const struct pk_tensor_note n = {
		.name = name_of(t),
		.dtype = { (const uint8_t *)type.name,
			   type.name ? strlen(type.name) : 0 },
		.shape = shape,
		.rank = t->n,
		.placed = type.name && t->offset <= INT64_MAX - r->data,
		.off = r->data + t->offset,
		.bytes = t->bytes,
	};

	/* The fastest dimension comes first in the file, last in a shape. */
	for (uint32_t i = 0; i < t->n; i++)
		shape[i] = t->dims[t->n - 1 - i];
	pk_note_tensor(r->s, &n);
}

static void claim(struct reader *r, const struct tensor *t)
{
	const uint64_t size = r->s->bytes->size;
	uint64_t end;

	if (__builtin_add_overflow(r->data, t->offset, &end) || end > size ||
	    t->bytes > size - end) {
		if (!r->short_of)
			refuse(r, PK_RULE_GGUF_TENSOR_BOUNDS, t->at,
			       "the data of tensor %.80s, and maybe of others, "
			       "ends behind the file",
			       show(r, t));
		r->short_of = true;
		return;
	}
	pk_claim(r->s, end, t->bytes);
	pk_name_part(r->s, end, t->bytes, name_of(t));
}

/* Where the data begins is known only behind the last description, so the
 * descriptions are read again. */
static void claim_data(struct reader *r, uint64_t from, uint64_t tensors)
{
	uint64_t sized = 0;

	pk_seek(&r->g.c, from);
	for (uint64_t i = 0; i < tensors && pk_cursor_ok(&r->g.c); i++) {
		struct tensor t = { .at = r->g.c.off };
		struct pk_ggml_type type;
		uint64_t n = 1;

		keep_name(&t, pk_gguf_text(&r->g));
		t.n = pk_gguf_u32(&r->g);
		for (uint32_t k = 0; k < t.n && k < DIMS_MAX; k++) {
			t.dims[k] = pk_gguf_count(&r->g);
			n *= t.dims[k];
		}
		t.type = pk_gguf_u32(&r->g);
		t.offset = pk_gguf_u64(&r->g);
		type = pk_ggml_type(t.type);
		t.bytes = type.name ? n / type.block * type.bytes : 0;
		note(r, &t, type);
		claim(r, &t);
		sized += type.name != NULL;
	}
	/* Of a fork's types only where they begin is known. */
	if (sized < tensors && r->data < r->s->bytes->size)
		pk_claim(r->s, r->data, r->s->bytes->size - r->data);
}

static void read_tensors(struct reader *r, uint64_t tensors)
{
	const uint64_t from = r->g.c.off;
	bool sound = true;

	if (!pk_cursor_fits(&r->g.c, tensors, pk_gguf_text_min(&r->g) + 16))
		return;
	for (uint64_t i = 0; i < tensors && sound; i++) {
		struct tensor t = { 0 };

		sound = read_tensor(r, &t);
		if (!(i & 0xff) && pk_out_of_budget(r->s))
			return;
	}
	if (!pk_cursor_ok(&r->g.c))
		return;
	r->data = padded(r, r->g.c.off);
	pk_claim(r->s, 0,
		 r->data < r->s->bytes->size ? r->data : r->s->bytes->size);
	pk_name_part(r->s, 0, r->data, PK_LIT("header"));
	if (r->alignment > r->s->bytes->size && tensors)
		say_odd(r, 0, "the alignment is greater than the file");
	claim_data(r, from, tensors);
}

/* A fault is one that llama.cpp makes too, and then it refuses the file. */
static void report_fault(struct reader *r, const char *what)
{
	if (pk_cursor_ok(&r->g.c))
		return;
	r->s->job->facts |= r->s->depth ? 0 : PK_FACT_REFUSED;
	pk_claim(r->s, 0, r->g.c.fault_off);
	pk_report_fault(r->s, PK_RULE_GGUF_MALFORMED, &r->g.c, what);
}

static void read_all(struct reader *r)
{
	const uint64_t tensors = pk_gguf_count(&r->g);
	const uint64_t pairs = pk_gguf_count(&r->g);

	pk_note_number(r->s, "version", r->g.version);
	if (pk_cursor_fits(&r->g.c, pairs, pk_gguf_text_min(&r->g) + 5)) {
		for (uint64_t i = 0; i < pairs && pk_cursor_ok(&r->g.c) &&
				     !pk_out_of_budget(r->s);
		     i++)
			read_pair(r);
	}
	report_fault(r, "the list of properties");
	if (!pk_cursor_ok(&r->g.c))
		return;
	if (r->split_count && r->split_no >= r->split_count)
		refuse(r, PK_RULE_GGUF_MALFORMED, 0,
		       "the file is part %llu of %llu",
		       (unsigned long long)r->split_no,
		       (unsigned long long)r->split_count);
	read_tensors(r, tensors);
	report_fault(r, "the list of tensors");
}

static void gguf_scan(struct pk_scan *s)
{
	struct reader r = {
		.s = s,
		.g = { .c = pk_cursor_open(s->bytes, 0, s->bytes->size,
					   &s->arena) },
		.keys = { .arena = &s->arena },
		.names = { .arena = &s->arena },
		.alignment = ALIGNMENT,
	};

	pk_gguf_begin(&r.g);
	report_fault(&r, "the header");
	if (!pk_cursor_ok(&r.g.c))
		return;
	if (r.g.version > 3) {
		pk_partial(s);
		pk_report(s, PK_RULE_GGUF_UNKNOWN_VERSION, 4,
			  "the file has version %u", r.g.version);
		return;
	}
	if (r.g.version == 1)
		say_odd(&r, 4, "version 1 is no longer read by llama.cpp");
	read_all(&r);
}

static enum pk_match gguf_probe(const struct pk_head *head)
{
	return pk_span_starts(head->bytes, PK_LIT("GGUF")) ? PK_MATCH_SURE
							   : PK_MATCH_NO;
}

const struct pk_format pk_format_gguf = {
	.name = "gguf",
	.title = "GGUF model (llama.cpp)",
	.reads = "properties, chat templates, tensors with sizes and bounds",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = gguf_probe,
	.scan = gguf_scan,
};
