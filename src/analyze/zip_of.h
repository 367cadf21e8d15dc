/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_ZIP_OF_H
#define PK_ANALYZE_ZIP_OF_H

#include "analyze/expand.h"
#include "codec/zip.h"
#include "engine/format.h"

/*
 * The object's bytes as a zip, parsed once for all formats that ask; with no
 * view when they are none.  NULL when out of memory.
 *
 * The zip format itself looks at every member under every view; formats made
 * of zips (PyTorch's, Keras', NumPy's) only ask for names and read what they
 * need to know of their own.
 */
struct pk_zip *pk_zip_of(struct pk_scan *s);

/* Whether the bytes may be a zip, for the probes of such formats. */
bool pk_zip_begins(const struct pk_head *head);

/*
 * The content of a member as most readers get it, decompressed.  The source is
 * the caller's to free, before the scan ends.  NULL when the member cannot be
 * read; the zip format says why.
 */
struct pk_source *pk_zip_member(struct pk_scan *s,
				const struct pk_zip_entry *e);

/* The decompressor for a method; PK_CODEC_COUNT when there is none. */
enum pk_codec pk_zip_codec(uint16_t method);

#endif
