/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "picket/picket.h"

void cli_complain(const char *fmt, ...)
{
	va_list ap;

	(void)fputs("picket: ", stderr);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

struct place {
	char text[512];
	size_t len;
};

static int keep(void *ctx, const void *bytes, size_t n)
{
	struct place *p = ctx;
	const size_t room = sizeof(p->text) - 1 - p->len;

	if (n > room)
		n = room;
	memcpy(p->text + p->len, bytes, n);
	p->len += n;
	p->text[p->len] = '\0';
	return 0;
}

const char *cli_show(const char *bytes)
{
	static struct place places[4];
	static unsigned next;
	struct place *p = &places[next++ % 4];
	const struct picket_sink sink = { keep, p };

	p->len = 0;
	p->text[0] = '\0';
	if (picket_escape(bytes, strlen(bytes), &sink) != PICKET_OK)
		return "?";
	return p->text;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

enum { WORD_MAX = 32 };

/* Edits from the first i letters of a to the first j of b, from those of
 * shorter beginnings. */
static size_t edits(size_t d[WORD_MAX + 1][WORD_MAX + 1], const char *a,
		    const char *b, size_t i, size_t j)
{
	size_t n;

	if (i == 0 || j == 0)
		return i + j;
	n = least(d[i - 1][j], d[i][j - 1]) + 1;
	n = least(n, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
		n = least(n, d[i - 2][j - 2] + 1);
	return n;
}

/* Edits from one word to the other, two letters swapped counting as one
 * (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	const size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++)
			d[i][j] = edits(d, a, b, i, j);
	}
	return d[n][m];
}

/* A beginning of the candidate is near, too: --max-mem, --no-time. */
static size_t how_far(const char *word, const char *candidate)
{
	const size_t n = strlen(word);

	if (n >= 3 && strncmp(word, candidate, n) == 0)
		return 1;
	return distance(word, candidate);
}

const char *cli_nearest(const char *word, const char *(*nth)(size_t n))
{
	const char *best = NULL, *candidate;
	size_t far = strlen(word) / 3 + 2;

	for (size_t i = 0; (candidate = nth(i)) != NULL; i++) {
		const size_t d = how_far(word, candidate);

		if (d >= far)
			continue;
		far = d;
		best = candidate;
	}
	return best;
}

bool cli_colors(const char *mode, int fd)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (strcmp(mode, "auto") != 0)
		return strcmp(mode, "always") == 0;
	return isatty(fd) && !(no && *no) &&
	       !(term && strcmp(term, "dumb") == 0);
}

unsigned cli_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 40)
		return 80;
	return size.ws_col;
}

uint64_t cli_now_ms(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
