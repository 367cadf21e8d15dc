/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/frame.h"

#include "core/utf8.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

const char *pk_frame_unfit(const struct pk_manifest *files)
{
	if (files->troubles)
		return "something in the tree could not be hashed";
	if (files->count == 0)
		return "there is nothing to sign";
	for (size_t i = 0; i < files->count; i++) {
		if (!pk_utf8_valid(span_of(files->entries[i].path)))
			return "a file's name is not UTF-8";
	}
	return NULL;
}

static void put_subject(struct pk_json *j, const char *name,
			const uint8_t root[PK_SHA256_LEN])
{
	pk_json_array(j, "subject");
	pk_json_object(j, NULL);
	pk_json_str(j, "name", name);
	pk_json_object(j, "digest");
	pk_json_hex(j, "sha256", "", (struct pk_span){ root, PK_SHA256_LEN });
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

bool pk_frame_open(struct pk_json *j, const char *name,
		   const struct pk_manifest *files, const char *predicate_type)
{
	uint8_t root[PK_SHA256_LEN];

	if (!pk_manifest_root(files, root))
		return false;
	pk_json_object(j, NULL);
	pk_json_str(j, "_type", STATEMENT_TYPE);
	put_subject(j, name, root);
	pk_json_str(j, "predicateType", predicate_type);
	pk_json_object(j, "predicate");
	return true;
}

void pk_frame_put_ignores(struct pk_json *j, const char *const *paths,
			  size_t count)
{
	if (count == 0)
		return;
	pk_json_array(j, "ignore_paths");
	for (size_t i = 0; i < count; i++)
		pk_json_str(j, NULL, paths[i]);
	pk_json_close(j);
}

bool pk_json_has_repeated(const struct pk_jvalue *v)
{
	/* Trees are as deep as they were parsed, which is bounded. */
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		if (k->repeated || pk_json_has_repeated(k))
			return true;
	}
	return false;
}

bool pk_frame_is(const struct pk_jvalue *v, const char *want)
{
	return pk_json_is(v, PK_J_STRING) && pk_span_eq(v->text, span_of(want));
}

const struct pk_jvalue *pk_frame_read(struct pk_arena *a, struct pk_span json,
				      const char **why)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 16
	};
	struct pk_cursor c = pk_cursor_over(json, 0);
	const struct pk_jvalue *top = pk_json_parse(&c, a, &opts, NULL);

	if (!pk_json_is(top, PK_J_OBJECT))
		*why = "the payload is not JSON";
	else if (pk_json_has_repeated(top))
		*why = "a member stands twice in the statement";
	else if (!pk_frame_is(pk_json_get(top, "_type"), STATEMENT_TYPE))
		*why = "not an in-toto Statement v1";
	else
		return top;
	return NULL;
}

const struct pk_jvalue *pk_frame_subject(const struct pk_jvalue *top)
{
	const struct pk_jvalue *list = pk_json_get(top, "subject");

	return pk_json_is(list, PK_J_ARRAY) && list->count == 1 ? list->kids
								: NULL;
}

const char *pk_frame_check_root(const struct pk_jvalue *subject,
				const struct pk_manifest *files)
{
	uint8_t said[PK_SHA256_LEN], is[PK_SHA256_LEN];
	const struct pk_span hex = pk_json_text(
		pk_json_get(pk_json_get(subject, "digest"), "sha256"));

	if (!pk_manifest_root(files, is))
		return "out of memory";
	if (!pk_hex_get(hex, said, sizeof(said)) ||
	    memcmp(said, is, sizeof(is)) != 0)
		return "the subject's digest is not that of the resources";
	return NULL;
}

const char *pk_frame_sort(struct pk_manifest *files)
{
	pk_manifest_sort(files);
	for (size_t i = 1; i < files->count; i++) {
		const struct pk_manifest_entry *e = &files->entries[i];

		if (strcmp(e->path, e[-1].path) == 0 && e->from == e[-1].from)
			return "a resource that is named twice";
	}
	return NULL;
}

const char *pk_frame_get_ignores(struct pk_arena *a,
				 const struct pk_jvalue *list,
				 const char *const **ret, size_t *ret_count)
{
	const char **paths;
	size_t n = 0;

	if (!list)
		return NULL;
	if (!pk_json_is(list, PK_J_ARRAY))
		return "ignore_paths is no list";
	paths = pk_arena_alloc(a, list->count + 1, sizeof(*paths));
	if (!paths)
		return "out of memory";
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		if (!pk_json_is(k, PK_J_STRING))
			return "ignore_paths is no list of paths";
		/* One that leaves the model leaves nothing of it out. */
		if (!pk_tree_path_ok(k->text))
			continue;
		paths[n] = pk_arena_copy(a, k->text);
		if (!paths[n++])
			return "out of memory";
	}
	*ret = paths;
	*ret_count = n;
	return NULL;
}
