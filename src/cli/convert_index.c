/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index of a model in several files, as transformers writes it:
 * {"metadata": {"total_size": N}, "weight_map": {NAME: FILE, ...}}
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/convert.h"

struct convert_group {
	struct convert_group *next;
	char *key; /* the input's path up to the number */
	char *out; /* the same of the output */
	unsigned of, seen;
	uint64_t bytes;
	char **lines; /* of the map */
	size_t n, cap;
	bool failed;
};

/* "-00001-of-00002.bin" at the end: where it begins, and the last number. */
static const char *number_at(const char *path, unsigned *of)
{
	enum { TAIL = sizeof("-00001-of-00002.bin") - 1 };
	const size_t n = strlen(path);
	const char *at = path + (n > TAIL ? n - TAIL : 0);
	unsigned this_one;
	int used = 0;

	if (n <= TAIL ||
	    sscanf(at, "-%5u-of-%5u.bin%n", &this_one, of, &used) != 2 ||
	    used != TAIL)
		return NULL;
	return at;
}

struct convert_group *cli_shard_group(struct convert_group **groups,
				      const char *in, const char *out)
{
	unsigned of;
	const char *at = number_at(in, &of);
	const char *out_at = strrchr(out, '-');
	struct convert_group *g;

	while (out_at && out_at > out && strncmp(out_at, "-of-", 4) != 0)
		out_at--;
	if (!at || !out_at || out_at - out < 6)
		return NULL;
	for (g = *groups; g; g = g->next) {
		if (strlen(g->key) == (size_t)(at - in) &&
		    memcmp(g->key, in, (size_t)(at - in)) == 0)
			return g;
	}
	g = calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->key = strndup(in, (size_t)(at - in));
	g->out = strndup(out, (size_t)(out_at - 6 - out));
	g->of = of;
	g->next = *groups;
	*groups = g;
	return g;
}

static void put_text(FILE *f, const char *s)
{
	(void)fputc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			(void)fprintf(f, "\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			(void)fprintf(f, "\\u%04x", (unsigned)*s);
		else
			(void)fputc(*s, f);
	}
	(void)fputc('"', f);
}

static bool add_line(struct convert_group *g, const char *name,
		     const char *file)
{
	char **lines = g->lines, *text = NULL;
	size_t len;
	FILE *f;

	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 256;
		lines = realloc(lines, g->cap * sizeof(*lines));
		if (!lines)
			return false;
		g->lines = lines;
	}
	f = open_memstream(&text, &len);
	if (!f)
		return false;
	put_text(f, name);
	(void)fputs(": ", f);
	put_text(f, file);
	if (fclose(f) != 0)
		return false;
	g->lines[g->n++] = text;
	return true;
}

void cli_shard_add(struct convert_group *g, int names, const char *out,
		   uint64_t bytes)
{
	const char *slash = strrchr(out, '/');
	FILE *f =
		lseek(names, 0, SEEK_SET) == 0 ? fdopen(dup(names), "r") : NULL;
	char *name = NULL;
	size_t cap = 0;

	g->failed |= !f || !g->key || !g->out || bytes == UINT64_MAX;
	while (f && getdelim(&name, &cap, '\0', f) > 0)
		g->failed |= !add_line(g, name, slash ? slash + 1 : out);
	free(name);
	if (f)
		(void)fclose(f);
	g->bytes += bytes;
	g->seen++;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool write_index(struct convert_group *g, const char *path)
{
	struct cli_output out = { 0 };
	char head[128];
	bool ok;

	if (!cli_output_open(&out, path))
		return false;
	(void)snprintf(head, sizeof(head),
		       "{\n  \"metadata\": {\n    \"total_size\": %" PRIu64
		       "\n  },\n  \"weight_map\": {\n",
		       g->bytes);
	(void)cli_output_write(&out, head, strlen(head));
	qsort(g->lines, g->n, sizeof(*g->lines), by_text);
	for (size_t i = 0; i < g->n; i++) {
		(void)cli_output_write(&out, "    ", 4);
		(void)cli_output_write(&out, g->lines[i], strlen(g->lines[i]));
		(void)cli_output_write(&out, ",\n", i + 1 < g->n ? 2 : 0);
	}
	(void)cli_output_write(&out, "\n  }\n}\n", 7);
	ok = cli_output_commit(&out);
	cli_output_close(&out);
	return ok;
}

static int finish(struct convert_group *g, bool force)
{
	char *path;
	int how = CLI_OK;

	if (g->failed || g->seen != g->of) {
		cli_complain("%s: %u of %u shards were converted, and no index "
			     "is written",
			     cli_show(g->key), g->seen, g->of);
		return CLI_INCOMPLETE;
	}
	if (asprintf(&path, "%s.safetensors.index.json", g->out) < 0)
		return CLI_USAGE;
	if (!force && access(path, F_OK) == 0) {
		cli_complain("%s exists; --force replaces it", cli_show(path));
		how = CLI_USAGE;
	} else if (!write_index(g, path)) {
		how = CLI_USAGE;
	}
	free(path);
	return how;
}

int cli_shard_finish(struct convert_group *groups, bool force)
{
	int worst = CLI_OK;

	while (groups) {
		struct convert_group *next = groups->next;
		const int how = finish(groups, force);

		worst = how ? how : worst;
		for (size_t i = 0; i < groups->n; i++)
			free(groups->lines[i]);
		free(groups->lines);
		free(groups->key);
		free(groups->out);
		free(groups);
		groups = next;
	}
	return worst;
}
