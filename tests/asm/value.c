/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "asm.h"

int asm_hex_digit(char ch)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = ch ? strchr(digits, ch) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

static const char *escape(const char **at, struct pk_buf *text)
{
	static const char from[] = "n\\\"rt0";
	static const char to[] = "\n\\\"\r\t\0";
	const char *p = *at + 1;
	const char *known = *p ? strchr(from, *p) : NULL;

	if (known) {
		pk_buf_putc(text, to[known - from]);
		*at = p + 1;
		return NULL;
	}
	if (*p != 'x' || asm_hex_digit(p[1]) < 0 || asm_hex_digit(p[2]) < 0)
		return "an escape is \\n \\r \\t \\0 \\\\ \\\" or \\xHH";
	pk_buf_putc(text,
		    (char)(asm_hex_digit(p[1]) * 16 + asm_hex_digit(p[2])));
	*at = p + 3;
	return NULL;
}

static const char *quoted(const char **at, struct pk_buf *text)
{
	const char *wrong = NULL;

	++*at;
	while (**at && **at != '"' && !wrong) {
		if (**at == '\\') {
			wrong = escape(at, text);
		} else {
			pk_buf_putc(text, **at);
			++*at;
		}
	}
	if (wrong)
		return wrong;
	if (**at != '"')
		return "a text without its closing quote";
	++*at;
	return NULL;
}

const char *asm_value(const char **at, struct asm_value *ret_value)
{
	char *end;

	*ret_value = (struct asm_value){ 0 };
	*at += strspn(*at, " \t");
	if (**at == '"') {
		ret_value->is_text = true;
		return quoted(at, &ret_value->text);
	}
	errno = 0;
	if (**at == '-')
		ret_value->number = strtoll(*at, &end, 0);
	else
		ret_value->number = (int64_t)strtoull(*at, &end, 0);
	if (end == *at || errno || (*end && !isspace((unsigned char)*end)))
		return "neither a number nor a \"text\"";
	*at = end;
	return NULL;
}

void asm_le(struct pk_buf *out, uint64_t v, unsigned n)
{
	for (; n > 0; n--, v >>= 8)
		pk_buf_putc(out, (char)(v & 0xff));
}
