/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cli/complete.h"
#include "cli/opts.h"

extern const struct cli_command cli_command_completion;

static const struct cli_option none[] = { { 0 } };

static const struct cli_option *no_options(void)
{
	return none;
}

static const struct {
	const char *name;
	void (*write)(void);
} shells[] = {
	{ "bash", cli_complete_bash },
	{ "zsh", cli_complete_zsh },
	{ "fish", cli_complete_fish },
	{ NULL, NULL },
};

const char *cli_nth_shell(size_t n)
{
	return shells[n].name;
}

static int write_for(const char *shell)
{
	const char *near;

	for (size_t i = 0; shells[i].name; i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].write();
			return CLI_OK;
		}
	}
	near = cli_nearest(shell, cli_nth_shell);
	cli_complain("completion knows bash, zsh and fish, not '%s'%s%s%s",
		     cli_show(shell), near ? "; did you mean '" : "",
		     near ? near : "", near ? "'?" : "");
	return CLI_USAGE;
}

static int completion(int argc, char **argv)
{
	const int n = cli_parse(&cli_command_completion, NULL, argc, argv);

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n == 1)
		return write_for(argv[0]);
	cli_complain("completion takes the shell: picket completion "
		     "bash|zsh|fish");
	return CLI_USAGE;
}

const struct cli_command cli_command_completion = {
	.name = "completion",
	.args = "bash|zsh|fish",
	.what = "Writes what a shell needs to complete commands and options.",
	.more = "For one session: 'source <(picket completion bash)'. "
		"'make install' puts the\nscripts where the shells look for "
		"them.\n",
	.run = completion,
	.options = no_options,
};
