/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	TEXT_MAX = 512, /* of a number in text */
	LONG_MAX_READ = 1024,
};

void pk_pickle_print_double(double v, struct pk_buf *out)
{
	char text[40];

	if (!isfinite(v)) {
		pk_buf_printf(out, "float('%s')",
			      isnan(v) ? "nan"
			      : v < 0  ? "-inf"
				       : "inf");
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	pk_buf_puts(out, text);
	if (!strpbrk(text, ".e"))
		pk_buf_puts(out, ".0");
}

static bool print_binary(struct pk_vm *vm, uint64_t off, struct pk_buf *out)
{
	uint8_t b[8] = { 0 };
	uint64_t bits = 0;
	double v;

	(void)pk_reader_fetch(&vm->r, off + 1, b, sizeof(b));
	for (size_t i = 0; i < sizeof(b); i++)
		bits = bits << 8 | b[i];
	memcpy(&v, &bits, sizeof(v));
	pk_pickle_print_double(v, out);
	return true;
}

/* A line's digits as they stand: Python reads them as the unpickler does,
 * but for an L behind them and for zeros before them. */
static bool print_line(struct pk_vm *vm, uint64_t off, struct pk_buf *out)
{
	char text[TEXT_MAX + 1];
	size_t n = pk_reader_fetch(&vm->r, off + 1, text, TEXT_MAX), from = 0;
	char *nl;

	text[n] = '\0';
	nl = memchr(text, '\n', n);
	if (!nl) {
		pk_buf_puts(out, "...");
		return false;
	}
	*nl = '\0';
	from = strspn(text, " \t");
	if (text[from] == '-' || text[from] == '+')
		pk_buf_putc(out, text[from++]);
	while (text[from] == '0' && text[from + 1] >= '0' &&
	       text[from + 1] <= '9')
		from++;
	n = strspn(text + from, "0123456789abcdefxABCDEFX_.+-infatyINFATY");
	pk_buf_put(out, text + from, n);
	return true;
}

static bool print_float_line(struct pk_vm *vm, uint64_t off, struct pk_buf *out)
{
	struct pk_buf text = { 0 };
	const bool whole = print_line(vm, off, &text);

	if (whole)
		pk_pickle_print_double(strtod(pk_buf_str(&text), NULL), out);
	else
		pk_buf_puts(out, "...");
	pk_buf_release(&text);
	return whole;
}

/* Two's complement, the least byte first, as hexadecimal digits. */
static void print_hex(const uint8_t *b, size_t n, struct pk_buf *out)
{
	const bool negative = n && b[n - 1] & 0x80;
	uint8_t magnitude[LONG_MAX_READ + 1] = { 0 };
	unsigned carry = negative;
	size_t top = n;

	for (size_t i = 0; i < n; i++) {
		carry += negative ? (uint8_t)~b[i] : b[i];
		magnitude[i] = (uint8_t)carry;
		carry >>= 8;
	}
	while (top > 1 && !magnitude[top - 1])
		top--;
	pk_buf_puts(out, negative ? "-0x" : "0x");
	pk_buf_printf(out, "%x", magnitude[top ? top - 1 : 0]);
	for (size_t i = top; i-- > 1;)
		pk_buf_printf(out, "%02x", magnitude[i - 1]);
}

static bool print_long(struct pk_vm *vm, uint64_t off, uint8_t code,
		       struct pk_buf *out)
{
	const unsigned width = code == PK_OP_LONG1 ? 1 : 4;
	uint8_t b[LONG_MAX_READ], head[4] = { 0 };
	uint64_t len = 0;
	size_t n;

	(void)pk_reader_fetch(&vm->r, off + 1, head, width);
	for (unsigned i = 0; i < width; i++)
		len |= (uint64_t)head[i] << 8 * i;
	if (len > sizeof(b)) {
		pk_buf_puts(out, "...");
		return false;
	}
	n = pk_reader_fetch(&vm->r, off + 1 + width, b, (size_t)len);
	print_hex(b, n, out);
	return n == len;
}

bool pk_pickle_print_number(struct pk_vm *vm, uint64_t off, struct pk_buf *out)
{
	uint8_t code = 0;

	(void)pk_reader_fetch(&vm->r, off, &code, 1);
	switch (code) {
	case PK_OP_BINFLOAT:
		return print_binary(vm, off, out);
	case PK_OP_FLOAT:
		return print_float_line(vm, off, out);
	case PK_OP_LONG1:
	case PK_OP_LONG4:
		return print_long(vm, off, code, out);
	default:
		return print_line(vm, off, out);
	}
}
