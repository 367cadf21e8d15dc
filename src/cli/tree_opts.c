/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tree_opts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/prose.h"

/* "./a/b/" is "a/b": what tree paths look like.  NULL when out of memory. */
static char *tidy(const char *path)
{
	char *copy;
	size_t n;

	while (strncmp(path, "./", 2) == 0)
		path += 2;
	copy = strdup(path);
	n = copy ? strlen(copy) : 0;
	while (n > 0 && copy[n - 1] == '/')
		copy[--n] = '\0';
	return copy;
}

bool tree_set_ignore(void *settings, const struct cli_option *o,
		     const char *value)
{
	struct tree_settings *s = settings;
	char *path = tidy(value);

	if (path && *path && *path != '/' && s->own_count < TREE_IGNORES_MAX) {
		s->own[s->own_count++] = path;
		s->ignores[s->ignore_count++] = path;
		return true;
	}
	cli_complain("--%s takes a path below DIR, at most %d of them", o->name,
		     TREE_IGNORES_MAX);
	free(path);
	return false;
}

bool tree_set_jobs(void *settings, const struct cli_option *o,
		   const char *value)
{
	uint64_t n = 0;

	if (!cli_number(o->name, value, 1, &n))
		return false;
	((struct tree_settings *)settings)->tree.threads =
		n < 256 ? (unsigned)n : 256;
	return true;
}

bool tree_set_no_progress(void *settings, const struct cli_option *o,
			  const char *value)
{
	(void)o;
	(void)value;
	((struct tree_settings *)settings)->no_progress = true;
	return true;
}

bool tree_set_json(void *settings, const struct cli_option *o,
		   const char *value)
{
	(void)o;
	(void)value;
	((struct tree_settings *)settings)->json = true;
	return true;
}

/* The path without links, also of a file that is not there yet. */
static bool real_path(const char *path, char ret[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char *folder;
	size_t n;
	bool ok;

	if (realpath(path, ret))
		return true;
	folder =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	ok = folder && realpath(folder, ret) != NULL;
	free(folder);
	n = ok ? strlen(ret) : 0;
	return ok && snprintf(ret + n, PATH_MAX - n, "/%s", name) <
			     (int)(PATH_MAX - n);
}

void tree_leave_out(struct tree_settings *s, const char *root, const char *path)
{
	char top[PATH_MAX], file[PATH_MAX];
	size_t n;

	if (!path || !realpath(root, top) || !real_path(path, file))
		return;
	n = strlen(top);
	if (strncmp(file, top, n) != 0 || file[n] != '/')
		return;
	if (s->own_count == sizeof(s->own) / sizeof(s->own[0]))
		return;
	s->own[s->own_count] = strdup(file + n + 1);
	if (s->own[s->own_count])
		s->ignores[s->ignore_count++] = s->own[s->own_count++];
}

/* Twice a second says enough. */
static bool draw(void *ctx, uint64_t done, uint64_t total)
{
	enum { FIRST_MS = 500, EVERY_MS = 200 };
	struct tree_settings *s = ctx;
	const uint64_t now = cli_now_ms();
	const double mib = 1024.0 * 1024.0;

	if (now - s->started_at < FIRST_MS || now - s->drawn_at < EVERY_MS)
		return true;
	(void)fprintf(stderr, "\r\x1b[K%.0f of %.0f MiB, %.0f MiB/s",
		      (double)done / mib, (double)total / mib,
		      (double)done / mib * 1000.0 /
			      (double)(now - s->started_at));
	s->drawn_at = now;
	s->shown = true;
	return true;
}

const struct picket_tree *tree_ready(struct tree_settings *s)
{
	s->tree.ignore = s->ignores;
	s->tree.ignore_count = s->ignore_count;
	if (!s->no_progress && isatty(STDERR_FILENO)) {
		s->tree.progress = draw;
		s->tree.ctx = s;
	}
	s->started_at = cli_now_ms();
	return &s->tree;
}

void tree_done(struct tree_settings *s)
{
	if (s->shown)
		(void)fputs("\r\x1b[K", stderr);
	s->shown = false;
}

void tree_release(struct tree_settings *s)
{
	while (s->own_count > 0)
		free(s->own[--s->own_count]);
}

bool tree_whole(const struct picket_manifest *m)
{
	const char *path, *why;
	size_t n = 0;

	while ((path = picket_manifest_trouble(m, n, &why)) != NULL) {
		cli_complain("%s: %s", cli_show(path), why);
		n++;
	}
	return n == 0;
}

static void show_difference(const struct picket_differences *d, size_t i)
{
	const char *kind = picket_difference_kind(d, i);
	const char *other = picket_difference_other(d, i);

	(void)printf("%-8s  %s", kind, cli_show(picket_difference_path(d, i)));
	if (other && strcmp(kind, "renamed") == 0)
		(void)printf(" (was %s)", cli_show(other));
	else if (other)
		(void)printf(": %s", other);
	(void)putchar('\n');
}

int tree_judge(const struct picket_differences *d, const char *root, bool json,
	       size_t expected)
{
	const struct picket_sink to = { cli_write_stdout, NULL };
	const size_t n = picket_differences_count(d);

	if (json)
		return picket_differences_json(d, &to) != PICKET_OK ? CLI_USAGE
		       : n ? CLI_INTEGRITY
			   : CLI_OK;
	for (size_t i = 0; i < n; i++)
		show_difference(d, i);
	if (n)
		(void)printf("%s is not what it should be: %zu difference%s, "
			     "%zu expected\n",
			     cli_show(root), n, n == 1 ? "" : "s", expected);
	else
		(void)printf("%s: all %zu as they should be\n", cli_show(root),
			     expected);
	return n ? CLI_INTEGRITY : CLI_OK;
}

bool tree_may_write(const char *path, bool force)
{
	if (force || access(path, F_OK) != 0)
		return true;
	cli_complain("%s is there already; --force replaces it",
		     cli_show(path));
	return false;
}
