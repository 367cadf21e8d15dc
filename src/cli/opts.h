/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_OPTS_H
#define PICKET_CLI_OPTS_H

#include "cli/cli.h"

/* One option of a command: from this parsing, --help and the spelling that
 * was probably meant are made. */
struct cli_option {
	char letter;       /* 0: none */
	const char *name;  /* without the dashes */
	const char *arg;   /* what the value is called; NULL: a switch */
	const char *help;  /* one line */
	const char *group; /* starts a new heading in --help */
	/* value: NULL for a switch.  False when it cannot be; has then
	 * complained. */
	bool (*set)(void *settings, const struct cli_option *o,
		    const char *value);
};

/* Setters of the two common kinds: set_<option>() makes a member true, or
 * lets it point to the value. */
#define CLI_SWITCH(type, option, member)                                     \
	static bool set_##option(void *settings, const struct cli_option *o, \
				 const char *value)                          \
	{                                                                    \
		(void)o;                                                     \
		(void)value;                                                 \
		((type *)settings)->member = true;                           \
		return true;                                                 \
	}
#define CLI_TEXT(type, option, member)                                       \
	static bool set_##option(void *settings, const struct cli_option *o, \
				 const char *value)                          \
	{                                                                    \
		(void)o;                                                     \
		((type *)settings)->member = value;                          \
		return true;                                                 \
	}

struct cli_command {
	const char *name;
	const char *args; /* "[PATH|-]..." */
	const char *what; /* one line */
	const char *more; /* paragraphs under the options of --help, or NULL */
	int (*run)(int argc, char **argv); /* without the command's name */
	/* The table; the last has no name. */
	const struct cli_option *(*options)(void);
};

/* NULL-terminated, in the order of commands.def. */
extern const struct cli_command *const cli_commands[];

/* What every command takes besides. */
extern const struct cli_option cli_common_options[];

/*
 * Applies the arguments; to options that they leave alone the environment
 * (PICKET_NAME_OF_OPTION); to those that it leaves alone the configuration
 * file.  What is left is moved to the front of argv.  Returns how many, or
 * CLI_PARSE_BAD after a complaint, CLI_PARSE_HELP after showing the help.
 */
enum { CLI_PARSE_BAD = -1, CLI_PARSE_HELP = -2 };
int cli_parse(const struct cli_command *cmd, void *settings, int argc,
	      char **argv);

enum cli_from { CLI_FROM_FLAG, CLI_FROM_ENVIRONMENT, CLI_FROM_FILE };

/* An option that was given a value. */
struct cli_given {
	const struct cli_option *option;
	const char *value; /* NULL: a switch; lives as long as the program */
	bool off;          /* a switch that is kept off */
	enum cli_from from;
	uint64_t line; /* of the file */
};

/* The same, and tells of each value; settings may be NULL, then nothing is
 * set. */
int cli_parse_told(const struct cli_command *cmd, void *settings, int argc,
		   char **argv,
		   void (*tell)(void *ctx, const struct cli_given *g),
		   void *ctx);

/* "PICKET_MAX_MEMORY" for --max-memory. */
const char *cli_environment_name(const struct cli_option *o, char *buf,
				 size_t size);

void cli_help(const struct cli_command *cmd);

/* A whole number of at least min; complains. */
bool cli_number(const char *option, const char *text, uint64_t min,
		uint64_t *ret);

/* A number with K, M, G or T behind it, meaning powers of 1024. */
bool cli_size(const char *option, const char *text, uint64_t *ret);

/* "auto", "always", "never"; NULL past the last. */
const char *cli_nth_color(size_t n);

/* Whether it is one of them; complains. */
bool cli_check_color(const char *option, const char *value);

/* Complains that the option has no such value, and which it may have. */
bool cli_bad_choice(const char *option, const char *value,
		    const char *(*nth)(size_t n));

#endif
