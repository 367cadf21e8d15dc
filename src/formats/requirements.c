/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirements.txt (pip's requirements file format): recognised only when
 * every line is one of pip's and at least one fetches from somewhere else
 * than the package index.
 *
 * What can hurt: installing runs code; MLflow, TorchServe and people install
 * what lies beside a model.
 */
#include "analyze/elsewhere.h"
#include "engine/format.h"

enum { SIZE_MAX_READ = 64 << 10, SHOWN = 160 };

struct line {
	struct pk_span text; /* without blanks around and remarks */
	uint64_t off;
};

static bool is_blank(uint8_t b)
{
	return b == ' ' || b == '\t' || b == '\r';
}

static struct pk_span trim(struct pk_span s)
{
	while (s.len && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* The next line that says something; a remark begins at the start or behind
 * a blank. */
static bool next_line(struct pk_span all, size_t *at, struct line *ret)
{
	while (*at < all.len) {
		const size_t from = *at;
		const uint8_t *nl = memchr(all.p + from, '\n', all.len - from);
		const size_t end = nl ? (size_t)(nl - all.p) : all.len;
		size_t stop = from;

		*at = end + 1;
		while (stop < end &&
		       !(all.p[stop] == '#' &&
			 (stop == from || is_blank(all.p[stop - 1]))))
			stop++;
		ret->text = trim((struct pk_span){ all.p + from, stop - from });
		ret->off = from;
		if (ret->text.len)
			return true;
	}
	return false;
}

static bool starts(struct pk_span s, const char *word)
{
	return pk_span_starts(
		s, (struct pk_span){ (const uint8_t *)word, strlen(word) });
}

static bool is_letter_or_digit(uint8_t b)
{
	return (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') ||
	       (b >= 'A' && b <= 'Z');
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
			l = trim((struct pk_span){ l.p + n, l.len - n });
	}
	if (is_address(l))
		return l;
	at = memchr(l.p, '@', l.len);
	if (at) {
		l.len -= (size_t)(at + 1 - l.p);
		l.p = at + 1;
		l = trim(l);
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
		return trim(l);
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

static bool is_line(struct pk_span l)
{
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

/* Whether all lines are pip's, and how many of them fetch elsewhere. */
static bool all_lines(struct pk_span text, size_t *ret_elsewhere)
{
	struct line l;

	*ret_elsewhere = 0;
	for (size_t at = 0; next_line(text, &at, &l);) {
		if (!is_line(l.text))
			return false;
		*ret_elsewhere +=
			address_in(l.text).len || index_in(l.text).len;
	}
	return true;
}

static void report(struct pk_scan *s, const struct line *l)
{
	const struct pk_span index = index_in(l->text);
	const struct pk_span address = address_in(l->text);

	if (index.len && !is_usual_index(index)) {
		pk_report(s, PK_RULE_REPO_PACKAGE_INDEX, l->off,
			  "packages may come from %s",
			  pk_show(s, index, SHOWN));
		pk_fetch_url(s, index, l->off);
	}
	pk_fetch_url(s, address, l->off);
	if (address.len)
		pk_report(s, PK_RULE_REPO_REQUIREMENT, l->off,
			  "a package comes from %s",
			  pk_show(s, address, SHOWN));
}

static void requirements_scan(struct pk_scan *s)
{
	uint8_t *bytes = pk_arena_alloc(&s->arena, SIZE_MAX_READ, 1);
	struct pk_span text = { bytes, 0 };
	size_t elsewhere = 0;
	struct line l;

	if (bytes)
		text.len = pk_source_read(s->bytes, 0, bytes, SIZE_MAX_READ);
	if (!all_lines(text, &elsewhere) || elsewhere == 0) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, s->bytes->size);
	for (size_t at = 0; next_line(text, &at, &l);)
		report(s, &l);
}

static enum pk_match requirements_probe(const struct pk_head *head)
{
	size_t elsewhere, at = 0;
	struct line l;

	if (head->source->size > SIZE_MAX_READ || head->bytes.len < 4 ||
	    memchr(head->bytes.p, 0, head->bytes.len) ||
	    !next_line(head->bytes, &at, &l) || !is_line(l.text))
		return PK_MATCH_NO;
	/* The head's last line may be cut. */
	return head->source->size > PK_HEAD_MAX ||
			       all_lines(head->bytes, &elsewhere)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_requirements = {
	.name = "requirements",
	.title = "Requirements for pip",
	.reads = "packages that come from elsewhere than the package index",
	.risk = PK_RISK_DATA,
	.rank = 3,
	.no_model = true,
	.probe = requirements_probe,
	.scan = requirements_scan,
};
