/* SPDX-License-Identifier: Apache-2.0 */
#include "report/shares.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pk_status pk_shares_add(struct pk_shares *p, const struct pk_share *share)
{
	if (p->count == p->cap) {
		const size_t cap = p->cap ? p->cap * 2 : 16;
		struct pk_share *v = reallocarray(p->v, cap, sizeof(*v));

		if (!v)
			return PK_ERR_NOMEM;
		p->v = v;
		p->cap = cap;
	}
	p->v[p->count++] = *share;
	p->sorted = false;
	return PK_OK;
}

static int by_work(const struct pk_share *a, const struct pk_share *b)
{
	const int order = strcmp(a->plan, b->plan);

	return order ? order : (a->of > b->of) - (a->of < b->of);
}

static int by_number(const void *a, const void *b)
{
	const struct pk_share *x = a, *y = b;
	const int order = by_work(x, y);

	return order ? order
		     : (x->number > y->number) - (x->number < y->number);
}

void pk_shares_sort(struct pk_shares *p)
{
	size_t n = 0;

	if (p->sorted || !p->count)
		return;
	qsort(p->v, p->count, sizeof(*p->v), by_number);
	for (size_t i = 0; i < p->count; i++) {
		if (!n || by_number(&p->v[n - 1], &p->v[i]) != 0)
			p->v[n++] = p->v[i];
	}
	p->count = n;
	p->sorted = true;
}

/* Numbers in ascending order, neighbours as a range. */
struct list {
	char *to;
	size_t room;
	bool any;
	bool cut;
};

/* from up to, but without, to */
static void put_range(struct list *l, uint64_t from, uint64_t to)
{
	char text[48];
	int n;

	if (from >= to || l->cut)
		return;
	if (to - from == 1)
		n = snprintf(text, sizeof(text), "%s%" PRIu64,
			     l->any ? "," : "", from);
	else
		n = snprintf(text, sizeof(text), "%s%" PRIu64 "-%" PRIu64,
			     l->any ? "," : "", from, to - 1);
	l->cut = (size_t)n + sizeof(",...") > l->room;
	n = snprintf(l->to, l->room, "%s",
		     !l->cut  ? text
		     : l->any ? ",..."
			      : "...");
	l->to += n;
	l->room -= (size_t)n;
	l->any = true;
}

/* The parts from v up to end are of one work. */
static bool put_missing(const struct pk_share *v, const struct pk_share *end,
			struct list *l)
{
	const uint64_t first = v->plan[0] ? 0 : 1;
	const uint64_t last = first + v->of;
	uint64_t next = first;

	for (; v < end; v++) {
		put_range(l, next, v->number);
		next = v->number + 1;
	}
	put_range(l, next, last);
	return l->any;
}

const struct pk_share *pk_shares_missing(struct pk_shares *p, char *to,
					 size_t n)
{
	size_t i = 0;

	pk_shares_sort(p);
	while (i < p->count) {
		struct list l = { .to = to, .room = n };
		size_t end = i;

		while (end < p->count && by_work(&p->v[i], &p->v[end]) == 0)
			end++;
		if (put_missing(&p->v[i], p->v + end, &l))
			return &p->v[i];
		i = end;
	}
	return NULL;
}

void pk_shares_release(struct pk_shares *p)
{
	free(p->v);
	*p = (struct pk_shares){ 0 };
}
