/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_TEMPLATE_VALUE_H
#define PK_ANALYZE_TEMPLATE_VALUE_H

#include "core/arena.h"
#include "core/span.h"

/*
 * What an expression of a template is worth, as far as constants tell: the
 * tricks that spell a name in pieces are undone by doing what they do.
 */
enum pk_tv_kind {
	PK_TV_UNKNOWN,
	PK_TV_TEXT,
	PK_TV_NUMBER,
	PK_TV_LIST, /* lists and tuples */
	PK_TV_DICT, /* with constant keys */
};

/* Stands in a text for what is not known of it; no byte of UTF-8. */
enum { PK_TV_HOLE = 0xff };

enum { PK_TV_TEXT_MAX = 4096, PK_TV_ITEMS_MAX = 1024, PK_TV_OTHERS_MAX = 32 };

struct pk_tv {
	enum pk_tv_kind kind;
	bool made;    /* text that was put together, not written */
	bool literal; /* written as a literal of this template */
	struct pk_span text;
	int64_t number;
	struct pk_tv *items; /* of a list or dict, chained by next */
	struct pk_tv *last;
	size_t n;
	struct pk_span key;  /* of an item of a dict */
	struct pk_tv *next;  /* item of the same list */
	struct pk_tv *other; /* what it may be instead */
	struct pk_span root; /* of a dotted path: the step before the last */
	struct pk_span step; /* and the last; empty where root is a name */
};

/* The makers below take their memory from an arena; when that fails the
 * value is unknown. */
struct pk_tv pk_tv_text(struct pk_arena *a, struct pk_span text);
struct pk_tv pk_tv_number(int64_t n);
void pk_tv_append(struct pk_arena *a, struct pk_tv *list, struct pk_span key,
		  struct pk_tv item);

/* The one or the other; both are kept. */
struct pk_tv pk_tv_either(struct pk_arena *a, struct pk_tv one,
			  struct pk_tv other);

struct pk_tv pk_tv_binary(struct pk_arena *a, struct pk_span op,
			  struct pk_tv left, struct pk_tv right);

/* What a filter, or a method of the same name, makes of a value; args is a
 * list. */
struct pk_tv pk_tv_apply(struct pk_arena *a, struct pk_span name,
			 struct pk_tv value, const struct pk_tv *args);

/* The n-th item or character, from behind when below zero. */
struct pk_tv pk_tv_index(struct pk_arena *a, const struct pk_tv *v, int64_t n);
/* A slice; NULL for a part that is not written. */
struct pk_tv pk_tv_slice(struct pk_arena *a, const struct pk_tv *v,
			 const struct pk_tv *start, const struct pk_tv *stop,
			 const struct pk_tv *step);
/* The item of a dict under a key, or NULL. */
const struct pk_tv *pk_tv_get(const struct pk_tv *v, struct pk_span key);

#endif
