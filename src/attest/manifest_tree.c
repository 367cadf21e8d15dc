/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest from the files of a tree. */
#include "attest/manifest.h"

#include <stdlib.h>
#include <sys/stat.h>

/* What there is to hash. */
struct tasks {
	struct pk_hash_task *v;
	size_t count;
	size_t cap;
};

static enum pk_status add_task(struct tasks *t, const struct pk_tree_file *f,
			       uint64_t from, uint64_t to)
{
	if (t->count == t->cap) {
		const size_t cap = t->cap ? t->cap * 2 : 64;
		struct pk_hash_task *v = reallocarray(t->v, cap, sizeof(*v));

		if (!v)
			return PK_ERR_NOMEM;
		t->v = v;
		t->cap = cap;
	}
	t->v[t->count++] = (struct pk_hash_task){
		.path = f->path, .from = from, .to = to, .size = f->size
	};
	return PK_OK;
}

/* [0,S) [S,2S) ...: an empty file has no part at all. */
static enum pk_status add_parts(struct tasks *t, const struct pk_tree_file *f,
				uint64_t shard)
{
	enum pk_status s = PK_OK;

	for (uint64_t at = 0; s == PK_OK && at < f->size;) {
		const uint64_t end =
			f->size - at > shard ? at + shard : f->size;

		s = add_task(t, f, at, end);
		at = end;
	}
	return s;
}

/* The entry of the known manifest that needs no second look, or NULL. */
static const struct pk_manifest_entry *
still_true(const struct pk_tree *tree, const struct pk_tree_file *f,
	   const struct pk_manifest_options *o)
{
	const struct pk_manifest_entry *e =
		o->known ? pk_manifest_find(o->known, f->path) : NULL;
	struct stat st;

	if (!e || !e->ctime_ns || e->size != f->size || o->shard ||
	    o->known->hash != o->hashing.hash || tree->single ||
	    fstatat(tree->fd, f->path, &st, 0) != 0)
		return NULL;
	return (uint64_t)st.st_ino == e->inode &&
			       (uint64_t)st.st_size == e->size &&
			       pk_ctime_ns(&st) == e->ctime_ns
		       ? e
		       : NULL;
}

static enum pk_status plan(struct pk_manifest *m, struct tasks *t,
			   const struct pk_tree *tree,
			   const struct pk_manifest_options *o)
{
	enum pk_status s = PK_OK;

	for (size_t i = 0; s == PK_OK && i < tree->count; i++) {
		const struct pk_tree_file *f = &tree->files[i];
		const struct pk_manifest_entry *e = still_true(tree, f, o);

		if (o->only && !pk_manifest_find(o->only, f->path))
			continue;
		if (e)
			s = pk_manifest_add(m, e);
		else if (o->shard)
			s = add_parts(t, f, o->shard);
		else
			s = add_task(t, f, 0, PK_TO_END);
	}
	return s;
}

static enum pk_status take_answer(struct pk_manifest *m,
				  const struct pk_hash_task *k)
{
	struct pk_manifest_entry e = { .path = k->path,
				       .from = k->from,
				       .to = k->to,
				       .size = k->size,
				       .ctime_ns = k->ctime_ns,
				       .inode = k->inode };

	if (k->trouble)
		return pk_manifest_trouble(m, k->path, k->trouble);
	memcpy(e.digest, k->digest, sizeof(e.digest));
	return pk_manifest_add(m, &e);
}

static enum pk_status take_troubles(struct pk_manifest *m,
				    const struct pk_tree *tree,
				    const struct pk_manifest *only)
{
	enum pk_status s = PK_OK;

	for (const struct pk_tree_trouble *t = tree->troubles; s == PK_OK && t;
	     t = t->next) {
		if (!only || pk_manifest_find(only, t->path))
			s = pk_manifest_trouble(m, t->path, t->why);
	}
	return s;
}

static enum pk_status hash_tree(struct pk_manifest *m, struct tasks *t,
				const struct pk_tree *tree,
				const struct pk_manifest_options *o)
{
	enum pk_status s = take_troubles(m, tree, o->only);

	if (s == PK_OK)
		s = plan(m, t, tree, o);
	if (s == PK_OK)
		s = pk_hash_tasks(tree, t->v, t->count, &o->hashing);
	for (size_t i = 0; s == PK_OK && i < t->count; i++)
		s = take_answer(m, &t->v[i]);
	pk_manifest_sort(m);
	return s;
}

enum pk_status pk_manifest_of_tree(struct pk_manifest *m, const char *root,
				   const struct pk_manifest_options *o)
{
	struct tasks t = { 0 };
	struct pk_tree tree;
	enum pk_status s;

	m->hash = o->hashing.hash;
	m->shard = o->shard;
	pk_tree_init(&tree);
	s = pk_tree_read(&tree, root, &o->tree);
	if (s == PK_OK)
		s = hash_tree(m, &t, &tree, o);
	free(t.v);
	pk_tree_release(&tree);
	return s;
}
