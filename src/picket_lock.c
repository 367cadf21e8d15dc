/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: lock files, and what lies here held against them. */
#include "picket_check.h"

#include <stdlib.h>

#include "core/json_out.h"
#include "hub/cache.h"
#include "picket_attest.h"

enum picket_status picket_lock_parse(const void *yaml, size_t n,
				     void (*complain)(void *ctx, uint64_t line,
						      const char *text),
				     void *ctx, struct picket_lock **ret)
{
	struct picket_lock *l = calloc(1, sizeof(*l));
	struct pk_complaints why;
	enum pk_status s;

	if (!l)
		return PICKET_ERR_NOMEM;
	s = pk_lock_read(&l->l, (struct pk_span){ yaml, n }, &why);
	for (size_t i = 0; s == PK_ERR_USAGE && i < why.count; i++)
		complain(ctx, why.v[i].line, why.v[i].text);
	if (s == PK_OK)
		*ret = l;
	else
		picket_lock_free(l);
	return s == PK_ERR_USAGE ? PICKET_ERR_DATA : pk_public_status(s);
}

void picket_lock_free(struct picket_lock *l)
{
	if (l)
		pk_lock_release(&l->l);
	free(l);
}

size_t picket_lock_count(const struct picket_lock *l)
{
	return l->l.count;
}

enum picket_status picket_lock_write(const struct picket_lock *l,
				     const struct picket_sink *to)
{
	struct pk_buf b = { 0 };

	pk_lock_write(&l->l, &b);
	if (b.len > PK_YAML_MAX) { /* nobody could read it */
		pk_buf_release(&b);
		return PICKET_ERR_DATA;
	}
	return pk_public_send(&b, to);
}

bool picket_is_cache(const char *folder)
{
	return pk_cache_kind(folder) != PK_CACHE_NONE;
}

struct pk_hashing pk_check_hashing(const struct pk_check_job *j)
{
	return (struct pk_hashing){ .hash = PK_HASH_SHA256,
				    .threads = j->how->threads,
				    .progress = j->how->progress,
				    .ctx = j->how->ctx };
}

enum picket_status picket_check_here(const struct picket_lock *l,
				     const char *folder,
				     const struct picket_tree *how,
				     bool partial, struct picket_check **ret)
{
	struct picket_check *c = calloc(1, sizeof(*c));
	const struct pk_check_job j = { .lock = l ? &l->l : NULL,
					.how = how,
					.partial = partial,
					.ret = c };
	enum pk_status s;

	if (!c)
		return PICKET_ERR_NOMEM;
	pk_drifts_init(&c->d);
	if (picket_is_cache(folder))
		s = pk_check_cache(&j, folder);
	else
		s = l ? pk_check_folder(&j, folder) : PK_ERR_USAGE;
	if (s == PK_OK && !pk_drifts_ok(&c->d))
		s = PK_ERR_NOMEM;
	if (s == PK_OK)
		*ret = c;
	else
		picket_check_free(c);
	return pk_public_status(s);
}

void picket_check_free(struct picket_check *c)
{
	if (c)
		pk_drifts_release(&c->d);
	free(c);
}

size_t picket_check_count(const struct picket_check *c)
{
	return c->d.count;
}

const char *picket_check_rule(const struct picket_check *c, size_t n)
{
	return n < c->d.count ? pk_rules[c->d.v[n].rule].id : NULL;
}

enum picket_severity picket_check_severity(const struct picket_check *c,
					   size_t n)
{
	return (enum picket_severity)pk_rules[c->d.v[n].rule].severity;
}

bool picket_check_is_violation(const struct picket_check *c, size_t n)
{
	return !pk_drift_is_unread(&c->d.v[n]);
}

const char *picket_check_where(const struct picket_check *c, size_t n)
{
	return c->d.v[n].where;
}

const char *picket_check_path(const struct picket_check *c, size_t n)
{
	return c->d.v[n].path;
}

const char *picket_check_message(const struct picket_check *c, size_t n)
{
	return c->d.v[n].message;
}

size_t picket_check_models(const struct picket_check *c)
{
	return c->models;
}

size_t picket_check_files(const struct picket_check *c)
{
	return c->files;
}

uint64_t picket_check_bytes(const struct picket_check *c)
{
	return c->bytes;
}

size_t picket_check_sources(const struct picket_check *c)
{
	return c->sources;
}

size_t picket_check_others(const struct picket_check *c)
{
	return c->others;
}

static void put_text(struct pk_json *j, const char *key, const char *text)
{
	if (text)
		pk_json_bytes(j, key,
			      (struct pk_span){ (const uint8_t *)text,
						strlen(text) });
}

static void put_drift(struct pk_json *j, const struct pk_drift *d)
{
	const struct pk_rule_info *rule = &pk_rules[d->rule];

	pk_json_object(j, NULL);
	pk_json_str(j, "rule", rule->id);
	pk_json_str(j, "severity", pk_severity_name(rule->severity));
	pk_json_str(j, "title", rule->title);
	put_text(j, "where", d->where);
	put_text(j, "path", d->path);
	put_text(j, "message", d->message);
	pk_json_bool(j, "violation", !pk_drift_is_unread(d));
	pk_json_close(j);
}

enum picket_status picket_check_json(const struct picket_check *c,
				     const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "schema", "picket.check/1");
	pk_json_bool(&j, "pass", c->d.count == 0);
	pk_json_uint(&j, "models", c->models);
	pk_json_uint(&j, "files", c->files);
	pk_json_uint(&j, "bytes", c->bytes);
	pk_json_uint(&j, "not_in_lock", c->others);
	pk_json_uint(&j, "sources", c->sources);
	pk_json_array(&j, "differences");
	for (size_t i = 0; i < c->d.count; i++)
		put_drift(&j, &c->d.v[i]);
	pk_json_close(&j);
	pk_json_close(&j);
	pk_buf_putc(&b, '\n');
	return pk_public_send(&b, to);
}
