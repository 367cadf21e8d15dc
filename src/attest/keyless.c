/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/keyless.h"

#include <stdlib.h>

#include "attest/json_bits.h"

static const char *get_timestamps(struct pk_keyless *k,
				  const struct pk_jvalue *v)
{
	static const char *const names[] = { "rfc3161Timestamps", NULL };
	static const char *const of_one[] = { "signedTimestamp", NULL };
	const struct pk_jvalue *list = pk_json_get(v, "rfc3161Timestamps");

	if ((v && !pk_json_only(v, names)) ||
	    (list && (!pk_json_is(list, PK_J_ARRAY) ||
		      list->count > PK_TIMESTAMPS_MAX)))
		return "time stamps that cannot be read";
	for (v = list ? list->kids : NULL; v; v = v->next) {
		if (!pk_json_only(v, of_one) ||
		    !pk_get_base64(&k->arena, pk_json_get(v, "signedTimestamp"),
				   &k->timestamps[k->timestamp_count++]))
			return "time stamps that cannot be read";
	}
	return NULL;
}

static const char *get(struct pk_keyless *k, const struct pk_jvalue *v)
{
	static const char *const of_one[] = { "rawBytes", NULL };
	const struct pk_jvalue *leaf = pk_json_get(v, "certificate");
	const struct pk_jvalue *list = pk_json_get(v, "tlogEntries");
	const char *why;

	if (!pk_json_only(leaf, of_one) ||
	    !pk_get_base64(&k->arena, pk_json_get(leaf, "rawBytes"), &k->leaf))
		return "a certificate that cannot be read";
	if (!pk_json_is(list, PK_J_ARRAY) || list->count != 1)
		return "not exactly one entry of a log";
	why = pk_log_entry_get(&k->entry, &k->arena, list->kids);
	return why ? why
		   : get_timestamps(
			     k, pk_json_get(v, "timestampVerificationData"));
}

struct pk_keyless *pk_keyless_get(const struct pk_jvalue *material,
				  const char **why)
{
	struct pk_keyless *k = calloc(1, sizeof(*k));

	if (!k) {
		*why = "out of memory";
		return NULL;
	}
	k->meter.ceiling = 64 << 20;
	k->arena = PK_ARENA(&k->meter);
	*why = get(k, material);
	if (!*why)
		return k;
	pk_keyless_free(k);
	return NULL;
}

void pk_keyless_free(struct pk_keyless *k)
{
	if (k)
		pk_arena_release(&k->arena);
	free(k);
}

/* The times that are proven; each that the bundle has must be. */
static const char *prove_times(const struct pk_keyless *k,
			       const struct pk_trusted_root *t,
			       struct pk_span signature,
			       int64_t times[PK_TIMESTAMPS_MAX + 1],
			       size_t *ret)
{
	const char *why = NULL;
	size_t n = 0;

	for (; n < k->timestamp_count && !why; n++)
		why = pk_timestamp_check(k->timestamps[n], signature, t,
					 &times[n]);
	/* The promise is what signs the entry's time. */
	if (k->entry.promise.len)
		times[n++] = k->entry.time;
	*ret = n;
	if (!why && n == 0)
		why = "nothing proves when the signature was made";
	return why;
}

struct pk_key *pk_keyless_key(const struct pk_keyless *k,
			      const struct pk_fulcio *f, struct pk_span payload,
			      struct pk_span signature, const char **why)
{
	const struct pk_logged what = { .payload = payload,
					.signature = signature,
					.certificate = k->leaf };
	int64_t times[PK_TIMESTAMPS_MAX + 1];
	size_t count;

	*why = pk_log_entry_check(&k->entry, f->trust);
	if (!*why)
		*why = pk_log_entry_is_of(&k->entry, &what);
	if (!*why)
		*why = prove_times(k, f->trust, signature, times, &count);
	return *why ? NULL : pk_fulcio_key(k->leaf, f, times, count, why);
}
