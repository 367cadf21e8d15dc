/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/manifest_text.h"
#include "core/json_out.h"

static bool needs_escape(const char *path)
{
	return path[strcspn(path, "\\\n\r")] != '\0';
}

static void put_escaped(struct pk_buf *to, const char *path)
{
	for (; *path; path++) {
		if (*path == '\n')
			pk_buf_puts(to, "\\n");
		else if (*path == '\r')
			pk_buf_puts(to, "\\r");
		else if (*path == '\\')
			pk_buf_puts(to, "\\\\");
		else
			pk_buf_putc(to, *path);
	}
}

static struct pk_span digest_of(const struct pk_manifest *m,
				const struct pk_manifest_entry *e)
{
	return (struct pk_span){ e->digest, pk_hash_len(m->hash) };
}

void pk_manifest_put_lines(const struct pk_manifest *m, struct pk_buf *to)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct pk_manifest_entry *e = &m->entries[i];

		if (needs_escape(e->path))
			pk_buf_putc(to, '\\');
		pk_hex_put(to, digest_of(m, e));
		pk_buf_puts(to, "  ");
		put_escaped(to, e->path);
		pk_buf_putc(to, '\n');
	}
}

static void put_entry(const struct pk_manifest *m,
		      const struct pk_manifest_entry *e, struct pk_json *j)
{
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_bytes(
		j, "path",
		(struct pk_span){ (const uint8_t *)e->path, strlen(e->path) });
	if (e->size != PK_NO_SIZE)
		pk_json_uint(j, "size", e->size);
	pk_json_hex(j, pk_hash_name(m->hash), "", digest_of(m, e));
	if (e->format)
		pk_json_str(j, "format", e->format);
	if (e->ctime_ns) {
		pk_json_uint(j, "ctime_ns", (uint64_t)e->ctime_ns);
		pk_json_uint(j, "inode", e->inode);
	}
	pk_json_close(j);
}

void pk_manifest_put_json(const struct pk_manifest *m, struct pk_buf *to)
{
	struct pk_json j = { .out = to, .pretty = true };
	uint8_t root[PK_SHA256_LEN];

	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.manifest/1");
	pk_json_str(&j, "hash", pk_hash_name(m->hash));
	if (pk_manifest_root(m, root))
		pk_json_hex(&j, "root",
			    "sha256:", (struct pk_span){ root, sizeof(root) });
	pk_json_array(&j, "files");
	for (size_t i = 0; i < m->count; i++)
		put_entry(m, &m->entries[i], &j);
	pk_json_close(&j);
	pk_json_close(&j);
	pk_buf_putc(to, '\n');
}
