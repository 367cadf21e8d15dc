/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_PAINT_H
#define PK_REPORT_PAINT_H

#include "report/reporter.h"

/*
 * Text for a person's terminal: colours, wrapping, sizes.  Whatever text is
 * put comes out defused (core/utf8.h); only these functions write escapes.
 */
enum pk_paint {
	PK_PLAIN,
	PK_BOLD,
	PK_DIM,
	PK_RED,
	PK_BOLD_RED,
	PK_YELLOW,
	PK_GREEN,
	PK_CYAN,
};

void pk_paint(struct pk_output *o, enum pk_paint how, const char *text);

/* Spaces up to a column, counting from the text's own length; at least one
 * unless the text is empty and so is the column. */
void pk_paint_cell(struct pk_output *o, enum pk_paint how, const char *text,
		   size_t column);

/* Words, wrapped at the style's width, each new line indented; ends with a
 * newline.  The first line is taken to stand at the indent already. */
void pk_paint_wrapped(struct pk_output *o, enum pk_paint how, size_t indent,
		      const char *text);

/* "512 bytes", "120.5 KiB" */
void pk_put_size(struct pk_buf *b, uint64_t bytes);

/* "1 file", "3 files" */
void pk_put_count(struct pk_buf *b, uint64_t n, const char *what);

enum pk_paint pk_paint_of_severity(enum pk_severity s);
enum pk_paint pk_paint_of_verdict(enum pk_verdict v);

#endif
