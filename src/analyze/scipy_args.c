/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/scipy_args.h"

static bool is_name_char(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool skip(struct pk_span *s, struct pk_span prefix)
{
	if (!pk_span_starts(*s, prefix))
		return false;
	s->p += prefix.len;
	s->len -= prefix.len;
	return true;
}

static bool drop_end(struct pk_span *s, struct pk_span end)
{
	if (s->len < end.len ||
	    memcmp(s->p + s->len - end.len, end.p, end.len) != 0)
		return false;
	s->len -= end.len;
	return true;
}

static bool only_names_and(struct pk_span s, struct pk_span others)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_name_char(s.p[i]) &&
		    !memchr(others.p, s.p[i], others.len))
			return false;
	return true;
}

/* A parenthesis after a comma or another makes a tuple; after a name, a call. */
static bool calls_nothing(struct pk_span expression)
{
	uint8_t last = ',';

	for (size_t i = 0; i < expression.len; i++) {
		uint8_t c = expression.p[i];

		if (c == '(' && last != ',' && last != '(')
			return false;
		if (c != ' ')
			last = c;
	}
	return true;
}

/* def _parse_args_rvs(self, a, b, loc=0, scale=1, size=None): */
static bool is_own_definition(struct pk_span line)
{
	if (!skip(&line, PK_LIT("def _parse_args")))
		return false;
	while (line.len > 0 && is_name_char(*line.p)) {
		line.p++;
		line.len--;
	}
	return skip(&line, PK_LIT("(self,")) && drop_end(&line, PK_LIT("):")) &&
	       only_names_and(line, PK_LIT(" ,='"));
}

/* return self._argcheck_rvs(a, b, loc, scale, size=size) */
static bool is_own_return(struct pk_span line)
{
	if (!skip(&line, PK_LIT("    return ")))
		return false;
	if (skip(&line, PK_LIT("self._argcheck_rvs(")) &&
	    !drop_end(&line, PK_LIT(")")))
		return false;
	return only_names_and(line, PK_LIT(" ,=()")) && calls_nothing(line);
}

static struct pk_span cut_line(struct pk_span *text)
{
	const uint8_t *end = memchr(text->p, '\n', text->len);
	struct pk_span line = *text;

	if (end) {
		line.len = (size_t)(end - text->p);
		text->p = end + 1;
		text->len -= line.len + 1;
	} else {
		text->len = 0;
	}
	return line;
}

bool pk_scipy_template_is_own(struct pk_span text)
{
	while (text.len > 0) {
		struct pk_span line = cut_line(&text);

		if (line.len > 0 && !is_own_definition(line) &&
		    !is_own_return(line))
			return false;
	}
	return true;
}
