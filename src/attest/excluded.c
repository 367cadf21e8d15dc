/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/excluded.h"

#include <strings.h>

/* Names that loaders open, weights or what steers them. */
static const char *const artefacts[] = {
#define PK_PROMISE(suffix, pickle) suffix,
#include "engine/promise.def"
#undef PK_PROMISE
	".bin",  ".weights", ".dat", ".params", ".model", ".msgpack", ".pb",
	".json", ".yaml",    ".yml", ".jinja",  ".py",    ".so",      ".hdf5",
};

bool pk_is_artefact(const char *path)
{
	const size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(artefacts) / sizeof(artefacts[0]); i++) {
		const size_t n = strlen(artefacts[i]);

		if (len > n && strcasecmp(path + len - n, artefacts[i]) == 0)
			return true;
	}
	return false;
}

static bool lies_below(const char *path, const char *folder)
{
	const size_t n = strlen(folder);

	return strcmp(folder, ".") == 0 ||
	       (strncmp(path, folder, n) == 0 &&
		(path[n] == '\0' || path[n] == '/'));
}

bool pk_left_out(const struct pk_statement *s, const char *path)
{
	for (size_t i = 0; i < s->ignore_count; i++) {
		if (lies_below(path, s->ignore[i]))
			return true;
	}
	return false;
}

enum pk_status pk_excluded_find(struct pk_excluded *e, const char *root,
				const struct pk_statement *s,
				const struct pk_tree_options *own)
{
	enum pk_status status;
	size_t to = 0;

	e->artefact = NULL;
	pk_tree_init(&e->tree);
	status = pk_tree_read(&e->tree, root, own);
	for (size_t i = 0; i < e->tree.count; i++) {
		const struct pk_tree_file *f = &e->tree.files[i];

		if (!pk_left_out(s, f->path))
			continue;
		if (!e->artefact && pk_is_artefact(f->path))
			e->artefact = f->path;
		e->tree.files[to++] = *f;
	}
	e->tree.count = to;
	return status;
}

void pk_excluded_release(struct pk_excluded *e)
{
	pk_tree_release(&e->tree);
}
