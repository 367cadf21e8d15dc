/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_HF_JSON_H
#define PK_HUB_HF_JSON_H

#include "codec/json_read.h"
#include "hub/files.h"

/* What the hub answers, read as what it is: bytes from a stranger. */

/* /api/models/ID[/revision/REV] */
struct pk_hf_info {
	const char *id; /* as the registry has it now; NULL: it does not say */
	const char *commit;  /* 40 lower-case hex digits */
	const char *licence; /* NULL: none stated */
	enum pk_known gated;
	bool disabled;
	/* securityRepoStatus.filesWithIssues, or NULL: not asked, not known */
	const struct pk_jvalue *issues;
};

/* Texts and tree live in the arena.  PK_ERR_IO with the trouble when it
 * cannot be the information of a repository. */
PK_MUST_CHECK enum pk_status pk_hf_info_read(struct pk_span json,
					     struct pk_arena *a,
					     struct pk_hf_info *ret,
					     struct pk_remote_trouble *why);

/*
 * Adds the files of one page of /api/models/ID/tree/REV.  below: the folder
 * that was asked for, "" for all; what does not lie in it is refused, and
 * paths are kept without it.  only: the name of the one file that is wanted,
 * or NULL.
 */
PK_MUST_CHECK enum pk_status
pk_hf_tree_read(struct pk_span json, const char *below, const char *only,
		struct pk_files *to, struct pk_remote_trouble *why);

/* /api/models/ID/refs: whether the revision is a tag */
enum pk_known pk_hf_refs_read(struct pk_span json, const char *revision);

/* /api/organizations/ORG/overview */
enum pk_known pk_hf_owner_read(struct pk_span json);

/* Writes the registry's words on files into a settled list; what is not
 * understood is left out: it is advice. */
void pk_hf_advise(const struct pk_hf_info *info, const char *below,
		  const struct pk_files *files);

#endif
