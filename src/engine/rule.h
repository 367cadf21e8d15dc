/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_RULE_H
#define PK_ENGINE_RULE_H

#include <stdbool.h>

enum pk_severity { PK_INFO, PK_LOW, PK_MEDIUM, PK_HIGH, PK_CRITICAL };

/* enum pk_rule and its table are generated from rules/ *.rules. */
#include "rules_gen.h"

/* One named finding, as its text in rules/ says it; all strings static. */
struct pk_rule_info {
	const char *id;            /* family.slug, for ever */
	enum pk_severity severity; /* by default; a report may raise it */
	const char *title;         /* one line */
	const char *why;  /* what an attacker gains; for a person deciding */
	const char *fix;  /* what to do about it */
	const char *refs; /* blank-separated: CVE, CWE, ATLAS, OWASP, URLs */
};

extern const struct pk_rule_info pk_rules[PK_RULE_COUNT];

/* "critical" ... "info" */
const char *pk_severity_name(enum pk_severity s);

/* Whether its id is "family.something". */
bool pk_rule_is_of(enum pk_rule rule, const char *family);

/* The rule of that id, or PK_RULE_COUNT. */
enum pk_rule pk_rule_by_id(const char *id);

#endif
