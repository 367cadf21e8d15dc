/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stored_values.h"

#include <stdio.h>

#include "core/utf8.h"

/* No file is larger; what says so is no report. */
#define SIZE_LIMIT ((uint64_t)INT64_MAX)

/* The first mistake is the one that is told. */
void pk_stored_refuse(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		      const char *what)
{
	if (rd->status != PK_OK)
		return;
	rd->status = PK_ERR_USAGE;
	(void)snprintf(rd->st->why, sizeof(rd->st->why), "byte %llu: %s",
		       (unsigned long long)(v ? v->off : 0), what);
}

void *pk_stored_kept(struct pk_stored_reader *rd, void *p)
{
	if (!p && rd->status == PK_OK)
		rd->status = PK_ERR_NOMEM;
	return p;
}

/* A string, NUL-terminated and defused; NULL when there is none. */
const char *pk_stored_text(struct pk_stored_reader *rd,
			   const struct pk_jvalue *v, const char *key)
{
	const struct pk_jvalue *t = pk_json_get(v, key);
	const struct pk_span raw = pk_json_text(t);
	struct pk_buf b = { 0 };
	const char *text;

	if (!t)
		return NULL;
	if (!pk_json_is(t, PK_J_STRING) ||
	    (raw.len && memchr(raw.p, 0, raw.len))) {
		pk_stored_refuse(rd, t, "not a text");
		return NULL;
	}
	pk_utf8_defuse(&b, raw);
	text = pk_stored_kept(
		rd, pk_buf_ok(&b) ? pk_arena_copy(rd->arena, pk_buf_span(&b))
				  : NULL);
	pk_buf_release(&b);
	return text;
}

/* Of bytes that are no UTF-8 the hex stands beside the string. */
struct pk_span pk_stored_bytes(struct pk_stored_reader *rd,
			       const struct pk_jvalue *v, const char *key)
{
	char name[32];
	const struct pk_jvalue *hex;
	struct pk_span text;
	uint8_t *raw;

	(void)snprintf(name, sizeof(name), "%s_hex", key);
	hex = pk_json_get(v, name);
	if (!hex)
		return pk_json_text(pk_json_get(v, key));
	text = pk_json_text(hex);
	raw = pk_stored_kept(rd,
			     pk_arena_alloc(rd->arena, text.len / 2 + 1, 1));
	if (!raw || !pk_hex_get(text, raw, text.len / 2)) {
		pk_stored_refuse(rd, hex, "not hex");
		return (struct pk_span){ 0 };
	}
	return (struct pk_span){ raw, text.len / 2 };
}

/* Missing is 0. */
uint64_t pk_stored_number(struct pk_stored_reader *rd,
			  const struct pk_jvalue *v, const char *key)
{
	const struct pk_jvalue *n = pk_json_get(v, key);
	uint64_t ret = 0;

	if (n && (!pk_json_number(n, &ret) || ret > SIZE_LIMIT)) {
		pk_stored_refuse(rd, n, "not a number that a report can have");
		return 0;
	}
	return ret;
}

bool pk_stored_bool(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		    const char *key)
{
	const struct pk_jvalue *b = pk_json_get(v, key);

	if (!pk_json_is(b, PK_J_BOOL))
		pk_stored_refuse(rd, b ? b : v, "neither true nor false");
	return pk_json_true(b);
}

/* Which of the first count names it is. */
unsigned pk_stored_word(struct pk_stored_reader *rd, const struct pk_jvalue *v,
			const char *key, const char *(*name)(unsigned i),
			unsigned count)
{
	const struct pk_jvalue *word = pk_json_get(v, key);
	const struct pk_span text = pk_json_text(word);

	for (unsigned i = 0; i < count; i++) {
		const char *s = name(i);

		if (text.len == strlen(s) && memcmp(text.p, s, text.len) == 0)
			return i;
	}
	pk_stored_refuse(rd, word ? word : v,
			 "a word that this report cannot have");
	return 0;
}

const struct pk_jvalue *pk_stored_list(struct pk_stored_reader *rd,
				       const struct pk_jvalue *v,
				       const char *key)
{
	const struct pk_jvalue *list = pk_json_get(v, key);

	if (!pk_json_is(list, PK_J_ARRAY)) {
		pk_stored_refuse(rd, list ? list : v, "a list is missing");
		return NULL;
	}
	return list->kids;
}

void pk_stored_digest(struct pk_stored_reader *rd, const struct pk_jvalue *v,
		      const char *key, uint8_t ret[PK_SHA256_LEN])
{
	const struct pk_jvalue *d = pk_json_get(v, key);

	if (!pk_hex_get(pk_json_text(d), ret, PK_SHA256_LEN))
		pk_stored_refuse(rd, d ? d : v, "not a digest");
}
