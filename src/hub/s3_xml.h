/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_HUB_S3_XML_H
#define PK_HUB_S3_XML_H

#include "hub/files.h"

/*
 * Adds the objects of one page of ListObjectsV2.  below: "" or "folder/"; keys
 * that do not begin so are refused, and paths are kept without it.  only: the
 * one key that is wanted (its name is what stands behind below), or NULL.
 * Markers of folders (keys with a slash at their end, without content) are
 * left out.  *ret_next: where the next page begins, in the arena; NULL: this
 * was the last.
 */
PK_MUST_CHECK enum pk_status
pk_s3_page_read(struct pk_span xml, const char *below, const char *only,
		struct pk_arena *a, struct pk_files *to, const char **ret_next,
		struct pk_remote_trouble *why);

#endif
