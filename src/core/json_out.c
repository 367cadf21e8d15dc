/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json_out.h"

#include <inttypes.h>

#include "core/digest.h"
#include "core/utf8.h"

static void put_escaped(struct pk_buf *b, uint32_t cp)
{
	if (cp == '\n')
		pk_buf_puts(b, "\\n");
	else if (cp == '\t')
		pk_buf_puts(b, "\\t");
	else if (cp < 0x10000)
		pk_buf_printf(b, "\\u%04x", cp);
	else
		pk_buf_printf(b, "\\u%04x\\u%04x",
			      0xd800 + ((cp - 0x10000) >> 10),
			      0xdc00 + ((cp - 0x10000) & 0x3ff));
}

static void put_string(struct pk_buf *b, struct pk_span s)
{
	pk_buf_putc(b, '"');
	if (pk_utf8_plain(s) && !(s.len && memchr(s.p, '"', s.len))) {
		pk_buf_put(b, s.p, s.len);
		s.len = 0;
	}
	for (size_t i = 0; i < s.len;) {
		const size_t at = i;
		const int32_t cp = pk_utf8_next(s, &i);

		if (cp < 0 || (cp >= 0xd800 && cp < 0xe000))
			pk_buf_puts(b, "\\ufffd");
		else if (cp == '"' || cp == '\\')
			pk_buf_printf(b, "\\%c", (char)cp);
		else if (pk_utf8_is_trick((uint32_t)cp))
			put_escaped(b, (uint32_t)cp);
		else
			pk_buf_put(b, s.p + at, i - at);
	}
	pk_buf_putc(b, '"');
}

static void new_line(struct pk_json *j)
{
	pk_buf_putc(j->out, '\n');
	for (unsigned i = 0; i < j->depth; i++)
		pk_buf_puts(j->out, "  ");
}

static bool one_line(const struct pk_json *j)
{
	return !j->pretty || (j->inlined && j->depth >= j->inlined);
}

void pk_json_inline(struct pk_json *j)
{
	if (!j->inlined)
		j->inlined = j->depth + 1;
}

/* What stands before a value: comma, line, key. */
static void begin(struct pk_json *j, const char *key)
{
	const uint32_t bit = 1U << j->depth;

	if (j->started & bit)
		pk_buf_puts(j->out, one_line(j) ? ", " : ",");
	if (!one_line(j) && j->depth)
		new_line(j);
	j->started |= bit;
	if (key) {
		put_string(j->out, (struct pk_span){ (const uint8_t *)key,
						     strlen(key) });
		pk_buf_puts(j->out, ": ");
	}
}

static void open_level(struct pk_json *j, const char *key, bool array)
{
	begin(j, key);
	pk_buf_putc(j->out, array ? '[' : '{');
	j->depth++;
	j->started &= ~(1U << j->depth);
	j->arrays &= ~(1U << j->depth);
	if (array)
		j->arrays |= 1U << j->depth;
}

void pk_json_object(struct pk_json *j, const char *key)
{
	open_level(j, key, false);
}

void pk_json_array(struct pk_json *j, const char *key)
{
	open_level(j, key, true);
}

void pk_json_close(struct pk_json *j)
{
	const uint32_t bit = 1U << j->depth;
	const bool array = j->arrays & bit;
	const bool broken = !one_line(j) && (j->started & bit);

	if (j->inlined == j->depth)
		j->inlined = 0;
	j->depth--;
	if (broken)
		new_line(j);
	pk_buf_putc(j->out, array ? ']' : '}');
	if (j->depth == 0)
		pk_buf_putc(j->out, '\n');
}

void pk_json_str(struct pk_json *j, const char *key, const char *s)
{
	begin(j, key);
	put_string(j->out, (struct pk_span){ (const uint8_t *)s, strlen(s) });
}

void pk_json_uint(struct pk_json *j, const char *key, uint64_t v)
{
	begin(j, key);
	pk_buf_printf(j->out, "%" PRIu64, v);
}

void pk_json_null(struct pk_json *j, const char *key)
{
	begin(j, key);
	pk_buf_puts(j->out, "null");
}

void pk_json_bool(struct pk_json *j, const char *key, bool v)
{
	begin(j, key);
	pk_buf_puts(j->out, v ? "true" : "false");
}

void pk_json_raw(struct pk_json *j, const char *key, struct pk_span json)
{
	begin(j, key);
	pk_buf_put(j->out, json.p, json.len);
}

void pk_json_hex(struct pk_json *j, const char *key, const char *prefix,
		 struct pk_span bytes)
{
	begin(j, key);
	pk_buf_putc(j->out, '"');
	pk_buf_puts(j->out, prefix);
	pk_hex_put(j->out, bytes);
	pk_buf_putc(j->out, '"');
}

static bool is_text(struct pk_span s)
{
	for (size_t i = 0; i < s.len;) {
		const int32_t cp = pk_utf8_next(s, &i);

		if (cp < 0 || (cp >= 0xd800 && cp < 0xe000))
			return false;
	}
	return true;
}

void pk_json_bytes(struct pk_json *j, const char *key, struct pk_span s)
{
	struct pk_buf b = { 0 };

	begin(j, key);
	put_string(j->out, s);
	if (is_text(s) || !key)
		return;
	pk_buf_printf(&b, "%s_hex", key);
	pk_json_hex(j, pk_buf_str(&b), "", s);
	pk_buf_release(&b);
}
