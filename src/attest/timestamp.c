/* SPDX-License-Identifier: Apache-2.0 */
/* Time stamps of authorities that a trusted root names: RFC 3161. */
#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "attest/fulcio.h"
#include "attest/keys_door.h"

static bool time_of(TS_RESP *r, int64_t *ret)
{
	const TS_TST_INFO *info = TS_RESP_get_tst_info(r);
	const ASN1_GENERALIZEDTIME *t =
		info ? TS_TST_INFO_get_time(info) : NULL;
	struct tm tm;

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*ret = (int64_t)timegm(&tm);
	return true;
}

/* An imprint by a hash that can be made to collide proves nothing. */
static bool imprint_is_strong(TS_RESP *r)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(r);
	TS_MSG_IMPRINT *m = info ? TS_TST_INFO_get_msg_imprint(info) : NULL;
	const ASN1_OBJECT *hash = NULL;

	if (m)
		X509_ALGOR_get0(&hash, NULL, NULL, TS_MSG_IMPRINT_get_algo(m));
	switch (hash ? OBJ_obj2nid(hash) : NID_undef) {
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return true;
	default:
		return false;
	}
}

/* The root to the store, valid as of that time; the others to the stack. */
static bool take_chain(const struct pk_trusted_chain *c, X509_STORE *store,
		       STACK_OF(X509) * others, int64_t at)
{
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)at);
	for (size_t i = 0; i < c->count; i++) {
		X509 *x = pk_x509_from_der(c->certificates[i]);
		const bool ok =
			x &&
			(i + 1 == c->count ? X509_STORE_add_cert(store, x) == 1
					   : sk_X509_push(others, x) > 0);

		if (i + 1 == c->count || !ok)
			X509_free(x);
		if (!ok)
			return false;
	}
	return true;
}

/* The context frees what it was given. */
static bool is_signed_by(TS_RESP *r, struct pk_span bytes,
			 const struct pk_trusted_chain *c, int64_t at)
{
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	BIO *data = pk_bio_over(bytes);
	bool ok = ctx && store && others && data &&
		  take_chain(c, store, others, at);

	if (ctx) {
		TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_DATA |
						     TS_VFY_SIGNATURE);
		TS_VERIFY_CTX_set_data(ctx, data);
		TS_VERIFY_CTX_set_store(ctx, store);
		TS_VERIFY_CTX_set_certs(ctx, others);
	}
	ok = ok && TS_RESP_verify_response(ctx, r) == 1;
	TS_VERIFY_CTX_free(ctx); /* with what it was given */
	ERR_clear_error();
	return ok;
}

static const char *check(TS_RESP *r, struct pk_span bytes,
			 const struct pk_trusted_root *t, int64_t *ret)
{
	if (!time_of(r, ret) || !imprint_is_strong(r))
		return "a time stamp that cannot be read";
	for (const struct pk_trusted_chain *c = t->timestamps; c; c = c->next) {
		if (pk_period_has(&c->valid, *ret) &&
		    is_signed_by(r, bytes, c, *ret))
			return NULL;
	}
	return "a time stamp that no trusted authority made for this "
	       "signature";
}

const char *pk_timestamp_check(struct pk_span response, struct pk_span bytes,
			       const struct pk_trusted_root *t, int64_t *ret)
{
	const unsigned char *p = response.p;
	TS_RESP *r = response.len <= INT32_MAX
			     ? d2i_TS_RESP(NULL, &p, (long)response.len)
			     : NULL;
	const char *why = r && p == response.p + response.len
				  ? check(r, bytes, t, ret)
				  : "a time stamp that cannot be read";

	TS_RESP_free(r);
	ERR_clear_error();
	return why;
}
