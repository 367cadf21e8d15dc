/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/baseline.h"

#include <stdlib.h>

#include "codec/json_read.h"

void pk_baseline_release(struct pk_baseline *b)
{
	free(b->v);
	*b = (struct pk_baseline){ 0 };
}

static bool key_of(struct pk_span path, const uint8_t print[PK_SHA256_LEN],
		   uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, print, PK_SHA256_LEN);
	pk_sha256_add(h, path.p, path.len);
	return pk_sha256_end(h, ret);
}

static enum pk_status add(struct pk_baseline *b, struct pk_span path,
			  const struct pk_jvalue *finding)
{
	const struct pk_span hex =
		pk_json_text(pk_json_get(finding, "fingerprint"));
	uint8_t print[PK_SHA256_LEN];

	if (!pk_hex_get(hex, print, sizeof(print)))
		return PK_ERR_USAGE;
	if (b->count == b->cap) {
		const size_t cap = b->cap ? b->cap * 2 : 64;
		void *v = reallocarray(b->v, cap, sizeof(*b->v));

		if (!v)
			return PK_ERR_NOMEM;
		b->v = v;
		b->cap = cap;
	}
	return key_of(path, print, b->v[b->count++]) ? PK_OK : PK_ERR_NOMEM;
}

/* Of a path that is no UTF-8 the raw bytes stand beside it. */
static struct pk_span path_of(const struct pk_jvalue *file, struct pk_arena *a)
{
	const struct pk_span hex = pk_json_text(pk_json_get(file, "path_hex"));
	uint8_t *raw;

	if (!hex.len)
		return pk_json_text(pk_json_get(file, "path"));
	raw = pk_arena_alloc(a, hex.len / 2 + 1, 1);
	if (!raw || !pk_hex_get(hex, raw, hex.len / 2))
		return (struct pk_span){ 0 };
	return (struct pk_span){ raw, hex.len / 2 };
}

static enum pk_status add_file(struct pk_baseline *b,
			       const struct pk_jvalue *file, struct pk_arena *a)
{
	const struct pk_jvalue *list = pk_json_get(file, "findings");
	const struct pk_span path = path_of(file, a);
	enum pk_status s = PK_OK;

	for (const struct pk_jvalue *f = list ? list->kids : NULL;
	     f && s == PK_OK; f = f->next)
		s = add(b, path, f);
	return s;
}

/* A whole report has "files"; a line of NDJSON is a file or the end. */
static enum pk_status add_value(struct pk_baseline *b,
				const struct pk_jvalue *v, struct pk_arena *a)
{
	const struct pk_jvalue *files = pk_json_get(v, "files");
	enum pk_status s = PK_OK;

	if (!pk_json_get(v, "findings") && !pk_json_get(v, "summary") &&
	    !pk_json_get(v, "schema"))
		return PK_ERR_USAGE;
	if (!files)
		return add_file(b, v, a);
	for (const struct pk_jvalue *f = files->kids; f && s == PK_OK;
	     f = f->next)
		s = add_file(b, f, a);
	return s;
}

static enum pk_status add_all(struct pk_baseline *b, struct pk_cursor *c)
{
	enum pk_status s = PK_OK;
	bool any = false;

	while (s == PK_OK && pk_cursor_left(c)) {
		struct pk_meter meter = { .ceiling = SIZE_MAX };
		struct pk_arena a = PK_ARENA(&meter);
		struct pk_jreader rest;
		const struct pk_jvalue *v;

		pk_jread_open(&rest, c, &a, NULL);
		if (pk_jread_at_end(&rest)) {
			pk_arena_release(&a);
			break;
		}
		v = pk_json_parse(c, &a, NULL, NULL);
		s = v ? add_value(b, v, &a) : PK_ERR_USAGE;
		any = true;
		pk_arena_release(&a);
	}
	return s == PK_OK && !any ? PK_ERR_USAGE : s;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, PK_SHA256_LEN);
}

enum pk_status pk_baseline_read(struct pk_baseline *b, struct pk_span report,
				const char **why)
{
	struct pk_cursor c = pk_cursor_over(report, 0);
	const enum pk_status s = add_all(b, &c);

	*why = s == PK_ERR_USAGE ? "not a JSON or NDJSON report of picket"
				 : NULL;
	if (b->count)
		qsort(b->v, b->count, sizeof(*b->v), by_bytes);
	return s;
}

void pk_baseline_apply(const struct pk_baseline *b, struct pk_result *r)
{
	const struct pk_span path = { (const uint8_t *)r->path,
				      strlen(r->path) };
	uint8_t key[PK_SHA256_LEN];

	for (struct pk_finding *f = b->count ? r->job.findings : NULL; f;
	     f = f->next) {
		if (!f->accepted && key_of(path, f->fingerprint, key) &&
		    bsearch(key, b->v, b->count, sizeof(*b->v), by_bytes))
			f->accepted = "known: in the baseline";
	}
}
