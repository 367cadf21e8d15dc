/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/uri.h"

#include "core/digest.h"

static struct pk_span until(struct pk_span *s, const char *stops)
{
	struct pk_span head = { s->p, 0 };

	while (head.len < s->len && !strchr(stops, s->p[head.len]))
		head.len++;
	s->p += head.len;
	s->len -= head.len;
	return head;
}

static void drop(struct pk_span *s, size_t n)
{
	s->p += n;
	s->len -= n;
}

static bool is_alnum(uint8_t ch)
{
	return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') ||
	       (ch >= 'A' && ch <= 'Z');
}

static bool host_ok(struct pk_span h)
{
	const bool literal =
		h.len > 2 && h.p[0] == '[' && h.p[h.len - 1] == ']';

	if (literal) {
		h.p++;
		h.len -= 2;
	}
	for (size_t i = 0; i < h.len; i++) {
		const uint8_t ch = h.p[i];

		if (!is_alnum(ch) && ch != '.' && ch != (literal ? ':' : '-') &&
		    (literal || ch != '_'))
			return false;
	}
	return h.len > 0 && h.len <= 253;
}

static bool port_ok(struct pk_span port)
{
	unsigned n = 0;

	for (size_t i = 0; i < port.len && i < 6; i++) {
		if (port.p[i] < '0' || port.p[i] > '9')
			return false;
		n = n * 10 + port.p[i] - '0';
	}
	return port.len <= 5 && n > 0 && n <= 65535;
}

static const char *split_host(struct pk_span authority, struct pk_uri *ret)
{
	if (authority.len && memchr(authority.p, '@', authority.len))
		return "holds a user name, which picket does not send";
	ret->host = authority;
	for (size_t i = authority.len; i-- > 0;) {
		if (authority.p[i] == ']')
			break;
		if (authority.p[i] != ':')
			continue;
		ret->host.len = i;
		ret->port = (struct pk_span){ authority.p + i + 1,
					      authority.len - i - 1 };
		if (!port_ok(ret->port))
			return "has a port that is none";
		break;
	}
	return host_ok(ret->host) ? NULL : "names no host";
}

const char *pk_uri_split(const char *text, struct pk_uri *ret)
{
	struct pk_span s = { (const uint8_t *)text, strlen(text) };
	const char *wrong;

	*ret = (struct pk_uri){ 0 };
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] <= ' ' || s.p[i] == 0x7f)
			return "holds blanks or control characters";
	}
	ret->secure = pk_span_starts(s, PK_LIT("https://"));
	if (!ret->secure && !pk_span_starts(s, PK_LIT("http://")))
		return "does not begin with https://";
	drop(&s, ret->secure ? 8 : 7);
	wrong = split_host(until(&s, "/?#"), ret);
	if (wrong)
		return wrong;
	ret->path = until(&s, "?#");
	ret->has_query = s.len && s.p[0] == '?';
	if (ret->has_query) {
		drop(&s, 1);
		ret->query = until(&s, "#");
	}
	return NULL;
}

static char *lower(char *s)
{
	for (char *p = s; p && *p; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p |= 0x20;
	}
	return s;
}

const char *pk_uri_origin(const struct pk_uri *u, struct pk_arena *a)
{
	const char *scheme = u->secure ? "https" : "http";
	const bool usual =
		u->port.len == 0 ||
		pk_span_eq(u->port, u->secure ? PK_LIT("443") : PK_LIT("80"));

	return lower(pk_arena_printf(a, "%s://%.*s%s%.*s", scheme,
				     (int)u->host.len, (const char *)u->host.p,
				     usual ? "" : ":",
				     usual ? 0 : (int)u->port.len,
				     usual ? "" : (const char *)u->port.p));
}

const char *pk_uri_host(const struct pk_uri *u, struct pk_arena *a)
{
	struct pk_span h = u->host;

	if (h.len > 2 && h.p[0] == '[') {
		h.p++;
		h.len -= 2;
	}
	return lower(pk_arena_copy(a, h));
}

bool pk_uri_same_origin(const char *a, const char *b)
{
	struct pk_meter meter = { .ceiling = 64 * 1024 };
	struct pk_arena mem = PK_ARENA(&meter);
	struct pk_uri ua, ub;
	const char *oa = NULL, *ob = NULL;
	bool same;

	if (!pk_uri_split(a, &ua) && !pk_uri_split(b, &ub)) {
		oa = pk_uri_origin(&ua, &mem);
		ob = pk_uri_origin(&ub, &mem);
	}
	same = oa && ob && strcmp(oa, ob) == 0;
	pk_arena_release(&mem);
	return same;
}

void pk_percent_put(struct pk_buf *b, struct pk_span s, bool keep_slash)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];

		if (is_alnum(ch) || (ch && strchr("-._~", ch)) ||
		    (ch == '/' && keep_slash))
			pk_buf_putc(b, (char)ch);
		else
			pk_buf_printf(b, "%%%02X", ch);
	}
}

bool pk_percent_get(struct pk_buf *b, struct pk_span s, bool plus)
{
	for (size_t i = 0; i < s.len; i++) {
		uint8_t ch = s.p[i];

		if (ch == '%') {
			if (s.len - i < 3 ||
			    !pk_hex_get((struct pk_span){ s.p + i + 1, 2 }, &ch,
					1))
				return false;
			i += 2;
		} else if (ch == '+' && plus) {
			ch = ' ';
		}
		pk_buf_put(b, &ch, 1);
	}
	return true;
}
