/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_FINGERPRINT_H
#define PK_ENGINE_FINGERPRINT_H

#include "core/status.h"
#include "engine/job.h"

/*
 * Gives every finding of the job its fingerprint: SHA-256 over the rule's id,
 * the member and the evidence, and how many before it are the same in all
 * three.  Neither wording, nor offsets, nor the file's path go in, so that
 * it is the same on every machine and survives a rebuilt file.
 */
PK_MUST_CHECK enum pk_status pk_fingerprint(struct pk_job *job);

#endif
