/* SPDX-License-Identifier: Apache-2.0 */
/* A file against the receipt of its conversion. */
#include <stdarg.h>
#include <stdio.h>

#include "codec/json_read.h"
#include "core/utf8.h"
#include "tensors/receipt.h"

struct check {
	struct pk_arena arena;
	struct pk_source *file;
	const struct pk_jvalue *entry;
	struct pk_buf *out; /* a line for each difference */
	size_t bad;
};

PK_PRINTF(2, 3)
static void differ(struct check *c, const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	pk_buf_puts(c->out, line);
	pk_buf_putc(c->out, '\n');
	c->bad++;
}

static const char *shown(struct check *c, struct pk_span text)
{
	struct pk_buf b = { 0 };
	const char *kept;

	pk_utf8_escape(&b, text, 200);
	kept = pk_arena_printf(&c->arena, "%s", pk_buf_str(&b));
	pk_buf_release(&b);
	return kept ? kept : "";
}

/* ---- which entry ---- */

static struct pk_span base_of(struct pk_span path)
{
	for (size_t i = path.len; i > 0; i--) {
		if (path.p[i - 1] == '/')
			return (struct pk_span){ path.p + i, path.len - i };
	}
	return path;
}

static bool is_about(const struct pk_jvalue *v, struct pk_span base)
{
	const struct pk_jvalue *out = pk_json_get(v, "output");

	return pk_span_eq(base_of(pk_json_text(pk_json_get(out, "path"))),
			  base);
}

/* The one of that name; a receipt of one file is about any name. */
static const struct pk_jvalue *choose(const struct pk_jvalue *v,
				      const char *path)
{
	const struct pk_span base = base_of(
		(struct pk_span){ (const uint8_t *)path, strlen(path) });

	if (pk_json_is(v, PK_J_ARRAY)) {
		for (v = v->kids; v && !is_about(v, base);)
			v = v->next;
	}
	return pk_span_eq(pk_json_text(pk_json_get(v, "schema")),
			  PK_LIT("picket.receipt/1"))
		       ? v
		       : NULL;
}

/* ---- digests ---- */

static bool same_digest(const struct pk_jvalue *v,
			const uint8_t digest[PK_SHA256_LEN])
{
	struct pk_buf hex = { 0 };
	bool same;

	pk_hex_put(&hex, (struct pk_span){ digest, PK_SHA256_LEN });
	same = pk_span_eq(pk_json_text(pk_json_get(v, "sha256")),
			  pk_buf_span(&hex));
	pk_buf_release(&hex);
	return same;
}

static bool hash_tensor(const struct pk_tensor *t, uint8_t ret[PK_SHA256_LEN])
{
	struct pk_gather *g = pk_gather_new(t);
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t buf[64 * 1024];
	bool ok = g != NULL;
	size_t n;

	while (g && (n = pk_gather_next(g, buf, sizeof(buf))) > 0)
		pk_sha256_add(h, buf, n);
	ok = ok && !pk_gather_failed(g);
	pk_gather_free(g);
	return pk_sha256_end(h, ret) && ok;
}

/* ---- tensor by tensor ---- */

static bool same_shape(const struct pk_jvalue *v, const struct pk_tensor *t)
{
	const struct pk_jvalue *dim = pk_json_get(v, "shape");
	uint32_t i = 0;

	for (dim = dim ? dim->kids : NULL; dim; dim = dim->next, i++) {
		uint64_t n;

		if (i >= t->rank || !pk_json_number(dim, &n) ||
		    n != t->shape[i])
			return false;
	}
	return i == t->rank;
}

static void check_tensor(struct check *c, struct pk_weights *w,
			 const struct pk_jvalue *v)
{
	const struct pk_span name = pk_json_text(pk_json_get(v, "name"));
	const struct pk_span dtype = pk_json_text(pk_json_get(v, "dtype"));
	char *text = pk_arena_copy(&c->arena, name);
	const struct pk_named *n = text ? pk_weights_find(w, text) : NULL;
	uint8_t digest[PK_SHA256_LEN];
	const char *have;

	if (!n) {
		differ(c, "tensor '%s' is missing", shown(c, name));
		return;
	}
	have = pk_dtypes[n->tensor->dtype].safetensors;
	if (!have || strlen(have) != dtype.len ||
	    memcmp(have, dtype.p, dtype.len) != 0 || !same_shape(v, n->tensor))
		differ(c, "tensor '%s' has another dtype or shape",
		       shown(c, name));
	else if (!pk_weights_locate(w, n->tensor) ||
		 !hash_tensor(n->tensor, digest) || !same_digest(v, digest))
		differ(c, "tensor '%s' has other bytes", shown(c, name));
}

static void check_tensors(struct check *c)
{
	enum { MEMORY = 1 << 30 };
	const struct pk_jvalue *v = pk_json_get(c->entry, "tensors");
	struct pk_weights w;
	size_t n = 0;

	if (pk_weights_open(&w, c->file, PK_RULES_NOW, MEMORY) !=
	    PK_WEIGHTS_OK) {
		differ(c, "the file cannot be read: %s", w.why);
		pk_weights_release(&w);
		return;
	}
	for (v = v ? v->kids : NULL; v; v = v->next, n++)
		check_tensor(c, &w, v);
	if (n != w.n)
		differ(c, "the file has %zu tensors, the receipt %zu", w.n, n);
	pk_weights_release(&w);
}

static void check_file(struct check *c)
{
	const struct pk_jvalue *out = pk_json_get(c->entry, "output");
	uint8_t digest[PK_SHA256_LEN];
	uint64_t size = 0;

	if (!pk_json_number(pk_json_get(out, "size"), &size) ||
	    size != c->file->size)
		differ(c, "the file has %llu bytes, the receipt says %llu",
		       (unsigned long long)c->file->size,
		       (unsigned long long)size);
	else if (!pk_hash_source(c->file, digest))
		differ(c, "the file could not be read");
	else if (!same_digest(out, digest))
		differ(c, "the file's SHA-256 is not that of the receipt");
	if (c->bad)
		check_tensors(c);
}

bool pk_receipt_check(struct pk_source *receipt, struct pk_source *file,
		      const char *path, struct pk_buf *out, size_t *ret_bad)
{
	struct pk_meter meter = { .ceiling = 1 << 30 };
	struct check c = { .file = file, .out = out };
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT |
						    PK_JSON_WHOLE };
	struct pk_cursor at;

	c.arena = PK_ARENA(&meter);
	at = pk_cursor_open(receipt, 0, receipt->size, &c.arena);
	c.entry = choose(pk_json_parse(&at, &c.arena, &opts, NULL), path);
	if (c.entry)
		check_file(&c);
	else
		differ(&c, "the receipt is none, or not of this file");
	pk_arena_release(&c.arena);
	*ret_bad = c.bad;
	return pk_buf_ok(out);
}
