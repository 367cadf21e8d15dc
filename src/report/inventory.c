/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inventory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "core/utf8.h"
#include "engine/format.h"

bool pk_is_model(const struct pk_result *r)
{
	const struct pk_format *f = r->job.primary;

	return r->verdict != PK_SKIPPED && f && !f->no_model &&
	       f->risk != PK_RISK_WRAPPER;
}

const struct pk_value_note *pk_stated_of(const struct pk_job *job,
					 enum pk_stated what)
{
	const struct pk_value_note *v = pk_stated_next(job->values);

	while (v && pk_stated(v) != what)
		v = pk_stated_next(v->next);
	return v;
}

static int compare(const void *key, const void *row)
{
	return strcasecmp(key, *(const char *const *)row);
}

const char *pk_spdx_id(struct pk_span text)
{
	static const char *const ids[] = {
#define PK_SPDX_ID(id) id,
#include "report/spdx_ids.def"
#undef PK_SPDX_ID
	};
	const char *const *found;
	char key[64];

	if (!text.len || text.len >= sizeof(key) || memchr(text.p, 0, text.len))
		return NULL;
	memcpy(key, text.p, text.len);
	key[text.len] = 0;
	found = bsearch(key, ids, sizeof(ids) / sizeof(*ids), sizeof(*ids),
			compare);
	return found ? *found : NULL;
}

bool pk_put_stated(struct pk_buf *b, const struct pk_job *job,
		   enum pk_stated what)
{
	const struct pk_value_note *v = pk_stated_of(job, what);

	if (v)
		pk_utf8_escape(b, v->value, PK_STATED_LEN);
	return v != NULL;
}

bool pk_declared_license(const struct pk_result *r, struct pk_span *ret)
{
	const struct pk_value_note *v =
		pk_stated_of(&r->job, PK_STATED_LICENSE);

	if (v)
		*ret = v->value;
	else if (r->origin && r->origin->licence && *r->origin->licence)
		*ret = pk_text_span(r->origin->licence);
	else
		return false;
	return true;
}

static void put_value(struct pk_json *j, const struct pk_value_note *v,
		      void (*put)(struct pk_json *j, const char *name,
				  const char *value))
{
	enum { KEY_SHOWN = 128 };
	struct pk_buf name = { 0 }, value = { 0 };

	pk_buf_puts(&name, "picket:stated:");
	pk_utf8_escape(&name, v->key, KEY_SHOWN);
	pk_utf8_escape(&value, v->value, PK_STATED_LEN);
	put(j, pk_buf_str(&name), pk_buf_str(&value));
	j->out->failed |= name.failed | value.failed;
	pk_buf_release(&name);
	pk_buf_release(&value);
}

void pk_each_property(struct pk_json *j, const struct pk_result *r,
		      void (*put)(struct pk_json *j, const char *name,
				  const char *value))
{
	const struct pk_value_note *v = pk_stated_next(r->job.values);
	char size[24];

	(void)snprintf(size, sizeof(size), "%" PRIu64, r->job.size);
	if (r->job.primary)
		put(j, "picket:format", r->job.primary->name);
	put(j, "picket:verdict", pk_verdict_name(r->verdict));
	put(j, "picket:action", pk_action_name(r->action));
	put(j, "picket:complete", r->job.partial ? "false" : "true");
	put(j, "picket:size", size);
	for (size_t n = 0; v && n < PK_STATED_MAX; n++) {
		put_value(j, v, put);
		v = pk_stated_next(v->next);
	}
}

static size_t word_len(const char *s)
{
	return strspn(s, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
}

static bool is_commit(const char *s, size_t n)
{
	return n == 40 && strspn(s, "0123456789abcdef") >= n;
}

/* "hf://org/name@commit/path", of models: purl-spec, types/huggingface. */
bool pk_put_purl(struct pk_buf *b, const char *path)
{
	size_t org, name, rev = 0;
	const char *at;

	if (strncmp(path, "hf://", 5) != 0)
		return false;
	at = path + 5;
	org = word_len(at);
	name = at[org] == '/' ? word_len(at + org + 1) : 0;
	if (!org || !name || strncmp(at, "datasets/", 9) == 0 ||
	    strncmp(at, "spaces/", 7) == 0)
		return false;
	pk_buf_printf(b, "pkg:huggingface/%.*s", (int)(org + 1 + name), at);
	at += org + 1 + name;
	if (*at == '@')
		rev = strcspn(at + 1, "/");
	if (is_commit(at + 1, rev))
		pk_buf_printf(b, "%.*s", (int)(1 + rev), at);
	at += *at == '@' ? 1 + rev : 0;
	if (*at == '/' && at[1]) {
		pk_buf_putc(b, '#');
		pk_put_uri(b, at + 1);
	}
	return true;
}
