/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http_head.h"

#include <ctype.h>
#include <strings.h>

/* libcurl has limits of its own; these are below them. */
enum { HEAD_MAX = 128 << 10, DIGITS_MAX = 18 };

static const struct field {
	const char *name;
	size_t at;
	size_t size;
	bool once;
} fields[] = {
#define PK_FIELD(name, member, once)                   \
	{ name, offsetof(struct pk_http_head, member), \
	  sizeof(((struct pk_http_head *)NULL)->member), once },
#include "hub/http_fields.def"
#undef PK_FIELD
};

void pk_http_head_begin(struct pk_http_head *h)
{
	size_t bytes = h->bytes;

	*h = (struct pk_http_head){ .length = UINT64_MAX,
				    .total = UINT64_MAX,
				    .bytes = bytes };
}

static bool fails(struct pk_http_head *h, const char *why)
{
	h->fault = why;
	return false;
}

static struct pk_span trimmed(struct pk_span s)
{
	while (s.len && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool is_plain(struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	}
	return true;
}

static bool is_called(struct pk_span name, const char *other)
{
	return name.len == strlen(other) &&
	       strncasecmp((const char *)name.p, other, name.len) == 0;
}

static bool keep(struct pk_http_head *h, const struct field *f,
		 struct pk_span value)
{
	char *to = (char *)h + f->at;

	if (*to && f->once &&
	    !pk_span_eq(value, (struct pk_span){ (uint8_t *)to, strlen(to) }))
		return fails(h, "says one thing twice in two ways");
	if (*to || !is_plain(value) || value.len >= f->size)
		return true;
	memcpy(to, value.p, value.len);
	to[value.len] = '\0';
	return true;
}

/* At most 18 digits: nothing overflows, and no file is longer. */
static bool number(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	while (isdigit((unsigned char)*p) && p - *text < DIGITS_MAX)
		n = n * 10 + (uint64_t)(*p++ - '0');
	if (p == *text || isdigit((unsigned char)*p))
		return false;
	*text = p;
	*ret = n;
	return true;
}

static bool total_of(const char *p, uint64_t *ret)
{
	if (strcmp(p, "/*") == 0) {
		*ret = UINT64_MAX;
		return true;
	}
	return *p++ == '/' && number(&p, ret) && !*p;
}

bool pk_http_content_range(const char *text, uint64_t *ret_first,
			   uint64_t *ret_last, uint64_t *ret_total)
{
	uint64_t first = 1, last = 0, total;
	const char *p = text + 6;

	if (strncasecmp(text, "bytes ", 6) != 0)
		return false;
	while (*p == ' ')
		p++;
	if (*p == '*')
		p++;
	else if (!number(&p, &first) || *p++ != '-' || !number(&p, &last) ||
		 last < first)
		return false;
	if (!total_of(p, &total) || (first <= last && last >= total))
		return false;
	if (first > last && total == UINT64_MAX)
		return false;
	*ret_first = first;
	*ret_last = last;
	*ret_total = total;
	return true;
}

/* Moves past one parameter of a link; true when it says rel="next". */
static bool is_next(struct pk_span v, size_t *at)
{
	struct pk_span name = { v.p + *at, 0 }, value = { NULL, 0 };
	size_t i = *at;

	while (i < v.len && v.p[i] != '=' && v.p[i] != ';' && v.p[i] != ',')
		i++;
	name.len = i - *at;
	if (i < v.len && v.p[i] == '=') {
		bool quoted = ++i < v.len && v.p[i] == '"';
		size_t from = i += quoted;

		while (i < v.len && (quoted ? v.p[i] != '"'
					    : v.p[i] != ';' && v.p[i] != ','))
			i += quoted && v.p[i] == '\\' && i + 1 < v.len ? 2 : 1;
		value = (struct pk_span){ v.p + from, i - from };
		i += quoted && i < v.len;
	}
	*at = i;
	if (!is_called(trimmed(name), "rel"))
		return false;
	for (size_t from = 0, to; from < value.len; from = to + 1) {
		for (to = from; to < value.len && value.p[to] != ' ';)
			to++;
		if (is_called((struct pk_span){ value.p + from, to - from },
			      "next"))
			return true;
	}
	return false;
}

struct pk_span pk_http_link_next(struct pk_span v)
{
	size_t i = 0;

	while (i < v.len) {
		struct pk_span target = { NULL, 0 };
		bool next = false;

		while (i < v.len && v.p[i] != '<')
			i++;
		target.p = v.p + (i < v.len ? ++i : i);
		while (i < v.len && v.p[i] != '>') {
			i++;
			target.len++;
		}
		if (i == v.len)
			break;
		while (++i < v.len && (v.p[i] == ' ' || v.p[i] == '\t'))
			;
		while (i < v.len && v.p[i] != ',') {
			i++; /* ';' */
			next |= is_next(v, &i);
		}
		if (next)
			return target;
	}
	return (struct pk_span){ NULL, 0 };
}

/* The value of a parameter ";r=". */
static bool parameter(const char *text, const char *name, uint64_t *ret)
{
	const char *p = strstr(text, name);

	if (!p)
		return false;
	p += strlen(name);
	return number(&p, ret);
}

unsigned pk_http_rate_wait(const char *text)
{
	uint64_t left, seconds;

	if (!parameter(text, ";r=", &left) || left ||
	    !parameter(text, ";t=", &seconds))
		return 0;
	return seconds < 1000000 ? (unsigned)seconds + 1 : 1000000;
}

bool pk_http_is_strong(const char *etag)
{
	size_t n = strlen(etag);

	return n > 2 && etag[0] == '"' && etag[n - 1] == '"';
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" */
static bool status_line(struct pk_http_head *h, struct pk_span s)
{
	size_t i = 5;

	while (i < s.len && s.p[i] != ' ')
		i++;
	pk_http_head_begin(h);
	if (i + 4 > s.len)
		return fails(h, "has no status");
	for (size_t k = i + 1; k < i + 4; k++) {
		if (!isdigit(s.p[k]))
			return fails(h, "has no status");
		h->status = h->status * 10 + (s.p[k] - '0');
	}
	return true;
}

/* X-Linked-Etag comes as an entity tag; the hash is what counts. */
static void unquote(char *etag)
{
	size_t weak = strncmp(etag, "W/\"", 3) == 0 ? 2 : 0;
	size_t n = strlen(etag);

	if (n < weak + 2 || etag[weak] != '"' || etag[n - 1] != '"')
		return;
	memmove(etag, etag + weak + 1, n - weak - 2);
	etag[n - weak - 2] = '\0';
}

static bool ends(struct pk_http_head *h)
{
	const char *length = h->content_length;

	if (h->status >= 100 && h->status < 200)
		return true;
	h->done = true;
	unquote(h->linked_etag);
	h->ranges = strcasecmp(h->accept_ranges, "bytes") == 0;
	if (*length && (!number(&length, &h->length) || *length))
		return fails(h, "has a length that is no number");
	if (!*h->content_range)
		return true;
	h->part = pk_http_content_range(h->content_range, &h->first, &h->last,
					&h->total);
	return h->part || fails(h, "says of no bytes where they stand");
}

static bool keep_next(struct pk_http_head *h, struct pk_span value)
{
	struct pk_span next = pk_http_link_next(value);

	/* Not to see it would end a listing too early. */
	if (next.len >= sizeof(h->next) || !is_plain(next))
		return fails(h, "names a next page that cannot be asked for");
	if (!*h->next && next.len)
		memcpy(h->next, next.p, next.len);
	return true;
}

static bool header(struct pk_http_head *h, struct pk_span line)
{
	const uint8_t *colon = memchr(line.p, ':', line.len);
	struct pk_span name = line, value;

	if (!colon)
		return true;
	name.len = (size_t)(colon - line.p);
	value = trimmed((struct pk_span){ colon + 1, line.len - name.len - 1 });
	if (is_called(name, "link"))
		return keep_next(h, value);
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		if (is_called(name, fields[i].name))
			return keep(h, &fields[i], value);
	}
	return true;
}

bool pk_http_head_line(struct pk_http_head *h, const char *line, size_t n)
{
	struct pk_span s = { (const uint8_t *)line, n };

	if (h->done)
		return true;
	h->bytes += n + 2;
	if (h->bytes > HEAD_MAX)
		return fails(h, "has headers without end");
	if (n == 0)
		return ends(h);
	if (pk_span_starts(s, PK_LIT("HTTP/")))
		return status_line(h, s);
	return header(h, s);
}
