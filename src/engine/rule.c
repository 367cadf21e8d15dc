/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/rule.h"

#include <string.h>

const char *pk_severity_name(enum pk_severity s)
{
	static const char *const names[] = {
		[PK_INFO] = "info",         [PK_LOW] = "low",
		[PK_MEDIUM] = "medium",     [PK_HIGH] = "high",
		[PK_CRITICAL] = "critical",
	};

	return names[s];
}

bool pk_rule_is_of(enum pk_rule rule, const char *family)
{
	const size_t n = strlen(family);

	return strncmp(pk_rules[rule].id, family, n) == 0 &&
	       pk_rules[rule].id[n] == '.';
}

enum pk_rule pk_rule_by_id(const char *id)
{
	int i = 0;

	while (i < PK_RULE_COUNT && strcmp(pk_rules[i].id, id) != 0)
		i++;
	return (enum pk_rule)i;
}
