/* SPDX-License-Identifier: Apache-2.0 */
#include "report/words.h"

#include <inttypes.h>
#include <time.h>

static bool is_unreserved(uint8_t ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= '0' && ch <= '9') || (ch && strchr("-._~/", ch));
}

void pk_put_uri(struct pk_buf *b, const char *path)
{
	while (path[0] == '.' && path[1] == '/' && path[2])
		path += 2 + strspn(path + 2, "/");
	if (*path == '/')
		pk_buf_puts(b, "file://");
	for (; *path; path++) {
		const uint8_t ch = (uint8_t)*path;

		if (is_unreserved(ch))
			pk_buf_putc(b, (char)ch);
		else
			pk_buf_printf(b, "%%%02X", ch);
	}
}

void pk_json_uri(struct pk_json *j, const char *key, const char *prefix,
		 const char *path)
{
	struct pk_buf b = { 0 };

	pk_buf_puts(&b, prefix);
	pk_put_uri(&b, path);
	pk_json_str(j, key, pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

bool pk_word_next(const char **rest, struct pk_span *word)
{
	*rest += strspn(*rest, " ");
	*word = (struct pk_span){ (const uint8_t *)*rest, strcspn(*rest, " ") };
	*rest += word->len;
	return word->len > 0;
}

unsigned pk_cwe_number(struct pk_span word)
{
	unsigned n = 0;

	if (!pk_span_starts(word, PK_LIT("CWE-")))
		return 0;
	for (size_t i = 4; i < word.len && word.p[i] >= '0' && word.p[i] <= '9';
	     i++)
		n = n * 10 + (unsigned)(word.p[i] - '0');
	return n;
}

bool pk_put_reference_url(struct pk_buf *b, struct pk_span word)
{
	static const struct {
		struct pk_span prefix;
		const char *base;
	} bases[] = {
		{ PK_LIT_INIT("https://"), "" },
		{ PK_LIT_INIT("CVE-"), "https://nvd.nist.gov/vuln/detail/" },
		{ PK_LIT_INIT("AML."), "https://atlas.mitre.org/techniques/" },
	};
	const unsigned cwe = pk_cwe_number(word);

	if (cwe) {
		pk_buf_printf(b,
			      "https://cwe.mitre.org/data/definitions/%u.html",
			      cwe);
		return true;
	}
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		if (pk_span_starts(word, bases[i].prefix)) {
			pk_buf_puts(b, bases[i].base);
			pk_buf_put(b, word.p, word.len);
			return true;
		}
	}
	return false;
}

void pk_put_uuid(struct pk_buf *b, const uint8_t digest[PK_SHA256_LEN])
{
	uint8_t id[16];

	memcpy(id, digest, sizeof(id));
	id[6] = (uint8_t)(0x80 | (id[6] & 0x0f));
	id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
	for (size_t i = 0; i < sizeof(id); i++)
		pk_buf_printf(b, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      id[i]);
}

void pk_put_finding_uuid(struct pk_buf *b, const char *path,
			 const struct pk_finding *f)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];

	pk_sha256_add(h, f->fingerprint, PK_SHA256_LEN);
	pk_sha256_add(h, path, strlen(path));
	if (!pk_sha256_end(h, digest))
		b->failed = true;
	pk_put_uuid(b, digest);
}

void pk_time_text(char ret[PK_TIME_TEXT], int64_t seconds)
{
	const time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) ||
	    !strftime(ret, PK_TIME_TEXT, "%Y-%m-%dT%H:%M:%S", &tm))
		memcpy(ret, "1970-01-01T00:00:00", 20);
}

void pk_put_message(struct pk_buf *b, const struct pk_finding *f)
{
	pk_buf_printf(b, "%s [", f->message);
	if (f->member)
		pk_buf_printf(b, "%s, ", f->member);
	pk_buf_printf(b, "byte %" PRIu64 "]", f->off);
}
