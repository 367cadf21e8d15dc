/* SPDX-License-Identifier: Apache-2.0 */
/* A Hugging Face cache held against itself, and against a lock. */
#include "picket_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/cache.h"

/* A file of a snapshot that is looked at. */
struct item {
	const struct pk_cache_snapshot *s;
	const struct pk_cache_file *f;
	const char *path; /* of its bytes, in the repository */
	struct pk_hash_task *task;
	bool told; /* for the first of those that share a task */
};

struct check {
	const struct pk_check_job *j;
	const struct pk_cache_repository *r;
	struct pk_arena *arena;
	struct item *items; /* by the snapshot and the path */
	size_t count;
};

/* ---- which snapshots ---- */

/* "datasets/org/name" is org/name in a lock, and its source says what it is. */
static bool is_in(const struct pk_lock_model *m, const char *id)
{
	static const char *const kinds[] = { "datasets/", "spaces/" };
	const char *of = "";

	for (size_t i = 0; i < 2; i++) {
		if (strstr(m->from.uri, kinds[i]))
			of = kinds[i];
	}
	return m->from.repository && strncmp(id, of, strlen(of)) == 0 &&
	       strcmp(id + strlen(of), m->from.repository) == 0;
}

/* A model that lies in this snapshot, or NULL. */
static const struct pk_lock_model *model_at(const struct pk_lock *l,
					    const struct pk_cache_repository *r,
					    const struct pk_cache_snapshot *s)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct pk_lock_model *m = &l->models[i];

		if (m->from.commit && is_in(m, r->id) &&
		    strcmp(m->from.commit, s->commit) == 0)
			return m;
	}
	return NULL;
}

static bool is_wanted(const struct check *c, const struct pk_cache_snapshot *s)
{
	return !c->j->lock || model_at(c->j->lock, c->r, s);
}

static bool any_is_wanted(const struct check *c)
{
	for (size_t i = 0; i < c->r->count; i++) {
		if (is_wanted(c, &c->r->snapshots[i]))
			return true;
	}
	return false;
}

/* ---- reading ---- */

static bool add_item(struct check *c, const struct pk_cache_snapshot *s,
		     const struct pk_cache_file *f)
{
	struct item *it = &c->items[c->count++];

	*it = (struct item){ .s = s, .f = f };
	if (f->fault != PK_RULE_COUNT)
		return true;
	it->path = f->blob ? pk_arena_printf(c->arena, "blobs/%s", f->blob)
			   : pk_arena_printf(c->arena, "snapshots/%s/%s",
					     s->commit, f->path);
	return it->path != NULL;
}

static enum pk_status gather(struct check *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->r->count; i++)
		n += c->r->snapshots[i].count;
	c->items = pk_arena_alloc(c->arena, n + 1, sizeof(*c->items));
	if (!c->items)
		return PK_ERR_NOMEM;
	for (size_t i = 0; i < c->r->count; i++) {
		const struct pk_cache_snapshot *s = &c->r->snapshots[i];

		for (size_t k = 0; is_wanted(c, s) && k < s->count; k++) {
			if (!add_item(c, s, &s->files[k]))
				return PK_ERR_NOMEM;
		}
	}
	return PK_OK;
}

static int by_bytes(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

/* Each blob is read once, however many snapshots lead to it. */
static size_t make_tasks(struct item **order, size_t n,
			 struct pk_hash_task *tasks)
{
	size_t count = 0;

	if (n)
		qsort(order, n, sizeof(struct item *), by_bytes);
	for (size_t i = 0; i < n; i++) {
		const char *blob = order[i]->f->blob;

		order[i]->told = i && by_bytes(&order[i - 1], &order[i]) == 0;
		if (!order[i]->told)
			tasks[count++] = (struct pk_hash_task){
				.path = order[i]->path,
				.to = UINT64_MAX,
				.size = order[i]->f->size,
				.git = !blob || strlen(blob) == 40,
			};
		order[i]->task = &tasks[count - 1];
	}
	return count;
}

static enum pk_status read_all(struct check *c)
{
	const struct pk_hashing how = pk_check_hashing(c->j);
	struct item **order =
		pk_arena_alloc(c->arena, c->count + 1, sizeof(struct item *));
	struct pk_hash_task *tasks =
		pk_arena_alloc(c->arena, c->count + 1, sizeof(*tasks));
	struct pk_tree tree;
	enum pk_status s;
	size_t n = 0;

	if (!order || !tasks)
		return PK_ERR_NOMEM;
	for (size_t i = 0; i < c->count; i++) {
		if (c->items[i].path)
			order[n++] = &c->items[i];
	}
	n = make_tasks(order, n, tasks);
	pk_tree_init(&tree);
	s = pk_tree_at(&tree, c->r->path);
	if (s == PK_OK)
		s = pk_hash_tasks(&tree, tasks, n, &how);
	for (size_t i = 0; s == PK_OK && i < n; i++) {
		c->j->ret->files += !tasks[i].trouble;
		c->j->ret->bytes += tasks[i].trouble ? 0 : tasks[i].size;
	}
	pk_tree_release(&tree);
	return s;
}

/* ---- judging ---- */

/* "org/name@0123456789ab" */
static const char *where(const struct check *c,
			 const struct pk_cache_snapshot *s)
{
	const char *text =
		pk_arena_printf(c->arena, "%s@%.12s", c->r->id, s->commit);

	return text ? text : c->r->id;
}

/* Whether the bytes have that digest, in hex. */
static bool is_digest_of(const char *digest, const struct pk_hash_task *t)
{
	const size_t n = strlen(digest);
	uint8_t bytes[PK_SHA256_LEN];

	return pk_hex_get((struct pk_span){ (const uint8_t *)digest, n }, bytes,
			  n / 2) &&
	       memcmp(bytes, n == 40 ? t->git_blob : t->digest, n / 2) == 0;
}

static void judge_listed(struct check *c, const struct item *it)
{
	const struct pk_cache_listed *l =
		pk_cache_listed_at(it->s, it->f->path);
	struct pk_drifts *d = &c->j->ret->d;

	if (!l)
		pk_drifts_add(d, PK_RULE_CACHE_FILE_DIFFERS, where(c, it->s),
			      it->f->path, "is not in the list of its commit");
	else if (l->size != it->task->size)
		pk_drifts_add(d, PK_RULE_CACHE_FILE_DIFFERS, where(c, it->s),
			      it->f->path,
			      "has %llu bytes, the list of its commit has %llu",
			      (unsigned long long)it->task->size,
			      (unsigned long long)l->size);
	else if (it->f->blob ? strcmp(it->f->blob, l->digest) != 0
			     : !is_digest_of(l->digest, it->task))
		pk_drifts_add(d, PK_RULE_CACHE_FILE_DIFFERS, where(c, it->s),
			      it->f->path,
			      "is not what the list of its commit has: %s",
			      l->digest);
}

static void judge(struct check *c, const struct item *it)
{
	struct pk_drifts *d = &c->j->ret->d;

	if (it->f->fault != PK_RULE_COUNT) {
		pk_drifts_add(d, it->f->fault, where(c, it->s), it->f->path,
			      "%s", it->f->why);
	} else if (it->task->trouble) {
		if (!it->told)
			pk_drifts_add(d, PK_RULE_CACHE_UNREAD, where(c, it->s),
				      it->f->path, "%s", it->task->trouble);
	} else {
		if (it->f->blob && !it->told &&
		    !is_digest_of(it->f->blob, it->task))
			pk_drifts_add(d, PK_RULE_CACHE_BLOB_DIGEST,
				      where(c, it->s), it->f->path,
				      "the bytes are not those of blobs/%s",
				      it->f->blob);
		if (it->s->has_list)
			judge_listed(c, it);
		else if (!it->f->blob && !c->j->lock)
			pk_drifts_add(d, PK_RULE_CACHE_UNPROVEN,
				      where(c, it->s), it->f->path,
				      "lies in the snapshot itself");
	}
}

/* Items of the snapshot from at on; returns past them. */
static size_t hold_against(struct check *c, const struct pk_lock_model *m,
			   const struct pk_cache_snapshot *s, size_t at,
			   struct pk_found *found)
{
	size_t n = 0;

	for (; at < c->count && c->items[at].s == s; at++) {
		const struct item *it = &c->items[at];
		struct pk_found *f = &found[n];

		if (it->f->fault == PK_RULE_CACHE_BLOB_MISSING)
			continue;
		n++;
		*f = (struct pk_found){ .path = it->f->path,
					.size = it->f->size,
					.trouble = it->f->why };
		if (!it->task)
			continue;
		f->size = it->task->size;
		f->trouble = it->task->trouble;
		f->has_sha256 = !f->trouble;
		memcpy(f->sha256, it->task->digest, PK_SHA256_LEN);
	}
	pk_lock_compare(m, found, n, c->j->partial, &c->j->ret->d);
	return at;
}

static enum pk_status judge_all(struct check *c)
{
	struct pk_found *found =
		pk_arena_alloc(c->arena, c->count + 1, sizeof(*found));
	size_t at = 0;

	if (!found)
		return PK_ERR_NOMEM;
	for (size_t i = 0; i < c->r->fault_count; i++)
		pk_drifts_add(&c->j->ret->d, c->r->faults[i].fault, c->r->id,
			      c->r->faults[i].path, "%s", c->r->faults[i].why);
	for (size_t i = 0; i < c->count; i++)
		judge(c, &c->items[i]);
	for (size_t i = 0; c->j->lock && i < c->r->count; i++) {
		const struct pk_cache_snapshot *s = &c->r->snapshots[i];
		const struct pk_lock_model *m = model_at(c->j->lock, c->r, s);

		if (m)
			at = hold_against(c, m, s, at, found);
	}
	return PK_OK;
}

static enum pk_status check_repository(const struct pk_check_job *j,
				       const struct pk_cache_repository *r)
{
	struct pk_meter meter = { .ceiling = 1U << 30 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct check c = { .j = j, .r = r, .arena = &arena };
	enum pk_status s = PK_OK;

	for (size_t i = 0; i < r->count; i++) {
		j->ret->models += is_wanted(&c, &r->snapshots[i]);
		j->ret->others += !is_wanted(&c, &r->snapshots[i]);
	}
	if (any_is_wanted(&c))
		s = gather(&c);
	if (s == PK_OK && c.items)
		s = read_all(&c);
	if (s == PK_OK && c.items)
		s = judge_all(&c);
	pk_arena_release(&arena);
	return s;
}

/* ---- what the lock wants ---- */

static void check_ref(const struct pk_check_job *j,
		      const struct pk_lock_model *m,
		      const struct pk_cache_repository *r)
{
	const char *name = m->from.revision ? m->from.revision : "main";

	for (size_t i = 0; i < r->ref_count; i++) {
		if (strcmp(r->refs[i].name, name) == 0 &&
		    strcmp(r->refs[i].commit, m->from.commit) != 0)
			pk_drifts_add(&j->ret->d, PK_RULE_LOCK_REF_MOVED,
				      m->folder, NULL,
				      "%s leads to %.40s here, locked is %s",
				      name, r->refs[i].commit, m->from.commit);
	}
}

/* A model that has no commit was never in such a cache. */
static void check_model(const struct pk_check_job *j,
			const struct pk_lock_model *m,
			const struct pk_cache *cache)
{
	const struct pk_cache_repository *r = NULL;

	for (size_t i = 0; m->from.commit && i < cache->count; i++) {
		if (is_in(m, cache->repositories[i].id))
			r = &cache->repositories[i];
	}
	if (!r || !pk_cache_snapshot_at(r, m->from.commit))
		pk_drifts_add(&j->ret->d, PK_RULE_LOCK_MODEL_MISSING, m->folder,
			      NULL, "%s is not in this cache",
			      r ? m->from.commit : "its repository");
	if (r)
		check_ref(j, m, r);
}

enum pk_status pk_check_cache(const struct pk_check_job *j, const char *folder)
{
	struct pk_cache cache;
	enum pk_status s = pk_cache_read(&cache, folder);

	for (size_t i = 0; s == PK_OK && i < cache.count; i++)
		s = check_repository(j, &cache.repositories[i]);
	for (size_t i = 0; s == PK_OK && j->lock && i < j->lock->count; i++)
		check_model(j, &j->lock->models[i], &cache);
	pk_cache_release(&cache);
	return s;
}
