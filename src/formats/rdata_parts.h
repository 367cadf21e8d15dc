/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_FORMATS_RDATA_PARTS_H
#define PK_FORMATS_RDATA_PARTS_H

/* What reading R's objects (rdata.c) and judging them (rdata_judge.c) share;
 * for these alone. */
#include "codec/rser.h"
#include "engine/format.h"

enum { RDATA_NAME_ROOM = 32 }; /* no name that matters is longer */

/* Where an item stands. */
enum rdata_where {
	RDATA_ELSEWHERE,
	RDATA_VARIABLES, /* the pairlist of a workspace */
	RDATA_FRAME,     /* the bindings of an environment */
	RDATA_BINDING,   /* what one of them is bound to */
	RDATA_BODY,      /* of a closure */
};

/* What was read: a type, and its text when it is a short name. */
struct rdata_item {
	int type;
	uint8_t len;
	char text[RDATA_NAME_ROOM];
};

struct rdata {
	struct pk_scan *s;
	struct pk_cursor c;
	struct pk_rser r;
	struct rdata_item *refs;
	size_t ref_count, ref_room;
	unsigned depth;
	unsigned calls;  /* of what is grave, so far */
	unsigned told;   /* a bit for each of graves[] */
	unsigned within; /* bytecode, whose constants hold inner functions */
	bool told_promise, told_late, told_code;
};

bool rdata_is(const struct rdata_item *i, const char *name);
bool rdata_is_one_of(const struct rdata_item *i, const char *const *v,
		     size_t n);

/* Reports when it is a function that does harm; once for each. */
void rdata_check_callee(struct rdata *d, const struct rdata_item *i);

/* Functions that call, or look up, what an argument names. */
bool rdata_forwards(const struct rdata_item *head);

/*
 * A function's environment holds promises for the arguments that it never
 * looked at: ordinary there, and evaluated when somebody does look.
 */
void rdata_check_promise(struct rdata *d, const struct rdata_item *value,
			 const struct rdata_item *expr, bool grave,
			 enum rdata_where where);

/* Functions that R calls when a workspace is loaded or left. */
void rdata_check_variable(struct rdata *d, const struct rdata_item *tag,
			  const struct rdata_item *value);

#endif
