/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_HTML_PARTS_H
#define PK_REPORT_HTML_PARTS_H

#include "report/reporter.h"

/* The page's style sheet and script: src/report/html.css, html.js. */
extern const char pk_html_css[];
extern const char pk_html_js[];

/* Appends text as text: defused (core/utf8.h), and free of markup in
 * elements and in quoted attributes alike. */
void pk_html_text(struct pk_buf *b, const char *text);

/* The same of raw bytes, escaped so that different bytes look different. */
void pk_html_raw(struct pk_buf *b, struct pk_span bytes);

/* The file's byte map: a picture, what its colours mean, and a table. */
void pk_html_map(struct pk_buf *b, const struct pk_job *job);

/* All of one file. */
void pk_html_file(struct pk_buf *b, const struct pk_result *r);

#endif
