/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies where the content should be: Git LFS pointers (the git-lfs
 * specification: lines "key value", version first) and DVC's .dvc files.
 *
 * What can hurt: that somebody takes a scan of a pointer for one of the model.
 */
#include "codec/yaml.h"
#include "engine/format.h"
#include "engine/note.h"

enum { POINTER_MAX = 1024, DVC_MAX = 64 << 10, SHOWN = 100 };

static const struct pk_span versions[] = {
	PK_LIT_INIT("version https://git-lfs.github.com/spec/"),
	PK_LIT_INIT("version https://hawser.github.com/spec/"),
	PK_LIT_INIT("version http://git-media.io/v/"),
};

static bool is_lfs(struct pk_span s)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		if (pk_span_starts(s, versions[i]))
			return memmem(s.p, s.len, "\noid sha256:", 12) != NULL;
	}
	return false;
}

/* The rest of the line behind a key, or empty. */
static struct pk_span value_of(struct pk_span s, const char *key)
{
	const uint8_t *at = memmem(s.p, s.len, key, strlen(key));
	struct pk_span v = { 0 };
	const uint8_t *nl;

	if (!at)
		return v;
	v.p = at + strlen(key);
	v.len = s.len - (size_t)(v.p - s.p);
	nl = memchr(v.p, '\n', v.len);
	if (nl)
		v.len = (size_t)(nl - v.p);
	return v;
}

static void say(struct pk_scan *s, const char *what, struct pk_span size)
{
	pk_claim(s, 0, s->bytes->size);
	pk_report(s, PK_RULE_REPO_POINTER, 0,
		  "a pointer of %s to %s bytes: the content was not seen", what,
		  size.len ? pk_show(s, size, SHOWN) : "some");
}

static void scan_lfs(struct pk_scan *s, struct pk_span text)
{
	pk_note_text(s, "oid", value_of(text, "\noid "));
	pk_note_text(s, "size", value_of(text, "\nsize "));
	say(s, "Git LFS", value_of(text, "\nsize "));
}

/* outs: [{md5: ..., size: ..., path: ...}] */
static const struct pk_jvalue *dvc_out(struct pk_scan *s)
{
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *outs =
		pk_json_get(pk_yaml_parse(&c, &s->arena), "outs");
	const struct pk_jvalue *out = outs ? outs->kids : NULL;

	if (!pk_json_is(outs, PK_J_ARRAY) || !pk_json_get(out, "path") ||
	    !(pk_json_get(out, "md5") || pk_json_get(out, "etag")))
		return NULL;
	return out;
}

static void scan_dvc(struct pk_scan *s)
{
	const struct pk_jvalue *out = dvc_out(s);
	const struct pk_jvalue *size = pk_json_get(out, "size");

	if (!out) {
		pk_reject(s);
		return;
	}
	pk_note_text(s, "path", pk_json_text(pk_json_get(out, "path")));
	say(s, "DVC", size ? size->text : (struct pk_span){ 0 });
}

static void pointer_scan(struct pk_scan *s)
{
	uint8_t bytes[POINTER_MAX];
	const struct pk_span text = { bytes, pk_source_read(s->bytes, 0, bytes,
							    sizeof(bytes)) };

	if (s->bytes->size <= POINTER_MAX && is_lfs(text))
		scan_lfs(s, text);
	else
		scan_dvc(s);
}

static bool may_be_dvc(struct pk_span s)
{
	return pk_span_starts(s, PK_LIT("outs:")) ||
	       (s.len && memmem(s.p, s.len, "\nouts:", 6));
}

static enum pk_match pointer_probe(const struct pk_head *head)
{
	if (head->source->size <= POINTER_MAX && is_lfs(head->bytes))
		return PK_MATCH_SURE;
	return head->source->size <= DVC_MAX && may_be_dvc(head->bytes)
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_pointer = {
	.name = "pointer",
	.title = "Pointer of Git LFS or DVC",
	.reads = "what it points to; the content is elsewhere",
	.risk = PK_RISK_DATA,
	.rank = 50,
	.probe = pointer_probe,
	.scan = pointer_scan,
};
