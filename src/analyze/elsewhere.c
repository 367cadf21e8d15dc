/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/elsewhere.h"

#include <ctype.h>

#include "engine/note.h"

static struct pk_span from(struct pk_span s, size_t n)
{
	return (struct pk_span){ s.p + n, s.len - n };
}

/* Up to the first of these bytes. */
static struct pk_span until(struct pk_span s, const char *stops)
{
	size_t n = 0;

	while (n < s.len && !(s.p[n] && strchr(stops, s.p[n])))
		n++;
	return (struct pk_span){ s.p, n };
}

static void fetch(struct pk_scan *s, enum pk_ref_kind kind, struct pk_span name,
		  struct pk_span revision, uint64_t at)
{
	if (name.len)
		pk_refer(s, &(struct pk_ref){ .kind = kind,
					      .path = name,
					      .revision = revision,
					      .at = at });
}

void pk_fetch_code(struct pk_scan *s, struct pk_span repository, uint64_t at)
{
	fetch(s, PK_REF_REPOSITORY, repository, (struct pk_span){ 0 }, at);
}

void pk_fetch_kernel(struct pk_scan *s, struct pk_span name, uint64_t at)
{
	const size_t mode = until(name, "|").len;
	struct pk_span repository, rest;

	if (mode < name.len)
		name = from(name, mode + 1);
	repository = until(name, "@:");
	rest = from(name, repository.len);
	if (rest.len && *rest.p == '@')
		fetch(s, PK_REF_REPOSITORY, repository,
		      until(from(rest, 1), ":"), at);
	else
		fetch(s, PK_REF_REPOSITORY, repository, (struct pk_span){ 0 },
		      at);
}

/* A part of a repository's name, by the rules of the Hub (its client's
 * validator): up to 96 letters, digits and "._-", neither "-" nor "." at the
 * ends, no "--", no "..". */
static bool is_part(struct pk_span s)
{
	enum { PART_MAX = 96 };

	if (!s.len || s.len > PART_MAX || strchr("-.", s.p[0]) ||
	    strchr("-.", s.p[s.len - 1]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!isalnum(s.p[i]) && !(s.p[i] && strchr("._-", s.p[i])))
			return false;
		if (i && s.p[i] == s.p[i - 1] && strchr("-.", s.p[i]))
			return false;
	}
	return true;
}

static bool is_repository(struct pk_span s)
{
	const struct pk_span owner = until(s, "/");

	if (s.len > 4 && memcmp(s.p + s.len - 4, ".git", 4) == 0)
		return false;
	return owner.len == s.len
		       ? is_part(s)
		       : is_part(owner) && is_part(from(s, owner.len + 1));
}

/* Whether the folder exists cannot be asked here, and must not: one that lies
 * in the tree would hide what is fetched. */
static void fetch_base(struct pk_scan *s, const struct pk_jvalue *model,
		       const struct pk_jvalue *revision)
{
	const struct pk_span name = pk_json_text(model);

	if (is_repository(name))
		fetch(s, PK_REF_BASE, name, pk_json_text(revision), model->off);
}

void pk_fetch_adapter_base(struct pk_scan *s, const struct pk_jvalue *model,
			   const struct pk_jvalue *in)
{
	fetch_base(s, model, pk_json_get(in, "revision"));
}

void pk_fetch_stored_base(struct pk_scan *s, const struct pk_jvalue *model,
			  const struct pk_jvalue *in)
{
	if (!pk_json_get(in, "model_binary"))
		fetch_base(s, model, pk_json_get(in, "source_model_revision"));
}

static bool is_address(struct pk_span s)
{
	const struct pk_span scheme = until(s, ":");

	for (size_t i = 0; i < scheme.len; i++) {
		if (!isalnum(scheme.p[i]) &&
		    !(scheme.p[i] && strchr("+-.", scheme.p[i])))
			return false;
	}
	return scheme.len > 1 &&
	       pk_span_starts(from(s, scheme.len), PK_LIT("://"));
}

void pk_fetch_url(struct pk_scan *s, struct pk_span text, uint64_t at)
{
	if (is_address(text))
		fetch(s, PK_REF_URL, text, (struct pk_span){ 0 }, at);
}
