/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/json_bits.h"

#include "attest/frame.h"
#include "codec/base64.h"

const struct pk_jvalue *pk_json_strict(struct pk_arena *a, struct pk_span json)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 16
	};
	struct pk_cursor c = pk_cursor_over(json, 0);
	const struct pk_jvalue *top = pk_json_parse(&c, a, &opts, NULL);

	return top && !pk_json_has_repeated(top) ? top : NULL;
}

bool pk_json_only(const struct pk_jvalue *v, const char *const *names)
{
	for (const struct pk_jvalue *k = v ? v->kids : NULL; k; k = k->next) {
		const char *const *n = names;

		while (*n && !(strlen(*n) == k->key.len &&
			       memcmp(*n, k->key.p, k->key.len) == 0))
			n++;
		if (!*n)
			return false;
	}
	return pk_json_is(v, PK_J_OBJECT);
}

bool pk_get_base64(struct pk_arena *a, const struct pk_jvalue *v,
		   struct pk_span *ret)
{
	struct pk_buf b = { 0 };
	const char *copy = NULL;

	if (pk_json_is(v, PK_J_STRING) && pk_base64_get(&b, pk_json_text(v)) &&
	    pk_buf_ok(&b) && b.len)
		copy = pk_arena_copy(a, pk_buf_span(&b));
	if (copy)
		*ret = (struct pk_span){ (const uint8_t *)copy, b.len };
	pk_buf_release(&b);
	return copy != NULL;
}

bool pk_get_int64(const struct pk_jvalue *v, uint64_t *ret)
{
	return pk_json_is(v, PK_J_STRING) &&
	       pk_json_u64(pk_json_text(v), ret) && *ret <= INT64_MAX;
}
