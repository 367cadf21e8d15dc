/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: signed attestations of scans. */
#include "picket_attest.h"

#include <stdlib.h>

#include "attest/attestation.h"
#include "attest/signing.h"
#include "engine/catalogue.h"

struct picket_attestation {
	struct pk_attestation a;
	struct pk_manifest files;
	struct pk_buf signer;
};

static bool rules_text(struct pk_buf *to)
{
	uint8_t digest[PK_SHA256_LEN];

	if (!pk_rules_digest(digest))
		return false;
	pk_buf_puts(to, "sha256:");
	pk_hex_put(to, (struct pk_span){ digest, sizeof(digest) });
	return pk_buf_ok(to);
}

static enum pk_status put_statement(const struct picket_manifest *m,
				    const struct picket_scan_facts *facts,
				    struct pk_buf *to, const char **why)
{
	struct pk_manifest files = m->m; /* borrowed, and not changed */
	struct pk_buf rules = { 0 };
	struct pk_attestation a = {
		.files = &files,
		.name = facts->name,
		.ignore = facts->how->ignore,
		.ignore_count = facts->how->ignore_count,
		.policy = facts->policy->p.name,
		.fail_on = pk_threshold_name(facts->policy->p.fail_on),
		.version = PICKET_VERSION,
		.time = facts->time,
		.passed = facts->passed,
	};
	enum pk_status s = PK_ERR_NOMEM;

	if (rules_text(&rules)) {
		a.rules = pk_buf_str(&rules);
		s = pk_attestation_put(&a, to, why);
	}
	pk_buf_release(&rules);
	return s;
}

enum picket_status picket_attest(const struct picket_manifest *m,
				 const struct picket_scan_facts *facts,
				 const struct picket_key *key,
				 const struct picket_pem *certificate,
				 const struct picket_pem *chain,
				 const struct picket_sink *to,
				 struct picket_refusal *why)
{
	struct pk_buf payload = { 0 }, bundle = { 0 };
	const char *text = NULL;
	struct pk_chain *c = pk_public_chain(certificate, chain, &text);
	enum pk_status s = text ? PK_ERR_USAGE : PK_OK;

	*why = (struct picket_refusal){ 0 };
	if (s == PK_OK)
		s = put_statement(m, facts, &payload, &text);
	if (s == PK_OK)
		s = pk_sign_payload(pk_buf_span(&payload), key->k, c, &bundle,
				    &text);
	pk_chain_free(c);
	pk_buf_release(&payload);
	if (s == PK_OK)
		return pk_public_send(&bundle, to);
	pk_buf_release(&bundle);
	return pk_public_refused(s, text, why);
}

static enum pk_status open_bundle(struct picket_attestation *a,
				  struct pk_span bundle,
				  const struct pk_verifier *by,
				  const char **why)
{
	struct pk_envelope e;
	enum pk_status s = pk_envelope_open(&e, bundle, by, why);

	if (s == PK_OK) {
		a->signer = e.signer;
		e.signer = (struct pk_buf){ 0 };
		s = pk_attestation_get(&a->a, pk_buf_span(&e.b.payload), why);
	}
	pk_envelope_release(&e);
	return s;
}

enum picket_status picket_attestation_verify(const void *bundle, size_t n,
					     const struct picket_verifier *v,
					     struct picket_attestation **ret,
					     struct picket_refusal *why)
{
	struct pk_public_verifier p;
	struct picket_attestation *a = calloc(1, sizeof(*a));
	const char *text = NULL;
	enum pk_status s;

	*why = (struct picket_refusal){ 0 };
	if (!a)
		return PICKET_ERR_NOMEM;
	pk_manifest_init(&a->files, PK_HASH_SHA256);
	a->a.files = &a->files;
	s = pk_public_verifier_open(&p, v, &text);
	if (s == PK_OK)
		s = open_bundle(a, (struct pk_span){ bundle, n }, &p.by, &text);
	pk_public_verifier_release(&p);
	if (s == PK_OK)
		*ret = a;
	else
		picket_attestation_free(a);
	return pk_public_refused(s, text, why);
}

void picket_attestation_free(struct picket_attestation *a)
{
	if (!a)
		return;
	pk_manifest_release(&a->files);
	pk_buf_release(&a->signer);
	free(a);
}

const char *picket_attestation_signer(struct picket_attestation *a)
{
	return pk_buf_str(&a->signer);
}

const char *picket_attestation_policy(const struct picket_attestation *a)
{
	return a->a.policy;
}

int64_t picket_attestation_time(const struct picket_attestation *a)
{
	return a->a.time;
}

size_t picket_attestation_count(const struct picket_attestation *a)
{
	return a->files.count;
}

const char *picket_attestation_blocked(const struct picket_attestation *a)
{
	return pk_attestation_blocked(&a->a);
}

bool picket_attestation_passed(const struct picket_attestation *a)
{
	return a->a.passed && !pk_attestation_blocked(&a->a);
}

enum picket_status picket_attestation_check(const struct picket_attestation *a,
					    const char *root,
					    const struct picket_tree *how,
					    struct picket_differences **ret)
{
	const struct pk_left_out out = { PK_LINKS_REFUSE, a->a.ignore,
					 a->a.ignore_count };

	return pk_public_compare(&a->files, &out, root, how, false, ret);
}

enum picket_status
picket_attestation_excluded(const struct picket_attestation *a,
			    const char *root, const struct picket_tree *how,
			    struct picket_excluded **ret)
{
	const struct pk_left_out out = { PK_LINKS_REFUSE, a->a.ignore,
					 a->a.ignore_count };

	return pk_public_excluded(&out, root, how, ret);
}
