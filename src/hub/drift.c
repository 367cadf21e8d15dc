/* SPDX-License-Identifier: Apache-2.0 */
#include "hub/drift.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void pk_drifts_init(struct pk_drifts *d)
{
	*d = (struct pk_drifts){ .meter = { .ceiling = 512 << 20 } };
	d->arena = PK_ARENA(&d->meter);
}

void pk_drifts_release(struct pk_drifts *d)
{
	free(d->v);
	pk_arena_release(&d->arena);
	*d = (struct pk_drifts){ 0 };
}

static bool make_room(struct pk_drifts *d)
{
	const size_t cap = d->cap ? 2 * d->cap : 32;
	struct pk_drift *v;

	if (d->count < d->cap)
		return true;
	v = reallocarray(d->v, cap, sizeof(*v));
	if (!v)
		return false;
	d->v = v;
	d->cap = cap;
	return true;
}

static const char *copy(struct pk_drifts *d, const char *text)
{
	const char *to = text ? pk_arena_printf(&d->arena, "%s", text) : NULL;

	d->failed |= text && !to;
	return to;
}

void pk_drifts_add(struct pk_drifts *d, enum pk_rule rule, const char *where,
		   const char *path, const char *fmt, ...)
{
	char *message = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	if (message && make_room(d))
		d->v[d->count++] =
			(struct pk_drift){ rule, copy(d, where), copy(d, path),
					   copy(d, message) };
	else
		d->failed = true;
	free(message);
}

bool pk_drift_is_unread(const struct pk_drift *d)
{
	return d->rule == PK_RULE_LOCK_FILE_UNREAD ||
	       d->rule == PK_RULE_CACHE_UNREAD ||
	       d->rule == PK_RULE_DRIFT_UNCHECKED ||
	       d->rule == PK_RULE_CACHE_UNPROVEN;
}

static void put_hex(char to[2 * PK_SHA256_LEN + 1],
		    const uint8_t digest[PK_SHA256_LEN])
{
	for (size_t i = 0; i < PK_SHA256_LEN; i++)
		(void)snprintf(to + 2 * i, 3, "%02x", digest[i]);
}

static void compare_file(const struct pk_lock_model *m,
			 const struct pk_lock_file *want,
			 const struct pk_found *is, struct pk_drifts *d)
{
	char here[2 * PK_SHA256_LEN + 1], locked[2 * PK_SHA256_LEN + 1];

	if (is->trouble) {
		pk_drifts_add(d, PK_RULE_LOCK_FILE_UNREAD, m->folder,
			      want->path, "%s", is->trouble);
	} else if (is->size != want->size) {
		pk_drifts_add(d, PK_RULE_LOCK_FILE_CHANGED, m->folder,
			      want->path,
			      "has %" PRIu64 " bytes, locked are %" PRIu64,
			      is->size, want->size);
	} else if (!is->has_sha256) {
		pk_drifts_add(d, PK_RULE_LOCK_FILE_UNREAD, m->folder,
			      want->path, "was not read");
	} else if (memcmp(is->sha256, want->sha256, PK_SHA256_LEN) != 0) {
		put_hex(here, is->sha256);
		put_hex(locked, want->sha256);
		pk_drifts_add(d, PK_RULE_LOCK_FILE_CHANGED, m->folder,
			      want->path, "SHA-256 is %s, locked is %s", here,
			      locked);
	}
}

/* Both are in order: in step, as a merge goes. */
void pk_lock_compare(const struct pk_lock_model *m, const struct pk_found *v,
		     size_t n, bool partial, struct pk_drifts *d)
{
	size_t i = 0, j = 0;

	while (i < m->count || j < n) {
		const int order = i == m->count ? 1
				  : j == n
					  ? -1
					  : strcmp(m->files[i].path, v[j].path);

		if (order == 0)
			compare_file(m, &m->files[i], &v[j], d);
		else if (order < 0 && !partial)
			pk_drifts_add(d, PK_RULE_LOCK_FILE_MISSING, m->folder,
				      m->files[i].path, "is not here");
		else if (order > 0)
			pk_drifts_add(d, PK_RULE_LOCK_FILE_EXTRA, m->folder,
				      v[j].path, "is not in the lock%s%s",
				      v[j].trouble ? ": " : "",
				      v[j].trouble ? v[j].trouble : "");
		i += order <= 0;
		j += order >= 0;
	}
}
