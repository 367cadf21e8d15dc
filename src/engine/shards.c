/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/shards.h"

#include <stdio.h>

#include "core/strmap.h"
#include "engine/fingerprint.h"
#include "engine/note.h"

enum { SHOWN = 120, TOLD_MAX = 20 };

struct check {
	struct pk_scan scan; /* to report with */
	struct pk_result *index;
	struct pk_strmap where; /* tensor to struct place */
	unsigned told;
	uint64_t bytes; /* of all tensors */
};

struct place {
	struct pk_span named; /* by the index; p is NULL when it does not */
	const struct pk_result *in;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

static struct place *place_of(struct check *c, struct pk_span tensor)
{
	bool fresh;
	void **slot = pk_strmap_put(&c->where, tensor, &fresh);

	if (slot && fresh)
		*slot = PK_NEW(c->where.arena, struct place);
	return slot ? *slot : NULL;
}

/* Whether there is room for one more of so many alike. */
static bool may_tell(struct check *c)
{
	return c->told++ < TOLD_MAX;
}

static bool take_index(struct check *c)
{
	const struct pk_span prefix = PK_LIT(PK_NOTE_WEIGHT_MAP);

	for (const struct pk_value_note *v = c->index->job.values; v;
	     v = v->next) {
		struct pk_span tensor = v->key;
		struct place *p;

		if (v->member || !pk_span_starts(tensor, prefix))
			continue;
		tensor.p += prefix.len;
		tensor.len -= prefix.len;
		p = place_of(c, tensor);
		if (!p)
			return false;
		p->named = v->value;
	}
	return true;
}

static void say(struct check *c, enum pk_rule rule, struct pk_span tensor,
		const char *what, const char *where)
{
	if (may_tell(c))
		pk_report(&c->scan, rule, 0, "the tensor '%s' %s %s",
			  pk_show(&c->scan, tensor, SHOWN), what,
			  pk_show(&c->scan, span_of(where), SHOWN));
}

static bool take_shard(struct check *c, const struct pk_result *shard)
{
	const char *name = base_name(shard->path);

	for (const struct pk_tensor_note *t = shard->job.tensors; t;
	     t = t->next) {
		struct place *p = place_of(c, t->name);

		if (!p)
			return false;
		c->bytes += t->bytes;
		if (p->in)
			say(c, PK_RULE_REPO_SHARD_TENSOR, t->name,
			    "lies in two shards, also in", name);
		else if (!p->named.p)
			say(c, PK_RULE_REPO_SHARD_EXTRA, t->name,
			    "is not in the index, but in", name);
		else if (!pk_span_eq(p->named, span_of(name)))
			say(c, PK_RULE_REPO_SHARD_TENSOR, t->name,
			    "lies in another shard than the index says,", name);
		p->in = shard;
	}
	return true;
}

/* Only of shards that were seen: a missing one was told by itself. */
static void say_missing(struct check *c, const struct pk_result *const *shards,
			size_t n)
{
	const struct pk_span prefix = PK_LIT(PK_NOTE_WEIGHT_MAP);

	for (const struct pk_value_note *v = c->index->job.values; v;
	     v = v->next) {
		struct pk_span tensor = v->key;
		const struct place *p;

		if (v->member || !pk_span_starts(tensor, prefix))
			continue;
		tensor.p += prefix.len;
		tensor.len -= prefix.len;
		p = pk_strmap_get(&c->where, tensor);
		for (size_t i = 0; p && !p->in && i < n; i++) {
			const char *name = base_name(shards[i]->path);

			if (pk_span_eq(v->value, span_of(name)))
				say(c, PK_RULE_REPO_SHARD_TENSOR, tensor,
				    "is not in the shard that the index names,",
				    name);
		}
	}
}

static void check_total(struct check *c)
{
	for (const struct pk_value_note *v = c->index->job.values; v;
	     v = v->next) {
		char text[24];

		if (!pk_span_eq(v->key, PK_LIT("metadata.total_size")))
			continue;
		(void)snprintf(text, sizeof(text), "%llu",
			       (unsigned long long)c->bytes);
		if (!pk_span_eq(v->value, span_of(text)))
			pk_report(&c->scan, PK_RULE_REPO_SHARD_TOTAL, 0,
				  "the index says %s bytes in all, the shards "
				  "hold %s",
				  pk_show(&c->scan, v->value, SHOWN), text);
	}
}

enum pk_status pk_check_shards(struct pk_result *index,
			       const struct pk_result *const *shards, size_t n)
{
	struct check c = { .scan = { .job = &index->job,
				     .arena = PK_ARENA(&index->job.meter) },
			   .index = index };
	const uint64_t before = index->job.finding_count;
	bool ok;

	c.where.arena = &c.scan.arena;
	ok = take_index(&c);
	for (size_t i = 0; i < n && ok; i++)
		ok = take_shard(&c, shards[i]);
	if (ok) {
		say_missing(&c, shards, n);
		if (n == index->job.ref_count)
			check_total(&c);
	}
	pk_arena_release(&c.scan.arena);
	if (!ok)
		return PK_ERR_NOMEM;
	if (index->job.finding_count == before)
		return PK_OK;
	pk_result_conclude(index);
	return pk_fingerprint(&index->job);
}
