/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tar: { header of 512 bytes, data, padding to 512 }*, zero blocks.  Extended
 * headers (pax, GNU) are members that speak of the next one.
 *
 * There is no directory: a reader that takes another size for one member sees
 * other members from there on.  PyTorch's oldest layout, .nemo and many
 * downloads are tars.
 */
#include "codec/tar.h"
#include "analyze/member_name.h"
#include "core/set64.h"
#include "engine/format.h"
#include "engine/map.h"
#include "engine/note.h"
#include "source/pieces.h"
#include "source/slice.h"

enum {
	SHOWN = 200,
	STARTS_MAX = 16, /* places followed where readers part */
};

struct tar_walk {
	struct pk_scan *s;
	uint64_t start[STARTS_MAX];
	unsigned starts;
	struct pk_set64 seen;  /* offsets of headers */
	struct pk_set64 names; /* hashes */
};

static enum pk_match tar_probe(const struct pk_head *head)
{
	return pk_tar_begins(head->bytes) ? PK_MATCH_SURE : PK_MATCH_NO;
}

static const char *show(struct tar_walk *w, struct pk_span name)
{
	return pk_show(w->s, name, SHOWN);
}

static uint64_t hash_name(struct pk_span name)
{
	uint64_t h = 14695981039346656037U;

	while (pk_span_starts(name, PK_LIT("./"))) {
		name.p += 2;
		name.len -= 2;
	}
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ name.p[i]) * 1099511628211U; /* FNV-1a */
	return h;
}

static void check_type(struct tar_walk *w, const struct pk_tar_entry *e)
{
	if (e->type == '1' || e->type == '2')
		pk_check_link(w->s, e->name, e->link, e->type == '1',
			      e->header);
	else if (e->type == '3' || e->type == '4' || e->type == '6')
		pk_report(w->s, PK_RULE_ARCHIVE_SPECIAL_FILE, e->header,
			  "%s is a device or a FIFO", show(w, e->name));
}

static void check_structure(struct tar_walk *w, const struct pk_tar_entry *e)
{
	if (e->bad_sum)
		pk_report(w->s, PK_RULE_ARCHIVE_BAD_CHECKSUM, e->header,
			  "the header of %s has a wrong checksum",
			  show(w, e->name));
	if (e->after_end)
		pk_report(w->s, PK_RULE_TAR_BEHIND_END, e->header,
			  "%s lies behind the end of the archive",
			  show(w, e->name));
	if (e->negative) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_TAR_MALFORMED, e->header,
			  "%s has a negative size", show(w, e->name));
	} else if (e->cut) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ARCHIVE_DAMAGED, e->header,
			  "%s ends before its data is complete",
			  show(w, e->name));
	}
	if (!e->elsewhere)
		return;
	pk_report(w->s, PK_RULE_TAR_SIZE_MISMATCH, e->header,
		  "behind %s some readers go on at offset %llu, others "
		  "elsewhere",
		  show(w, e->name), (unsigned long long)e->elsewhere);
	if (w->starts < STARTS_MAX)
		w->start[w->starts++] = e->elsewhere;
	else
		pk_partial(w->s);
}

static void check_entry(struct tar_walk *w, const struct pk_tar_entry *e)
{
	pk_check_name(w->s, e->name, e->header);
	pk_note_text(w->s, "member", e->name);
	if (e->short_name.len)
		pk_check_name(w->s, e->short_name, e->header);
	check_type(w, e);
	check_structure(w, e);
	if (e->type == '0' && e->size &&
	    !pk_set64_add(&w->names, hash_name(e->name)))
		pk_report(w->s, PK_RULE_ARCHIVE_DUPLICATE_NAME, e->header,
			  "%s is there more than once", show(w, e->name));
}

/* Padding is zeros; what is not stays unclaimed. */
static void claim_padding(struct tar_walk *w, uint64_t from)
{
	uint8_t b[PK_TAR_BLOCK];
	size_t n = (PK_TAR_BLOCK - from % PK_TAR_BLOCK) % PK_TAR_BLOCK;

	n = pk_source_read(w->s->bytes, from, b, n);
	for (size_t i = 0; i < n; i++) {
		if (b[i])
			return;
	}
	pk_claim(w->s, from, n);
}

static void claim_entry(struct tar_walk *w, const struct pk_tar_entry *e)
{
	/* Between the first of its headers and its own one. */
	if (e->long_pax) {
		pk_claim(w->s, e->at, PK_TAR_BLOCK);
		pk_claim(w->s, e->header, e->data - e->header);
	} else {
		pk_claim(w->s, e->at, e->data - e->at);
	}
	pk_claim(w->s, e->data, e->size);
	pk_name_part(w->s, e->data, e->size, e->name);
	if (e->size % PK_TAR_BLOCK)
		claim_padding(w, e->data + e->size);
}

static void descend(struct tar_walk *w, const struct pk_tar_entry *e)
{
	if (e->type == '5' && !e->size)
		return;
	if (e->type >= '1' && e->type <= '6' && !e->size)
		return;
	if (e->piece)
		(void)pk_descend(w->s, e->name,
				 pk_pieces_new(w->s->bytes, e->piece, e->pieces,
					       e->real_size),
				 PK_MEMBER_ANY);
	if (e->size || !e->piece)
		(void)pk_descend(w->s, e->name,
				 pk_slice_new(w->s->bytes, e->data, e->size),
				 e->piece ? PK_MEMBER_RAW : PK_MEMBER_ANY);
}

static void scan_chain(struct tar_walk *w, uint64_t start)
{
	struct pk_tar_entry e;
	struct pk_tar t;

	if (!pk_tar_open(&t, w->s->bytes, start, &w->s->arena)) {
		pk_partial(w->s);
		return;
	}
	while (!pk_out_of_budget(w->s) && pk_tar_next(&t, &e)) {
		if (!pk_set64_add(&w->seen, e.header))
			return; /* from here on known */
		check_entry(w, &e);
		claim_entry(w, &e);
		descend(w, &e);
	}
	if (t.c.fault == PK_FAULT_IO)
		pk_partial(w->s);
}

static void tar_scan(struct pk_scan *s)
{
	struct tar_walk w = { .s = s, .starts = 1 };

	w.seen.arena = w.names.arena = &s->arena;
	for (unsigned i = 0; i < w.starts; i++)
		scan_chain(&w, w.start[i]);
}

const struct pk_format pk_format_tar = {
	.name = "tar",
	.title = "Tar archive",
	.reads = "every member, links, and where readers part",
	.risk = PK_RISK_WRAPPER,
	.rank = 10,
	.probe = tar_probe,
	.scan = tar_scan,
};
