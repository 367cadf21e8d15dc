/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_WRAPPER_H
#define PK_ANALYZE_WRAPPER_H

#include "analyze/expand.h"
#include "engine/format.h"

/*
 * Files that are one compressed stream.  What all of them share; their own
 * files only name the codec.
 */

/* By magic bytes. */
enum pk_match pk_wrapper_probe(const struct pk_head *head, enum pk_codec codec);

/* By decompressing the beginning at an offset, for those that have no
 * magic: enough must come out, or all of it. */
enum pk_match pk_wrapper_try(const struct pk_head *head, enum pk_codec codec,
			     uint64_t off);

/*
 * Claims the stream that begins at an offset and descends into what it holds,
 * under the file's name without its suffix.  Returns the size of that.
 */
uint64_t pk_wrapper_scan(struct pk_scan *s, enum pk_codec codec, uint64_t off);

#endif
