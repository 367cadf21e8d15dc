/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/opts.h"
#include "cli/sandbox.h"
#include "picket/picket.h"

extern const struct cli_command cli_command_doctor;

struct settings {
	bool json;
};

CLI_SWITCH(struct settings, json, json)

static const struct cli_option options[] = {
	{ 0, "json", NULL, "as JSON", "Options", set_json },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

/* What a run depends on that is not picket's own. */
struct health {
	struct utsname host;
	long processors;
	unsigned missing;       /* walls of the sandbox */
	bool needed;            /* one of them is needed */
	const char *no_network; /* why not; NULL: there is */
};

static struct health examine(void)
{
	struct health h = { .missing = sandbox_missing(),
			    .processors = sysconf(_SC_NPROCESSORS_ONLN),
			    .no_network = picket_network_missing() };

	if (uname(&h.host) != 0)
		h.host = (struct utsname){ .release = "unknown" };
	for (size_t i = 0; sandbox_wall_name(i); i++)
		h.needed |= h.missing >> i & 1 && sandbox_wall_needed(i);
	return h;
}

static void show_wall(const struct health *h, size_t i)
{
	const bool stands = !(h->missing >> i & 1);

	(void)printf("  %-14s%-9s%s", sandbox_wall_name(i),
		     stands                   ? "stands"
		     : sandbox_wall_needed(i) ? "MISSING"
					      : "absent",
		     sandbox_wall_what(i));
	if (i == SANDBOX_LANDLOCK && stands)
		(void)printf(" (version %d)", sandbox_landlock_version());
	(void)putchar('\n');
}

static void show(const struct health *h)
{
	(void)printf("picket %s, kernel %s, %ld processors\n\nsandbox: %s\n",
		     picket_version(), cli_show(h->host.release), h->processors,
		     h->needed ? "a wall is missing; scans go on with a "
				 "warning, --sandbox=require refuses"
			       : "every needed wall stands");
	for (size_t i = 0; sandbox_wall_name(i); i++)
		show_wall(h, i);
	(void)printf("\nsources elsewhere: %s\n",
		     h->no_network ? h->no_network : "libcurl is here");
}

/* Nothing here needs escaping but the kernel's name, which is shown so that
 * it does not. */
static void show_json(const struct health *h)
{
	(void)printf("{\"version\": \"%s\", \"kernel\": \"", picket_version());
	for (const char *ch = h->host.release; *ch; ch++)
		(void)putchar(*ch < ' ' || *ch > '~' || *ch == '"' ||
					      *ch == '\\'
				      ? '?'
				      : *ch);
	(void)printf(
		"\", \"processors\": %ld, \"network\": %s,\n \"sandbox\": {\"complete\": "
		"%s, \"landlock_version\": %d, \"walls\": [\n",
		h->processors, h->no_network ? "false" : "true",
		h->needed ? "false" : "true", sandbox_landlock_version());
	for (size_t i = 0; sandbox_wall_name(i); i++)
		(void)printf("  {\"name\": \"%s\", \"stands\": %s, \"needed\": "
			     "%s, \"what\": \"%s\"}%s\n",
			     sandbox_wall_name(i),
			     h->missing >> i & 1 ? "false" : "true",
			     sandbox_wall_needed(i) ? "true" : "false",
			     sandbox_wall_what(i),
			     sandbox_wall_name(i + 1) ? "," : "");
	(void)printf(" ]}}\n");
}

static int doctor(int argc, char **argv)
{
	struct settings s = { 0 };
	const int n = cli_parse(&cli_command_doctor, &s, argc, argv);
	struct health h;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n > 0) {
		cli_complain("doctor takes no arguments");
		return CLI_USAGE;
	}
	h = examine();
	if (s.json)
		show_json(&h);
	else
		show(&h);
	return h.needed ? CLI_INCOMPLETE : CLI_OK;
}

const struct cli_command cli_command_doctor = {
	.name = "doctor",
	.args = "[--json]",
	.what = "Shows which walls of the sandbox stand here, and what is missing.",
	.more = "Each wall is tried in a process of its own.  An absent one only adds to the\n"
		"others.\n"
		"\n"
		"exit status: 0 every needed wall stands, 3 one is missing.\n",
	.run = doctor,
	.options = get_options,
};
