/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ENGINE_CATALOGUE_H
#define PK_ENGINE_CATALOGUE_H

#include "core/json_out.h"
#include "engine/format.h"

/* SHA-256 over every rule's id, severity and texts, so that a report tells
 * which catalogue it was made with.  False when it cannot be computed. */
bool pk_rules_digest(uint8_t ret[PK_SHA256_LEN]);

/* "data", "parser", "code" or "wrapper" */
const char *pk_risk_name(enum pk_risk risk);

/* What a person and a program are told of one rule, one format. */
void pk_json_rule(struct pk_json *j, const struct pk_rule_info *rule);
void pk_json_format(struct pk_json *j, const struct pk_format *f);

#endif
