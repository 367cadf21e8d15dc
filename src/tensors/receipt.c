/* SPDX-License-Identifier: Apache-2.0 */
#include "tensors/receipt.h"

#include <stdlib.h>

#include "core/json_out.h"

enum { PIECE = 1 << 20 };

bool pk_hash_source(struct pk_source *src, uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t *buf = malloc(PIECE);
	uint64_t off = 0;
	size_t n;

	while (buf && (n = pk_source_read(src, off, buf, PIECE)) > 0) {
		pk_sha256_add(h, buf, n);
		off += n;
	}
	free(buf);
	return pk_sha256_end(h, ret) && off == src->size;
}

static struct pk_span name_of(const struct pk_named *n)
{
	return (struct pk_span){ (const uint8_t *)n->name, n->name_len };
}

static void put_file(struct pk_json *j, const char *key, const char *path,
		     uint64_t size, const uint8_t digest[PK_SHA256_LEN])
{
	pk_json_object(j, key);
	if (path)
		pk_json_bytes(j, "path",
			      (struct pk_span){ (const uint8_t *)path,
						strlen(path) });
	pk_json_uint(j, "size", size);
	pk_json_hex(j, "sha256", "", (struct pk_span){ digest, PK_SHA256_LEN });
	pk_json_close(j);
}

static void put_tensors(struct pk_json *j, const struct pk_plan *p)
{
	pk_json_array(j, "tensors");
	for (size_t i = 0; i < p->n; i++) {
		const struct pk_tensor *t = p->v[i]->tensor;

		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "name", name_of(p->v[i]));
		pk_json_str(j, "dtype", pk_dtypes[t->dtype].safetensors);
		pk_json_array(j, "shape");
		for (uint32_t d = 0; d < t->rank; d++)
			pk_json_uint(j, NULL, t->shape[d]);
		pk_json_close(j);
		pk_json_hex(j, "sha256", "",
			    (struct pk_span){ p->digest[i], PK_SHA256_LEN });
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_aliases(struct pk_json *j, const struct pk_weights *w)
{
	pk_json_array(j, "aliases");
	for (size_t i = 0; i < w->n; i++) {
		const struct pk_named *n = w->sorted[i];

		if (!n->same_as)
			continue;
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_bytes(j, "dropped", name_of(n));
		pk_json_bytes(j, "kept", name_of(n->same_as));
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_skipped(struct pk_json *j, const struct pk_weights *w)
{
	pk_json_array(j, "skipped");
	for (size_t i = 0; i < w->skipped_n; i++) {
		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_str(j, "name", w->skipped[i].name);
		pk_json_str(j, "what", w->skipped[i].what);
		pk_json_close(j);
	}
	pk_json_close(j);
}

bool pk_receipt_put(const struct pk_receipt *r, struct pk_buf *out)
{
	struct pk_json j = { .out = out, .pretty = true };
	const struct pk_plan *p = r->plan;
	uint8_t digest[PK_SHA256_LEN];

	if (!pk_hash_source(r->src, digest))
		return false;
	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.receipt/1");
	pk_json_str(&j, "tool", "picket " PICKET_VERSION);
	put_file(&j, "input", r->input, r->src->size, digest);
	put_file(&j, "output", r->output, p->header.len + p->data, p->whole);
	put_tensors(&j, p);
	put_aliases(&j, r->weights);
	put_skipped(&j, r->weights);
	pk_json_close(&j);
	pk_buf_putc(out, '\n');
	return pk_buf_ok(out);
}
