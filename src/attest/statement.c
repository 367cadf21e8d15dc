/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/json_read.h"
#include "core/json_out.h"
#include "core/utf8.h"

#define STATEMENT_TYPE   "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE   "https://model_signing/signature/v1.0"
#define PREDICATE_TYPE_0 "https://model_signing/Digests/v0.1"

enum { RESOURCES_MAX = 10000000 };

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

/* "sha256", "sha256-sharded-1000000" */
static void put_algorithm(const struct pk_manifest *m, struct pk_buf *to)
{
	pk_buf_puts(to, pk_hash_name(m->hash));
	if (m->shard)
		pk_buf_printf(to, "-sharded-%llu",
			      (unsigned long long)m->shard);
}

/* "path", "path:0:1000000" */
static void put_name(const struct pk_manifest *m,
		     const struct pk_manifest_entry *e, struct pk_buf *to)
{
	pk_buf_puts(to, e->path);
	if (m->shard)
		pk_buf_printf(to, ":%llu:%llu", (unsigned long long)e->from,
			      (unsigned long long)e->to);
}

static const char *why_unfit(const struct pk_statement *s)
{
	const struct pk_manifest *m = s->files;

	if (m->troubles)
		return "something in the tree could not be hashed";
	if (m->count == 0)
		return "there is nothing to sign";
	for (size_t i = 0; i < m->count; i++) {
		const char *path = m->entries[i].path;

		if (!pk_utf8_valid(span_of(path)))
			return "a file's name is not UTF-8";
		if (m->shard && strchr(path, ':'))
			return "a ':' in a file's name cannot be told from "
			       "the numbers of its part";
	}
	return NULL;
}

static void put_resource(const struct pk_manifest *m, size_t i,
			 struct pk_json *j, struct pk_buf *text)
{
	const struct pk_manifest_entry *e = &m->entries[i];

	pk_json_object(j, NULL);
	text->len = 0;
	put_name(m, e, text);
	pk_json_str(j, "name", pk_buf_str(text));
	text->len = 0;
	put_algorithm(m, text);
	pk_json_str(j, "algorithm", pk_buf_str(text));
	pk_json_hex(j, "digest", "",
		    (struct pk_span){ e->digest, pk_hash_len(m->hash) });
	pk_json_close(j);
}

static void put_serialization(const struct pk_statement *s, struct pk_json *j)
{
	pk_json_object(j, "serialization");
	pk_json_str(j, "method", s->files->shard ? "shards" : "files");
	pk_json_str(j, "hash_type", pk_hash_name(s->files->hash));
	pk_json_bool(j, "allow_symlinks", s->links == PK_LINKS_FOLLOW);
	if (s->files->shard)
		pk_json_uint(j, "shard_size", s->files->shard);
	if (s->ignore_count) {
		pk_json_array(j, "ignore_paths");
		for (size_t i = 0; i < s->ignore_count; i++)
			pk_json_str(j, NULL, s->ignore[i]);
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void put_subject(const struct pk_statement *s, struct pk_json *j,
			const uint8_t root[PK_SHA256_LEN])
{
	pk_json_array(j, "subject");
	pk_json_object(j, NULL);
	pk_json_str(j, "name", s->name);
	pk_json_object(j, "digest");
	pk_json_hex(j, "sha256", "", (struct pk_span){ root, PK_SHA256_LEN });
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

enum pk_status pk_statement_put(const struct pk_statement *s, struct pk_buf *to,
				const char **why)
{
	struct pk_json j = { .out = to };
	struct pk_buf text = { 0 };
	uint8_t root[PK_SHA256_LEN];

	*why = why_unfit(s);
	if (*why)
		return PK_ERR_USAGE;
	if (!pk_manifest_root(s->files, root))
		return PK_ERR_NOMEM;
	pk_json_object(&j, NULL);
	pk_json_str(&j, "_type", STATEMENT_TYPE);
	put_subject(s, &j, root);
	pk_json_str(&j, "predicateType", PREDICATE_TYPE);
	pk_json_object(&j, "predicate");
	put_serialization(s, &j);
	pk_json_array(&j, "resources");
	for (size_t i = 0; i < s->files->count; i++)
		put_resource(s->files, i, &j, &text);
	pk_json_close(&j);
	pk_json_close(&j);
	pk_json_close(&j);
	if (text.failed)
		to->failed = true;
	pk_buf_release(&text);
	return pk_buf_ok(to) ? PK_OK : PK_ERR_NOMEM;
}

/* Reading. */

bool pk_json_has_repeated(const struct pk_jvalue *v)
{
	/* Trees are as deep as they were parsed, which is bounded. */
	for (const struct pk_jvalue *k = v->kids; k; k = k->next) {
		if (k->repeated || pk_json_has_repeated(k))
			return true;
	}
	return false;
}

static bool text_is(const struct pk_jvalue *v, const char *want)
{
	return pk_json_is(v, PK_J_STRING) && pk_span_eq(v->text, span_of(want));
}

/* A whole number, also when it is printed as 1000000000.0. */
static bool whole_number(const struct pk_jvalue *v, uint64_t *ret)
{
	struct pk_span s = v ? v->text : (struct pk_span){ 0 };
	const uint8_t *point = s.len ? memchr(s.p, '.', s.len) : NULL;

	if (!pk_json_is(v, PK_J_NUMBER))
		return false;
	if (point) {
		for (const uint8_t *p = point + 1; p < s.p + s.len; p++) {
			if (*p != '0')
				return false;
		}
		s.len = (size_t)(point - s.p);
	}
	return pk_json_u64(s, ret);
}

/* One statement being read; the first trouble stays. */
struct parse {
	struct pk_statement *s;
	struct pk_manifest *m;
	const char *why;
	struct pk_buf algorithm; /* what each resource must say */
};

static bool refuse(struct parse *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return false;
}

static bool get_method(struct parse *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *method = pk_json_get(v, "method");

	if (text_is(method, "files"))
		return true;
	if (!text_is(method, "shards"))
		return refuse(p, "hashed by a method that is not known");
	if (!whole_number(pk_json_get(v, "shard_size"), &p->m->shard) ||
	    p->m->shard == 0 || p->m->shard > 1ULL << 53)
		return refuse(p, "a shard_size that is no size");
	return true;
}

static bool get_hash(struct parse *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *type = pk_json_get(v, "hash_type");

	for (int h = 0; h < PK_HASHES; h++) {
		if (text_is(type, pk_hash_name((enum pk_hash)h))) {
			p->m->hash = (enum pk_hash)h;
			return true;
		}
	}
	return refuse(p, "no hash_type that is known here");
}

static bool get_ignores(struct parse *p, const struct pk_jvalue *list)
{
	const char **paths;

	if (!list)
		return true;
	if (!pk_json_is(list, PK_J_ARRAY))
		return refuse(p, "ignore_paths is no list");
	paths = pk_arena_alloc(&p->m->arena, list->count + 1, sizeof(*paths));
	if (!paths)
		return refuse(p, "out of memory");
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		if (!pk_json_is(k, PK_J_STRING))
			return refuse(p, "ignore_paths is no list of paths");
		/* One that leaves the model leaves nothing of it out. */
		if (!pk_tree_path_ok(k->text))
			continue;
		paths[p->s->ignore_count] =
			pk_arena_copy(&p->m->arena, k->text);
		if (!paths[p->s->ignore_count++])
			return refuse(p, "out of memory");
	}
	p->s->ignore = paths;
	return true;
}

static bool get_serialization(struct parse *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *links = pk_json_get(v, "allow_symlinks");

	if (!pk_json_is(links, PK_J_BOOL))
		return refuse(p, "allow_symlinks is missing");
	p->s->links = pk_json_true(links) ? PK_LINKS_FOLLOW : PK_LINKS_REFUSE;
	if (!get_method(p, v) || !get_hash(p, v) ||
	    !get_ignores(p, pk_json_get(v, "ignore_paths")))
		return false;
	put_algorithm(p->m, &p->algorithm);
	return true;
}

/* "path:FROM:TO", with no other colon */
static bool split_range(struct pk_span *name, struct pk_manifest_entry *e)
{
	const uint8_t *first = memchr(name->p, ':', name->len);
	const uint8_t *end = name->p + name->len;
	const uint8_t *second =
		first ? memchr(first + 1, ':', (size_t)(end - first - 1))
		      : NULL;

	if (!second || memchr(second + 1, ':', (size_t)(end - second - 1)))
		return false;
	name->len = (size_t)(first - name->p);
	return pk_json_u64((struct pk_span){ first + 1,
					     (size_t)(second - first - 1) },
			   &e->from) &&
	       pk_json_u64((struct pk_span){ second + 1,
					     (size_t)(end - second - 1) },
			   &e->to) &&
	       e->from < e->to;
}

static bool get_resource(struct parse *p, const struct pk_jvalue *v)
{
	struct pk_manifest_entry e = { .to = PK_TO_END, .size = PK_NO_SIZE };
	struct pk_span name = pk_json_text(pk_json_get(v, "name"));

	if (!name.len)
		return refuse(p, "a resource without a name");
	if (p->m->shard && !split_range(&name, &e))
		return refuse(p, "a part whose name is not path:from:to");
	if (!pk_tree_path_ok(name))
		return refuse(p, "a name that is absolute, leaves the model or "
				 "has an empty, '.' or '..' component");
	if (!pk_span_eq(pk_json_text(pk_json_get(v, "algorithm")),
			pk_buf_span(&p->algorithm)))
		return refuse(p, "an algorithm other than the hash_type's");
	if (!pk_hex_get(pk_json_text(pk_json_get(v, "digest")), e.digest,
			pk_hash_len(p->m->hash)))
		return refuse(p, "a digest of the wrong length");
	e.path = pk_arena_copy(&p->m->arena, name);
	if (!e.path || pk_manifest_add(p->m, &e) != PK_OK)
		return refuse(p, "out of memory");
	return true;
}

/* The root digest is over the resources in the order in which they stand. */
static bool check_root(struct parse *p, const struct pk_jvalue *subject)
{
	uint8_t said[PK_SHA256_LEN], is[PK_SHA256_LEN];
	const struct pk_span hex = pk_json_text(
		pk_json_get(pk_json_get(subject, "digest"), "sha256"));

	if (!pk_manifest_root(p->m, is))
		return refuse(p, "out of memory");
	if (!pk_hex_get(hex, said, sizeof(said)) ||
	    memcmp(said, is, sizeof(is)) != 0)
		return refuse(p, "the subject's digest is not that of the "
				 "resources");
	return true;
}

static bool check_twins(struct parse *p)
{
	for (size_t i = 1; i < p->m->count; i++) {
		const struct pk_manifest_entry *e = &p->m->entries[i];

		if (strcmp(e->path, e[-1].path) == 0 && e->from == e[-1].from)
			return refuse(p, "a resource that is named twice");
	}
	return true;
}

static bool get_resources(struct parse *p, const struct pk_jvalue *list,
			  const struct pk_jvalue *subject)
{
	if (!pk_json_is(list, PK_J_ARRAY) || list->count > RESOURCES_MAX)
		return refuse(p, "no list of resources");
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		if (!get_resource(p, k))
			return false;
	}
	if (!check_root(p, subject))
		return false;
	pk_manifest_sort(p->m);
	return check_twins(p);
}

/* Version 0.2.0: {"name": "path", "digest": {"sha256": "..."}} each. */
static bool get_subjects(struct parse *p, const struct pk_jvalue *list)
{
	struct pk_manifest_entry e = { .to = PK_TO_END, .size = PK_NO_SIZE };

	if (!pk_json_is(list, PK_J_ARRAY) || list->count == 0)
		return refuse(p, "no subjects");
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		const struct pk_span name =
			pk_json_text(pk_json_get(k, "name"));
		const struct pk_jvalue *digest = pk_json_get(k, "digest");

		if (!pk_tree_path_ok(name) ||
		    !pk_hex_get(pk_json_text(pk_json_get(digest, "sha256")),
				e.digest, PK_SHA256_LEN))
			return refuse(p, "a subject that is no file of the "
					 "model with its digest");
		e.path = pk_arena_copy(&p->m->arena, name);
		if (!e.path || pk_manifest_add(p->m, &e) != PK_OK)
			return refuse(p, "out of memory");
	}
	pk_manifest_sort(p->m);
	return check_twins(p);
}

static bool get_statement(struct parse *p, const struct pk_jvalue *top)
{
	const struct pk_jvalue *subject = pk_json_get(top, "subject");
	const struct pk_jvalue *predicate = pk_json_get(top, "predicate");
	struct pk_span name;

	if (!pk_json_is(top, PK_J_OBJECT))
		return refuse(p, "the payload is not JSON");
	if (pk_json_has_repeated(top))
		return refuse(p, "a member stands twice in the statement");
	if (!text_is(pk_json_get(top, "_type"), STATEMENT_TYPE))
		return refuse(p, "not an in-toto Statement v1");
	if (p->s->legacy &&
	    text_is(pk_json_get(top, "predicateType"), PREDICATE_TYPE_0))
		return get_subjects(p, subject);
	if (!text_is(pk_json_get(top, "predicateType"), PREDICATE_TYPE))
		return refuse(p, "not a statement on a signed model");
	if (!pk_json_is(subject, PK_J_ARRAY) || subject->count != 1)
		return refuse(p, "not exactly one subject");
	name = pk_json_text(pk_json_get(subject->kids, "name"));
	p->s->name = pk_arena_copy(&p->m->arena, name);
	return get_serialization(p, pk_json_get(predicate, "serialization")) &&
	       get_resources(p, pk_json_get(predicate, "resources"),
			     subject->kids);
}

enum pk_status pk_statement_get(struct pk_statement *s, struct pk_span json,
				const char **why)
{
	const struct pk_json_opts opts = {
		.flags = PK_JSON_STRICT | PK_JSON_WHOLE, .max_depth = 16
	};
	struct pk_cursor c = pk_cursor_over(json, 0);
	struct parse p = { .s = s, .m = s->files };
	const struct pk_jvalue *top =
		pk_json_parse(&c, &p.m->arena, &opts, NULL);

	(void)get_statement(&p, top);
	pk_buf_release(&p.algorithm);
	*why = p.why;
	return p.why ? PK_ERR_USAGE : PK_OK;
}
