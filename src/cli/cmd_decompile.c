/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/listing.h"

extern const struct cli_command cli_command_decompile;

static int decompile(int argc, char **argv)
{
	return cli_listing_run(&cli_command_decompile, PICKET_LIST_SOURCE, argc,
			       argv);
}

const struct cli_command cli_command_decompile = {
	.name = "decompile",
	.args = "[--member NAME] [--json] FILE|-",
	.what = "Shows what loading the pickles in a file would do, as Python source.",
	.more = "Imports first, then a statement for each call and each write into an object,\n"
		"in the order in which an unpickler makes them, then the result. It is for\n"
		"reading: running it does what loading the file does. Objects that are shared\n"
		"have a name; tensors and arrays are one line.\n",
	.run = decompile,
	.options = cli_listing_options,
};
