/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SafeTensors: u64le N | N bytes of JSON | tensor data, without holes.
 *
 * Nothing in it is run.  What can hurt: readers of which one refuses and
 * another takes the file, or which see two models in one; bytes that no
 * tensor explains; texts that some later step believes.
 */
#include "codec/safetensors.h"

#include "analyze/zip_of.h"
#include "codec/base64.h"
#include "core/utf8.h"
#include "engine/map.h"
#include "engine/note.h"
#include "source/memory.h"

enum {
	SHOWN = 80,
	ENCODED_MIN = 24,      /* characters of base64 worth decoding */
	DECODED_MAX = 1 << 20, /* bytes that one value decodes to */
};

static const struct {
	enum pk_rule rule;
	const char *what;
} errors[] = {
	[PK_ST_HEADER_TOO_SMALL] = { PK_RULE_SAFETENSORS_MALFORMED,
				     "the file is shorter than a length" },
	[PK_ST_HEADER_TOO_LARGE] = { PK_RULE_SAFETENSORS_MALFORMED,
				     "the header is longer than 100 MB" },
	[PK_ST_INVALID_HEADER_LENGTH] = { PK_RULE_SAFETENSORS_TRUNCATED,
					  "the header is longer than the "
					  "file" },
	[PK_ST_INVALID_HEADER] = { PK_RULE_SAFETENSORS_MALFORMED,
				   "the header is not UTF-8" },
	[PK_ST_INVALID_HEADER_DESERIALIZATION] = { PK_RULE_SAFETENSORS_MALFORMED,
						   "the header is not as it must "
						   "be" },
	[PK_ST_UNKNOWN_DTYPE] = { PK_RULE_SAFETENSORS_UNKNOWN_DTYPE,
				  "no reader knows the dtype" },
	[PK_ST_INVALID_OFFSET_OVERLAP] = { PK_RULE_SAFETENSORS_OVERLAP,
					   "the tensor begins within "
					   "another" },
	[PK_ST_INVALID_OFFSET_HOLE] = { PK_RULE_SAFETENSORS_HOLE,
					"bytes before the tensor belong to "
					"none" },
	[PK_ST_INVALID_OFFSET_ORDER] = { PK_RULE_SAFETENSORS_WRONG_SIZE,
					 "the tensor ends before it begins" },
	[PK_ST_VALIDATION_OVERFLOW] = { PK_RULE_SAFETENSORS_WRONG_SIZE,
					"the shape has more items than can be "
					"counted" },
	[PK_ST_MISALIGNED_SLICE] = { PK_RULE_SAFETENSORS_WRONG_SIZE,
				     "the tensor ends within a byte" },
	[PK_ST_TENSOR_INVALID_INFO] = { PK_RULE_SAFETENSORS_WRONG_SIZE,
					"shape and dtype need other than its "
					"bytes" },
	[PK_ST_INCOMPLETE_SHORT] = { PK_RULE_SAFETENSORS_TRUNCATED,
				     "the file ends before its tensors do" },
	[PK_ST_INCOMPLETE_LONG] = { PK_RULE_SAFETENSORS_TRAILING,
				    "bytes follow the last tensor" },
	[PK_ST_UNREADABLE] = { PK_RULE_SAFETENSORS_MALFORMED,
			       "the header could not be read" },
};

static const struct {
	enum pk_rule rule;
	const char *what;
} oddities[] = {
	[PK_ST_ODD_DUPLICATE_TENSOR] = { PK_RULE_SAFETENSORS_DUPLICATE,
					 "stands twice: some readers take the "
					 "first, some the last" },
	[PK_ST_ODD_DUPLICATE_KEY] = { PK_RULE_SAFETENSORS_DUPLICATE_KEY,
				      "stands twice in __metadata__" },
	[PK_ST_ODD_EXTRA_FIELD] = { PK_RULE_SAFETENSORS_EXTRA_FIELD,
				    "has a field that readers pass over" },
	[PK_ST_ODD_ENTRY_FORM] = { PK_RULE_SAFETENSORS_ODD_FORM,
				   "is described in a form that few readers "
				   "take" },
	[PK_ST_ODD_NULL_METADATA] = { PK_RULE_SAFETENSORS_ODD_FORM,
				      "__metadata__ is null" },
	[PK_ST_ODD_START] = { PK_RULE_SAFETENSORS_ODD_FORM,
			      "the header does not begin with a brace" },
	[PK_ST_ODD_PADDING] = { PK_RULE_SAFETENSORS_ODD_FORM,
				"the header ends in more than spaces to a "
				"multiple of eight" },
	[PK_ST_ODD_ALIGNMENT] = { PK_RULE_SAFETENSORS_UNALIGNED,
				  "the data do not begin at a multiple of "
				  "eight" },
	[PK_ST_ODD_LONG_TEXT] = { PK_RULE_SAFETENSORS_ODD_FORM,
				  "a text is longer than 1 MiB; only its "
				  "beginning was looked at" },
};

static void on_odd(void *ctx, enum pk_st_odd what, struct pk_span name,
		   uint64_t at)
{
	struct pk_scan *s = ctx;
	const enum pk_rule rule = oddities[what].rule;

	if (rule == PK_RULE_SAFETENSORS_UNALIGNED && !s->job->wants_notes)
		return; /* as old writers left it */
	if (what == PK_ST_ODD_LONG_TEXT)
		pk_partial(s);
	if (name.len)
		pk_report(s, rule, at, "'%s' %s", pk_show(s, name, SHOWN),
			  oddities[what].what);
	else
		pk_report(s, rule, at, "%s", oddities[what].what);
}

static bool begins_as_format(struct pk_span bytes)
{
	for (size_t i = 0; pk_formats[i]; i++) {
		const struct pk_span *b = pk_formats[i]->begins;

		for (; b && b->len; b++) {
			if (pk_span_starts(bytes, *b))
				return true;
		}
	}
	return false;
}

static bool is_text(struct pk_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.p[i] > '~' ||
		    (bytes.p[i] < ' ' && bytes.p[i] != '\n'))
			return false;
	}
	return true;
}

/* Pickles and archives travel in base64.  So do pictures, and any hash can be
 * read as such: what comes out must look like something first. */
static void look_into(struct pk_scan *s, struct pk_span key,
		      struct pk_span value)
{
	struct pk_buf b = { .max = DECODED_MAX };

	if (value.len >= ENCODED_MIN && pk_base64_get(&b, value) &&
	    (begins_as_format(pk_buf_span(&b)) || is_text(pk_buf_span(&b))))
		(void)pk_descend(s, key, pk_memory_borrow(pk_buf_span(&b)),
				 PK_MEMBER_RAW);
	pk_buf_release(&b);
}

static void on_metadata(void *ctx, struct pk_span key, struct pk_span value,
			uint64_t at)
{
	struct pk_scan *s = ctx;
	struct pk_buf name = { 0 };

	(void)at;
	look_into(s, key, value);
	if (!s->job->wants_notes && !s->job->wants_stated)
		return;
	pk_buf_puts(&name, "metadata.");
	pk_buf_put(&name, key.p, key.len);
	pk_note_pair(s, pk_buf_span(&name), value);
	pk_buf_release(&name);
}

static bool leads_out(struct pk_span name)
{
	const struct pk_span up = PK_LIT("..");

	if (name.len && (name.p[0] == '/' || name.p[0] == '\\'))
		return true;
	for (size_t i = 0, from = 0; i <= name.len; i++) {
		if (i < name.len && name.p[i] != '/' && name.p[i] != '\\')
			continue;
		if (pk_span_eq((struct pk_span){ name.p + from, i - from }, up))
			return true;
		from = i + 1;
	}
	return false;
}

static bool has_tricks(struct pk_span name)
{
	for (size_t i = 0; i < name.len;) {
		const int32_t cp = pk_utf8_next(name, &i);

		if (cp < 0 || pk_utf8_is_trick((uint32_t)cp))
			return true;
	}
	return false;
}

static void check_name(struct pk_scan *s, const struct pk_st_tensor *t)
{
	if (!pk_utf8_plain(t->name) && has_tricks(t->name))
		pk_report(s, PK_RULE_SAFETENSORS_NAME, t->at,
			  "the name '%s' holds characters that nobody sees",
			  pk_show(s, t->name, SHOWN));
	else if (leads_out(t->name))
		pk_report(s, PK_RULE_SAFETENSORS_NAME, t->at,
			  "the name '%s' is a path out of a folder",
			  pk_show(s, t->name, SHOWN));
}

static void note(struct pk_scan *s, const struct pk_st *st,
		 const struct pk_st_tensor *t)
{
	pk_note_tensor(s,
		       &(struct pk_tensor_note){ .name = t->name,
						 .dtype = t->dtype->name,
						 .shape = t->shape,
						 .rank = t->rank,
						 .placed = true,
						 .off = st->data + t->begin,
						 .bytes = t->end - t->begin });
}

static bool is_aligned(const struct pk_st *st, const struct pk_st_tensor *t)
{
	const unsigned bytes = t->dtype->bits / 8;

	return bytes < 2 || (st->data + t->begin) % bytes == 0;
}

static void name_part(struct pk_scan *s, const struct pk_st *st,
		      const struct pk_st_tensor *t)
{
	if (t->begin < t->end && t->begin <= UINT64_MAX - st->data)
		pk_name_part(s, st->data + t->begin, t->end - t->begin,
			     t->name);
}

static void look_at_tensors(struct pk_scan *s, const struct pk_st *st)
{
	const struct pk_st_tensor *crooked = NULL, *young = NULL;

	for (size_t i = 0; i < st->n; i++) {
		const struct pk_st_tensor *t = st->v[i];

		check_name(s, t);
		note(s, st, t);
		name_part(s, st, t);
		if (!crooked && !is_aligned(st, t))
			crooked = t;
		if (!young && t->dtype->since)
			young = t;
	}
	if (crooked && s->job->wants_notes)
		pk_report(s, PK_RULE_SAFETENSORS_UNALIGNED, crooked->at,
			  "'%s' does not begin at a multiple of its items' "
			  "size",
			  pk_show(s, crooked->name, SHOWN));
	if (young)
		pk_report(s, PK_RULE_SAFETENSORS_YOUNG_DTYPE, young->at,
			  "'%s' has a dtype that readers know since %s",
			  pk_show(s, young->name, SHOWN), young->dtype->since);
}

/* The whole file is refused, for one tensor or for all. */
static void say_error(struct pk_scan *s, const struct pk_st *st)
{
	const enum pk_st_error e = st->error;
	const char *name = pk_show(s, st->error_name, SHOWN);
	const bool named = st->error_name.p != NULL;

	if (s->parent || e >= PK_ST_UNREADABLE)
		pk_partial(s);
	else
		s->job->facts |= PK_FACT_REFUSED;
	if (e == PK_ST_OUT_OF_MEMORY)
		return; /* the budget says so */
	pk_report(s, errors[e].rule, st->error_at, "%s: %s%s%s%s%s",
		  pk_st_error_name(e), errors[e].what,
		  st->error_why ? ": " : "", st->error_why ? st->error_why : "",
		  named ? " at " : "", named ? name : "");
}

static void safetensors_scan(struct pk_scan *s)
{
	const struct pk_st_visit visit = { .odd = on_odd,
					   .metadata = on_metadata,
					   .ctx = s,
					   .keep_shapes = s->job->wants_notes };
	const struct pk_zip *zip;
	struct pk_st st;

	pk_st_read(&st, s->bytes, &s->arena, &visit);
	pk_claim(s, 0, st.end);
	pk_name_part(s, 0, st.data, PK_LIT("header"));
	look_at_tensors(s, &st);
	if (st.error)
		say_error(s, &st);
	zip = pk_zip_of(s);
	if (zip && zip->views && zip->view[0].n)
		pk_report(s, PK_RULE_FILE_AMBIGUOUS, zip->view[0].end,
			  "SafeTensors to one reader, a zip to another");
}

/* The first of the header's bytes that is no blank, and the next. */
static bool opens_object(struct pk_span head)
{
	size_t i = 8;

	while (i < head.len && head.p[i] && strchr(" \t\r\n", head.p[i]))
		i++;
	if (i >= head.len || head.p[i] != '{')
		return false;
	for (i++; i < head.len && head.p[i] && strchr(" \t\r\n", head.p[i]);)
		i++;
	return i == head.len || head.p[i] == '"' || head.p[i] == '}';
}

/* A length of more than a terabyte is text, or another format. */
static enum pk_match safetensors_probe(const struct pk_head *head)
{
	struct pk_cursor c = pk_cursor_over(head->bytes, 0);
	const uint64_t n = pk_get_u64le(&c);

	if (!pk_cursor_ok(&c) || n >> 40 || n < 2 || !opens_object(head->bytes))
		return PK_MATCH_NO;
	return n <= head->source->size - 8 ? PK_MATCH_SURE : PK_MATCH_LIKELY;
}

const struct pk_format pk_format_safetensors = {
	.name = "safetensors",
	.title = "SafeTensors",
	.reads = "the header, by every rule of the reference reader; texts in "
		 "it; tensors are told by it, not read",
	.risk = PK_RISK_DATA,
	.rank = 30,
	.probe = safetensors_probe,
	.scan = safetensors_scan,
};
