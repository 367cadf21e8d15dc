/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch's layout before 1.6 (torch/serialization.py, _legacy_load):
 *
 *   pickle of a magic number | pickle of 1001 | pickle of system facts |
 *   pickle of the object | pickle of the storage keys |
 *   for each key: u64 elements, the elements
 *
 * What can hurt: each of the five is unpickled before its value is looked at.
 */
#include "analyze/pickle_scan.h"
#include "analyze/torch_storage.h"
#include "engine/format.h"
#include "engine/map.h"

enum { PARTS = 5, OBJECT_PART = 3, MAGIC_WITHIN = 64 };

/* 0x1950A86A20F9469CFC6C as LONG1 holds it, and as text. */
static const struct pk_span magics[] = {
	PK_LIT_INIT("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"),
	PK_LIT_INIT("119547037146038801333356"),
};

/* The pickles, one load each; false when one does not reach its STOP. */
static bool scan_parts(struct pk_scan *s, struct pk_storages *storages,
		       uint64_t *end)
{
	for (int part = 0; part < PARTS; part++) {
		struct pk_pickle_job p = { .off = *end,
					   .stop = s->bytes->size,
					   .single = true };

		if (part == OBJECT_PART) {
			p.on_storage = pk_storages_add;
			p.user = storages;
		}
		pk_pickle_scan(s, &p);
		if (p.last != PK_LOAD_STOP)
			return false;
		*end = p.end;
	}
	return true;
}

static void claim_storages(struct pk_scan *s, const struct pk_storages *st,
			   uint64_t at)
{
	const uint64_t left = s->bytes->size - at;
	uint64_t need;

	if (st->unknown ||
	    __builtin_add_overflow(st->bytes, 8 * (uint64_t)st->n, &need) ||
	    need > left) {
		pk_partial(s);
		pk_report(s, PK_RULE_TORCH_STORAGE_SIZE, at,
			  "the tensors need more bytes than follow the "
			  "pickles, or their sizes cannot be told");
		return;
	}
	pk_claim(s, at, need);
	pk_name_part(s, at, need, PK_LIT("tensor data"));
}

static void torch_legacy_scan(struct pk_scan *s)
{
	struct pk_storages storages = { .arena = &s->arena };
	uint64_t end = 0;

	if (scan_parts(s, &storages, &end))
		claim_storages(s, &storages, end);
}

static enum pk_match torch_legacy_probe(const struct pk_head *head)
{
	size_t n =
		head->bytes.len < MAGIC_WITHIN ? head->bytes.len : MAGIC_WITHIN;

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (n && memmem(head->bytes.p, n, magics[i].p, magics[i].len))
			return PK_MATCH_SURE;
	}
	return PK_MATCH_NO;
}

const struct pk_format pk_format_torch_legacy = {
	.name = "pytorch-legacy",
	.title = "PyTorch checkpoint, layout before 1.6",
	.reads = "its five pickles; tensors are told from them, not read",
	.risk = PK_RISK_CODE,
	.rank = 30,
	.probe = torch_legacy_probe,
	.scan = torch_legacy_scan,
};
