/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pb_file.h"

#include <stdio.h>

#include "engine/format.h"
#include "source/slice.h"

enum {
	LOOK_MIN = 8,      /* shorter bytes hold no file */
	LOOK_MAX = 65536,  /* places looked into, of one object */
	LARGE = 64 * 1024, /* an unknown field that is no new setting */
};

static bool go_on(struct pk_pb *r)
{
	const struct pk_pb_file *f = r->user;

	return !pk_out_of_budget(f->s);
}

void pk_pb_unexplained(struct pk_pb_file *f, uint64_t off, uint64_t len)
{
	if (len)
		pk_cover_add(&f->unexplained, off, off + len);
}

const struct pk_format *pk_pb_descend(struct pk_pb_file *f, uint64_t off,
				      uint64_t len, const char *what)
{
	if (len < LOOK_MIN || f->looked_into >= LOOK_MAX)
		return NULL;
	f->looked_into++;
	return pk_descend(
		f->s, (struct pk_span){ (const uint8_t *)what, strlen(what) },
		pk_slice_new(f->s->bytes, off, len), PK_MEMBER_RAW);
}

void pk_pb_look_into(struct pk_pb_file *f, uint64_t off, uint64_t len,
		     const char *what)
{
	const struct pk_report report = { .rule = PK_RULE_FILE_HIDDEN_CONTENT,
					  .severity = PK_HIGH,
					  .off = off,
					  .len = len };
	const struct pk_format *is = pk_pb_descend(f, off, len, what);

	if (is)
		pk_report_full(f->s, &report,
			       "%s, which its reader takes for "
			       "data, is a file of its own: %s",
			       what, is->title);
}

static void unknown(struct pk_pb *r, const struct pk_pb_field *field)
{
	struct pk_pb_file *f = r->user;
	char what[48];

	if (field->wire != PK_PB_LEN && field->wire != PK_PB_GROUP)
		return;
	if (field->len >= LARGE || f->looked_into >= LOOK_MAX) {
		pk_pb_unexplained(f, field->off, field->len);
		return;
	}
	(void)snprintf(what, sizeof(what), "unknown field %u",
		       (unsigned)field->number);
	pk_pb_look_into(f, field->off, field->len, what);
}

void pk_pb_file_open(struct pk_pb_file *f, struct pk_scan *s)
{
	*f = (struct pk_pb_file){ .s = s,
				  .r = pk_pb_open(s->bytes, &s->arena) };
	f->r.user = f;
	f->r.unknown = unknown;
	f->r.go_on = go_on;
}

static void claim_up_to(struct pk_pb_file *f, uint64_t size)
{
	struct pk_range known;
	uint64_t at = 0;

	while (pk_cover_gap(&f->unexplained, size, &at, &known))
		pk_claim(f->s, known.from, known.to - known.from);
	if (f->unexplained.failed)
		pk_partial(f->s);
	pk_cover_release(&f->unexplained);
}

void pk_pb_file_close(struct pk_pb_file *f, enum pk_rule malformed)
{
	const struct pk_cursor *c = &f->r.c;

	/* What lies behind a fault is in no reader's hands either: the file
	 * is refused as a whole. */
	claim_up_to(f, f->s->bytes->size);
	if (pk_cursor_ok(c))
		return;
	pk_report_fault(f->s, malformed, c, "the messages of the model");
	if (c->fault != PK_FAULT_IO && c->fault != PK_FAULT_LIMIT &&
	    f->s->depth == 0)
		f->s->job->facts |= PK_FACT_REFUSED;
}
