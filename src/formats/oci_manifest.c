/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests and indexes of OCI images (ModelKits, Ollama's models, Docker's
 * "save"): JSON that names layers by digest.  The layers are files of their own,
 * tars mostly, and are scanned as such.
 *
 * What can hurt: names that are used as paths: a digest (CVE-2024-37032), a
 * layer's path, the title under which ORAS writes a layer (CVE-2021-21272);
 * layers that are fetched from elsewhere.
 */
#include <ctype.h>

#include "codec/json_read.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SIZE_MAX_READ = 32 << 20, SHOWN = 200, STACK_MAX = 64 };

static bool is_key(const struct pk_jvalue *v, const char *key)
{
	return v->key.len == strlen(key) &&
	       memcmp(v->key.p, key, v->key.len) == 0;
}

static bool escapes(struct pk_span path)
{
	return path.len &&
	       (path.p[0] == '/' || path.p[0] == '\\' ||
		memmem(path.p, path.len, "..", 2) ||
		(path.len > 1 && path.p[1] == ':' && isalpha(path.p[0])));
}

/* "sha256:" and hex digits: what is made into a file's name. */
static bool is_digest(struct pk_span d)
{
	const uint8_t *colon = d.len ? memchr(d.p, ':', d.len) : NULL;
	size_t i = colon ? (size_t)(colon - d.p) + 1 : 0;

	if (!colon || d.len - i < 32)
		return false;
	for (; i < d.len; i++) {
		if (!isxdigit(d.p[i]))
			return false;
	}
	return true;
}

static void check_text(struct pk_scan *s, const struct pk_jvalue *v,
		       const struct pk_jvalue *parent)
{
	const struct pk_span text = pk_json_text(v);

	if (is_key(v, "digest") && !is_digest(text))
		pk_report(s, PK_RULE_OCI_DIGEST, v->off,
			  "the digest %s is none, and is used as a path",
			  pk_show(s, text, SHOWN));
	else if (is_key(v, "org.opencontainers.image.title") && escapes(text))
		pk_report(s, PK_RULE_OCI_PATH, v->off,
			  "a layer is to be written as %s",
			  pk_show(s, text, SHOWN));
	else if (parent && is_key(parent, "Layers") && escapes(text))
		pk_report(s, PK_RULE_OCI_PATH, v->off,
			  "a layer is read from %s", pk_show(s, text, SHOWN));
	else if (parent && is_key(parent, "urls"))
		pk_report(s, PK_RULE_OCI_FOREIGN_LAYER, v->off,
			  "a layer is fetched from %s",
			  pk_show(s, text, SHOWN));
	else if (is_key(v, "mediaType"))
		pk_note_text(s, "mediaType", text);
}

static void walk(struct pk_scan *s, const struct pk_jvalue *v)
{
	const struct pk_jvalue *up[STACK_MAX];
	size_t depth = 0;

	while (v) {
		if (v->kind == PK_J_STRING)
			check_text(s, v, depth ? up[depth - 1] : NULL);
		if (v->kids && depth < STACK_MAX) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (!v->next && depth)
			v = up[--depth];
		v = v->next;
	}
}

static void oci_manifest_scan(struct pk_scan *s)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE,
					   .max_depth = STACK_MAX };
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *v = NULL;

	if (s->bytes->size <= SIZE_MAX_READ)
		v = pk_json_parse(&c, &s->arena, &opts, NULL);
	if (!v) {
		pk_partial(s);
		pk_report(s, PK_RULE_OCI_MALFORMED, c.fault_off,
			  "the manifest cannot be read");
		return;
	}
	walk(s, v);
	pk_claim(s, 0, s->bytes->size);
}

static bool holds(struct pk_span b, const char *text)
{
	return memmem(b.p, b.len, text, strlen(text)) != NULL;
}

static enum pk_match oci_manifest_probe(const struct pk_head *head)
{
	const struct pk_span b = head->bytes;

	if (b.len < 2)
		return PK_MATCH_NO;
	if (b.p[0] == '[')
		return holds(b, "\"Config\"") && holds(b, "\"RepoTags\"") &&
				       holds(b, "\"Layers\"")
			       ? PK_MATCH_SURE
			       : PK_MATCH_NO;
	return b.p[0] == '{' && holds(b, "\"schemaVersion\"") &&
			       (holds(b, "\"layers\"") ||
				holds(b, "\"manifests\"")) &&
			       (holds(b, "application/vnd.oci.") ||
				holds(b, "application/vnd.docker.") ||
				holds(b, "\"digest\""))
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_oci_manifest = {
	.name = "oci-manifest",
	.title = "OCI image manifest",
	.reads = "digests, paths and URLs of its layers; the layers are files "
		 "of their own",
	.risk = PK_RISK_DATA,
	.rank = 20,
	.probe = oci_manifest_probe,
	.scan = oci_manifest_scan,
};
