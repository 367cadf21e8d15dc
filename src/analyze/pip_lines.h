/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PIP_LINES_H
#define PK_ANALYZE_PIP_LINES_H

#include "engine/scan.h"

/*
 * Lines of pip's requirements file format, wherever they stand: without blanks
 * around and without remarks.
 */

struct pk_span pk_pip_trim(struct pk_span line);

/* Whether pip would take the line at all. */
bool pk_pip_is_line(struct pk_span line);

/* Whether it names an address, or an index to look in. */
bool pk_pip_fetches_elsewhere(struct pk_span line);

/* Reports a line that fetches from somewhere else than the usual indexes. */
void pk_pip_report(struct pk_scan *s, struct pk_span line, uint64_t off);

#endif
