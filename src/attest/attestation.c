/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE   700 /* strptime */
#define _DEFAULT_SOURCE     /* timegm */
#include "attest/attestation.h"

#include <time.h>

#include "attest/frame.h"

enum { TIME_LEN = sizeof("2000-01-01T00:00:00Z") - 1, FILES_MAX = 10000000 };

static const char *const verdicts[] = { "skipped", "clean",      "unknown",
					"error",   "suspicious", "malicious" };
static const char *const actions[] = { "pass", "skip", "warn", "block" };

enum {
	VERDICTS = sizeof(verdicts) / sizeof(verdicts[0]),
	ACTIONS = sizeof(actions) / sizeof(actions[0]),
};

/* RFC 3339, UTC, whole seconds. */
static bool time_text(int64_t seconds, char text[TIME_LEN + 1])
{
	const time_t t = (time_t)seconds;
	struct tm tm;

	return gmtime_r(&t, &tm) &&
	       strftime(text, TIME_LEN + 1, "%Y-%m-%dT%H:%M:%SZ", &tm) ==
		       TIME_LEN;
}

static void put_scan(const struct pk_attestation *a, struct pk_json *j,
		     const char *time)
{
	pk_json_object(j, "tool");
	pk_json_str(j, "name", "picket");
	pk_json_str(j, "version", a->version);
	pk_json_str(j, "rules", a->rules);
	pk_json_close(j);
	pk_json_str(j, "time", time);
	pk_json_object(j, "policy");
	pk_json_str(j, "name", a->policy);
	pk_json_str(j, "fail_on", a->fail_on);
	pk_json_close(j);
	pk_json_bool(j, "passed", a->passed);
}

static void put_counts(const struct pk_manifest *m, struct pk_json *j)
{
	pk_json_object(j, "verdicts");
	for (size_t v = 0; v < VERDICTS; v++) {
		uint64_t n = 0;

		for (size_t i = 0; i < m->count; i++)
			n += strcmp(m->entries[i].verdict, verdicts[v]) == 0;
		if (n)
			pk_json_uint(j, verdicts[v], n);
	}
	pk_json_close(j);
}

static void put_file(const struct pk_manifest_entry *e, struct pk_json *j)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "path", e->path);
	pk_json_hex(j, "sha256", "",
		    (struct pk_span){ e->digest, PK_SHA256_LEN });
	if (e->format)
		pk_json_str(j, "format", e->format);
	pk_json_str(j, "verdict", e->verdict);
	pk_json_str(j, "action", e->action);
	pk_json_close(j);
}

static const char *why_unfit(const struct pk_manifest *m)
{
	for (size_t i = 0; i < m->count; i++) {
		if (!m->entries[i].verdict || !m->entries[i].action)
			return "a file was hashed and not scanned";
	}
	return pk_frame_unfit(m);
}

enum pk_status pk_attestation_put(const struct pk_attestation *a,
				  struct pk_buf *to, const char **why)
{
	struct pk_json j = { .out = to };
	char time[TIME_LEN + 1];

	*why = why_unfit(a->files);
	if (!*why && !time_text(a->time, time))
		*why = "a time that has no text";
	if (*why)
		return PK_ERR_USAGE;
	if (!pk_frame_open(&j, a->name, a->files, PK_SCAN_PREDICATE))
		return PK_ERR_NOMEM;
	put_scan(a, &j, time);
	put_counts(a->files, &j);
	pk_frame_put_ignores(&j, a->ignore, a->ignore_count);
	pk_json_array(&j, "files");
	for (size_t i = 0; i < a->files->count; i++)
		put_file(&a->files->entries[i], &j);
	pk_json_close(&j);
	pk_json_close(&j);
	pk_json_close(&j);
	return pk_buf_ok(to) ? PK_OK : PK_ERR_NOMEM;
}

/* Reading. */

static const char *get_text(struct pk_arena *a, const struct pk_jvalue *v,
			    const char **ret)
{
	if (!pk_json_is(v, PK_J_STRING))
		return "a member that must be a text is missing or none";
	*ret = pk_arena_copy(a, v->text);
	return *ret ? NULL : "out of memory";
}

/* Only what is written again as it stands is a time. */
static const char *get_time(struct pk_arena *a, const struct pk_jvalue *v,
			    int64_t *ret)
{
	const char *text = NULL, *why = get_text(a, v, &text);
	char again[TIME_LEN + 1];
	struct tm tm = { 0 };

	if (why)
		return why;
	if (!strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return "a time that is none";
	*ret = timegm(&tm);
	if (!time_text(*ret, again) || strcmp(again, text) != 0)
		return "a time that is none";
	return NULL;
}

static const char *get_scan(struct pk_attestation *a, const struct pk_jvalue *v)
{
	const struct pk_jvalue *policy = pk_json_get(v, "policy");
	const struct pk_jvalue *tool = pk_json_get(v, "tool");
	const struct pk_jvalue *passed = pk_json_get(v, "passed");
	struct pk_arena *to = &a->files->arena;
	const char *why = get_text(to, pk_json_get(policy, "name"), &a->policy);

	if (!why)
		why = get_text(to, pk_json_get(policy, "fail_on"), &a->fail_on);
	if (!why)
		why = get_text(to, pk_json_get(tool, "version"), &a->version);
	if (!why)
		why = get_text(to, pk_json_get(tool, "rules"), &a->rules);
	if (!why)
		why = get_time(to, pk_json_get(v, "time"), &a->time);
	if (!why && !pk_json_is(passed, PK_J_BOOL))
		why = "does not say whether the scan passed";
	a->passed = !why && pk_json_true(passed);
	return why;
}

/* The word, in static memory, or NULL. */
static const char *one_of(const struct pk_jvalue *v, const char *const *words,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pk_frame_is(v, words[i]))
			return words[i];
	}
	return NULL;
}

static const char *get_file(struct pk_manifest *m, const struct pk_jvalue *v)
{
	const struct pk_span path = pk_json_text(pk_json_get(v, "path"));
	struct pk_manifest_entry e = {
		.to = PK_TO_END,
		.size = PK_NO_SIZE,
		.verdict =
			one_of(pk_json_get(v, "verdict"), verdicts, VERDICTS),
		.action = one_of(pk_json_get(v, "action"), actions, ACTIONS),
	};

	if (!pk_tree_path_ok(path))
		return "a path that is absolute, leaves the tree or has an "
		       "empty, '.' or '..' component";
	if (!pk_hex_get(pk_json_text(pk_json_get(v, "sha256")), e.digest,
			PK_SHA256_LEN))
		return "a file without a digest";
	if (!e.verdict || !e.action)
		return "a verdict or an action that no scan gives";
	e.path = pk_arena_copy(&m->arena, path);
	if (!e.path || pk_manifest_add(m, &e) != PK_OK)
		return "out of memory";
	return NULL;
}

static const char *get_files(struct pk_manifest *m,
			     const struct pk_jvalue *list,
			     const struct pk_jvalue *subject)
{
	const char *why;

	if (!pk_json_is(list, PK_J_ARRAY) || list->count == 0 ||
	    list->count > FILES_MAX)
		return "no list of files";
	for (const struct pk_jvalue *k = list->kids; k; k = k->next) {
		why = get_file(m, k);
		if (why)
			return why;
	}
	why = pk_frame_check_root(subject, m);
	return why ? why : pk_frame_sort(m);
}

static const char *get(struct pk_attestation *a, const struct pk_jvalue *top)
{
	const struct pk_jvalue *v = pk_json_get(top, "predicate");
	const struct pk_jvalue *subject = pk_frame_subject(top);
	struct pk_arena *to = &a->files->arena;
	const char *why;

	if (!pk_frame_is(pk_json_get(top, "predicateType"), PK_SCAN_PREDICATE))
		return "not an attestation of a scan";
	if (!subject)
		return "not exactly one subject";
	why = get_text(to, pk_json_get(subject, "name"), &a->name);
	if (!why)
		why = get_scan(a, v);
	if (!why)
		why = pk_frame_get_ignores(to, pk_json_get(v, "ignore_paths"),
					   &a->ignore, &a->ignore_count);
	return why ? why
		   : get_files(a->files, pk_json_get(v, "files"), subject);
}

enum pk_status pk_attestation_get(struct pk_attestation *a, struct pk_span json,
				  const char **why)
{
	const struct pk_jvalue *top;

	*why = NULL;
	top = pk_frame_read(&a->files->arena, json, why);
	if (top)
		*why = get(a, top);
	return *why ? PK_ERR_USAGE : PK_OK;
}

const char *pk_attestation_blocked(const struct pk_attestation *a)
{
	for (size_t i = 0; i < a->files->count; i++) {
		if (strcmp(a->files->entries[i].action, "block") == 0)
			return a->files->entries[i].path;
	}
	return NULL;
}
