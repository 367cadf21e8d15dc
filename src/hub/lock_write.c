/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a lock file: one fact a line, so that a review shows which one
 * changed. */
#include <inttypes.h>
#include <strings.h>

#include "core/utf8.h"
#include "hub/lock.h"

static bool is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* Whether every reader of YAML takes it, without quotes, for a text. */
static bool is_plain(const char *s)
{
	static const char inside[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._/@:+-";
	static const char *const words[] = { "true", "false", "yes",
					     "no",   "on",    "off",
					     "y",    "null",  "n" };
	const size_t n = strlen(s);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(s, words[i]) == 0)
			return false;
	}
	return is_letter(s[0]) && strspn(s, inside) == n && s[n - 1] != ':';
}

/* What pk_utf8_escape() writes is what YAML reads between quotes. */
static void put_quoted(struct pk_buf *b, const char *s)
{
	pk_buf_putc(b, '"');
	while (*s) {
		const size_t n = strcspn(s, "\"");

		pk_utf8_escape(b, (struct pk_span){ (const uint8_t *)s, n }, n);
		s += n;
		if (*s) {
			pk_buf_puts(b, "\\\"");
			s++;
		}
	}
	pk_buf_puts(b, "\"\n");
}

/* key: with the blanks before it. */
static void put_text(struct pk_buf *b, const char *key, const char *s)
{
	if (!s)
		return;
	pk_buf_printf(b, "%s: ", key);
	if (is_plain(s))
		pk_buf_printf(b, "%s\n", s);
	else
		put_quoted(b, s);
}

/* In quotes: some digests look like numbers. */
static void put_hex(struct pk_buf *b, const char *key, const uint8_t *p,
		    size_t n)
{
	pk_buf_printf(b, "%s: \"", key);
	pk_hex_put(b, (struct pk_span){ p, n });
	pk_buf_puts(b, "\"\n");
}

static void put_known(struct pk_buf *b, const char *key, enum pk_known k)
{
	if (k != PK_NOT_KNOWN)
		pk_buf_printf(b, "%s: %s\n", key,
			      k == PK_YES ? "true" : "false");
}

static void put_file(struct pk_buf *b, const struct pk_lock_file *f)
{
	put_text(b, "      - path", f->path);
	pk_buf_printf(b, "        size: %" PRIu64 "\n", f->size);
	put_hex(b, "        sha256", f->sha256, PK_SHA256_LEN);
	if (f->has_git_blob)
		put_hex(b, "        git_blob", f->git_blob, PK_GIT_BLOB_LEN);
	put_text(b, "        format", f->format);
	put_text(b, "        verdict", f->verdict);
}

static void put_signature(struct pk_buf *b, const struct pk_lock_signature *s)
{
	if (!s->path)
		return;
	pk_buf_puts(b, "    signature:\n");
	put_text(b, "      path", s->path);
	put_text(b, "      signer", s->signer);
	put_known(b, "      verified", s->verified);
}

static void put_model(struct pk_buf *b, const struct pk_lock_model *m)
{
	put_text(b, "  - source", m->from.uri);
	put_text(b, "    folder", m->folder);
	put_text(b, "    host", m->from.host);
	put_text(b, "    owner", m->from.owner);
	put_text(b, "    repository", m->from.repository);
	put_text(b, "    revision", m->from.revision);
	if (m->from.commit)
		pk_buf_printf(b, "    commit: \"%s\"\n", m->from.commit);
	put_text(b, "    licence", m->from.licence);
	put_known(b, "    gated", m->from.gated);
	put_known(b, "    publisher_verified", m->from.verified);
	put_text(b, "    registry_verdict", m->advice);
	put_signature(b, &m->signature);
	pk_buf_puts(b, m->count ? "    files:\n" : "    files: []\n");
	for (size_t i = 0; i < m->count; i++)
		put_file(b, &m->files[i]);
}

void pk_lock_write(const struct pk_lock *l, struct pk_buf *to)
{
	pk_buf_puts(to, "# Models, pinned: written by `picket lock`, reviewed "
			"like code.\n"
			"version: 1\n");
	pk_buf_puts(to, l->count ? "models:\n" : "models: []\n");
	for (size_t i = 0; i < l->count; i++)
		put_model(to, &l->models[i]);
}
