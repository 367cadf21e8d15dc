/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prose.h"

#include <stdio.h>
#include <string.h>

int cli_write_stdout(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	return fwrite(bytes, 1, n, stdout) == n ? 0 : -1;
}

void cli_prose(const char *heading, const char *text)
{
	enum { WIDTH = 76 };
	size_t column = 0;

	(void)printf("%s\n", heading);
	while (*text) {
		const size_t n = strcspn(text, " ");

		if (column && column + 1 + n > WIDTH) {
			(void)putchar('\n');
			column = 0;
		}
		(void)printf("%s%.*s", column ? " " : "  ", (int)n, text);
		column += n + (column ? 1 : 2);
		text += n + strspn(text + n, " ");
	}
	(void)printf("\n\n");
}
