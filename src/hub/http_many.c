/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/http_many.h"

#include <pthread.h>

struct errand {
	struct pk_http *h;
	const struct pk_http_request *r;
	struct pk_http_answer *ret;
	pthread_t thread;
	bool started;
};

void pk_http_team_release(struct pk_http_team *t)
{
	for (size_t i = 0; i < PK_HTTP_MANY - 1; i++)
		pk_http_free(t->more[i]);
	*t = (struct pk_http_team){ .own = NULL };
}

static void *run(void *ctx)
{
	const struct errand *e = ctx;

	pk_http_do(e->h, e->r, e->ret);
	return NULL;
}

/* Without a thread it is done later, by ourselves. */
static void start(struct pk_http_team *t, struct errand *e, size_t i)
{
	if (i == 0)
		return;
	if (!t->more[i - 1])
		t->more[i - 1] = pk_http_twin(t->own);
	e->h = t->more[i - 1] ? t->more[i - 1] : t->own;
	e->started =
		t->more[i - 1] && pthread_create(&e->thread, NULL, run, e) == 0;
}

void pk_http_do_many(struct pk_http_team *t, const struct pk_http_request *r,
		     size_t n, struct pk_http_answer *ret)
{
	struct errand e[PK_HTTP_MANY] = { { 0 } };

	for (size_t i = 0; i < n; i++) {
		e[i] = (struct errand){ .h = t->own,
					.r = &r[i],
					.ret = &ret[i] };
		start(t, &e[i], i);
	}
	for (size_t i = 0; i < n; i++) {
		if (e[i].started)
			(void)pthread_join(e[i].thread, NULL);
		else
			(void)run(&e[i]);
	}
}
