/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/hf_json.h"

#include "hub/advice.h"
#include "hub/place.h"

enum { TEXT_MAX = 200, PAGE_MEMORY = 256 << 20 };

static struct pk_jvalue *parse(struct pk_span json, struct pk_arena *a)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 64
	};
	struct pk_cursor c = pk_cursor_over(json, 0);

	return pk_json_parse(&c, a, &opts, NULL);
}

static enum pk_status no_json(const struct pk_arena *a,
			      struct pk_remote_trouble *why)
{
	return a->meter->exceeded
		       ? pk_trouble_memory(why)
		       : pk_trouble(why, PK_HTTP_BROKEN,
				    "the registry's answer is not the JSON "
				    "that was asked for");
}

static enum pk_status nonsense(struct pk_remote_trouble *why, const char *what)
{
	return pk_trouble(why, PK_HTTP_BROKEN, "the registry's answer %s",
			  what);
}

static const char *lower_hex(struct pk_arena *a, struct pk_span s)
{
	char *copy = pk_arena_copy(a, s);

	for (char *p = copy; p && *p; p++)
		*p = *p >= 'A' && *p <= 'F' ? (char)(*p | 0x20) : *p;
	return copy;
}

/* "mit", or several of them; where the card has none, a tag "license:mit". */
static const char *licence(const struct pk_jvalue *v, struct pk_arena *a)
{
	const struct pk_jvalue *card =
		pk_json_get(pk_json_get(v, "cardData"), "license");
	const struct pk_jvalue *tags = pk_json_get(v, "tags");
	const struct pk_span tag = PK_LIT("license:");

	if (pk_json_is(card, PK_J_ARRAY))
		card = card->kids;
	if (pk_json_is(card, PK_J_STRING))
		return pk_remote_text_ok(card->text, TEXT_MAX)
			       ? pk_arena_copy(a, card->text)
			       : NULL;
	for (tags = pk_json_is(tags, PK_J_ARRAY) ? tags->kids : NULL; tags;
	     tags = tags->next) {
		struct pk_span s = pk_json_text(tags);

		if (!pk_span_starts(s, tag))
			continue;
		s.p += tag.len;
		s.len -= tag.len;
		return pk_remote_text_ok(s, TEXT_MAX) ? pk_arena_copy(a, s)
						      : NULL;
	}
	return NULL;
}

/* false, true, "auto", "manual" */
static enum pk_known gated(const struct pk_jvalue *v)
{
	if (pk_json_is(v, PK_J_BOOL))
		return v->truth ? PK_YES : PK_NO;
	return pk_json_is(v, PK_J_STRING) ? PK_YES : PK_NOT_KNOWN;
}

enum pk_status pk_hf_info_read(struct pk_span json, struct pk_arena *a,
			       struct pk_hf_info *ret,
			       struct pk_remote_trouble *why)
{
	const struct pk_jvalue *v = parse(json, a);
	const struct pk_jvalue *id = pk_json_get(v, "id");
	const struct pk_span sha = pk_json_text(pk_json_get(v, "sha"));

	*ret = (struct pk_hf_info){ 0 };
	if (!pk_json_is(v, PK_J_OBJECT))
		return no_json(a, why);
	if (!pk_commit_ok(sha))
		return nonsense(why, "names no commit");
	if (id && !pk_repo_id_ok(pk_json_text(id)))
		return nonsense(why, "names a repository that cannot be");
	ret->commit = lower_hex(a, sha);
	ret->id = id ? pk_arena_copy(a, pk_json_text(id)) : NULL;
	ret->licence = licence(v, a);
	ret->gated = gated(pk_json_get(v, "gated"));
	ret->disabled = pk_json_true(pk_json_get(v, "disabled"));
	v = pk_json_get(pk_json_get(v, "securityRepoStatus"),
			"filesWithIssues");
	ret->issues = pk_json_is(v, PK_J_ARRAY) ? v : NULL;
	return a->meter->exceeded ? pk_trouble_memory(why) : PK_OK;
}

/* A digest's hex digits, in lower case, into the file. */
static bool take_digest(struct pk_remote_file *f, enum pk_identity identity,
			struct pk_span s)
{
	const size_t want = identity == PK_ID_SHA256 ? 64 : 40;

	if (s.len != want)
		return false;
	for (size_t i = 0; i < want; i++) {
		const uint8_t ch = s.p[i];
		const uint8_t low =
			ch >= 'A' && ch <= 'F' ? (uint8_t)(ch | 0x20) : ch;

		if (!(low >= '0' && low <= '9') && !(low >= 'a' && low <= 'f'))
			return false;
		f->digest[i] = (char)low;
	}
	f->digest[want] = '\0';
	f->identity = identity;
	return true;
}

/* NULL; or what is wrong with the entry. */
static const char *take_entry(const struct pk_jvalue *v,
			      struct pk_remote_file *f)
{
	const struct pk_jvalue *lfs = pk_json_get(v, "lfs");
	const struct pk_jvalue *oid = pk_json_get(v, "oid");
	const struct pk_jvalue *lfs_size = pk_json_get(lfs, "size");
	uint64_t size;

	if (!pk_json_number(pk_json_get(v, "size"), &f->size) ||
	    f->size > INT64_MAX)
		return "has no size for a file";
	if (pk_json_is(lfs, PK_J_OBJECT)) {
		if (lfs_size &&
		    (!pk_json_number(lfs_size, &size) || size != f->size))
			return "has two sizes for one file";
		return take_digest(f, PK_ID_SHA256,
				   pk_json_text(pk_json_get(lfs, "oid")))
			       ? NULL
			       : "has a SHA-256 that is none";
	}
	if (!oid || pk_json_is(oid, PK_J_NULL))
		return NULL;
	return take_digest(f, PK_ID_GIT_BLOB, pk_json_text(oid))
		       ? NULL
		       : "has an object id that is none";
}

static bool same(struct pk_span s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

/* Without "below/" in front; false when it does not lie there. */
static bool shorten(struct pk_span *path, const char *below)
{
	const size_t n = strlen(below);

	if (n == 0)
		return true;
	if (path->len <= n + 1 || memcmp(path->p, below, n) != 0 ||
	    path->p[n] != '/')
		return false;
	path->p += n + 1;
	path->len -= n + 1;
	return true;
}

static enum pk_status add_entry(const struct pk_jvalue *v, const char *below,
				const char *only, struct pk_files *to,
				struct pk_remote_trouble *why)
{
	struct pk_remote_file f = { 0 };
	const struct pk_span type = pk_json_text(pk_json_get(v, "type"));
	struct pk_span path = pk_json_text(pk_json_get(v, "path"));
	const char *wrong;

	if (same(type, "directory"))
		return PK_OK;
	if (!same(type, "file"))
		return nonsense(why, "lists what is neither file nor folder");
	/* The path's own faults are told first: they say more. */
	if (!pk_remote_path_fault(path) && !shorten(&path, below))
		return nonsense(why,
				"lists a file outside of what was asked for");
	if (only && !same(path, only))
		return PK_OK;
	wrong = take_entry(v, &f);
	return wrong ? nonsense(why, wrong) : pk_files_add(to, path, &f, why);
}

enum pk_status pk_hf_tree_read(struct pk_span json, const char *below,
			       const char *only, struct pk_files *to,
			       struct pk_remote_trouble *why)
{
	struct pk_meter meter = { .ceiling = PAGE_MEMORY };
	struct pk_arena mem = PK_ARENA(&meter);
	const struct pk_jvalue *v = parse(json, &mem);
	enum pk_status status = PK_OK;

	if (!pk_json_is(v, PK_J_ARRAY))
		status = no_json(&mem, why);
	for (v = v ? v->kids : NULL; v && status == PK_OK; v = v->next)
		status = add_entry(v, below, only, to, why);
	pk_arena_release(&mem);
	return status;
}

enum pk_known pk_hf_owner_read(struct pk_span json)
{
	struct pk_meter meter = { .ceiling = PAGE_MEMORY };
	struct pk_arena mem = PK_ARENA(&meter);
	const struct pk_jvalue *v =
		pk_json_get(parse(json, &mem), "isVerified");
	enum pk_known known = PK_NOT_KNOWN;

	if (pk_json_is(v, PK_J_BOOL))
		known = v->truth ? PK_YES : PK_NO;
	pk_arena_release(&mem);
	return known;
}

static bool has_ref(const struct pk_jvalue *list, struct pk_span name)
{
	for (const struct pk_jvalue *v =
		     pk_json_is(list, PK_J_ARRAY) ? list->kids : NULL;
	     v; v = v->next) {
		if (pk_span_eq(pk_json_text(pk_json_get(v, "name")), name))
			return true;
	}
	return false;
}

enum pk_known pk_hf_refs_read(struct pk_span json, const char *revision)
{
	const struct pk_span name = { (const uint8_t *)revision,
				      strlen(revision) };
	struct pk_meter meter = { .ceiling = PAGE_MEMORY };
	struct pk_arena mem = PK_ARENA(&meter);
	const struct pk_jvalue *v = parse(json, &mem);
	const enum pk_known known =
		has_ref(pk_json_get(v, "tags"), name)       ? PK_YES
		: has_ref(pk_json_get(v, "branches"), name) ? PK_NO
							    : PK_NOT_KNOWN;

	pk_arena_release(&mem);
	return known;
}

void pk_hf_advise(const struct pk_hf_info *info, const char *below,
		  const struct pk_files *files)
{
	const struct pk_jvalue *v = info->issues ? info->issues->kids : NULL;

	for (; v; v = v->next) {
		const char *level = pk_advice_word(
			pk_advice_rank(pk_json_text(pk_json_get(v, "level"))));
		struct pk_span path = pk_json_text(pk_json_get(v, "path"));
		struct pk_remote_file *f = shorten(&path, below)
						   ? pk_files_find(files, path)
						   : NULL;

		if (f && level)
			memcpy(f->advice, level, strlen(level) + 1);
	}
}
