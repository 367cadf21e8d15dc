/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signature's bundle, and what keyless ones hold: the entry of a log, time
 * stamps, certificates; and a trusted root.  Nothing here is trusted, so that
 * nothing may be found good.
 */
#include <stdlib.h>

#include "attest/bundle.h"
#include "fuzz.h"

static void look_into(const struct pk_bundle *b, struct pk_trusted_root *t)
{
	const struct pk_fulcio f = { .trust = t,
				     .identity = "a@b",
				     .issuer = "https://c" };
	const struct pk_span payload = pk_buf_span(&b->payload);
	const struct pk_span signature = pk_buf_span(&b->signature);
	const struct pk_logged what = { .payload = payload,
					.signature = signature,
					.certificate = b->keyless->leaf };
	const int64_t now = 1760062340;
	const char *why;
	int64_t at;

	(void)pk_log_entry_check(&b->keyless->entry, t);
	(void)pk_log_entry_is_of(&b->keyless->entry, &what);
	for (size_t i = 0; i < b->keyless->timestamp_count; i++)
		(void)pk_timestamp_check(b->keyless->timestamps[i], signature,
					 t, &at);
	if (pk_fulcio_key(b->keyless->leaf, &f, &now, 1, &why))
		abort();
	if (pk_keyless_key(b->keyless, &f, payload, signature, &why))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_span all = { data, size };
	struct pk_bundle b = { 0 };
	struct pk_trusted_root t;
	const char *why = NULL;

	if (pk_trusted_root_read(&t, all, &why) != PK_OK && !why)
		abort();
	why = NULL;
	if (pk_bundle_get(&b, all, &why) != PK_OK && !why)
		abort();
	if (b.keyless)
		look_into(&b, &t);
	pk_bundle_release(&b);
	pk_trusted_root_release(&t);
	return 0;
}
