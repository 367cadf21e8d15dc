/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zip (PKWARE APPNOTE 6.3.10): { local header, name, extra, data,
 * [descriptor] }*, directory record*, [zip64 end, locator], end, comment.
 *
 * Everything is told twice, and readers choose differently.  Each reading is
 * followed; where they differ, that is said.
 */
#include <stdlib.h>

#include "analyze/member_name.h"
#include "engine/map.h"
#include "engine/note.h"
#include "formats/zip_member.h"

enum {
	SHOWN = 200,
	REACH = UINT16_MAX + PK_ZIP_END, /* where readers look for the end */
	GAP_SEARCH = 1 << 20,            /* bytes of a gap searched */
	GAPS_MAX = 4096,
	RECORD = 46,
	EXTRA_PLAIN = 256, /* of a directory record */
};

/* An entry, and the number of the view that it is of. */
struct ref {
	const struct pk_zip_entry *e;
	unsigned view;
};

/* What was seen so far of the members of one view. */
struct track {
	const struct pk_zip_entry *prev;
	uint64_t end;   /* of them all */
	size_t missing; /* those without a header */
};

static uint32_t u32le(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static bool is_record(struct pk_source *src, uint64_t at)
{
	uint8_t sig[4];

	return pk_source_read(src, at, sig, 4) == 4 &&
	       memcmp(sig, "PK\1\2", 4) == 0;
}

/* Whether an end record stands at p that leads to a directory. */
static bool leads_to_directory(struct pk_source *src, const uint8_t *p,
			       uint64_t at)
{
	const uint32_t size = u32le(p + 12), offset = u32le(p + 16);

	if (offset == UINT32_MAX)
		return true;
	if (!size)
		return offset <= at && (p[8] | p[9] | p[10] | p[11]) == 0;
	return is_record(src, offset) ||
	       (size <= at &&
		(is_record(src, at - size) ||
		 (size + 76ULL <= at && is_record(src, at - size - 76))));
}

/* A zip behind something else: only the end tells. */
static bool ends_as_zip(struct pk_source *src)
{
	uint8_t buf[REACH];
	size_t want = src->size < REACH ? (size_t)src->size : REACH;
	uint64_t from = src->size - want;
	size_t n = pk_source_read(src, from, buf, want);

	for (size_t i = n; i >= PK_ZIP_END; i--) {
		const uint8_t *p = memrchr(buf, 'P', i - PK_ZIP_END + 1);

		if (!p)
			break;
		i = (size_t)(p - buf) + PK_ZIP_END;
		if (memcmp(p, "PK\5\6", 4) == 0 &&
		    leads_to_directory(src, p, from + i - PK_ZIP_END))
			return true;
	}
	return false;
}

static enum pk_match zip_probe(const struct pk_head *head)
{
	if (pk_zip_begins(head))
		return PK_MATCH_SURE;
	if (head->scan->quiet || !ends_as_zip(head->source))
		return PK_MATCH_NO;
	return PK_MATCH_LIKELY;
}

static int compare(const void *a, const void *b)
{
	const struct pk_zip_entry *x = ((const struct ref *)a)->e;
	const struct pk_zip_entry *y = ((const struct ref *)b)->e;

	if (x->header != y->header)
		return x->header < y->header ? -1 : 1;
	if (x->method != y->method)
		return x->method < y->method ? -1 : 1;
	if (x->csize != y->csize)
		return x->csize < y->csize ? -1 : 1;
	return x->usize < y->usize ? -1 : x->usize > y->usize;
}

static bool same_reading(const struct ref *a, const struct ref *b)
{
	return a->e->header == b->e->header && a->e->method == b->e->method &&
	       a->e->csize == b->e->csize && a->e->usize == b->e->usize;
}

/* All entries of these views, in the order in which they lie in the file. */
static struct ref *in_order(struct zip_walk *w, unsigned first, size_t *ret_n)
{
	bool sorted = true;
	struct ref *refs;
	size_t n = 0, k = 0;

	for (unsigned i = first; i < w->z->views; i++)
		n += w->z->view[i].n;
	refs = pk_arena_alloc(&w->s->arena, n ? n : 1, sizeof(*refs));
	for (unsigned i = first; refs && i < w->z->views; i++) {
		const struct pk_zip_view *v = &w->z->view[i];

		for (size_t j = 0; j < v->n; j++, k++) {
			refs[k] = (struct ref){ &v->v[j], i };
			zip_note_root(w, pk_zip_name(&v->v[j]));
			sorted &= !k || compare(&refs[k - 1], &refs[k]) <= 0;
		}
	}
	if (refs && !sorted)
		qsort(refs, n, sizeof(*refs), compare);
	*ret_n = refs ? n : 0;
	return refs;
}

static void scan_entry(struct zip_walk *w, const struct ref *r, struct track *t,
		       bool seen)
{
	struct pk_zip_local l;
	uint64_t stop;

	pk_check_name(w->s, pk_zip_name(r->e), r->e->at);
	if (!seen)
		pk_note_text(w->s, "member", pk_zip_name(r->e));
	if (!pk_zip_local(w->z, r->e->header, &l)) {
		t->missing++;
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ZIP_MALFORMED, r->e->at,
			  "no header of %s at offset %llu",
			  pk_show(w->s, pk_zip_name(r->e), SHOWN),
			  (unsigned long long)r->e->header);
		return;
	}
	if (t->prev && r->e->header < t->end)
		pk_report(w->s, PK_RULE_ZIP_OVERLAP, r->e->header,
			  "%s begins within %s",
			  pk_show(w->s, pk_zip_name(r->e), SHOWN),
			  pk_show(w->s, pk_zip_name(t->prev), SHOWN));
	t->prev = r->e;
	stop = zip_check_member(w, r->e, &l);
	if (stop > t->end)
		t->end = stop;
	if (!seen)
		zip_read_member(w, r->e, &l);
}

static void scan_members(struct zip_walk *w, unsigned first,
			 struct track *tracks)
{
	size_t n;
	const struct ref *refs = in_order(w, first, &n);

	for (size_t i = 0; i < n && !pk_out_of_budget(w->s); i++)
		scan_entry(w, &refs[i], &tracks[refs[i].view],
			   i && same_reading(&refs[i - 1], &refs[i]));
}

/* Long extra fields that are no padding stay unclaimed. */
static void claim_directory(struct zip_walk *w, const struct pk_zip_view *v)
{
	uint64_t from = v->dir;

	for (size_t i = 0; i < v->n; i++) {
		const struct pk_zip_entry *e = &v->v[i];
		const uint64_t extra = e->at + RECORD + e->name_len;

		if (e->extra_len <= EXTRA_PLAIN)
			continue;
		pk_claim(w->s, from, extra + 4 - from);
		from = extra + e->extra_len;
	}
	pk_claim(w->s, from, v->dir + v->dir_len - from);
}

/* A comment is text; one that is not, or that is a format too, is looked at
 * as bytes that nobody explains. */
static void claim_comment(struct zip_walk *w, uint64_t from, uint64_t to)
{
	struct pk_span text = pk_zip_peek(w->z, from, (size_t)(to - from));
	bool plain = true;

	for (size_t i = 0; i < text.len; i++)
		plain &= text.p[i] >= ' ' || text.p[i] == '\n' ||
			 text.p[i] == '\r' || text.p[i] == '\t';
	if (plain)
		pk_claim(w->s, from, text.len);
}

static void claim_view(struct zip_walk *w, const struct pk_zip_view *v)
{
	enum { LOCATOR = 20 };

	claim_directory(w, v);
	pk_name_part(w->s, v->dir, v->dir_len, PK_LIT("directory"));
	pk_claim(w->s, v->end, PK_ZIP_END);
	claim_comment(w, v->end + PK_ZIP_END, v->end_stop);
	if (v->zip64 == UINT64_MAX)
		return;
	pk_claim(w->s, v->zip64, v->zip64_len);
	pk_claim(w->s, v->end - LOCATOR, LOCATOR);
}

/* Where members are missing too, the file is damaged rather than made so. */
static void report_shift(struct zip_walk *w, const struct pk_zip_view *v,
			 const struct track *t)
{
	static const struct pk_span jmod = PK_LIT_INIT("JM\1\0");
	const struct pk_report r = { .rule = PK_RULE_ZIP_SHIFTED,
				     .severity =
					     t->missing ? PK_MEDIUM : PK_HIGH,
				     .off = v->end };

	/* Java's modules for its linker have a magic number of their own. */
	if (v->shift == jmod.len &&
	    pk_span_eq(pk_zip_peek(w->z, 0, jmod.len), jmod)) {
		pk_claim(w->s, 0, jmod.len);
		return;
	}
	pk_report_full(w->s, &r,
		       "the directory lies at offset %llu, %lld bytes from "
		       "where it should",
		       (unsigned long long)v->dir, (long long)v->shift);
}

static void check_view(struct zip_walk *w, const struct pk_zip_view *v,
		       const struct track *t)
{
	if (v->by_walk)
		report_shift(w, v, t);
	if (v->contradicts)
		pk_report(w->s, PK_RULE_ZIP_ZIP64_MISMATCH, v->zip64,
			  "the zip64 end record contradicts the end record");
	if (v->cut) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ZIP_MALFORMED, v->dir,
			  "the directory ends within a record");
	} else if (v->disks) {
		pk_partial(w->s);
		pk_report(w->s, PK_RULE_ZIP_SEVERAL_VOLUMES, v->end,
			  "the end record says that there are more volumes");
	} else if (v->count_lies) {
		pk_report(w->s, PK_RULE_ZIP_COUNT_MISMATCH, v->end,
			  "the directory holds %zu entries in %llu bytes, "
			  "the end record says %llu in %llu",
			  v->n, (unsigned long long)v->dir_len,
			  (unsigned long long)v->claimed,
			  (unsigned long long)v->claimed_len);
	}
	if (v->n == 0 && v->claimed != 0)
		pk_partial(w->s);
}

/* Names that are one name to some reader. */
struct names {
	struct zip_walk *w;
	const struct pk_zip_view *v;
	uint32_t *slots; /* 1 + index of an entry; a power of two of them */
	size_t mask;
	uint8_t *a, *b; /* two folded names */
};

static bool is_model_name(struct pk_span folded)
{
	static const char *const ends[] = { ".pkl",  ".npy", ".h5", ".json",
					    ".onnx", ".pt",  ".py", ".pb" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (folded.len >= n &&
		    memcmp(folded.p + folded.len - n, ends[i], n) == 0)
			return true;
	}
	return false;
}

/* Two files that differ in case are two files on Linux; PyTorch, which
 * folds case, and names that loaders know are another matter.  The same
 * content twice misleads nobody. */
static enum pk_severity how_bad(const struct names *t,
				const struct pk_zip_entry *x,
				const struct pk_zip_entry *y,
				struct pk_span folded)
{
	if (x->crc == y->crc && x->usize == y->usize && x->csize == y->csize)
		return PK_LOW;
	if (pk_span_eq(pk_zip_name(x), pk_zip_name(y)) || t->w->root_count ||
	    is_model_name(folded))
		return PK_HIGH;
	return PK_LOW;
}

static void report_twins(const struct names *t, const struct pk_zip_entry *x,
			 const struct pk_zip_entry *y, struct pk_span folded)
{
	const struct pk_report r = { .rule = PK_RULE_ARCHIVE_DUPLICATE_NAME,
				     .severity = how_bad(t, x, y, folded),
				     .off = y->at };

	if (pk_name_is_folder(pk_zip_name(x)) && !x->usize && !y->usize)
		return;
	pk_report_full(t->w->s, &r, "%s and %s are one name to some readers",
		       pk_show(t->w->s, pk_zip_name(x), SHOWN),
		       pk_show(t->w->s, pk_zip_name(y), SHOWN));
}

static void add_name(struct names *t, size_t i)
{
	const struct pk_zip_entry *e = &t->v->v[i];
	const struct pk_span a = { t->a, pk_fold_name(pk_zip_name(e), t->a) };
	size_t h = 2166136261U;

	for (size_t k = 0; k < a.len; k++)
		h = (h ^ a.p[k]) * 16777619U; /* FNV-1a */
	for (h = (h ^ h >> 15) & t->mask; t->slots[h]; h = (h + 1) & t->mask) {
		const struct pk_zip_entry *x = &t->v->v[t->slots[h] - 1];
		struct pk_span b = { t->b, pk_fold_name(pk_zip_name(x), t->b) };

		if (pk_span_eq(a, b)) {
			report_twins(t, x, e, a);
			break;
		}
	}
	t->slots[h] = (uint32_t)i + 1;
}

static void check_names(struct zip_walk *w, const struct pk_zip_view *v)
{
	struct names t = { .w = w, .v = v };
	size_t cap = 16;

	while (cap < v->n * 2)
		cap *= 2;
	t.mask = cap - 1;
	t.slots = pk_arena_alloc(&w->s->arena, cap, sizeof(*t.slots));
	t.a = pk_arena_alloc(&w->s->arena, UINT16_MAX, 1);
	t.b = pk_arena_alloc(&w->s->arena, UINT16_MAX, 1);
	if (!t.slots || !t.a || !t.b)
		return;
	for (size_t i = 0; i < v->n; i++)
		add_name(&t, i);
}

/* A local header that no directory lists, as an entry. */
static struct pk_zip_entry entry_of(const struct pk_zip_local *l)
{
	return (struct pk_zip_entry){ .at = l->at,
				      .header = l->at,
				      .csize = l->csize,
				      .usize = l->usize,
				      .name = l->name.p,
				      .crc = l->crc,
				      .name_len = (uint16_t)l->name.len,
				      .flags = l->flags,
				      .method = l->method };
}

/* Where the size follows the data, the data tell it, or the signature of
 * the descriptor does. */
static void find_size(struct zip_walk *w, struct pk_zip_entry *e,
		      const struct pk_zip_local *l, uint64_t stop)
{
	const enum pk_codec codec = pk_zip_codec(e->method);
	struct pk_streamed got = { 0 };
	struct pk_source *src;
	struct pk_span d;

	if (e->method == PK_ZIP_STORED || codec == PK_CODEC_COUNT) {
		e->csize =
			pk_zip_search(w->z, l->data, stop, "PK\7\10") - l->data;
		e->usize = e->csize;
	} else {
		src = pk_expand(w->s, codec, l->data, stop - l->data, &got);
		e->usize = src ? src->size : 0;
		e->csize = got.used > l->data ? got.used - l->data : 0;
		pk_source_free(src);
	}
	e->crc = got.crc;
	d = pk_zip_peek(w->z, l->data + e->csize, 8);
	if (d.p && memcmp(d.p, "PK\7\10", 4) == 0)
		e->crc = u32le(d.p + 4);
	else if (e->method == PK_ZIP_STORED)
		e->flags |= PK_ZIP_DESCRIPTOR;
}

/* Follows local headers from one to the next; returns where that ends. */
static uint64_t scan_chain(struct zip_walk *w, uint64_t at, uint64_t stop,
			   bool orphans)
{
	struct pk_zip_local l;

	while (at < stop && pk_zip_local(w->z, at, &l) &&
	       !pk_out_of_budget(w->s)) {
		struct pk_zip_entry e = entry_of(&l);
		char *name = pk_arena_copy(&w->s->arena, l.name);

		if (!name)
			break;
		e.name = l.name.p = (const uint8_t *)name;
		if (!l.sized)
			find_size(w, &e, &l, stop);
		pk_check_name(w->s, l.name, at);
		zip_note_root(w, l.name);
		if (orphans)
			pk_report(w->s, PK_RULE_ZIP_ORPHAN, at,
				  "%s is in no directory",
				  pk_show(w->s, l.name, SHOWN));
		/* The peeked bytes have moved on: once more for the extra. */
		if (!pk_zip_local(w->z, at, &l))
			break;
		at = zip_check_member(w, &e, &l);
		zip_read_member(w, &e, &l);
	}
	return at;
}

/* What may hide between the parts: more members, more end records. */
static void scan_gap(struct zip_walk *w, struct pk_range gap)
{
	uint64_t stop =
		gap.to - gap.from > GAP_SEARCH ? gap.from + GAP_SEARCH : gap.to;

	for (uint64_t at = gap.from; at < stop;) {
		uint64_t next;

		at = pk_zip_search(w->z, at, stop, "PK\3\4");
		if (at == stop)
			break;
		next = scan_chain(w, at, gap.to, true);
		at = next > at ? next : at + 4;
	}
	for (uint64_t at = gap.from; at < stop; at += 4) {
		at = pk_zip_search(w->z, at, stop, "PK\5\6");
		if (at < stop)
			(void)pk_zip_add_end(w->z, at);
	}
}

static void scan_gaps(struct zip_walk *w)
{
	struct pk_range gap;
	uint64_t at = 0;
	int n = 0;

	while (n++ < GAPS_MAX && !pk_out_of_budget(w->s) &&
	       pk_cover_gap(&w->s->cover, w->s->bytes->size, &at, &gap))
		scan_gap(w, gap);
}

static void scan_views(struct zip_walk *w, unsigned first)
{
	struct track tracks[PK_ZIP_VIEWS] = { 0 };

	scan_members(w, first, tracks);
	for (unsigned i = first; i < w->z->views; i++) {
		const struct pk_zip_view *v = &w->z->view[i];

		claim_view(w, v);
		check_view(w, v, &tracks[i]);
		check_names(w, v);
	}
}

static void scan_without_directory(struct zip_walk *w)
{
	uint64_t from = 0, end;
	struct pk_span sig = pk_zip_peek(w->z, 0, 4);

	if (sig.p && memcmp(sig.p, "PK\3\4", 4) != 0)
		from = 4; /* the mark of a volume */
	end = scan_chain(w, from, w->s->bytes->size, false);
	if (end == from) {
		pk_reject(w->s);
		return;
	}
	pk_claim(w->s, 0, from);
	pk_partial(w->s);
	pk_report(w->s, PK_RULE_ZIP_NO_DIRECTORY, end,
		  "no directory is found; the members were read one after "
		  "the other");
}

static void zip_scan(struct pk_scan *s)
{
	struct zip_walk w = { .s = s, .z = pk_zip_of(s) };
	unsigned seen;

	if (!w.z) {
		pk_partial(s);
		return;
	}
	if (zip_is_of_tar(s, w.z)) {
		pk_reject(s);
		return;
	}
	if (!w.z->views) {
		scan_without_directory(&w);
		return;
	}
	scan_views(&w, 0);
	seen = w.z->views;
	scan_gaps(&w);
	if (w.z->views > seen)
		scan_views(&w, seen);
	if (w.z->views > 1)
		pk_report(s, PK_RULE_ZIP_SEVERAL_DIRECTORIES, w.z->view[1].end,
			  "%u end records or ways to read them lead to "
			  "different directories",
			  w.z->views);
	if (w.z->more)
		pk_partial(s);
}

static const struct pk_span zip_begins[] = {
	PK_LIT_INIT("PK\3\4"),
	{ 0 },
};

const struct pk_format pk_format_zip = {
	.name = "zip",
	.title = "Zip archive",
	.reads = "every member under every view; disagreements between "
		 "readers",
	.risk = PK_RISK_WRAPPER,
	.rank = 10,
	.begins = zip_begins,
	.probe = zip_probe,
	.scan = zip_scan,
};
