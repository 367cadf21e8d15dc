/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_VERDICT_H
#define PK_ENGINE_VERDICT_H

#include "engine/job.h"

/* What a file is, after its worst finding; the greater is the worse. */
enum pk_verdict {
	PK_SKIPPED,    /* its bytes fit no format: not a model */
	PK_CLEAN,      /* nothing above low, everything read and understood */
	PK_UNKNOWN,    /* something needs a person's review */
	PK_ERROR,      /* could not be analysed, or its reader refuses it */
	PK_SUSPICIOUS, /* carries code or evades its readers */
	PK_MALICIOUS,  /* loading it runs code that does harm */
};
enum { PK_VERDICTS = PK_MALICIOUS + 1 };

/* Derived from nothing but the findings and what was left unread. */
enum pk_verdict pk_verdict(const struct pk_job *job);

const char *pk_verdict_name(enum pk_verdict v);

#endif
