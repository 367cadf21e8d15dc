/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_PB_TEXT_H
#define PK_TESTS_PB_TEXT_H

#include "core/buf.h"

/*
 * Protocol Buffers from text, by field numbers:
 *
 *	1=8                a varint, negative ones too
 *	2"text\x00"        bytes; escapes \n \" \\ \xHH
 *	7{ 1{ 4"Add" } }   a message
 *	5[1 2 300]         packed varints
 *	9*4096             so many zero bytes
 *	3(1=2)             a group
 *	4%0000803f         four or eight bytes as they stand: fixed32, fixed64
 *	~0a05              raw bytes, without a tag
 *	# to the end of the line
 *
 * Appends to out.  Returns NULL, or the place of the first mistake.
 */
const char *pb_text(const char *text, struct pk_buf *out);

#endif
