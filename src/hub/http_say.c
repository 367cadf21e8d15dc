/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>

#include "core/utf8.h"
#include "hub/http_run.h"

static void put_place(struct pk_buf *b, const struct pk_url *u)
{
	pk_buf_puts(b, u->host);
	if (*u->host && u->port != (u->tls ? 443 : 80))
		pk_buf_printf(b, ":%u", u->port);
}

bool pk_http_fail(struct pk_http_run *run, enum pk_http_problem problem,
		  const char *fmt, ...)
{
	struct pk_http_answer *ret = run->ret;
	char text[sizeof(ret->message)];
	struct pk_buf said = { .p = NULL };
	const char *line;
	va_list args;
	size_t n;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	put_place(&said, &run->origin);
	if (*run->url.host && !pk_url_same_place(&run->origin, &run->url)) {
		pk_buf_puts(&said, ", redirected to ");
		put_place(&said, &run->url);
	}
	if (said.len)
		pk_buf_puts(&said, ": ");
	pk_utf8_escape(&said, (struct pk_span){ (uint8_t *)text, strlen(text) },
		       sizeof(text));
	line = pk_buf_ok(&said) ? pk_buf_str(&said) : "out of memory";
	n = strlen(line);
	if (n >= sizeof(ret->message)) {
		n = sizeof(ret->message) - 1;
		while (n && ((uint8_t)line[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(ret->message, line, n);
	ret->message[n] = '\0';
	pk_buf_release(&said);
	ret->problem = problem;
	return false;
}
