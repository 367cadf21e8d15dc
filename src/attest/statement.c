/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "attest/frame.h"

#define PREDICATE_TYPE   "https://model_signing/signature/v1.0"
#define PREDICATE_TYPE_0 "https://model_signing/Digests/v0.1"

enum { RESOURCES_MAX = 10000000 };

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

	for (size_t i = 0; m->shard && i < m->count; i++) {
		if (strchr(m->entries[i].path, ':'))
			return "a ':' in a file's name cannot be told from "
			       "the numbers of its part";
	}
	return pk_frame_unfit(m);
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
	pk_frame_put_ignores(j, s->ignore, s->ignore_count);
	pk_json_close(j);
}

enum pk_status pk_statement_put(const struct pk_statement *s, struct pk_buf *to,
				const char **why)
{
	struct pk_json j = { .out = to };
	struct pk_buf text = { 0 };

	*why = why_unfit(s);
	if (*why)
		return PK_ERR_USAGE;
	if (!pk_frame_open(&j, s->name, s->files, PREDICATE_TYPE))
		return PK_ERR_NOMEM;
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

/* why: NULL when all is well. */
static bool passes(struct parse *p, const char *why)
{
	return !why || refuse(p, why);
}

static bool get_method(struct parse *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *method = pk_json_get(v, "method");

	if (pk_frame_is(method, "files"))
		return true;
	if (!pk_frame_is(method, "shards"))
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
		if (pk_frame_is(type, pk_hash_name((enum pk_hash)h))) {
			p->m->hash = (enum pk_hash)h;
			return true;
		}
	}
	return refuse(p, "no hash_type that is known here");
}

static bool get_serialization(struct parse *p, const struct pk_jvalue *v)
{
	const struct pk_jvalue *links = pk_json_get(v, "allow_symlinks");

	if (!pk_json_is(links, PK_J_BOOL))
		return refuse(p, "allow_symlinks is missing");
	p->s->links = pk_json_true(links) ? PK_LINKS_FOLLOW : PK_LINKS_REFUSE;
	if (!get_method(p, v) || !get_hash(p, v) ||
	    !passes(p, pk_frame_get_ignores(
			       &p->m->arena, pk_json_get(v, "ignore_paths"),
			       &p->s->ignore, &p->s->ignore_count)))
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

static bool get_resources(struct parse *p, const struct pk_jvalue *list,
			  const struct pk_jvalue *subject)
{
	if (!pk_json_is(list, PK_J_ARRAY) || list->count > RESOURCES_MAX)
		return refuse(p, "no list of resources");
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		if (!get_resource(p, k))
			return false;
	}
	return passes(p, pk_frame_check_root(subject, p->m)) &&
	       passes(p, pk_frame_sort(p->m));
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
	return passes(p, pk_frame_sort(p->m));
}

static bool get_statement(struct parse *p, const struct pk_jvalue *top)
{
	const struct pk_jvalue *type = pk_json_get(top, "predicateType");
	const struct pk_jvalue *predicate = pk_json_get(top, "predicate");
	const struct pk_jvalue *subject = pk_frame_subject(top);

	if (p->s->legacy && pk_frame_is(type, PREDICATE_TYPE_0))
		return get_subjects(p, pk_json_get(top, "subject"));
	if (!pk_frame_is(type, PREDICATE_TYPE))
		return refuse(p, "not a statement on a signed model");
	if (!subject)
		return refuse(p, "not exactly one subject");
	p->s->name = pk_arena_copy(&p->m->arena,
				   pk_json_text(pk_json_get(subject, "name")));
	return get_serialization(p, pk_json_get(predicate, "serialization")) &&
	       get_resources(p, pk_json_get(predicate, "resources"), subject);
}

enum pk_status pk_statement_get(struct pk_statement *s, struct pk_span json,
				const char **why)
{
	struct parse p = { .s = s, .m = s->files };
	const struct pk_jvalue *top = pk_frame_read(&p.m->arena, json, &p.why);

	if (top)
		(void)get_statement(&p, top);
	pk_buf_release(&p.algorithm);
	*why = p.why;
	return p.why ? PK_ERR_USAGE : PK_OK;
}
