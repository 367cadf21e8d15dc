/* SPDX-License-Identifier: Apache-2.0 */
#include "asm.h"

#include <ctype.h>

enum { LINE_MAX_LEN = 4096, WORD_MAX = 32, REPEAT_MAX = 10000000 };

struct assembly {
	struct pk_buf *out;
	struct asm_zip zip;
	bool in_zip;
	size_t frame; /* 1 + where the open frame's length stands, or 0 */
};

static struct pk_buf *sink(struct assembly *a)
{
	return a->in_zip ? asm_zip_data(&a->zip) : a->out;
}

static const char *hex(const char *p, struct pk_buf *out)
{
	int high = -1;

	for (; *p; p++) {
		const int digit = asm_hex_digit(*p);

		if (strchr(" \t\r", *p))
			continue;
		if (digit < 0)
			return "not a hexadecimal digit";
		if (high >= 0)
			pk_buf_putc(out, (char)(high * 16 + digit));
		high = high < 0 ? digit : -1;
	}
	return high >= 0 ? "an odd number of hexadecimal digits" : NULL;
}

static const char *raw(const char *rest, struct pk_buf *out)
{
	struct asm_value v;
	const char *wrong = asm_value(&rest, &v);

	if (!wrong && !v.is_text)
		wrong = "raw takes a \"text\"";
	pk_buf_put(out, v.text.p, v.text.len);
	pk_buf_release(&v.text);
	return wrong;
}

static void close_frame(struct assembly *a)
{
	struct pk_buf *b = sink(a);
	size_t at = a->frame - 1;
	uint64_t n;

	if (!a->frame || !b || b->failed)
		return;
	n = b->len - at - 8;
	for (unsigned i = 0; i < 8; i++, n >>= 8)
		b->p[at + i] = (char)(n & 0xff);
	a->frame = 0;
}

/* FRAME alone reaches to the next one, or to the end. */
static const char *open_frame(struct assembly *a)
{
	close_frame(a);
	pk_buf_putc(sink(a), (char)0x95);
	a->frame = sink(a)->len + 1;
	asm_le(sink(a), 0, 8);
	return NULL;
}

static const char *instruction(struct assembly *a, const char *word,
			       const char *rest)
{
	if (!sink(a))
		return "a zip begins with: member \"NAME\"";
	if (strcmp(word, "hex") == 0)
		return hex(rest, sink(a));
	if (strcmp(word, "raw") == 0)
		return raw(rest, sink(a));
	if (strcmp(word, "FRAME") == 0 && !*rest)
		return open_frame(a);
	return asm_opcode(word, rest, sink(a));
}

/* The first word into word; returns the rest without blanks before it. */
static const char *split(const char *line, char word[WORD_MAX])
{
	size_t n = strcspn(line, " \t");

	if (n >= WORD_MAX)
		n = WORD_MAX - 1;
	memcpy(word, line, n);
	word[n] = '\0';
	line += n;
	return line + strspn(line, " \t");
}

static const char *repeat(struct assembly *a, const char *rest)
{
	struct asm_value v;
	char word[WORD_MAX];
	const char *wrong = asm_value(&rest, &v);

	pk_buf_release(&v.text);
	if (wrong || v.is_text || v.number < 0 || v.number > REPEAT_MAX)
		return "repeat N INSTRUCTION";
	rest = split(rest + strspn(rest, " \t"), word);
	for (int64_t i = 0; i < v.number && !wrong; i++)
		wrong = instruction(a, word, rest);
	return wrong;
}

static const char *end_zip(struct assembly *a)
{
	const char *wrong;

	close_frame(a);
	wrong = asm_zip_write(&a->zip, a->out);
	asm_zip_release(&a->zip);
	a->in_zip = false;
	return wrong;
}

static const char *directive(struct assembly *a, const char *line)
{
	char word[WORD_MAX];
	const char *rest = split(line, word);

	if (strcmp(word, "repeat") == 0)
		return repeat(a, rest);
	if (strcmp(word, "zip") == 0) {
		a->in_zip = true;
		return NULL;
	}
	if (a->in_zip && strcmp(word, "member") == 0) {
		close_frame(a);
		return asm_zip_member(&a->zip, rest);
	}
	if (a->in_zip && strcmp(word, "end") == 0)
		return end_zip(a);
	return instruction(a, word, rest);
}

/* The line without blanks around it and without a remark, which stands alone
 * or after a blank, outside quotes. */
static void tidy(const char *from, size_t len, char to[LINE_MAX_LEN])
{
	bool in_text = false;
	size_t n = 0;

	for (size_t i = 0; i < len && n < LINE_MAX_LEN - 1; i++) {
		if (from[i] == '#' && !in_text &&
		    (i == 0 || isspace((unsigned char)from[i - 1])))
			break;
		if (from[i] == '"' && (i == 0 || from[i - 1] != '\\'))
			in_text = !in_text;
		if (n || !isspace((unsigned char)from[i]))
			to[n++] = from[i];
	}
	while (n && isspace((unsigned char)to[n - 1]))
		n--;
	to[n] = '\0';
}

bool asm_text(const char *text, struct pk_buf *out, struct asm_error *ret_err)
{
	struct assembly a = { .out = out };
	const char *wrong = NULL;
	char line[LINE_MAX_LEN];
	unsigned number = 0;

	while (*text && !wrong) {
		size_t n = strcspn(text, "\n");

		number++;
		if (n >= LINE_MAX_LEN)
			wrong = "the line is too long";
		tidy(text, n, line);
		if (line[0] && !wrong)
			wrong = directive(&a, line);
		text += text[n] ? n + 1 : n;
	}
	if (!wrong && a.in_zip)
		wrong = "a zip without its end";
	close_frame(&a);
	asm_zip_release(&a.zip);
	*ret_err = (struct asm_error){ number, wrong };
	return !wrong && pk_buf_ok(out);
}
