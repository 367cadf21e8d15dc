/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PyTorch checkpoints since 1.6: a zip with ROOT/data.pkl and raw tensors
 * ROOT/data/KEY.  The zip format reads every member; this looks at what only
 * PyTorch's reader makes of them.
 */
#include "analyze/torch_zip.h"

static void torch_zip_scan(struct pk_scan *s)
{
	const struct pk_torch_zip t = pk_torch_zip_of(s);

	if (!t.data || t.constants) {
		pk_reject(s);
		return;
	}
	if (t.outside)
		pk_report(s, PK_RULE_TORCH_OUTSIDE_ROOT, t.data->at,
			  "%u members lie outside the folder that PyTorch "
			  "reads",
			  t.outside);
}

static enum pk_match torch_zip_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_torch_zip = {
	.name = "pytorch-zip",
	.title = "PyTorch checkpoint",
	.reads = "its pickles and every member of the zip; tensors are told by "
		 "their records, not read",
	.risk = PK_RISK_CODE,
	.rank = 30,
	.probe = torch_zip_probe,
	.scan = torch_zip_scan,
};
