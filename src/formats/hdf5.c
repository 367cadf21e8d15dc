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
	return pk_h5_begins(head->bytes, head->source) ? PK_MATCH_SURE
						       : PK_MATCH_NO;
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
