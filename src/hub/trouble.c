/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/trouble.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/utf8.h"

/* Cuts at the beginning of a code point. */
static void keep_text(struct pk_remote_trouble *why, struct pk_span text)
{
	size_t n = text.len;

	if (n >= sizeof(why->text)) {
		n = sizeof(why->text) - 1;
		while (n && (text.p[n] & 0xc0) == 0x80)
			n--;
	}
	if (n)
		memcpy(why->text, text.p, n);
	why->text[n] = '\0';
}

enum pk_status pk_trouble(struct pk_remote_trouble *why,
			  enum pk_http_problem problem, const char *fmt, ...)
{
	char raw[1024];
	struct pk_buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	pk_utf8_defuse(&b,
		       (struct pk_span){ (const uint8_t *)raw, strlen(raw) });
	why->problem = problem;
	keep_text(why, pk_buf_span(&b));
	pk_buf_release(&b);
	if (problem == PK_HTTP_NO_MEMORY)
		return PK_ERR_NOMEM;
	return problem == PK_HTTP_FINE ? PK_ERR_USAGE : PK_ERR_IO;
}

enum pk_status pk_trouble_memory(struct pk_remote_trouble *why)
{
	return pk_trouble(why, PK_HTTP_NO_MEMORY, "out of memory");
}
