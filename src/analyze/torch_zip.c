/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/torch_zip.h"

#include <strings.h>

static bool is_record(struct pk_span name, struct pk_span root,
		      const char *record)
{
	const size_t n = strlen(record);

	return name.len == root.len + n &&
	       strncasecmp((const char *)name.p + root.len, record, n) == 0;
}

static bool is_source(struct pk_span name)
{
	return name.len > 3 && memcmp(name.p + name.len - 3, ".py", 3) == 0;
}

static bool is_below(struct pk_span name, struct pk_span root)
{
	return name.len >= root.len &&
	       strncasecmp((const char *)name.p, (const char *)root.p,
			   root.len) == 0;
}

static void note(struct pk_torch_zip *t, const struct pk_zip_entry *e)
{
	const struct pk_span name = pk_zip_name(e);

	if (!is_below(name, t->root)) {
		t->outside++;
		return;
	}
	t->sources += is_source(name);
	if (is_record(name, t->root, "data.pkl"))
		t->data = e;
	else if (is_record(name, t->root, "constants.pkl"))
		t->constants = e;
	else if (is_record(name, t->root, ".data/extern_modules"))
		t->extern_modules = e;
}

struct pk_torch_zip pk_torch_zip_of(struct pk_scan *s)
{
	const struct pk_zip *z = pk_zip_of(s);
	struct pk_torch_zip t = { 0 };
	const uint8_t *slash;
	struct pk_span first;

	if (!z || !z->views || !z->view[0].n)
		return t;
	first = pk_zip_name(&z->view[0].v[0]);
	slash = first.len ? memchr(first.p, '/', first.len) : NULL;
	if (!slash)
		return t;
	t.root = (struct pk_span){ first.p, (size_t)(slash - first.p) + 1 };
	for (size_t i = 0; i < z->view[0].n; i++)
		note(&t, &z->view[0].v[i]);
	if (!t.data && !t.constants && !t.extern_modules)
		t = (struct pk_torch_zip){ 0 };
	return t;
}
