/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

extern const struct cli_command cli_command_trace;

static int trace(int argc, char **argv)
{
	return cli_listing_run(&cli_command_trace, PICKET_LIST_STEPS, argc,
			       argv);
}

const struct cli_command cli_command_trace = {
	.name = "trace",
	.args = "[--member NAME] [--json] FILE|-",
	.what = "Shows the pickles in a file step by step, with stack and memo.",
	.more = "Each opcode as 'picket disasm' shows it, then the unpickler's stack and memo\n"
		"after it: of both the last eight values.\n",
	.run = trace,
	.options = cli_listing_options,
};
