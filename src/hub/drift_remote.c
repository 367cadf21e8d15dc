/* SPDX-License-Identifier: Apache-2.0 */
/* A lock held against what its sources have now. */
#include <inttypes.h>

#include "hub/advice.h"
#include "hub/drift.h"

/* -1: nothing. */
static int rank_of(const char *word)
{
	return word ? pk_advice_rank((struct pk_span){ (const uint8_t *)word,
						       strlen(word) })
		    : -1;
}

const char *pk_remote_advice(const struct pk_remote *r)
{
	int worst = -1;

	for (size_t i = 0; i < r->count; i++) {
		const int rank = rank_of(r->files[i].advice);

		if (rank > worst)
			worst = rank;
	}
	return pk_advice_word(worst);
}

static const char *or_none(const char *text)
{
	return text ? text : "none";
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static void drift_of_commit(const struct pk_lock_model *m,
			    const struct pk_origin *now, struct pk_drifts *d)
{
	if (!m->from.commit || same_text(m->from.commit, now->commit))
		return;
	pk_drifts_add(d,
		      now->tag == PK_YES ? PK_RULE_DRIFT_TAG_MOVED
					 : PK_RULE_DRIFT_BRANCH_MOVED,
		      m->from.uri, NULL, "%s is %s now, locked is %s",
		      m->from.revision ? m->from.revision
				       : "the default branch",
		      or_none(now->commit), m->from.commit);
}

static void drift_of_access(const struct pk_lock_model *m,
			    const struct pk_origin *now, struct pk_drifts *d)
{
	const enum pk_known was = m->from.gated, is = now->gated;

	if (was != PK_NOT_KNOWN && is != PK_NOT_KNOWN && was != is)
		pk_drifts_add(d, PK_RULE_DRIFT_GATED, m->from.uri, NULL,
			      is == PK_YES ? "its terms must be accepted now"
					   : "its terms need not be accepted "
					     "any more");
}

static void drift_of_origin(const struct pk_lock_model *m,
			    const struct pk_origin *now, struct pk_drifts *d)
{
	if (now->renamed_to)
		pk_drifts_add(d, PK_RULE_DRIFT_REPOSITORY_RENAMED, m->from.uri,
			      NULL, "it is called %s now", now->renamed_to);
	if (!same_text(m->from.licence, now->licence))
		pk_drifts_add(d, PK_RULE_DRIFT_LICENCE_CHANGED, m->from.uri,
			      NULL, "the licence is %s, locked is %s",
			      or_none(now->licence), or_none(m->from.licence));
	if (m->from.verified == PK_YES && now->verified == PK_NO)
		pk_drifts_add(d, PK_RULE_DRIFT_PUBLISHER, m->from.uri, NULL,
			      "%s is not a verified publisher any more",
			      or_none(now->owner));
	drift_of_access(m, now, d);
}

static void drift_of_advice(const struct pk_lock_model *m,
			    const struct pk_remote *now, struct pk_drifts *d)
{
	const char *advice = pk_remote_advice(now);
	const int is = rank_of(advice);

	if (is >= PK_ADVICE_BAD && is > rank_of(m->advice))
		pk_drifts_add(d, PK_RULE_DRIFT_REGISTRY_VERDICT, m->from.uri,
			      NULL, "the registry says %s, locked is %s",
			      advice, or_none(m->advice));
}

static bool hex_is(const char *hex, const uint8_t *digest, size_t n)
{
	uint8_t bytes[PK_SHA256_LEN];

	return pk_hex_get((struct pk_span){ (const uint8_t *)hex, strlen(hex) },
			  bytes, n) &&
	       memcmp(bytes, digest, n) == 0;
}

/* False: as far as the registry tells. */
static bool differs(const struct pk_lock_file *was,
		    const struct pk_remote_file *is)
{
	if (is->size != PK_SIZE_UNKNOWN && is->size != was->size)
		return true;
	if (is->identity == PK_ID_SHA256)
		return !hex_is(is->digest, was->sha256, PK_SHA256_LEN);
	if (is->identity == PK_ID_GIT_BLOB && was->has_git_blob)
		return !hex_is(is->digest, was->git_blob, PK_GIT_BLOB_LEN);
	return false;
}

/* Whether the registry tells the bytes apart by more than how many they are,
 * in a way that the lock knows. */
static bool is_proven(const struct pk_lock_file *was,
		      const struct pk_remote_file *is)
{
	return is->identity == PK_ID_SHA256 ||
	       (is->identity == PK_ID_GIT_BLOB && was->has_git_blob);
}

static void drift_of_file(const struct pk_lock_model *m,
			  const struct pk_lock_file *was,
			  const struct pk_remote_file *is, struct pk_drifts *d)
{
	if (!differs(was, is))
		return;
	if (is->size != PK_SIZE_UNKNOWN && is->size != was->size)
		pk_drifts_add(d, PK_RULE_DRIFT_FILE_CHANGED, m->from.uri,
			      was->path,
			      "has %" PRIu64 " bytes, locked are %" PRIu64,
			      is->size, was->size);
	else
		pk_drifts_add(d, PK_RULE_DRIFT_FILE_CHANGED, m->from.uri,
			      was->path, "its digest is %s now", is->digest);
}

void pk_lock_drift_files(const struct pk_lock_model *m,
			 const struct pk_remote *now, struct pk_drifts *d)
{
	size_t i = 0, j = 0, unproven = 0;

	while (i < m->count || j < now->count) {
		const int order =
			i == m->count ? 1
			: j == now->count
				? -1
				: strcmp(m->files[i].path, now->files[j].path);

		if (order == 0) {
			unproven += !is_proven(&m->files[i], &now->files[j]);
			drift_of_file(m, &m->files[i], &now->files[j], d);
		} else if (order < 0) {
			pk_drifts_add(d, PK_RULE_DRIFT_FILE_REMOVED,
				      m->from.uri, m->files[i].path,
				      "is not there any more");
		} else {
			pk_drifts_add(d, PK_RULE_DRIFT_FILE_ADDED, m->from.uri,
				      now->files[j].path, "is new");
		}
		i += order <= 0;
		j += order >= 0;
	}
	if (unproven)
		pk_drifts_add(d, PK_RULE_DRIFT_UNCHECKED, m->from.uri, NULL,
			      "it tells no digest of %zu files; only their "
			      "sizes were compared",
			      unproven);
}

void pk_lock_drift(const struct pk_lock_model *m, const struct pk_remote *now,
		   struct pk_drifts *d)
{
	drift_of_commit(m, &now->origin, d);
	drift_of_origin(m, &now->origin, d);
	drift_of_advice(m, now, d);
	pk_lock_drift_files(m, now, d);
}

bool pk_lock_drift_trouble(const struct pk_lock_model *m,
			   const struct pk_remote_trouble *why, bool at_commit,
			   struct pk_drifts *d)
{
	if (why->gated && m->from.gated != PK_YES) {
		pk_drifts_add(d, PK_RULE_DRIFT_GATED, m->from.uri, NULL, "%s",
			      why->text);
		return true;
	}
	if (!why->gone)
		return false;
	pk_drifts_add(d,
		      at_commit ? PK_RULE_DRIFT_COMMIT_GONE
				: PK_RULE_DRIFT_REPOSITORY_GONE,
		      m->from.uri, NULL, "%s", why->text);
	return true;
}
