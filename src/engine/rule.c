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

enum pk_rule pk_rule_by_id(const char *id)
{
	int i = 0;

	while (i < PK_RULE_COUNT && strcmp(pk_rules[i].id, id) != 0)
		i++;
	return (enum pk_rule)i;
}
