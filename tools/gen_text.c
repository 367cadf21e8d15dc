/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns text files into strings of C, at build time.
 *
 *   gen_text OUT.c NAME FILE [NAME FILE]...
 *
 * Each becomes "const char NAME[]", closed by a NUL.
 */
#include <stdio.h>

static int put(FILE *out, const char *name, const char *path)
{
	FILE *in = fopen(path, "rb");
	int ch, column = 0;

	if (!in) {
		perror(path);
		return 1;
	}
	fprintf(out, "extern const char %s[];\nconst char %s[] = {", name,
		name);
	while ((ch = getc(in)) != EOF)
		fprintf(out, "%s%d,", column++ % 16 ? " " : "\n\t", ch);
	fputs("\n\t0\n};\n", out);
	return fclose(in);
}

int main(int argc, char **argv)
{
	FILE *out = argc > 3 && argc % 2 == 0 ? fopen(argv[1], "w") : NULL;
	int bad = 0;

	if (!out) {
		fputs("usage: gen_text OUT.c NAME FILE [NAME FILE]...\n",
		      stderr);
		return 2;
	}
	for (int i = 2; i + 1 < argc && !bad; i += 2)
		bad = put(out, argv[i], argv[i + 1]);
	return fclose(out) || bad;
}
