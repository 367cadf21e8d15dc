/* SPDX-License-Identifier: Apache-2.0 */
/* seeds CORPUS OUT: the bytes of every case as a file, to start a fuzzer. */
#include <stdio.h>

#include "cases.h"

static void write_case(const struct corpus_case *c, void *arg)
{
	const char *out = arg;
	struct pk_buf path = { 0 };
	FILE *f;

	pk_buf_printf(&path, "%s/", out);
	for (const char *p = c->name; *p; p++)
		pk_buf_put(&path, *p == '/' ? "-" : p, 1);
	f = fopen(pk_buf_str(&path), "wbe");
	if (f) {
		(void)fwrite(c->data.p, 1, c->data.len, f);
		(void)fclose(f);
	} else {
		perror(pk_buf_str(&path));
	}
	pk_buf_release(&path);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		(void)fprintf(stderr, "usage: seeds CORPUS OUT\n");
		return 2;
	}
	return corpus_each(argv[1], write_case, argv[2]) ? 0 : 1;
}
