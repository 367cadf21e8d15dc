/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/trusted_root.h"

#include <stdio.h>
#include <time.h>

#include "attest/frame.h"
#include "attest/json_bits.h"

#define MEDIA_TYPE "application/vnd.dev.sigstore.trustedroot+json;version=0.1"

enum { LIST_MAX = 64, CHAIN_MAX = 16 };

struct reader {
	struct pk_trusted_root *t;
	const char *why; /* the first mistake; NULL: none */
};

static void refuse(struct reader *rd, const char *why)
{
	if (!rd->why)
		rd->why = why;
}

/* "2021-01-12T11:53:27Z", perhaps with a fraction, which is dropped. */
static bool get_time(const struct pk_jvalue *v, int64_t *ret)
{
	const struct pk_span s = pk_json_text(v);
	struct tm tm = { 0 };
	char text[40], rest[24] = "";

	if (!pk_json_is(v, PK_J_STRING) || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = 0;
	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%23s", &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec,
		   rest) != 7 ||
	    rest[strlen(rest) - 1] != 'Z' ||
	    strspn(rest, ".0123456789Z") != strlen(rest))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	*ret = (int64_t)timegm(&tm);
	return true;
}

static struct pk_period get_period(struct reader *rd, const struct pk_jvalue *v)
{
	const struct pk_jvalue *in = pk_json_get(v, "validFor");
	const struct pk_jvalue *end = pk_json_get(in, "end");
	struct pk_period p = { .to = INT64_MAX };

	if (!get_time(pk_json_get(in, "start"), &p.from))
		refuse(rd, "the trusted root has an authority without a "
			   "period");
	if (end && !pk_json_is(end, PK_J_NULL) && !get_time(end, &p.to))
		refuse(rd, "the trusted root has a period without an end");
	return p;
}

static struct pk_span get_bytes(struct reader *rd, const struct pk_jvalue *v)
{
	struct pk_span bytes = { 0 };

	if (!pk_get_base64(&rd->t->arena, pk_json_get(v, "rawBytes"), &bytes))
		refuse(rd, "the trusted root has bytes that are not base64");
	return bytes;
}

/* Each element of a list, to get, which prepends. */
static void each(struct reader *rd, const struct pk_jvalue *list,
		 void (*get)(struct reader *rd, const struct pk_jvalue *v,
			     void *to),
		 void *to)
{
	if (list && (!pk_json_is(list, PK_J_ARRAY) || list->count > LIST_MAX))
		refuse(rd, "the trusted root has no lists of authorities");
	for (const struct pk_jvalue *v = list ? list->kids : NULL;
	     v && !rd->why; v = v->next)
		get(rd, v, to);
}

static void get_log(struct reader *rd, const struct pk_jvalue *v, void *to)
{
	struct pk_trusted_log **first = to;
	struct pk_trusted_log *l = PK_NEW(&rd->t->arena, struct pk_trusted_log);
	const struct pk_jvalue *key = pk_json_get(v, "publicKey");
	struct pk_span id = { 0 };

	if (!l) {
		refuse(rd, "out of memory");
		return;
	}
	if (!pk_get_base64(&rd->t->arena,
			   pk_json_get(pk_json_get(v, "logId"), "keyId"),
			   &id) ||
	    id.len != PK_SHA256_LEN) {
		refuse(rd, "the trusted root has a log without an id");
		return;
	}
	memcpy(l->id, id.p, PK_SHA256_LEN);
	l->key = get_bytes(rd, key);
	l->valid = get_period(rd, key);
	l->next = *first;
	*first = l;
}

static void get_chain(struct reader *rd, const struct pk_jvalue *v, void *to)
{
	struct pk_trusted_chain **first = to;
	const struct pk_jvalue *list =
		pk_json_get(pk_json_get(v, "certChain"), "certificates");
	struct pk_trusted_chain *c =
		PK_NEW(&rd->t->arena, struct pk_trusted_chain);

	if (!pk_json_is(list, PK_J_ARRAY) || !list->count ||
	    list->count > CHAIN_MAX) {
		refuse(rd, "the trusted root has an authority without "
			   "certificates");
		return;
	}
	if (c)
		c->certificates = pk_arena_alloc(&rd->t->arena, list->count,
						 sizeof(*c->certificates));
	if (!c || !c->certificates) {
		refuse(rd, "out of memory");
		return;
	}
	c->valid = get_period(rd, v);
	for (v = list->kids; v; v = v->next)
		c->certificates[c->count++] = get_bytes(rd, v);
	c->next = *first;
	*first = c;
}

enum pk_status pk_trusted_root_read(struct pk_trusted_root *t,
				    struct pk_span json, const char **why)
{
	struct reader rd = { .t = t };
	const struct pk_jvalue *top;

	*t = (struct pk_trusted_root){ .meter.ceiling = 64 << 20 };
	t->arena = PK_ARENA(&t->meter);
	*why = NULL;
	top = pk_json_strict(&t->arena, json);
	if (!pk_frame_is(pk_json_get(top, "mediaType"), MEDIA_TYPE))
		refuse(&rd, "not a trusted root of version 0.1");
	each(&rd, pk_json_get(top, "tlogs"), get_log, &t->logs);
	each(&rd, pk_json_get(top, "ctlogs"), get_log, &t->certificate_logs);
	each(&rd, pk_json_get(top, "certificateAuthorities"), get_chain,
	     &t->authorities);
	each(&rd, pk_json_get(top, "timestampAuthorities"), get_chain,
	     &t->timestamps);
	*why = rd.why;
	return rd.why ? PK_ERR_USAGE : PK_OK;
}

void pk_trusted_root_release(struct pk_trusted_root *t)
{
	pk_arena_release(&t->arena);
}

const struct pk_trusted_log *
pk_trusted_log_of(const struct pk_trusted_log *first,
		  const uint8_t id[PK_SHA256_LEN])
{
	while (first && memcmp(first->id, id, PK_SHA256_LEN) != 0)
		first = first->next;
	return first;
}
