/* SPDX-License-Identifier: Apache-2.0 */
#include "core/nearest.h"

#include <stdbool.h>
#include <string.h>

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

const char *pk_nearest(const char *word, const char *(*nth)(size_t n))
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
