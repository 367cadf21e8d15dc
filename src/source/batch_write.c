/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "core/json_out.h"
#include "source/batch.h"

void pk_batch_begin(struct pk_batch_writer *w, const struct pk_batch_sizes *s)
{
	*w = (struct pk_batch_writer){ .sizes = *s };
}

void pk_batch_root(struct pk_batch_writer *w, const char *path)
{
	pk_buf_put(&w->roots, path, strlen(path) + 1);
}

static struct pk_span text_span(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static void put_time(struct pk_json *j, int64_t ns)
{
	if (ns < 0)
		pk_json_uint(j, "modified_before_1970_ns", (uint64_t)-ns);
	else
		pk_json_uint(j, "modified_ns", (uint64_t)ns);
}

static void put_line(struct pk_buf *out, const struct pk_planned *f)
{
	struct pk_json j = { .out = out };

	pk_json_object(&j, NULL);
	pk_json_bytes(&j, "path", text_span(f->path));
	if (f->reason) {
		pk_json_str(&j, "skip", f->reason);
	} else if (f->rule) {
		pk_json_str(&j, "rule", f->rule);
		pk_json_bytes(&j, "message", text_span(f->message));
		pk_json_bool(&j, "complete", f->complete);
	} else {
		pk_json_uint(&j, "size", f->size);
		put_time(&j, f->modified_ns);
	}
	pk_json_close(&j);
}

static enum pk_status close_unit(struct pk_batch_writer *w)
{
	struct pk_batch_unit *u = &w->units[w->count - 1];

	if (!w->open)
		return PK_OK;
	u->len = w->at - u->off;
	w->open = false;
	w->cost = 0;
	if (!pk_sha256_end(w->digest, u->digest)) {
		w->digest = NULL;
		return PK_ERR_NOMEM;
	}
	w->digest = NULL;
	return PK_OK;
}

static enum pk_status open_unit(struct pk_batch_writer *w)
{
	if (w->open)
		return PK_OK;
	if (w->count == PK_BATCH_UNITS_MAX)
		return PK_ERR_USAGE;
	if (w->count == w->cap) {
		const size_t cap = w->cap ? w->cap * 2 : 64;
		void *v = reallocarray(w->units, cap, sizeof(*w->units));

		if (!v)
			return PK_ERR_NOMEM;
		w->units = v;
		w->cap = cap;
	}
	w->units[w->count++] = (struct pk_batch_unit){ .off = w->at };
	w->digest = pk_sha256_new();
	w->open = true;
	return w->digest ? PK_OK : PK_ERR_NOMEM;
}

static uint64_t cost_of(const struct pk_planned *f)
{
	const uint64_t most = UINT64_MAX / 4;

	return (f->size < most ? f->size : most) + PK_BATCH_FILE_COST;
}

/* A unit takes a file unless that makes it too large; one file that is too
 * large for any has one of its own. */
static enum pk_status make_room(struct pk_batch_writer *w,
				const struct pk_planned *f)
{
	const struct pk_batch_unit *u =
		w->open ? &w->units[w->count - 1] : NULL;
	enum pk_status s = PK_OK;

	if (u && u->files &&
	    (u->files >= w->sizes.files ||
	     w->cost + cost_of(f) > w->sizes.bytes))
		s = close_unit(w);
	return s == PK_OK ? open_unit(w) : s;
}

enum pk_status pk_batch_add(struct pk_batch_writer *w,
			    const struct pk_planned *f, uint64_t excluded)
{
	const size_t before = w->out.len;
	const enum pk_status s = make_room(w, f);
	struct pk_batch_unit *u;

	if (s != PK_OK)
		return s;
	put_line(&w->out, f);
	if (!pk_buf_ok(&w->out))
		return PK_ERR_NOMEM;
	pk_sha256_add(w->digest, w->out.p + before, w->out.len - before);
	w->at += w->out.len - before;
	w->cost += cost_of(f);
	u = &w->units[w->count - 1];
	u->files++;
	u->bytes += f->size;
	u->excluded += excluded;
	w->files++;
	w->bytes += f->size;
	return PK_OK;
}

static void put_units(struct pk_json *j, const struct pk_batch_writer *w)
{
	pk_json_array(j, "units");
	for (size_t i = 0; i < w->count; i++) {
		const struct pk_batch_unit *u = &w->units[i];

		pk_json_object(j, NULL);
		pk_json_uint(j, "offset", u->off);
		pk_json_uint(j, "length", u->len);
		pk_json_uint(j, "files", u->files);
		pk_json_uint(j, "bytes", u->bytes);
		pk_json_uint(j, "excluded", u->excluded);
		pk_json_hex(j, "sha256", "",
			    (struct pk_span){ u->digest, PK_SHA256_LEN });
		pk_json_close(j);
	}
	pk_json_close(j);
}

enum pk_status pk_batch_end(struct pk_batch_writer *w, uint64_t excluded)
{
	struct pk_json j = { .out = &w->out };
	enum pk_status s = w->count ? PK_OK : open_unit(w);

	if (s == PK_OK) {
		w->units[w->count - 1].excluded += excluded;
		s = close_unit(w);
	}
	if (s != PK_OK)
		return s;
	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.plan/1");
	pk_json_uint(&j, "files", w->files);
	pk_json_uint(&j, "bytes", w->bytes);
	pk_json_array(&j, "roots");
	for (size_t i = 0; i < w->roots.len; i += strlen(w->roots.p + i) + 1) {
		pk_json_object(&j, NULL);
		pk_json_bytes(&j, "path", text_span(w->roots.p + i));
		pk_json_close(&j);
	}
	pk_json_close(&j);
	put_units(&j, w);
	pk_json_close(&j);
	return pk_buf_ok(&w->out) && pk_buf_ok(&w->roots) ? PK_OK
							  : PK_ERR_NOMEM;
}

void pk_batch_writer_release(struct pk_batch_writer *w)
{
	uint8_t unused[PK_SHA256_LEN];

	if (w->digest)
		(void)pk_sha256_end(w->digest, unused);
	pk_buf_release(&w->out);
	pk_buf_release(&w->roots);
	free(w->units);
	*w = (struct pk_batch_writer){ 0 };
}
