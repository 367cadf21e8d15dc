/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay CORPUS [DIR]...: what a fuzz target does with each case of the
 * corpus and with each file in the folders (inputs that once broke it).
 */
#include <fts.h>
#include <stdio.h>

#include "cases.h"
#include "fuzz.h"

static unsigned done;

static void one_case(const struct corpus_case *c, void *arg)
{
	(void)arg;
	(void)LLVMFuzzerTestOneInput(c->data.p, c->data.len);
	done++;
}

static void one_file(const char *path)
{
	struct pk_buf bytes = { 0 };

	if (corpus_slurp(path, &bytes)) {
		(void)LLVMFuzzerTestOneInput((const uint8_t *)bytes.p,
					     bytes.len);
		done++;
	}
	pk_buf_release(&bytes);
}

static bool files(char **roots)
{
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	FTSENT *e;

	if (!walk)
		return false;
	while ((e = fts_read(walk)) != NULL) {
		if (e->fts_info == FTS_F)
			one_file(e->fts_path);
	}
	return fts_close(walk) == 0;
}

int main(int argc, char **argv)
{
	bool ok;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: replay CORPUS [DIR]...\n");
		return 2;
	}
	ok = corpus_each(argv[1], one_case, NULL);
	if (argc > 2)
		ok = files(argv + 2) && ok;
	printf("%s 1 - %u inputs\n1..1\n", ok && done ? "ok" : "not ok", done);
	return ok && done ? 0 : 1;
}
