/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

void pk_base64_put(struct pk_buf *b, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i += 3) {
		const size_t n = s.len - i < 3 ? s.len - i : 3;
		uint32_t v = (uint32_t)s.p[i] << 16;

		if (n > 1)
			v |= (uint32_t)s.p[i + 1] << 8;
		if (n > 2)
			v |= s.p[i + 2];
		pk_buf_putc(b, digits[v >> 18]);
		pk_buf_putc(b, digits[v >> 12 & 63]);
		pk_buf_putc(b, n > 1 ? digits[v >> 6 & 63] : '=');
		pk_buf_putc(b, n > 2 ? digits[v & 63] : '=');
	}
}

/* Six bits, or -1. */
static int value_of(uint8_t ch)
{
	if (ch >= 'A' && ch <= 'Z')
		return ch - 'A';
	if (ch >= 'a' && ch <= 'z')
		return ch - 'a' + 26;
	if (ch >= '0' && ch <= '9')
		return ch - '0' + 52;
	return ch == '+' ? 62 : ch == '/' ? 63 : -1;
}

/* What has gathered of a group of four digits. */
struct group {
	uint32_t bits;
	unsigned count;
};

static void add_digit(struct pk_buf *b, struct group *g, int v)
{
	g->bits = g->bits << 6 | (uint32_t)v;
	if (++g->count < 4)
		return;
	pk_buf_putc(b, (char)(uint8_t)(g->bits >> 16));
	pk_buf_putc(b, (char)(uint8_t)(g->bits >> 8));
	pk_buf_putc(b, (char)(uint8_t)g->bits);
	*g = (struct group){ 0 };
}

/* Two digits hold one byte, three hold two; whether no bit is left over. */
static bool end_group(struct pk_buf *b, const struct group *g)
{
	if (g->count == 0)
		return true;
	if (g->count == 1)
		return false;
	if (g->count == 2) {
		pk_buf_putc(b, (char)(uint8_t)(g->bits >> 4));
		return (g->bits & 15) == 0;
	}
	pk_buf_putc(b, (char)(uint8_t)(g->bits >> 10));
	pk_buf_putc(b, (char)(uint8_t)(g->bits >> 2));
	return (g->bits & 3) == 0;
}

bool pk_base64_get(struct pk_buf *b, struct pk_span s)
{
	struct group g = { 0 };

	if (s.len % 4)
		return false;
	for (unsigned pad = 0; pad < 2 && s.len && s.p[s.len - 1] == '='; pad++)
		s.len--;
	for (size_t i = 0; i < s.len; i++) {
		const int v = value_of(s.p[i]);

		if (v < 0)
			return false;
		add_digit(b, &g, v);
	}
	return end_group(b, &g);
}

void pk_base64_get_lenient(struct pk_buf *b, struct pk_span s)
{
	struct group g = { 0 };

	for (size_t i = 0; i < s.len; i++) {
		const uint8_t ch = s.p[i];
		const int v = value_of(ch == '-' ? '+' : ch == '_' ? '/' : ch);

		if (v >= 0)
			add_digit(b, &g, v);
		else if (ch == '=' && g.count >= 2)
			break;
	}
	(void)end_group(b, &g);
}
