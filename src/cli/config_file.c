/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/config_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/opts.h"
#include "cli/read_file.h"
#include "picket/picket.h"

enum { CONFIG_MAX = 1 << 20 };

/* For as long as the program runs: options point into it. */
static struct {
	char *path;
	struct cli_setting *v;
	size_t n;
	bool loaded;
	bool wrong;
} config;

const struct cli_setting *cli_config_at(size_t n)
{
	return n < config.n ? &config.v[n] : NULL;
}

const char *cli_config_path(void)
{
	return config.path;
}

/* Every option of every command, one after the other. */
static const char *nth_option(size_t n)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		const struct cli_option *o = cli_commands[i]->options();

		for (; o->name; o++) {
			if (n-- == 0)
				return o->name;
		}
	}
	return NULL;
}

static bool is_option(const char *name)
{
	const char *known;

	for (size_t i = 0; (known = nth_option(i)) != NULL; i++) {
		if (strcmp(known, name) == 0)
			return true;
	}
	return false;
}

static void complain(void *ctx, uint64_t line, const char *text)
{
	(void)ctx;
	config.wrong = true;
	cli_complain("%s:%" PRIu64 ": %s", cli_show(config.path), line, text);
}

static void unknown(uint64_t line, const char *name)
{
	const char *near = cli_nearest(name, nth_option);

	config.wrong = true;
	cli_complain("%s:%" PRIu64 ": no option is called '%s'%s%s%s",
		     cli_show(config.path), line, cli_show(name),
		     near ? "; did you mean '" : "", near ? near : "",
		     near ? "'?" : "");
}

static void take(void *ctx, uint64_t line, const char *name, const char *value)
{
	struct cli_setting *v;

	(void)ctx;
	if (!is_option(name)) {
		unknown(line, name);
		return;
	}
	v = realloc(config.v, (config.n + 1) * sizeof(*v));
	if (v) {
		config.v = v;
		v[config.n] = (struct cli_setting){ strdup(name), strdup(value),
						    line };
		config.n += v[config.n].name && v[config.n].value;
	}
}

/* Relative paths in XDG_CONFIG_HOME do not count, says its specification. */
static char *users_file(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (xdg && *xdg == '/')
		n = asprintf(&path, "%s/picket/config.yaml", xdg);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.config/picket/config.yaml", home);
	if (n < 0)
		return NULL;
	if (access(path, F_OK) == 0)
		return path;
	free(path);
	return NULL;
}

bool cli_config_load(const char *named)
{
	const struct picket_settings_reader r = { take, complain, NULL };
	struct cli_bytes b;

	if (config.loaded)
		return !config.wrong;
	config.loaded = true;
	config.path = named ? strdup(named) : users_file();
	if (!config.path)
		return true;
	config.wrong = !cli_read_file(config.path, CONFIG_MAX, &b);
	if (config.wrong)
		return false;
	if (picket_settings_read(b.p, b.n, &r) != PICKET_OK)
		config.wrong = true;
	free(b.p);
	return !config.wrong;
}
