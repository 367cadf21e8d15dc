/* SPDX-License-Identifier: Apache-2.0 */
/* pka IN.pka > OUT: a pickle, or a zip of some, from its text. */
#include <stdio.h>

#include "asm.h"

static bool slurp(const char *path, struct pk_buf *text)
{
	FILE *f = fopen(path, "rbe");
	char piece[4096];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		pk_buf_put(text, piece, n);
	return fclose(f) == 0;
}

int main(int argc, char **argv)
{
	struct pk_buf text = { 0 }, out = { 0 };
	struct asm_error err;
	int rc = 0;

	if (argc != 2 || !slurp(argv[1], &text)) {
		(void)fprintf(stderr, "usage: pka IN.pka > OUT\n");
		return 2;
	}
	if (!asm_text(pk_buf_str(&text), &out, &err)) {
		(void)fprintf(stderr, "%s:%u: %s\n", argv[1], err.line,
			      err.what ? err.what : "out of memory");
		rc = 1;
	} else if (fwrite(pk_buf_str(&out), 1, out.len, stdout) != out.len) {
		rc = 1;
	}
	pk_buf_release(&text);
	pk_buf_release(&out);
	return rc;
}
