/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "asm.h"

enum shape {
	SHAPE_NONE,
	SHAPE_U1,
	SHAPE_U2,
	SHAPE_U4,
	SHAPE_U8,
	SHAPE_I4,
	SHAPE_B8,
	SHAPE_N1,
	SHAPE_N4,
	SHAPE_N8,
	SHAPE_LINE,
	SHAPE_LINE2,
};

static const struct op {
	const char *name;
	int code;
	enum shape shape;
} ops[] = {
#define PK_OP(code, name, operand, protocol) { #name, code, SHAPE_##operand },
#include "analyze/pickle_ops.def"
#undef PK_OP
};

static unsigned width(enum shape s)
{
	static const unsigned widths[] = {
		[SHAPE_U1] = 1, [SHAPE_U2] = 2, [SHAPE_U4] = 4, [SHAPE_U8] = 8,
		[SHAPE_I4] = 4, [SHAPE_N1] = 1, [SHAPE_N4] = 4, [SHAPE_N8] = 8,
	};

	return widths[s];
}

static const char *fixed(enum shape s, const char *rest, struct pk_buf *out)
{
	struct asm_value v;
	const char *wrong = asm_value(&rest, &v);

	if (!wrong && v.is_text)
		wrong = "this operand is a number";
	if (!wrong)
		asm_le(out, (uint64_t)v.number, width(s));
	pk_buf_release(&v.text);
	return wrong;
}

static const char *big_endian_double(const char *rest, struct pk_buf *out)
{
	char *end;
	double d = strtod(rest, &end);
	uint64_t bits;

	if (end == rest)
		return "this operand is a floating-point number";
	memcpy(&bits, &d, sizeof(bits));
	for (int shift = 56; shift >= 0; shift -= 8)
		pk_buf_putc(out, (char)(bits >> shift & 0xff));
	return NULL;
}

/* As few bytes as two's complement allows, like pickle's LONG1. */
static void number_bytes(int64_t n, struct pk_buf *text)
{
	while (n < -128 || n > 127) {
		pk_buf_putc(text, (char)(n & 0xff));
		n >>= 8;
	}
	pk_buf_putc(text, (char)(n & 0xff));
}

/* `@LENGTH` before the data claims that length whatever they have. */
static const char *claim(const char **rest, bool *ret_claimed, uint64_t *ret_n)
{
	struct asm_value v;
	const char *wrong;

	*ret_claimed = **rest == '@';
	if (!*ret_claimed)
		return NULL;
	++*rest;
	wrong = asm_value(rest, &v);
	*ret_n = (uint64_t)v.number;
	pk_buf_release(&v.text);
	return wrong;
}

static const char *counted(enum shape s, const char *rest, struct pk_buf *out)
{
	struct asm_value v = { 0 };
	bool claimed;
	uint64_t n = 0;
	const char *wrong = claim(&rest, &claimed, &n);

	if (!wrong)
		wrong = asm_value(&rest, &v);
	if (!wrong) {
		if (!v.is_text)
			number_bytes(v.number, &v.text);
		asm_le(out, claimed ? n : v.text.len, width(s));
		pk_buf_put(out, v.text.p, v.text.len);
	}
	pk_buf_release(&v.text);
	return wrong;
}

/* A "text", or the word as it stands up to the next blank (the last line: up
 * to the end). */
static const char *one_line(const char **rest, bool last, struct pk_buf *out)
{
	struct asm_value v = { 0 };
	const char *wrong = NULL;

	if (**rest == '"') {
		wrong = asm_value(rest, &v);
		pk_buf_put(out, v.text.p, v.text.len);
		pk_buf_release(&v.text);
	} else {
		size_t n = last ? strlen(*rest) : strcspn(*rest, " \t");

		pk_buf_put(out, *rest, n);
		*rest += n;
	}
	pk_buf_putc(out, '\n');
	*rest += strspn(*rest, " \t");
	return wrong;
}

static const char *operand(enum shape s, const char *rest, struct pk_buf *out)
{
	const char *wrong;

	switch (s) {
	case SHAPE_NONE:
		return *rest ? "this opcode takes no operand" : NULL;
	case SHAPE_B8:
		return big_endian_double(rest, out);
	case SHAPE_N1:
	case SHAPE_N4:
	case SHAPE_N8:
		return counted(s, rest, out);
	case SHAPE_LINE:
		return one_line(&rest, true, out);
	case SHAPE_LINE2:
		wrong = one_line(&rest, false, out);
		return wrong ? wrong : one_line(&rest, true, out);
	case SHAPE_U1:
	case SHAPE_U2:
	case SHAPE_U4:
	case SHAPE_U8:
	case SHAPE_I4:
	default:
		return fixed(s, rest, out);
	}
}

const char *asm_opcode(const char *name, const char *rest, struct pk_buf *out)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i].name, name) == 0) {
			pk_buf_putc(out, (char)ops[i].code);
			return operand(ops[i].shape, rest, out);
		}
	}
	return "no such instruction";
}
