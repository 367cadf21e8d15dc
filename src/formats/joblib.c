/* SPDX-License-Identifier: Apache-2.0 */
/*
 * joblib files: a pickle with the bytes of NumPy arrays between its opcodes
 * (joblib/numpy_pickle.py).  The pickle parser meets them as it reads and
 * says so; this entry gives them their name.
 */
#include "engine/format.h"

static enum pk_match joblib_probe(const struct pk_head *head)
{
	(void)head;
	return PK_MATCH_NO;
}

static void joblib_scan(struct pk_scan *s)
{
	pk_reject(s);
}

const struct pk_format pk_format_joblib = {
	.name = "joblib",
	.title = "joblib pickle with raw arrays",
	.reads = "as a pickle; the arrays' bytes are told from their wrappers",
	.risk = PK_RISK_CODE,
	.rank = 12,
	.probe = joblib_probe,
	.scan = joblib_scan,
};
