/* SPDX-License-Identifier: Apache-2.0 */
/* What a scan attested, as a signer could have made it up: what is accepted is
 * written and accepted again. */
#include <stdlib.h>

#include "attest/attestation.h"
#include "fuzz.h"

static void again(const struct pk_attestation *a)
{
	struct pk_manifest m;
	struct pk_attestation b = { .files = &m };
	struct pk_buf text = { 0 };
	const char *why = NULL;

	pk_manifest_init(&m, PK_HASH_SHA256);
	if (pk_attestation_put(a, &text, &why) == PK_OK &&
	    pk_attestation_get(&b, pk_buf_span(&text), &why) != PK_OK)
		abort();
	pk_manifest_release(&m);
	pk_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pk_span bytes = { data, size };
	struct pk_manifest m;
	struct pk_attestation a = { .files = &m };
	const char *why = NULL;

	pk_manifest_init(&m, PK_HASH_SHA256);
	if (pk_attestation_get(&a, bytes, &why) == PK_OK)
		again(&a);
	pk_manifest_release(&m);
	return 0;
}
