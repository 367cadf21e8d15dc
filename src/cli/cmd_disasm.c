/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

extern const struct cli_command cli_command_disasm;

static int disasm(int argc, char **argv)
{
	return cli_listing_run(&cli_command_disasm, PICKET_LIST_OPCODES, argc,
			       argv);
}

const struct cli_command cli_command_disasm = {
	.name = "disasm",
	.args = "[--member NAME] [--json] FILE|-",
	.what = "Shows every opcode of the pickles in a file, and what it does.",
	.more = "A line holds an offset, the opcode and its operand, indented by the marks\n"
		"that are open; behind the semicolon stands what the unpickler does there.\n"
		"Pickles within archives are found wherever they lie; a stream that breaks\n"
		"is shown up to the break and past it, and the exit status is then 3.\n",
	.run = disasm,
	.options = cli_listing_options,
};
