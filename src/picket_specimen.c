/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: specimens. */
#include "picket/picket.h"

#include "core/digest.h"
#include "core/json_out.h"
#include "specimen/put.h"
#include "specimen/specimen.h"

static const struct pk_specimen *specimen(const struct picket_specimen *s)
{
	return (const struct pk_specimen *)s;
}

const char *picket_canary(void)
{
	return PK_CANARY;
}

const struct picket_specimen *picket_specimen_at(size_t n)
{
	return (const struct picket_specimen *)pk_specimen_at(n);
}

const char *picket_specimen_path(const struct picket_specimen *s)
{
	return specimen(s)->path;
}

const char *picket_specimen_attack(const struct picket_specimen *s)
{
	return specimen(s)->attack;
}

const char *picket_specimen_technique(const struct picket_specimen *s)
{
	return specimen(s)->technique;
}

enum picket_verdict picket_specimen_expect(const struct picket_specimen *s)
{
	return (enum picket_verdict)specimen(s)->expect;
}

const char *picket_specimen_victim(const struct picket_specimen *s)
{
	return specimen(s)->victim;
}

const char *picket_specimen_what(const struct picket_specimen *s)
{
	return specimen(s)->what;
}

static enum picket_status send(struct pk_buf *b, const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;

	if (!pk_buf_ok(b))
		s = PICKET_ERR_NOMEM;
	else if (b->len && to->write(to->ctx, b->p, b->len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(b);
	return s;
}

enum picket_status picket_specimen_write(const struct picket_specimen *s,
					 const struct picket_sink *to)
{
	struct pk_buf b = { 0 };

	specimen(s)->make(&b);
	return send(&b, to);
}

/* The specimen's size and digest; false when out of memory. */
static bool measure(const struct pk_specimen *s, uint64_t *size,
		    uint8_t digest[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();
	struct pk_buf b = { 0 };
	bool ok;

	s->make(&b);
	pk_sha256_add(h, b.p, b.len);
	ok = pk_sha256_end(h, digest) && pk_buf_ok(&b);
	*size = b.len;
	pk_buf_release(&b);
	return ok;
}

static bool put_json(struct pk_json *j, const struct pk_specimen *s)
{
	uint8_t digest[PK_SHA256_LEN];
	uint64_t size;

	if (!measure(s, &size, digest))
		return false;
	pk_json_object(j, NULL);
	pk_json_str(j, "path", s->path);
	pk_json_str(j, "attack", s->attack);
	pk_json_str(j, "technique", s->technique);
	pk_json_str(j, "expect", pk_verdict_name(s->expect));
	pk_json_str(j, "what", s->what);
	if (s->victim)
		pk_json_str(j, "victim", s->victim);
	else
		pk_json_null(j, "victim");
	pk_json_uint(j, "size", size);
	pk_json_hex(j, "sha256", "",
		    (struct pk_span){ digest, sizeof(digest) });
	pk_json_close(j);
	return true;
}

enum picket_status picket_specimens_json(const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };
	const struct pk_specimen *s;

	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.specimens/1");
	pk_json_str(&j, "canary", PK_CANARY);
	pk_json_array(&j, "specimens");
	for (size_t i = 0; (s = pk_specimen_at(i)) != NULL; i++)
		b.failed |= !put_json(&j, s);
	pk_json_close(&j);
	pk_json_close(&j);
	return send(&b, to);
}

/* Paths, classes and verdicts hold neither commas nor quotes. */
enum picket_status picket_specimens_csv(const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	const struct pk_specimen *s;

	pk_buf_puts(&b, "path,sha256,expect,technique,attack\n");
	for (size_t i = 0; (s = pk_specimen_at(i)) != NULL; i++) {
		uint8_t digest[PK_SHA256_LEN];
		uint64_t size;

		b.failed |= !measure(s, &size, digest);
		pk_buf_printf(&b, "%s,", s->path);
		pk_hex_put(&b, (struct pk_span){ digest, sizeof(digest) });
		pk_buf_printf(&b, ",%s,%s,%s\n", pk_verdict_name(s->expect),
			      s->technique, s->attack);
	}
	return send(&b, to);
}
