/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/embed.h"

#include <stdio.h>

#include "source/slice.h"

enum {
	BLOCK = 1 << 20,
	FOUND_MAX = 16, /* in the data of one object; the rest adds nothing */
};

/* Which pairs of bytes begin something: one bit for each. */
struct pairs {
	uint8_t bits[1 << 13];
};

static bool is_wanted(const struct pk_embed *e, const struct pk_format *f)
{
	return f->begins && (!e->code_only || f->risk == PK_RISK_CODE) &&
	       (!e->no_models || f->no_model);
}

static void collect(const struct pk_embed *e, struct pairs *pairs)
{
	memset(pairs, 0, sizeof(*pairs));
	for (size_t i = 0; pk_formats[i]; i++) {
		const struct pk_span *b = pk_formats[i]->begins;

		for (; is_wanted(e, pk_formats[i]) && b->len; b++) {
			const unsigned pair =
				(unsigned)b->p[0] | (unsigned)b->p[1] << 8;

			pairs->bits[pair >> 3] |= (uint8_t)(1 << (pair & 7));
		}
	}
}

/* The first place in the block where a pair stands, or n - 1. */
static size_t next_pair(const struct pairs *pairs, const uint8_t *p, size_t i,
			size_t n)
{
	for (; i + 1 < n; i++) {
		const unsigned pair = p[i] | (unsigned)p[i + 1] << 8;

		if (pairs->bits[pair >> 3] & 1 << (pair & 7))
			return i;
	}
	return n - 1;
}

static bool begins_here(const struct pk_embed *e, const uint8_t *p, size_t n)
{
	const struct pk_span have = { p, n };

	for (size_t i = 0; pk_formats[i]; i++) {
		const struct pk_span *b = pk_formats[i]->begins;

		for (; is_wanted(e, pk_formats[i]) && b->len; b++) {
			if (pk_span_starts(have, *b))
				return true;
		}
	}
	return false;
}

bool pk_embed_begins(struct pk_span head)
{
	return begins_here(&(struct pk_embed){ 0 }, head.p, head.len);
}

static bool scan_part(struct pk_scan *s, uint64_t from, uint64_t to,
		      enum pk_member kind)
{
	char name[48];
	struct pk_span n = { (const uint8_t *)name, 0 };

	n.len = (size_t)snprintf(name, sizeof(name), "bytes-%llu-%llu",
				 (unsigned long long)from,
				 (unsigned long long)to);
	return pk_descend(s, n, pk_slice_new(s->bytes, from, to - from),
			  kind) != NULL;
}

bool pk_embed_is(struct pk_scan *s, uint64_t from, uint64_t to)
{
	return scan_part(s, from, to, PK_MEMBER_GAP);
}

/* Tries what begins in a block; the last bytes of it, where a beginning may
 * be cut, are left to the next. */
static bool search_block(struct pk_embed *e, const struct pairs *pairs,
			 const uint8_t *p, size_t n, uint64_t *ret_off)
{
	enum { BEGIN_MAX = 16 };
	const uint64_t base = e->at;
	const size_t end =
		base + n < e->to && n > BEGIN_MAX ? n - BEGIN_MAX : n;

	for (size_t i = 0; i < end;) {
		i = next_pair(pairs, p, i, n);
		e->at = base + i;
		if (i >= end || i + 1 == n)
			break;
		i++;
		if (!begins_here(e, p + i - 1, n - i + 1))
			continue;
		if (!e->tries-- || pk_out_of_budget(e->s)) {
			e->at = e->to;
			return false;
		}
		*ret_off = base + i - 1;
		if (scan_part(e->s, *ret_off, e->to, PK_MEMBER_BEGUN)) {
			e->at = base + i;
			return true;
		}
	}
	e->at = base + end;
	return false;
}

bool pk_embed_next(struct pk_embed *e, uint64_t *ret_off)
{
	struct pk_arena scratch = PK_ARENA(&e->s->job->meter);
	uint8_t *block = pk_arena_alloc(&scratch, BLOCK, 1);
	struct pairs pairs;
	bool found = false;

	collect(e, &pairs);
	while (block && !found && e->at < e->until) {
		const uint64_t left = e->to - e->at;
		const size_t n = pk_source_read(e->s->bytes, e->at, block,
						left < BLOCK ? (size_t)left
							     : (size_t)BLOCK);

		if (n < 2 || pk_out_of_budget(e->s))
			break;
		found = search_block(e, &pairs, block, n, ret_off);
	}
	pk_arena_release(&scratch);
	return found;
}

void pk_search_data(struct pk_scan *s, const struct pk_format *best,
		    bool unpickled)
{
	struct pk_embed e = { .s = s,
			      .at = best ? 1 : 0,
			      .to = s->bytes->size,
			      .tries = UINT32_MAX,
			      .until = s->bytes->size,
			      .code_only = true,
			      .no_models = unpickled };
	uint64_t off;

	for (unsigned n = 0; n < FOUND_MAX && pk_embed_next(&e, &off); n++)
		pk_report(s, PK_RULE_FILE_EMBEDDED_CONTENT, off,
			  "a program or a pickle begins within the data, at "
			  "offset %llu",
			  (unsigned long long)off);
}
