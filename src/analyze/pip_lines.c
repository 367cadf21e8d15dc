/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pip_lines.h"

#include "analyze/elsewhere.h"

enum { SHOWN = 160 };

static bool is_blank(uint8_t b)
{
	return b == ' ' || b == '\t' || b == '\r';
}

struct pk_span pk_pip_trim(struct pk_span s)
{
	while (s.len && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

static bool starts(struct pk_span s, const char *word)
{
	return pk_span_starts(
		s, (struct pk_span){ (const uint8_t *)word, strlen(word) });
}

/* "git+https://", "https://", "file:" */
static bool is_address(struct pk_span s)
{
	static const char *const schemes[] = {
		"git+",     "hg+",    "svn+",  "bzr+", "http://",
		"https://", "ftp://", "file:", NULL,
	};

	for (size_t i = 0; schemes[i]; i++) {
		if (starts(s, schemes[i]))
			return true;
	}
	return false;
}

static bool is_letter_or_digit(uint8_t b)
{
	return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') ||
	       (b >= 'A' && b <= 'Z');
}

/* "name", "name[extra]" and blanks: what may stand before "@ address". */
static bool is_name(struct pk_span l)
{
	for (size_t i = 0; i < l.len; i++) {
		if (!is_letter_or_digit(l.p[i]) && !is_blank(l.p[i]) &&
		    !memchr("-_.[],", l.p[i], 6))
			return false;
	}
	return l.len > 0;
}

/* The address in "name @ address", "-e address", "-f address", "address";
 * else empty. */
static struct pk_span address_in(struct pk_span l)
{
	static const char *const options[] = { "-e ",           "--editable ",
					       "-f ",           "--find-links ",
					       "--find-links=", NULL };
	const uint8_t *at;

	for (size_t i = 0; options[i]; i++) {
		const size_t n = strlen(options[i]);

		if (starts(l, options[i]))
			l = pk_pip_trim((struct pk_span){ l.p + n, l.len - n });
	}
	if (is_address(l))
		return l;
	at = l.len ? memchr(l.p, '@', l.len) : NULL;
	if (at && is_name((struct pk_span){ l.p, (size_t)(at - l.p) })) {
		l.len -= (size_t)(at + 1 - l.p);
		l.p = at + 1;
		l = pk_pip_trim(l);
		if (is_address(l))
			return l;
	}
	return (struct pk_span){ 0 };
}

static struct pk_span index_in(struct pk_span l)
{
	static const char *const options[] = {
		"--index-url", "--extra-index-url", "-i ", "--trusted-host",
		NULL,
	};

	for (size_t i = 0; options[i]; i++) {
		const size_t n = strlen(options[i]);

		if (!starts(l, options[i]))
			continue;
		l.p += n;
		l.len -= n;
		if (l.len && *l.p == '=') {
			l.p++;
			l.len--;
		}
		return pk_pip_trim(l);
	}
	return (struct pk_span){ 0 };
}

/* "name", "name[extra]==1.0; python_version < '3'" */
static bool is_plain(struct pk_span l)
{
	size_t i = 0;

	while (i < l.len &&
	       (is_letter_or_digit(l.p[i]) || memchr("-_.", l.p[i], 3)))
		i++;
	if (i == 0)
		return false;
	while (i < l.len && is_blank(l.p[i]))
		i++;
	return i == l.len || memchr("[=<>!~;@(\\,", l.p[i], 11) != NULL;
}

bool pk_pip_is_line(struct pk_span l)
{
	if (!l.len)
		return false;
	return l.p[0] == '-'
		       ? l.len > 1 &&
				 (l.p[1] == '-' || strchr("rcfie", l.p[1])) &&
				 l.p[1]
		       : address_in(l).len || is_plain(l);
}

/* Indexes that projects name in good faith. */
static bool is_usual_index(struct pk_span url)
{
	static const char *const usual[] = {
		"https://pypi.org/",
		"https://pypi.python.org/",
		"https://files.pythonhosted.org/",
		"https://download.pytorch.org/",
		"https://storage.googleapis.com/jax-releases/",
		"https://storage.googleapis.com/libtpu-releases/",
		"https://pypi.nvidia.com",
		"https://pypi.ngc.nvidia.com",
		"https://data.pyg.org/",
		"https://abetlen.github.io/llama-cpp-python/",
		"https://download.openmmlab.com/",
		NULL,
	};

	for (size_t i = 0; usual[i]; i++) {
		if (starts(url, usual[i]))
			return true;
	}
	return false;
}

bool pk_pip_fetches_elsewhere(struct pk_span l)
{
	return address_in(l).len || index_in(l).len;
}

void pk_pip_report(struct pk_scan *s, struct pk_span l, uint64_t off)
{
	const struct pk_span index = index_in(l);
	const struct pk_span address = address_in(l);

	if (index.len && !is_usual_index(index)) {
		pk_report(s, PK_RULE_REPO_PACKAGE_INDEX, off,
			  "packages may come from %s",
			  pk_show(s, index, SHOWN));
		pk_fetch_url(s, index, off);
	}
	pk_fetch_url(s, address, off);
	if (address.len)
		pk_report(s, PK_RULE_REPO_REQUIREMENT, off,
			  "a package comes from %s",
			  pk_show(s, address, SHOWN));
}
