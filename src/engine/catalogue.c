/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/catalogue.h"

static void add_text(struct pk_sha256 *h, const char *s)
{
	pk_sha256_add(h, s, strlen(s) + 1);
}

bool pk_rules_digest(uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	for (int i = 0; i < PK_RULE_COUNT; i++) {
		add_text(h, pk_rules[i].id);
		add_text(h, pk_severity_name(pk_rules[i].severity));
		add_text(h, pk_rules[i].title);
		add_text(h, pk_rules[i].why);
		add_text(h, pk_rules[i].fix);
		add_text(h, pk_rules[i].refs);
	}
	return pk_sha256_end(h, ret);
}

const char *pk_risk_name(enum pk_risk risk)
{
	static const char *const names[] = {
		[PK_RISK_DATA] = "data",
		[PK_RISK_PARSER] = "parser",
		[PK_RISK_CODE] = "code",
		[PK_RISK_WRAPPER] = "wrapper",
	};

	return names[risk];
}

void pk_json_rule(struct pk_json *j, const struct pk_rule_info *rule)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "id", rule->id);
	pk_json_str(j, "severity", pk_severity_name(rule->severity));
	pk_json_str(j, "title", rule->title);
	pk_json_str(j, "why", rule->why);
	pk_json_str(j, "fix", rule->fix);
	pk_json_str(j, "refs", rule->refs);
	pk_json_close(j);
}

void pk_json_format(struct pk_json *j, const struct pk_format *f)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "name", f->name);
	pk_json_str(j, "title", f->title);
	pk_json_str(j, "risk", pk_risk_name(f->risk));
	pk_json_str(j, "reads", f->reads);
	pk_json_close(j);
}
