/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/advice.h"

/* securityFileStatus of the Hugging Face Hub. */
static const char *const words[] = { "safe",    "unscanned",  "queued", "error",
				     "caution", "suspicious", "unsafe" };
enum { WORDS = sizeof(words) / sizeof(words[0]) };

const char *pk_advice_word(int n)
{
	return n >= 0 && n < WORDS ? words[n] : NULL;
}

int pk_advice_rank(struct pk_span word)
{
	for (int i = 0; i < WORDS; i++) {
		if (strlen(words[i]) == word.len &&
		    memcmp(words[i], word.p, word.len) == 0)
			return i;
	}
	return -1;
}
