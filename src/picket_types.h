/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_PICKET_TYPES_H
#define PK_PICKET_TYPES_H

/* What the opaque handles of picket/picket.h hold. */
#include "picket/picket.h"

#include "engine/result.h"
#include "policy/policy.h"
#include "report/shares.h"

struct picket_options {
	struct pk_limits limits;
	bool deep;
	bool contents;
	bool stated;
	bool sha256;
};

struct picket_file {
	struct pk_result r;
};

struct picket_policy {
	struct pk_policy p;
	struct pk_terms terms;       /* of a policy file, or zero */
	struct pk_baseline baseline; /* or empty */
};

/* Scans and frees the source; NULL is PICKET_ERR_NOMEM. */
enum picket_status pk_scan_source(const struct picket_options *o,
				  struct pk_source *src, const char *path,
				  struct picket_file **ret);

/* Notes the tensors of a checkpoint, which its pickle names: who asks what a
 * file holds asks for them, who scans it does not. */
void pk_note_weights(struct pk_result *r, struct pk_source *src);

/* What a summary holds; the handle's own. */
struct pk_summary *pk_summary_of(struct picket_summary *s);

/* When what is reported was scanned; 0: nobody knows, so no times are told. */
void pk_report_started(struct picket_report *r, int64_t seconds);

struct pk_share *pk_report_share(struct picket_report *r);

static inline enum picket_status pk_public_status(enum pk_status s)
{
	return (enum picket_status)s; /* the numbers are the same */
}

#endif
