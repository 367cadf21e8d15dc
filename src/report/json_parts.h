/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_REPORT_JSON_PARTS_H
#define PK_REPORT_JSON_PARTS_H

#include "report/reporter.h"

/* The pieces of picket.report/1 that its two forms share; docs/report.md. */

/* "schema", "tool", "started", "policy" */
void pk_json_header(struct pk_output *o);

/* One element of "files". */
void pk_json_file(struct pk_json *j, const struct pk_result *r);

/* "duration_ms", "pass", "summary", "errors" */
void pk_json_footer(struct pk_output *o, const struct pk_summary *s);

/* "references": the files that this one names. */
void pk_json_references(struct pk_json *j, const struct pk_job *job);

#endif
