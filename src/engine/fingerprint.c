/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fingerprint.h"

#include <stdlib.h>

struct entry {
	struct pk_finding *f;
	size_t order;
};

/* With its terminator, so that no two lists of texts read the same. */
static void add_text(struct pk_sha256 *h, const char *s)
{
	s = s ? s : "";
	pk_sha256_add(h, s, strlen(s) + 1);
}

static bool digest(struct pk_finding *f)
{
	struct pk_sha256 *h = pk_sha256_new();

	add_text(h, "picket/v1");
	add_text(h, pk_rules[f->rule].id);
	add_text(h, f->member);
	add_text(h, f->evidence);
	return pk_sha256_end(h, f->fingerprint);
}

static int by_digest(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int d = memcmp(x->f->fingerprint, y->f->fingerprint, PK_SHA256_LEN);

	if (d)
		return d;
	return (x->order > y->order) - (x->order < y->order);
}

/* The first keeps its digest, the nth has n hashed in. */
static bool number(struct pk_finding *f, uint32_t nth)
{
	const uint8_t n[4] = { (uint8_t)nth, (uint8_t)(nth >> 8),
			       (uint8_t)(nth >> 16), (uint8_t)(nth >> 24) };
	struct pk_sha256 *h = pk_sha256_new();

	pk_sha256_add(h, f->fingerprint, PK_SHA256_LEN);
	pk_sha256_add(h, n, sizeof(n));
	return pk_sha256_end(h, f->fingerprint);
}

static bool tell_apart(struct entry *v, size_t n)
{
	uint8_t last[PK_SHA256_LEN] = { 0 };
	uint32_t nth = 0;
	bool ok = true;

	qsort(v, n, sizeof(*v), by_digest);
	for (size_t i = 0; i < n && ok; i++) {
		if (memcmp(last, v[i].f->fingerprint, sizeof(last)) == 0) {
			ok = number(v[i].f, ++nth);
			continue;
		}
		memcpy(last, v[i].f->fingerprint, sizeof(last));
		nth = 0;
	}
	return ok;
}

enum pk_status pk_fingerprint(struct pk_job *job)
{
	struct entry *v;
	size_t n = 0;
	bool ok = true;

	for (struct pk_finding *f = job->findings; f; f = f->next)
		n++;
	if (n == 0)
		return PK_OK;
	v = calloc(n, sizeof(*v));
	n = 0;
	for (struct pk_finding *f = job->findings; v && f; f = f->next) {
		v[n] = (struct entry){ f, n };
		ok = digest(f) && ok;
		n++;
	}
	ok = v && ok && tell_apart(v, n);
	free(v);
	return ok ? PK_OK : PK_ERR_NOMEM;
}
