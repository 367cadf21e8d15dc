/* SPDX-License-Identifier: Apache-2.0 */
/* A plain folder held against a lock: every file once, all models in step. */
#include "picket_check.h"

#include <errno.h>
#include <stdlib.h>

#include "attest/tree.h"

/* A file of the tree, and the model in whose folder it lies. */
struct lying {
	const struct pk_lock_model *model; /* NULL: in none */
	struct pk_found f;
	struct pk_hash_task *task; /* NULL: need not be hashed */
};

struct check {
	const struct pk_check_job *j;
	struct pk_tree tree;
	struct lying *v;
	size_t count;
	struct pk_hash_task *tasks;
	size_t task_count;
};

/* What other programs keep in a folder that they fetched. */
static const char *const not_of_a_model[] = { ".git", ".cache/huggingface",
					      ".picket-partial" };
enum { NOT_OF_A_MODEL = sizeof(not_of_a_model) / sizeof(not_of_a_model[0]) };

/* The model with the longest folder above the path, and the rest of it. */
static const struct pk_lock_model *
model_of(const struct pk_lock *l, const char *path, const char **ret_rest)
{
	const struct pk_lock_model *best = NULL;
	size_t longest = 0;

	*ret_rest = path;
	if (l->count == 1)
		return &l->models[0];
	for (size_t i = 0; i < l->count; i++) {
		const size_t n = strlen(l->models[i].folder);

		if (n > longest && strncmp(path, l->models[i].folder, n) == 0 &&
		    path[n] == '/') {
			best = &l->models[i];
			longest = n;
			*ret_rest = path + n + 1;
		}
	}
	return best;
}

/* Files of another size than locked, and those that no lock names, differ
 * whatever their bytes are. */
static bool is_worth_hashing(const struct lying *v)
{
	const struct pk_lock_file *f =
		v->model ? pk_lock_find(v->model, v->f.path) : NULL;

	return f && f->size == v->f.size;
}

static void add(struct check *c, const char *path, uint64_t size,
		const char *trouble)
{
	struct lying *v = &c->v[c->count++];
	const char *rest;

	v->model = model_of(c->j->lock, path, &rest);
	v->f = (struct pk_found){ .path = rest,
				  .size = size,
				  .trouble = trouble };
	if (trouble || !is_worth_hashing(v))
		return;
	v->task = &c->tasks[c->task_count++];
	*v->task = (struct pk_hash_task){ .path = path,
					  .to = UINT64_MAX,
					  .size = size };
}

static enum pk_status gather(struct check *c)
{
	size_t n = c->tree.count;

	for (const struct pk_tree_trouble *t = c->tree.troubles; t; t = t->next)
		n++;
	c->v = calloc(n + 1, sizeof(*c->v));
	c->tasks = calloc(n + 1, sizeof(*c->tasks));
	if (!c->v || !c->tasks)
		return PK_ERR_NOMEM;
	for (size_t i = 0; i < c->tree.count; i++)
		add(c, c->tree.files[i].path, c->tree.files[i].size, NULL);
	for (const struct pk_tree_trouble *t = c->tree.troubles; t; t = t->next)
		add(c, t->path, 0, t->why);
	return PK_OK;
}

static void take_answers(struct check *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct lying *v = &c->v[i];

		if (!v->task)
			continue;
		v->f.trouble = v->task->trouble;
		v->f.size = v->task->size;
		v->f.has_sha256 = !v->task->trouble;
		memcpy(v->f.sha256, v->task->digest, PK_SHA256_LEN);
		c->j->ret->files += v->f.has_sha256;
		c->j->ret->bytes += v->f.has_sha256 ? v->f.size : 0;
	}
}

/* Models in the order of the lock, then nobody's. */
static int by_model(const void *a, const void *b)
{
	const struct lying *x = a, *y = b;

	if (x->model != y->model)
		return !x->model             ? 1
		       : !y->model           ? -1
		       : x->model < y->model ? -1
					     : 1;
	return strcmp(x->f.path, y->f.path);
}

static void compare(struct check *c, const struct pk_lock_model *m,
		    const struct lying *v, size_t n, struct pk_found *found)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		found[i] = v[i].f;
		known += pk_lock_find(m, v[i].f.path) != NULL;
	}
	c->j->ret->models++;
	if (m->count && !known)
		pk_drifts_add(&c->j->ret->d, PK_RULE_LOCK_MODEL_MISSING,
			      m->folder, NULL, "none of its %zu files is here",
			      m->count);
	pk_lock_compare(m, found, n, c->j->partial || (m->count && !known),
			&c->j->ret->d);
}

static void nobodys(struct check *c, const struct lying *v)
{
	pk_drifts_add(&c->j->ret->d, PK_RULE_LOCK_FILE_EXTRA, NULL, v->f.path,
		      "lies in no locked model's folder");
}

static enum pk_status judge(struct check *c)
{
	const struct pk_lock *l = c->j->lock;
	struct pk_found *found = calloc(c->count + 1, sizeof(*found));
	size_t at = 0;

	if (!found)
		return PK_ERR_NOMEM;
	if (c->count)
		qsort(c->v, c->count, sizeof(*c->v), by_model);
	for (size_t i = 0; i < l->count; i++) {
		size_t n = 0;

		while (at + n < c->count && c->v[at + n].model == &l->models[i])
			n++;
		compare(c, &l->models[i], c->v + at, n, found);
		at += n;
	}
	for (; at < c->count; at++)
		nobodys(c, &c->v[at]);
	free(found);
	return PK_OK;
}

static enum pk_status check_tree(struct check *c)
{
	const struct pk_hashing how = pk_check_hashing(c->j);
	enum pk_status s = gather(c);

	if (s == PK_OK)
		s = pk_hash_tasks(&c->tree, c->tasks, c->task_count, &how);
	if (s != PK_OK)
		return s;
	take_answers(c);
	return judge(c);
}

/* What the caller leaves out, and what is not a model's in each folder. */
static const char **leave_out(const struct pk_check_job *j, struct pk_arena *a,
			      size_t *ret_count)
{
	const struct pk_lock *l = j->lock;
	size_t n = 0;
	const char **v = pk_arena_alloc(
		a, j->how->ignore_count + (l->count + 1) * NOT_OF_A_MODEL,
		sizeof(*v));

	if (!v)
		return NULL;
	for (size_t i = 0; i < j->how->ignore_count; i++)
		v[n++] = j->how->ignore[i];
	for (size_t k = 0; k < NOT_OF_A_MODEL; k++) {
		v[n++] = not_of_a_model[k];
		for (size_t i = 0; i < l->count; i++) {
			v[n] = pk_arena_printf(a, "%s/%s", l->models[i].folder,
					       not_of_a_model[k]);
			if (!v[n++])
				return NULL;
		}
	}
	*ret_count = n;
	return v;
}

enum pk_status pk_check_folder(const struct pk_check_job *j, const char *folder)
{
	struct pk_tree_options o = { .links = PK_LINKS_WITHIN,
				     .tell_folders = true };
	struct check c = { .j = j };
	enum pk_status s;

	pk_tree_init(&c.tree);
	o.ignore = leave_out(j, &c.tree.arena, &o.ignore_count);
	s = o.ignore ? pk_tree_read(&c.tree, folder, &o) : PK_ERR_NOMEM;
	if (s == PK_OK && c.tree.single) {
		errno = ENOTDIR;
		s = PK_ERR_IO;
	}
	if (s == PK_OK)
		s = check_tree(&c);
	free(c.v);
	free(c.tasks);
	pk_tree_release(&c.tree);
	return s;
}
