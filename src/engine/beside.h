/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_BESIDE_H
#define PK_ENGINE_BESIDE_H

#include "engine/result.h"

/*
 * What can only be said where the folder can be seen: whether the files that
 * a file names (pk_refer) are there, whole and within the tree, and whether
 * there is a better twin of it.  Only names are looked up; nothing is opened.
 *
 * root: the folder that is scanned and that no link may leave; NULL for the
 * file's own.  Does nothing for what was not read from a path.
 */
PK_MUST_CHECK enum pk_status pk_look_beside(struct pk_result *r,
					    const char *root);

#endif
