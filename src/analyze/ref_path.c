/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/ref_path.h"

#include <strings.h>

#include "core/utf8.h"

static bool is_slash(uint8_t ch)
{
	return ch == '/' || ch == '\\';
}

static bool is_letter(uint8_t ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

/* The length of "scheme" where the path begins "scheme:", else 0. */
static size_t scheme(struct pk_span p)
{
	size_t n = 0;

	while (n < p.len && (is_letter(p.p[n]) || p.p[n] == '+' ||
			     (n && (p.p[n] == '-' || p.p[n] == '.' ||
				    (p.p[n] >= '0' && p.p[n] <= '9')))))
		n++;
	return n && n < p.len && p.p[n] == ':' ? n : 0;
}

/* The part that begins at *at; moves past it and its slash. */
static struct pk_span next_part(struct pk_span p, size_t *at)
{
	const size_t from = *at;
	size_t to = from;

	while (to < p.len && !is_slash(p.p[to]))
		to++;
	*at = to < p.len ? to + 1 : to;
	return (struct pk_span){ p.p + from, to - from };
}

/* Windows drops blanks and dots at the end of a part: ".. " is "..". */
static bool is_up(struct pk_span part)
{
	while (part.len > 2 &&
	       (part.p[part.len - 1] == ' ' || part.p[part.len - 1] == '\t'))
		part.len--;
	return pk_span_eq(part, PK_LIT(".."));
}

/* Whether the path climbs out of its folder; *ret_dots: has ".." at all. */
static bool climbs(struct pk_span p, bool *ret_dots)
{
	size_t deep = 0;

	*ret_dots = false;
	for (size_t at = 0; at < p.len;) {
		const struct pk_span part = next_part(p, &at);

		if (is_up(part)) {
			*ret_dots = true;
			if (deep-- == 0)
				return true;
		} else if (part.len && !pk_span_eq(part, PK_LIT("."))) {
			deep++;
		}
	}
	return false;
}

static int hex_digit(uint8_t ch)
{
	static const char digits[] = "0123456789abcdef";
	const char low = (char)(ch | 0x20);
	const char *at = ch > ' ' ? strchr(digits, low) : NULL;

	return at && *at ? (int)(at - digits) : -1;
}

/* Whether the path means something else once percent signs are decoded, as
 * loaders that fetch it do. */
static bool hides_in_percents(struct pk_span p)
{
	uint8_t plain[512];
	struct pk_span decoded = { plain, 0 };
	bool dots;

	for (size_t i = 0; i < p.len && decoded.len < sizeof(plain); i++) {
		uint8_t ch = p.p[i];

		if (ch == '%' && p.len - i > 2 && hex_digit(p.p[i + 1]) >= 0 &&
		    hex_digit(p.p[i + 2]) >= 0) {
			ch = (uint8_t)(hex_digit(p.p[i + 1]) << 4 |
				       hex_digit(p.p[i + 2]));
			i += 2;
		}
		plain[decoded.len++] = ch;
	}
	if (decoded.len == p.len || decoded.len == 0)
		return false;
	return is_slash(plain[0]) || climbs(decoded, &dots) || dots;
}

/* Names of what people keep secret, as a whole part of the path. */
static bool is_secret(struct pk_span p)
{
	static const char *const secret[] = {
		".env",      ".git",        ".ssh",     ".aws",
		".netrc",    ".npmrc",      ".pypirc",  ".kube",
		"id_rsa",    "id_ed25519",  "id_ecdsa", "id_dsa",
		".htpasswd", "credentials", "shadow",   "passwd",
	};

	for (size_t at = 0; at < p.len;) {
		const struct pk_span part = next_part(p, &at);

		for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]);
		     i++) {
			if (part.len == strlen(secret[i]) &&
			    strncasecmp((const char *)part.p, secret[i],
					part.len) == 0)
				return true;
		}
	}
	return false;
}

static const char *trick_in(struct pk_span p)
{
	if (memchr(p.p, 0, p.len))
		return "holds a NUL byte, where C programs see its end";
	if (p.p[p.len - 1] == ' ' || p.p[p.len - 1] == '.' || p.p[0] == ' ')
		return "begins or ends with what some systems drop";
	if (memchr(p.p, ':', p.len))
		return "holds a colon, which names a stream on Windows";
	for (size_t i = 0; i < p.len && !pk_utf8_plain(p);) {
		const int32_t cp = pk_utf8_next(p, &i);

		if (cp >= 0 && pk_utf8_is_trick((uint32_t)cp))
			return "holds characters that hide or reorder text";
	}
	return NULL;
}

static const char *absolute(struct pk_span p)
{
	if (p.len > 1 && is_slash(p.p[0]) && is_slash(p.p[1]))
		return "names another machine or a device";
	if (is_slash(p.p[0]))
		return "is an absolute path";
	if (p.p[0] == '~')
		return "begins in a home folder";
	if (scheme(p) == 1)
		return "names a drive";
	if (scheme(p) > 1 && p.len > scheme(p) + 1 &&
	    (is_slash(p.p[scheme(p) + 1]) || scheme(p) == 4))
		return "is a URL";
	return NULL;
}

struct pk_path_flaw pk_path_flaw(struct pk_span p)
{
	bool dots = false;
	const char *what;

	if (p.len == 0 || pk_span_eq(p, PK_LIT(".")))
		return (struct pk_path_flaw){ "names no file", PK_LOW, false };
	what = absolute(p);
	if (what)
		return (struct pk_path_flaw){ what, PK_HIGH, true };
	if (climbs(p, &dots))
		return (struct pk_path_flaw){ "leads out of the model's folder",
					      PK_HIGH, true };
	if (hides_in_percents(p))
		return (struct pk_path_flaw){
			"leads elsewhere once its percent signs are decoded",
			PK_HIGH, true
		};
	if (is_secret(p))
		return (struct pk_path_flaw){ "names what people keep secret",
					      PK_HIGH, false };
	what = trick_in(p);
	if (what)
		return (struct pk_path_flaw){ what, PK_MEDIUM, false };
	if (dots)
		return (struct pk_path_flaw){ "goes up and down again", PK_LOW,
					      false };
	return (struct pk_path_flaw){ 0 };
}
