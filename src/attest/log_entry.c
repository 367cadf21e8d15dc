/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/log_entry.h"

#include "attest/frame.h"
#include "attest/json_bits.h"
#include "attest/keys.h"
#include "codec/base64.h"

enum { NOTE_KEY_LEN = 4 }; /* how a signed note names a key */

static bool get_digest(struct pk_arena *a, const struct pk_jvalue *v,
		       uint8_t ret[PK_SHA256_LEN])
{
	struct pk_span s;

	if (!pk_get_base64(a, v, &s) || s.len != PK_SHA256_LEN)
		return false;
	memcpy(ret, s.p, PK_SHA256_LEN);
	return true;
}

static const char *get_hashes(struct pk_log_entry *e, struct pk_arena *a,
			      const struct pk_jvalue *list)
{
	if (list &&
	    (!pk_json_is(list, PK_J_ARRAY) || list->count > PK_PROOF_MAX))
		return "an inclusion proof that cannot be read";
	e->hashes = pk_arena_alloc(a, PK_PROOF_MAX, sizeof(*e->hashes));
	if (!e->hashes)
		return "out of memory";
	for (const struct pk_jvalue *v = list ? list->kids : NULL; v;
	     v = v->next) {
		if (!get_digest(a, v, e->hashes[e->count++]))
			return "an inclusion proof that cannot be read";
	}
	return NULL;
}

static const char *get_proof(struct pk_log_entry *e, struct pk_arena *a,
			     const struct pk_jvalue *v)
{
	static const char *const names[] = { "logIndex",   "rootHash",
					     "treeSize",   "hashes",
					     "checkpoint", NULL };
	const struct pk_jvalue *note =
		pk_json_get(pk_json_get(v, "checkpoint"), "envelope");
	const char *text;

	if (!v)
		return "an entry of a log without a proof of inclusion";
	if (!pk_json_only(v, names) ||
	    !pk_get_int64(pk_json_get(v, "logIndex"), &e->leaf) ||
	    !pk_get_int64(pk_json_get(v, "treeSize"), &e->size) ||
	    !get_digest(a, pk_json_get(v, "rootHash"), e->root) ||
	    !pk_json_is(note, PK_J_STRING))
		return "an inclusion proof that cannot be read";
	text = pk_arena_copy(a, pk_json_text(note));
	if (!text)
		return "out of memory";
	e->checkpoint = (struct pk_span){ (const uint8_t *)text,
					  pk_json_text(note).len };
	return get_hashes(e, a, pk_json_get(v, "hashes"));
}

const char *pk_log_entry_get(struct pk_log_entry *e, struct pk_arena *a,
			     const struct pk_jvalue *v)
{
	static const char *const names[] = {
		"logIndex",          "logId",
		"kindVersion",       "integratedTime",
		"inclusionPromise",  "inclusionProof",
		"canonicalizedBody", NULL
	};
	const struct pk_jvalue *kind = pk_json_get(v, "kindVersion");
	const struct pk_jvalue *promise = pk_json_get(
		pk_json_get(v, "inclusionPromise"), "signedEntryTimestamp");
	const struct pk_jvalue *when = pk_json_get(v, "integratedTime");
	uint64_t time = 0;

	*e = (struct pk_log_entry){ 0 };
	if (!pk_json_only(v, names) ||
	    !get_digest(a, pk_json_get(pk_json_get(v, "logId"), "keyId"),
			e->log_id) ||
	    !pk_get_int64(pk_json_get(v, "logIndex"), &e->index) ||
	    !pk_get_base64(a, pk_json_get(v, "canonicalizedBody"), &e->body) ||
	    (when && !pk_get_int64(when, &time)) ||
	    (promise && !pk_get_base64(a, promise, &e->promise)))
		return "an entry of a log that cannot be read";
	if (!pk_frame_is(pk_json_get(kind, "kind"), "dsse") ||
	    !pk_frame_is(pk_json_get(kind, "version"), "0.0.1"))
		return "an entry of a log of another kind than dsse 0.0.1";
	e->time = (int64_t)time;
	return get_proof(e, a, pk_json_get(v, "inclusionProof"));
}

/* The Merkle tree. */

static bool hash_node(const uint8_t left[PK_SHA256_LEN],
		      const uint8_t right[PK_SHA256_LEN],
		      uint8_t ret[PK_SHA256_LEN])
{
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, "\1", 1);
	pk_sha256_add(h, left, PK_SHA256_LEN);
	pk_sha256_add(h, right, PK_SHA256_LEN);
	return pk_sha256_end(h, ret);
}

bool pk_merkle_root(const uint8_t leaf[PK_SHA256_LEN], uint64_t index,
		    uint64_t size, uint8_t (*hashes)[PK_SHA256_LEN],
		    size_t count, uint8_t ret[PK_SHA256_LEN])
{
	uint64_t last = size - 1;

	if (index >= size)
		return false;
	memcpy(ret, leaf, PK_SHA256_LEN);
	for (size_t i = 0; i < count; i++) {
		bool ok;

		if (last == 0)
			return false; /* more than the tree is high */
		if (index & 1 || index == last) {
			ok = hash_node(hashes[i], ret, ret);
			while (!(index & 1) && index) {
				index >>= 1;
				last >>= 1;
			}
		} else {
			ok = hash_node(ret, hashes[i], ret);
		}
		if (!ok)
			return false;
		index >>= 1;
		last >>= 1;
	}
	return last == 0;
}

static bool is_included(const struct pk_log_entry *e)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t leaf[PK_SHA256_LEN], root[PK_SHA256_LEN];

	pk_sha256_add(h, "\0", 1);
	pk_sha256_add(h, e->body.p, e->body.len);
	return pk_sha256_end(h, leaf) &&
	       pk_merkle_root(leaf, e->leaf, e->size, e->hashes, e->count,
			      root) &&
	       memcmp(root, e->root, PK_SHA256_LEN) == 0;
}

/* What the log signed. */

/* The next line, without its newline; false when there is none. */
static bool next_line(struct pk_span *rest, struct pk_span *line)
{
	const uint8_t *end =
		rest->len ? memchr(rest->p, '\n', rest->len) : NULL;

	if (!end)
		return false;
	*line = (struct pk_span){ rest->p, (size_t)(end - rest->p) };
	rest->p += line->len + 1;
	rest->len -= line->len + 1;
	return true;
}

/* Origin, size and root: golang.org/x/mod/sumdb/note, transparency-dev's
 * checkpoints. */
static bool note_says(const struct pk_log_entry *e, struct pk_span text)
{
	struct pk_buf root = { 0 };
	struct pk_span origin, size, hash;
	uint64_t n;
	bool ok;

	pk_base64_put(&root, (struct pk_span){ e->root, PK_SHA256_LEN });
	ok = next_line(&text, &origin) && origin.len &&
	     next_line(&text, &size) && pk_json_u64(size, &n) && n == e->size &&
	     next_line(&text, &hash) && pk_span_eq(hash, pk_buf_span(&root));
	pk_buf_release(&root);
	return ok;
}

/* "<em dash> NAME BASE64", the key's first bytes before the signature. */
static bool line_signs(struct pk_span line, const uint8_t *key_id,
		       const struct pk_key *key, struct pk_span text)
{
	const struct pk_span dash = PK_LIT("\xe2\x80\x94 ");
	struct pk_buf b = { 0 };
	const uint8_t *blank;
	bool ok = false;

	if (!pk_span_starts(line, dash))
		return false;
	blank = memrchr(line.p, ' ', line.len);
	line.len -= (size_t)(blank + 1 - line.p);
	line.p = blank + 1;
	if (pk_base64_get(&b, line) && b.len > NOTE_KEY_LEN &&
	    memcmp(b.p, key_id, NOTE_KEY_LEN) == 0)
		ok = pk_key_verify(
			key, text,
			(struct pk_span){ (const uint8_t *)b.p + NOTE_KEY_LEN,
					  b.len - NOTE_KEY_LEN });
	pk_buf_release(&b);
	return ok;
}

static bool note_is_signed(const struct pk_log_entry *e,
			   const struct pk_key *key)
{
	const struct pk_span all = e->checkpoint;
	const uint8_t *gap = all.len ? memmem(all.p, all.len, "\n\n", 2) : NULL;
	struct pk_span text, rest, line;

	if (!gap)
		return false;
	text = (struct pk_span){ all.p, (size_t)(gap + 1 - all.p) };
	rest = (struct pk_span){ gap + 2, all.len - text.len - 1 };
	if (!note_says(e, text))
		return false;
	while (next_line(&rest, &line)) {
		if (line_signs(line, e->log_id, key, text))
			return true;
	}
	return false;
}

/* Rekor's signed entry timestamp: over canonical JSON. */
static bool promise_is_signed(const struct pk_log_entry *e,
			      const struct pk_key *key)
{
	struct pk_buf b = { 0 };
	bool ok;

	pk_buf_puts(&b, "{\"body\":\"");
	pk_base64_put(&b, e->body);
	pk_buf_printf(&b, "\",\"integratedTime\":%lld,\"logID\":\"",
		      (long long)e->time);
	pk_hex_put(&b, (struct pk_span){ e->log_id, PK_SHA256_LEN });
	pk_buf_printf(&b, "\",\"logIndex\":%llu}",
		      (unsigned long long)e->index);
	ok = pk_buf_ok(&b) && pk_key_verify(key, pk_buf_span(&b), e->promise);
	pk_buf_release(&b);
	return ok;
}

static const char *check_with(const struct pk_log_entry *e,
			      const struct pk_trusted_log *log,
			      const struct pk_key *key)
{
	if (!note_is_signed(e, key))
		return "the log's checkpoint is not signed by it, or is of "
		       "another tree";
	if (!is_included(e))
		return "the proof of inclusion does not lead to the log's root";
	if (!e->promise.len)
		return NULL;
	if (!promise_is_signed(e, key))
		return "the log's promise of inclusion is not signed by it";
	if (!pk_period_has(&log->valid, e->time))
		return "the log was not trusted when the entry was made";
	return NULL;
}

const char *pk_log_entry_check(const struct pk_log_entry *e,
			       const struct pk_trusted_root *t)
{
	const struct pk_trusted_log *log =
		pk_trusted_log_of(t->logs, e->log_id);
	struct pk_key *key;
	const char *why = NULL;

	if (!log)
		return "entered into a log that is not trusted";
	key = pk_key_from_der(log->key, &why);
	if (!key)
		return why;
	why = check_with(e, log, key);
	pk_key_free(key);
	return why;
}

/* What was entered. */

static bool payload_is(const struct pk_jvalue *v, struct pk_span payload)
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t have[PK_SHA256_LEN], want[PK_SHA256_LEN];

	pk_sha256_add(h, payload.p, payload.len);
	return pk_sha256_end(h, have) &&
	       pk_frame_is(pk_json_get(v, "algorithm"), "sha256") &&
	       pk_hex_get(pk_json_text(pk_json_get(v, "value")), want,
			  PK_SHA256_LEN) &&
	       memcmp(have, want, PK_SHA256_LEN) == 0;
}

static const char *body_is_of(struct pk_arena *a, struct pk_span body,
			      const struct pk_logged *what)
{
	const struct pk_jvalue *top = pk_json_strict(a, body);
	const struct pk_jvalue *spec = pk_json_get(top, "spec");
	const struct pk_jvalue *list = pk_json_get(spec, "signatures");
	struct pk_span signature, verifier;

	if (!pk_frame_is(pk_json_get(top, "kind"), "dsse") ||
	    !pk_frame_is(pk_json_get(top, "apiVersion"), "0.0.1") ||
	    !pk_json_is(list, PK_J_ARRAY) || list->count != 1 ||
	    !pk_get_base64(a, pk_json_get(list->kids, "signature"),
			   &signature) ||
	    !pk_get_base64(a, pk_json_get(list->kids, "verifier"), &verifier))
		return "what was entered into the log cannot be read";
	if (!payload_is(pk_json_get(spec, "payloadHash"), what->payload))
		return "another payload was entered into the log";
	if (!pk_span_eq(signature, what->signature))
		return "another signature was entered into the log";
	if (!pk_pem_is(verifier, what->certificate))
		return "another certificate was entered into the log";
	return NULL;
}

const char *pk_log_entry_is_of(const struct pk_log_entry *e,
			       const struct pk_logged *what)
{
	struct pk_meter meter = { .ceiling = 64 << 20 };
	struct pk_arena a = PK_ARENA(&meter);
	const char *why = body_is_of(&a, e->body, what);

	pk_arena_release(&a);
	return why;
}
