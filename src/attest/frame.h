/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ATTEST_FRAME_H
#define PK_ATTEST_FRAME_H

#include "attest/manifest.h"
#include "codec/json_read.h"
#include "core/json_out.h"

/*
 * What every statement on a tree has in common: in-toto's Statement v1 with
 * one subject, whose digest is that of the tree's digests in their order, and
 * paths that were left out.
 */

/* Why the files cannot be signed: one has no digest, or a name that is no
 * UTF-8; or NULL. */
const char *pk_frame_unfit(const struct pk_manifest *files);

/* Opens the statement and its predicate, two objects to be closed; false when
 * the digest cannot be computed. */
bool pk_frame_open(struct pk_json *j, const char *name,
		   const struct pk_manifest *files, const char *predicate_type);

/* "ignore_paths"; nothing when there are none. */
void pk_frame_put_ignores(struct pk_json *j, const char *const *paths,
			  size_t count);

/* Reads a statement's JSON; NULL with why set to static text for what is none,
 * also when any member stands twice. */
const struct pk_jvalue *pk_frame_read(struct pk_arena *a, struct pk_span json,
				      const char **why);

/* The one subject, or NULL. */
const struct pk_jvalue *pk_frame_subject(const struct pk_jvalue *top);

/* The rest answers NULL, or why not, in static text. */

/* Before the manifest is sorted: the digest is over its order. */
const char *pk_frame_check_root(const struct pk_jvalue *subject,
				const struct pk_manifest *files);
/* Sorts; nothing may be named twice. */
const char *pk_frame_sort(struct pk_manifest *files);
const char *pk_frame_get_ignores(struct pk_arena *a,
				 const struct pk_jvalue *list,
				 const char *const **ret, size_t *ret_count);

/* Whether any object of the tree has a member twice. */
bool pk_json_has_repeated(const struct pk_jvalue *v);

/* Whether it is that string. */
bool pk_frame_is(const struct pk_jvalue *v, const char *want);

#endif
