/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pb_text.h"

#include "engine/format.h"
#include "source/memory.h"

enum { TEXT_MAX = 64 << 20 };

bool pk_pb_text_begins(struct pk_span head, const struct pk_pb_message *m)
{
	for (size_t i = 0; i < head.len && i < 64; i++) {
		if (head.p[i] < ' ' && head.p[i] != '\n' && head.p[i] != '\r' &&
		    head.p[i] != '\t')
			return false;
	}
	return pk_textproto_first(head, m) != NULL;
}

void pk_pb_text_scan(struct pk_scan *s, const struct pk_pb_message *m)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	struct pk_buf wire = { .max = TEXT_MAX };
	struct pk_textproto stats;
	const bool whole = pk_textproto_encode(&c, m, &wire, &stats);
	const struct pk_format *is = NULL;

	if (stats.fields && wire.len)
		is = pk_descend(s, PK_LIT("binary form"),
				pk_memory_own((uint8_t *)wire.p, wire.len),
				PK_MEMBER_RAW);
	else
		pk_buf_release(&wire);
	if (!is) {
		pk_reject(s);
		return;
	}
	pk_claim(s, 0, whole ? s->bytes->size : c.off);
	if (!whole)
		pk_partial(s);
}
