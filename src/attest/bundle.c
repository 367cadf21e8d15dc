/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/bundle.h"

#include "attest/frame.h"
#include "attest/json_bits.h"
#include "codec/base64.h"
#include "codec/json_read.h"
#include "core/json_out.h"

#define MEDIA_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

void pk_bundle_release(struct pk_bundle *b)
{
	pk_buf_release(&b->payload);
	pk_buf_release(&b->signature);
	pk_buf_release(&b->hint);
	pk_chain_free(b->chain);
	pk_keyless_free(b->keyless);
}

void pk_pae_put(struct pk_buf *to, struct pk_span payload)
{
	pk_buf_printf(to, "DSSEv1 %zu %s %zu ", strlen(PK_PAYLOAD_TYPE),
		      PK_PAYLOAD_TYPE, payload.len);
	pk_buf_put(to, payload.p, payload.len);
}

static void put_repr(struct pk_buf *to, uint8_t ch)
{
	if (ch == '\n')
		pk_buf_puts(to, "\\n");
	else if (ch == '\r')
		pk_buf_puts(to, "\\r");
	else if (ch == '\t')
		pk_buf_puts(to, "\\t");
	else if (ch == '\\' || ch == '\'')
		pk_buf_printf(to, "\\%c", ch);
	else if (ch < 0x20 || ch > 0x7e)
		pk_buf_printf(to, "\\x%02x", ch);
	else
		pk_buf_putc(to, (char)ch);
}

/* JSON always holds a '"', so that Python's repr() quotes with "'". */
void pk_pae_put_legacy(struct pk_buf *to, struct pk_span payload)
{
	pk_buf_printf(to, "DSSEV1 %zu %s %zu b'", strlen(PK_PAYLOAD_TYPE),
		      PK_PAYLOAD_TYPE, payload.len);
	for (size_t i = 0; i < payload.len; i++)
		put_repr(to, payload.p[i]);
	pk_buf_putc(to, '\'');
}

static void put_base64(struct pk_json *j, const char *key, struct pk_span s)
{
	struct pk_buf b = { 0 };

	pk_base64_put(&b, s);
	pk_json_str(j, key, pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

static void put_chain(const struct pk_bundle *b, struct pk_json *j)
{
	struct pk_buf der = { 0 };

	pk_json_object(j, "x509CertificateChain");
	pk_json_array(j, "certificates");
	for (size_t i = 0; i < pk_chain_count(b->chain); i++) {
		der.len = 0;
		j->out->failed |= !pk_chain_der(b->chain, i, &der);
		pk_json_object(j, NULL);
		put_base64(j, "rawBytes", pk_buf_span(&der));
		pk_json_close(j);
	}
	pk_buf_release(&der);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_hint(const struct pk_bundle *b, struct pk_json *j)
{
	pk_json_object(j, "publicKey");
	pk_json_bytes(j, "hint", pk_buf_span(&b->hint));
	pk_json_close(j);
}

static void put_envelope(const struct pk_bundle *b, struct pk_json *j)
{
	pk_json_object(j, "dsseEnvelope");
	put_base64(j, "payload", pk_buf_span(&b->payload));
	pk_json_str(j, "payloadType", PK_PAYLOAD_TYPE);
	pk_json_array(j, "signatures");
	pk_json_object(j, NULL);
	put_base64(j, "sig", pk_buf_span(&b->signature));
	pk_json_str(j, "keyid", "");
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

enum pk_status pk_bundle_put(const struct pk_bundle *b, struct pk_buf *to)
{
	struct pk_json j = { .out = to };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "mediaType", MEDIA_TYPE);
	pk_json_object(&j, "verificationMaterial");
	if (b->chain)
		put_chain(b, &j);
	else
		put_hint(b, &j);
	pk_json_array(&j, "tlogEntries");
	pk_json_close(&j);
	pk_json_close(&j);
	put_envelope(b, &j);
	pk_json_close(&j);
	pk_buf_putc(to, '\n');
	return pk_buf_ok(to) ? PK_OK : PK_ERR_NOMEM;
}

/* Reading.  Every object has a list of the members that it may have. */

static const char *get_envelope(struct pk_bundle *b, const struct pk_jvalue *v)
{
	static const char *const names[] = { "payload", "payloadType",
					     "signatures", NULL };
	static const char *const of_one[] = { "sig", "keyid", NULL };
	const struct pk_jvalue *list = pk_json_get(v, "signatures");

	if (!v)
		return "no DSSE envelope";
	if (!pk_json_only(v, names))
		return "an envelope with members that are not DSSE's";
	if (!pk_frame_is(pk_json_get(v, "payloadType"), PK_PAYLOAD_TYPE))
		return "a payload of another type than in-toto's";
	if (!pk_base64_get(&b->payload,
			   pk_json_text(pk_json_get(v, "payload"))))
		return "a payload that is not base64";
	if (!pk_json_is(list, PK_J_ARRAY) || list->count != 1)
		return "not exactly one signature";
	if (!pk_json_only(list->kids, of_one) ||
	    !pk_base64_get(&b->signature,
			   pk_json_text(pk_json_get(list->kids, "sig"))) ||
	    b->signature.len == 0)
		return "a signature that is not base64";
	return NULL;
}

static const char *get_chain(struct pk_bundle *b, const struct pk_jvalue *v)
{
	static const char *const names[] = { "certificates", NULL };
	static const char *const of_one[] = { "rawBytes", NULL };
	const struct pk_jvalue *list = pk_json_get(v, "certificates");
	struct pk_buf der = { 0 };
	bool ok = pk_json_only(v, names) && pk_json_is(list, PK_J_ARRAY) &&
		  list->count > 0;

	b->chain = pk_chain_new();
	for (const struct pk_jvalue *k = ok ? list->kids : NULL; k && ok;
	     k = k->next) {
		der.len = 0;
		ok = b->chain && pk_json_only(k, of_one) &&
		     pk_base64_get(&der,
				   pk_json_text(pk_json_get(k, "rawBytes"))) &&
		     pk_chain_add_der(b->chain, pk_buf_span(&der));
	}
	pk_buf_release(&der);
	return ok ? NULL : "a certificate chain that cannot be read";
}

/* Bundles before 1.1 hold the key itself, which is not to be trusted and not
 * looked at. */
static const char *get_hint(struct pk_bundle *b, const struct pk_jvalue *v)
{
	static const char *const names[] = { "hint", "rawBytes", "keyDetails",
					     "validFor", NULL };
	const struct pk_jvalue *hint = pk_json_get(v, "hint");

	if (!pk_json_only(v, names))
		return "a publicKey with members that are not known";
	if (hint && !pk_json_is(hint, PK_J_STRING) &&
	    !pk_json_is(hint, PK_J_NULL))
		return "a hint that is no text";
	if (pk_json_is(hint, PK_J_STRING))
		pk_buf_put(&b->hint, hint->text.p, hint->text.len);
	return NULL;
}

static const char *get_material(struct pk_bundle *b, const struct pk_jvalue *v)
{
	static const char *const names[] = {
		"publicKey",   "x509CertificateChain",      "certificate",
		"tlogEntries", "timestampVerificationData", NULL
	};
	const struct pk_jvalue *key = pk_json_get(v, "publicKey");
	const struct pk_jvalue *chain = pk_json_get(v, "x509CertificateChain");
	const char *why;

	if (!pk_json_only(v, names))
		return "verification material that is not known";
	if (!!key + !!chain + !!pk_json_get(v, "certificate") != 1)
		return "not exactly one of a key, a certificate and a chain";
	if (!key && !chain) {
		b->keyless = pk_keyless_get(v, &why);
		return why;
	}
	return key ? get_hint(b, key) : get_chain(b, chain);
}

static const char *get_bundle(struct pk_bundle *b, const struct pk_jvalue *top)
{
	static const char *const names[] = { "mediaType",
					     "verificationMaterial",
					     "dsseEnvelope", NULL };
	const char *why;

	if (!top)
		return "no JSON";
	if (pk_json_has_repeated(top))
		return "a member stands twice";
	if (!pk_json_only(top, names))
		return "members that a signature bundle does not have";
	if (!pk_frame_is(pk_json_get(top, "mediaType"), MEDIA_TYPE))
		return "not a bundle of version 0.3";
	why = get_material(b, pk_json_get(top, "verificationMaterial"));
	return why ? why : get_envelope(b, pk_json_get(top, "dsseEnvelope"));
}

enum pk_status pk_bundle_get(struct pk_bundle *b, struct pk_span json,
			     const char **why)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_STRICT |
						    PK_JSON_WHOLE,
					   .max_depth = 16,
					   .max_text = PK_BUNDLE_MAX };
	struct pk_meter meter = { .ceiling = 4ULL * PK_BUNDLE_MAX };
	struct pk_arena arena = PK_ARENA(&meter);
	struct pk_cursor c = pk_cursor_over(json, 0);

	*why = json.len > PK_BUNDLE_MAX
		       ? "larger than any signature"
		       : get_bundle(b, pk_json_parse(&c, &arena, &opts, NULL));
	pk_arena_release(&arena);
	return *why ? PK_ERR_USAGE : PK_OK;
}
