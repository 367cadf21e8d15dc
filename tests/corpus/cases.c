/* SPDX-License-Identifier: Apache-2.0 */
#include "cases.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "asm.h"
#include "pb_text.h"

bool corpus_slurp(const char *path, struct pk_buf *out)
{
	FILE *f = fopen(path, "rbe");
	char piece[1 << 16];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		pk_buf_put(out, piece, n);
	return fclose(f) == 0 && pk_buf_ok(out);
}

static bool from_pb_text(const char *path, struct pk_buf *text,
			 struct pk_buf *out)
{
	const char *wrong = pb_text(pk_buf_str(text), out);

	if (wrong)
		(void)fprintf(stderr, "%s: not understood: %s\n", path, wrong);
	return !wrong;
}

static bool as_bytes(const char *path, struct pk_buf *file, struct pk_buf *out)
{
	const char *suffix = strrchr(path, '.');
	struct pk_buf text = { 0 };
	struct asm_error err;
	bool ok;

	if (strcmp(suffix, ".bin") == 0) {
		pk_buf_put(out, file->p, file->len);
		return true;
	}
	if (strcmp(suffix, ".pbt") == 0)
		return from_pb_text(path, file, out);
	if (strcmp(suffix, ".hex") == 0) {
		pk_buf_puts(&text, "hex ");
		for (const char *p = pk_buf_str(file); *p; p++) {
			pk_buf_putc(&text, *p);
			if (*p == '\n')
				pk_buf_puts(&text, "hex ");
		}
	} else {
		pk_buf_put(&text, file->p, file->len);
	}
	ok = asm_text(pk_buf_str(&text), out, &err);
	if (!ok)
		(void)fprintf(stderr, "%s:%u: %s\n", path, err.line, err.what);
	pk_buf_release(&text);
	return ok;
}

static bool is_input(const FTSENT *e)
{
	const char *suffix = strrchr(e->fts_name, '.');

	return e->fts_info == FTS_F && e->fts_level == 2 && suffix &&
	       (strcmp(suffix, ".hex") == 0 || strcmp(suffix, ".pka") == 0 ||
		strcmp(suffix, ".pbt") == 0 || strcmp(suffix, ".bin") == 0);
}

struct visit {
	void (*fn)(const struct corpus_case *c, void *arg);
	void *arg;
};

static bool one_case(const FTSENT *e, const struct visit *v)
{
	const size_t stem = (size_t)(strrchr(e->fts_path, '.') - e->fts_path);
	const char *folder = e->fts_parent->fts_name;
	struct pk_buf file = { 0 }, bytes = { 0 }, name = { 0 };
	struct pk_buf expect = { 0 }, expect_path = { 0 };
	struct corpus_case c = { .path = e->fts_path };
	bool ok = corpus_slurp(e->fts_path, &file) &&
		  as_bytes(e->fts_path, &file, &bytes);

	pk_buf_printf(&name, "%s/%.*s", folder,
		      (int)(strrchr(e->fts_name, '.') - e->fts_name),
		      e->fts_name);
	pk_buf_printf(&expect_path, "%.*s.expect", (int)stem, e->fts_path);
	if (corpus_slurp(pk_buf_str(&expect_path), &expect))
		c.expect = pk_buf_str(&expect);
	c.name = pk_buf_str(&name);
	c.data = pk_buf_span(&bytes);
	if (ok)
		v->fn(&c, v->arg);
	pk_buf_release(&file);
	pk_buf_release(&bytes);
	pk_buf_release(&name);
	pk_buf_release(&expect);
	pk_buf_release(&expect_path);
	return ok;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

bool corpus_each(const char *dir,
		 void (*fn)(const struct corpus_case *c, void *arg), void *arg)
{
	const struct visit v = { fn, arg };
	char *root = strdup(dir);
	char *roots[] = { root, NULL };
	FTS *walk;
	FTSENT *e;
	bool ok = true;

	if (!root)
		return false;
	walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	if (!walk) {
		perror(dir);
		free(root);
		return false;
	}
	while ((e = fts_read(walk)) != NULL) {
		if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR)
			ok = false;
		else if (is_input(e))
			ok = one_case(e, &v) && ok;
	}
	(void)fts_close(walk);
	free(root);
	return ok;
}
