/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PB_FILE_H
#define PK_ANALYZE_PB_FILE_H

#include "codec/protobuf.h"
#include "engine/scan.h"

/*
 * An object made of Protocol Buffers under scan.  Its readers skip the fields
 * that they do not know, which makes these a place to hide: what they hold
 * is scanned, and what is large stays unexplained.
 */
struct pk_pb_file {
	struct pk_scan *s;
	struct pk_pb r; /* its user is this */
	struct pk_cover unexplained;
	unsigned looked_into;
};

/* f must stay where it is; borrows the scan. */
void pk_pb_file_open(struct pk_pb_file *f, struct pk_scan *s);

/* These bytes mean nothing to the file's reader. */
void pk_pb_unexplained(struct pk_pb_file *f, uint64_t off, uint64_t len);

/*
 * Scans bytes that may well be a file of their own, such as a vocabulary in a
 * constant.  what: "the constant x".  Returns the format that they are, or
 * NULL.
 */
const struct pk_format *pk_pb_descend(struct pk_pb_file *f, uint64_t off,
				      uint64_t len, const char *what);

/*
 * Bytes that are data to the reader, looked at where they begin: that they
 * are a file of another kind is a finding.  what: "the attribute x".
 */
void pk_pb_look_into(struct pk_pb_file *f, uint64_t off, uint64_t len,
		     const char *what);

/*
 * Ends the walk: what it came through is claimed, and a fault is told by
 * that rule as something that the file's reader refuses.
 */
void pk_pb_file_close(struct pk_pb_file *f, enum pk_rule malformed);

#endif
