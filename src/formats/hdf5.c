/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HDF5: groups of datasets with attributes, as Keras, PyTables, MATLAB and
 * others keep their numbers in.
 *
 * What can hurt: datasets that other files are read for, attributes that
 * somebody unpickles or builds models from, and numbers that libhdf5 trusts.
 */
#include "analyze/hdf5_scan.h"
#include "engine/format.h"
#include "engine/gap.h"

/* What MATLAB puts there from version 7.3 on: 116 characters, an offset, a
 * version, the order of bytes. */
static bool is_matlab(struct pk_scan *s)
{
	enum { TEXT = 116, VERSION_AT = 124, HEAD = 128 };
	uint8_t head[HEAD];
	const struct pk_span h = { head,
				   pk_source_read(s->bytes, 0, head, HEAD) };

	if (h.len < HEAD || !pk_span_starts(h, PK_LIT("MATLAB 7.3 MAT-file")))
		return false;
	for (size_t i = 0; i < TEXT; i++) {
		if (head[i] < ' ' || head[i] > '~')
			return false;
	}
	return memcmp(head + VERSION_AT, "\0\2IM", 4) == 0 ||
	       memcmp(head + VERSION_AT, "\2\0MI", 4) == 0;
}

/* 512 bytes, or that times a power of two, are the writer's own before the
 * signature (the specification, II.A). */
static void scan_user_block(struct pk_scan *s, uint64_t base)
{
	enum { MATLAB = 128 };
	const uint64_t from = is_matlab(s) ? MATLAB : 0;
	const struct pk_range block = { from, base };

	if (!base)
		return;
	if (!pk_gap_is_padding(s, block) && !pk_gap_hides(s, block))
		pk_report(s, PK_RULE_HDF5_USER_BLOCK, from,
			  "%llu bytes stand before the signature",
			  (unsigned long long)(base - from));
	pk_claim(s, 0, base);
}

static void hdf5_scan(struct pk_scan *s)
{
	const struct pk_h5_facts *f = pk_h5_facts(s);
	const uint64_t size = s->bytes->size;

	if (!f || !f->walked) {
		pk_partial(s);
		pk_report(s, PK_RULE_HDF5_MALFORMED, 0,
			  "the superblock is none that HDF5 writes");
		return;
	}
	scan_user_block(s, f->file.base);
	/* Space that is free, or was, belongs to the file. */
	if (f->file.end > f->file.base)
		pk_claim(s, f->file.base,
			 f->file.end < size ? f->file.end - f->file.base
					    : size - f->file.base);
	if (f->file.end > size) {
		s->job->facts |= s->depth ? 0 : PK_FACT_REFUSED;
		pk_partial(s);
		pk_report(s, PK_RULE_HDF5_MALFORMED, 0,
			  "the file has %llu of the %llu bytes it should have",
			  (unsigned long long)size,
			  (unsigned long long)f->file.end);
	}
}

static enum pk_match hdf5_probe(const struct pk_head *head)
{
	return pk_h5_begins(head) ? PK_MATCH_SURE : PK_MATCH_NO;
}

const struct pk_format pk_format_hdf5 = {
	.name = "hdf5",
	.title = "HDF5 file",
	.reads = "groups, attributes, datasets, links to other files",
	.risk = PK_RISK_PARSER,
	.rank = 20,
	.probe = hdf5_probe,
	.scan = hdf5_scan,
};
