/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/verdict.h"

enum pk_verdict pk_verdict(const struct pk_job *job)
{
	if (job->worst == PK_CRITICAL)
		return PK_MALICIOUS;
	if (job->worst == PK_HIGH)
		return PK_SUSPICIOUS;
	if (job->partial || (job->facts & PK_FACT_REFUSED))
		return PK_ERROR;
	if (job->worst == PK_MEDIUM)
		return PK_UNKNOWN;
	return job->primary ? PK_CLEAN : PK_SKIPPED;
}

const char *pk_verdict_name(enum pk_verdict v)
{
	static const char *const names[] = {
		[PK_SKIPPED] = "skipped",       [PK_CLEAN] = "clean",
		[PK_UNKNOWN] = "unknown",       [PK_ERROR] = "error",
		[PK_SUSPICIOUS] = "suspicious", [PK_MALICIOUS] = "malicious",
	};

	return names[v];
}
