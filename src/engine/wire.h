/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_WIRE_H
#define PK_ENGINE_WIRE_H

#include "engine/result.h"

/*
 * A result as bytes, for the pipe from a worker that read hostile bytes and
 * may no longer be itself.  Neither path, verdict nor action travel: the
 * receiver knows the first and derives the others.
 */
enum { PK_WIRE_MAX = 16 << 20 };

/* Appends the result.  What does not fit is cut from the end (the findings
 * are sorted, worst first) and the result marked partial. */
PK_MUST_CHECK enum pk_status pk_wire_encode(const struct pk_result *r,
					    struct pk_buf *to);

/*
 * Fills a result that pk_result_init() set up, and concludes.  Every number
 * and text is checked against what a result may be; PK_ERR_IO when one is
 * not, and the result is then only good for release.
 */
PK_MUST_CHECK enum pk_status pk_wire_decode(struct pk_result *r,
					    struct pk_span bytes);

#endif
