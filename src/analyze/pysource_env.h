/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PYSOURCE_ENV_H
#define PK_ANALYZE_PYSOURCE_ENV_H

#include "analyze/pysource.h"

/*
 * What the names of a program stand for, as far as that is followed, and what
 * of it is used.  Shared by the files of pysource alone.
 */
enum {
	PK_PY_WAYS = 4,   /* things that one name may stand for */
	PK_PY_PATH = 400, /* bytes of a dotted name, or a folded text */
	PK_PY_BUCKETS = 256,
};

enum pk_pykind { PK_PYV_NOTHING, PK_PYV_UNKNOWN, PK_PYV_PATH, PK_PYV_TEXT };

struct pk_pyvalue {
	enum pk_pykind kind;
	unsigned n;
	struct pk_span way[PK_PY_WAYS]; /* of a path; [0] of a text */
	size_t off;
	bool inner; /* reached through the class of an object */
	bool hides; /* made by decoding or turning text */
};

/* What stands between two brackets, or on a line. */
enum { PK_PY_ARGS = 4 };
struct pk_pyargs {
	struct pk_pyvalue v[PK_PY_ARGS];
	unsigned n; /* pieces, also those that are not kept */
	bool hides;
};

struct pk_pyenv {
	struct pk_arena *arena;
	struct pk_pybinding *bound[PK_PY_BUCKETS];
	unsigned bindings;
	struct pk_span star[PK_PY_WAYS]; /* modules imported with "*" */
	unsigned stars;
	bool binding_only; /* the first time: imports may come later */
	struct pk_pysource *out;
	struct pk_py_use **uses_tail;
	struct pk_py_import **imports_tail;
	unsigned uses;
};

void pk_pyenv_bind(struct pk_pyenv *e, struct pk_span name,
		   struct pk_span path);
void pk_pyenv_star(struct pk_pyenv *e, struct pk_span module);
void pk_pyenv_import(struct pk_pyenv *e, struct pk_span module, size_t off);

/* What a name stands for at that place. */
struct pk_pyvalue pk_pyenv_look_up(struct pk_pyenv *e, struct pk_span name,
				   size_t off);

/* "a.b" of "a" and "b"; empty when it gets too long. */
struct pk_span pk_pyenv_join(struct pk_pyenv *e, struct pk_span a,
			     struct pk_span b);

void pk_pyenv_use(struct pk_pyenv *e, const struct pk_py_use *what);
void pk_pyenv_use_value(struct pk_pyenv *e, const struct pk_pyvalue *v,
			bool called);
/* A value that goes where it is not followed. */
void pk_pyenv_let_go(struct pk_pyenv *e, const struct pk_pyvalue *v);

/* v.name */
void pk_pyenv_attribute(struct pk_pyenv *e, struct pk_pyvalue *v,
			struct pk_span name);

void pk_pyenv_let_go_all(struct pk_pyenv *e, const struct pk_pyargs *a);

/* v(a) and v[a]; method: the attribute that is called, of whatever object. */
void pk_pyenv_call(struct pk_pyenv *e, struct pk_pyvalue *v,
		   const struct pk_pyargs *a, struct pk_span method);
void pk_pyenv_subscript(struct pk_pyenv *e, struct pk_pyvalue *v,
			const struct pk_pyargs *a);

void pk_pyvalue_add(struct pk_pyvalue *v, struct pk_span path);
bool pk_pyvalue_is(const struct pk_pyvalue *v, const char *path);
bool pk_pyvalue_ends(const struct pk_pyvalue *v, const char *end);
/* Holds a module from which anything can be reached. */
bool pk_pyvalue_is_powerful(const struct pk_pyvalue *v);
/* Takes the last step of every path away. */
void pk_pyvalue_parent(struct pk_pyvalue *v);

#endif
