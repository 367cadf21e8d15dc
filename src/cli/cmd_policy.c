/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/opts.h"
#include "cli/policy_file.h"

extern const struct cli_command cli_command_policy;

static const struct cli_option options[] = { { 0 } };

static const struct cli_option *get_options(void)
{
	return options;
}

static int check(const char *file)
{
	struct picket_policy *p = cli_policy(file);
	size_t n, sources;

	if (!p)
		return CLI_USAGE;
	n = picket_policy_exceptions(p);
	(void)printf("%s: a policy, with %zu exception%s", cli_show(file), n,
		     n == 1 ? "" : "s");
	if (picket_policy_approves(p, &sources))
		(void)printf(" and %zu approved source%s", sources,
			     sources == 1 ? "" : "s");
	(void)putchar('\n');
	picket_policy_free(p);
	return CLI_OK;
}

static int policy(int argc, char **argv)
{
	const int n = cli_parse(&cli_command_policy, NULL, argc, argv);
	int status = CLI_OK;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n < 2 || strcmp(argv[0], "check") != 0) {
		cli_complain("policy checks files: picket policy check FILE");
		return CLI_USAGE;
	}
	for (int i = 1; i < n; i++) {
		if (check(argv[i]) != CLI_OK)
			status = CLI_USAGE;
	}
	return status;
}

const struct cli_command cli_command_policy = {
	.name = "policy",
	.args = "check FILE...",
	.what = "Checks a policy file: every mistake with its line.",
	.run = policy,
	.options = get_options,
};
