/* SPDX-License-Identifier: Apache-2.0 */
#include "source/filter.h"

#include <stdlib.h>
#include <string.h>

struct pk_pattern {
	char *glob;
	bool include;
	bool negated;
	bool anchored;
	bool folders_only;
};

/* [abc], [a-z], [!x]: the end of the set, or NULL when it is no set. */
static const char *match_set(const char *p, char ch, bool *ret_in)
{
	const bool negated = *p == '!' || *p == '^';
	const char *first = p += negated;
	bool in = false;

	for (; *p && (*p != ']' || p == first); p++) {
		if (p[1] == '-' && p[2] && p[2] != ']') {
			in |= p[0] <= ch && ch <= p[2];
			p += 2;
		} else {
			in |= *p == ch;
		}
	}
	*ret_in = in != negated;
	return *p ? p + 1 : NULL;
}

/* One pattern element against one character; NULL when it does not match. */
static const char *match_one(const char *p, char ch)
{
	const char *after;
	bool in;

	if (!ch)
		return NULL;
	if (*p == '?')
		return ch != '/' ? p + 1 : NULL;
	if (*p == '[' && (after = match_set(p + 1, ch, &in)) != NULL)
		return in && ch != '/' ? after : NULL;
	if (*p == '\\' && p[1])
		p++;
	return *p == ch ? p + 1 : NULL;
}

/* Where to go on when what follows a star does not match: the star takes
 * one character more.  Trying again from the last star only is enough. */
struct star {
	const char *pattern;
	const char *text;
};

static bool retry(struct star *s, bool crosses, const char **p, const char **t)
{
	if (!s->pattern || !*s->text || (*s->text == '/' && !crosses))
		return false;
	*t = ++s->text;
	*p = s->pattern;
	return true;
}

static const char *skip_double_star(const char *p)
{
	p += 2;
	return *p == '/' ? p + 1 : p;
}

bool pk_glob(const char *p, const char *t)
{
	struct star one = { 0 }, two = { 0 };

	for (;;) {
		if (p[0] == '*' && p[1] == '*') {
			p = skip_double_star(p);
			two = (struct star){ p, t };
			one = (struct star){ 0 };
			continue;
		}
		if (*p == '*') {
			one = (struct star){ ++p, t };
			continue;
		}
		if (!*p && !*t)
			return true;
		if (match_one(p, *t)) {
			p = match_one(p, *t);
			t++;
			continue;
		}
		if (retry(&one, false, &p, &t))
			continue;
		one = (struct star){ 0 };
		if (!retry(&two, true, &p, &t))
			return false;
	}
}

static enum pk_status add(struct pk_filter *f, const char *glob, bool include)
{
	struct pk_pattern pat = { .include = include };
	struct pk_pattern *v;
	size_t n;

	pat.negated = !include && *glob == '!';
	glob += pat.negated;
	n = strlen(glob);
	pat.folders_only = n > 1 && glob[n - 1] == '/';
	n -= pat.folders_only;
	pat.anchored = memchr(glob, '/', n) != NULL;
	if (*glob == '/') {
		glob++;
		n--;
	}
	v = realloc(f->patterns, (f->count + 1) * sizeof(*v));
	if (!v)
		return PK_ERR_NOMEM;
	f->patterns = v;
	pat.glob = strndup(glob, n);
	if (!pat.glob)
		return PK_ERR_NOMEM;
	v[f->count++] = pat;
	f->includes += include;
	return PK_OK;
}

enum pk_status pk_filter_include(struct pk_filter *f, const char *glob)
{
	return add(f, glob, true);
}

enum pk_status pk_filter_exclude(struct pk_filter *f, const char *glob)
{
	return add(f, glob, false);
}

static bool matches(const struct pk_pattern *pat, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!pat->anchored && slash)
		path = slash + 1;
	return pk_glob(pat->glob, path);
}

static bool excluded(const struct pk_filter *f, const char *path, bool folder)
{
	for (size_t i = f->count; i-- > 0;) {
		const struct pk_pattern *pat = &f->patterns[i];

		if (!pat->include && (folder || !pat->folders_only) &&
		    matches(pat, path))
			return !pat->negated;
	}
	return false;
}

/* A file is also included by a pattern that matches a folder it lies in. */
static bool includes(const struct pk_pattern *pat, const char *path)
{
	char *part = strdup(path);
	char *slash;
	bool yes = part && !pat->folders_only && matches(pat, path);

	while (part && !yes && (slash = strrchr(part, '/')) != NULL) {
		*slash = '\0';
		yes = matches(pat, part);
	}
	free(part);
	return yes;
}

bool pk_filter_wants_file(const struct pk_filter *f, const char *path)
{
	if (excluded(f, path, false))
		return false;
	for (size_t i = 0; i < f->count; i++) {
		if (f->patterns[i].include && includes(&f->patterns[i], path))
			return true;
	}
	return f->includes == 0;
}

bool pk_filter_wants_folder(const struct pk_filter *f, const char *path)
{
	return !excluded(f, path, true);
}

bool pk_filter_in_shard(const struct pk_filter *f, const char *path)
{
	uint64_t h = 14695981039346656037U; /* FNV-1a */

	if (f->shards <= 1)
		return true;
	for (; *path; path++)
		h = (h ^ (uint8_t)*path) * 1099511628211U;
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15U; /* its low bits mix badly */
	return (h >> 32) % f->shards == f->shard;
}

void pk_filter_release(struct pk_filter *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->patterns[i].glob);
	free(f->patterns);
	*f = (struct pk_filter){ 0 };
}
