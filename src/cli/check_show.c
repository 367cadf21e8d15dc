/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check_show.h"

void check_show(FILE *to, const struct picket_check *c, size_t n)
{
	const char *where = picket_check_where(c, n);
	const char *path = picket_check_path(c, n);

	(void)fprintf(to, "%-8s  %-22s  %s%s%s: %s\n",
		      picket_severity_name(picket_check_severity(c, n)),
		      picket_check_rule(c, n), where ? cli_show(where) : "",
		      where && path ? "/" : "", path ? cli_show(path) : "",
		      cli_show(picket_check_message(c, n)));
}

int check_status(const struct picket_check *c)
{
	int status = CLI_OK;

	for (size_t i = 0; i < picket_check_count(c); i++) {
		if (picket_check_is_violation(c, i))
			return CLI_SOURCE;
		status = CLI_INCOMPLETE;
	}
	return status;
}
