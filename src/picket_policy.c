/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: policies, built in and from files. */
#include "picket_types.h"

#include <stdio.h>
#include <stdlib.h>

enum picket_status picket_policy_new(const char *name,
				     struct picket_policy **ret)
{
	const struct pk_policy *builtin = pk_policy_builtin(name);
	struct picket_policy *p;

	if (!builtin)
		return PICKET_ERR_USAGE;
	p = calloc(1, sizeof(*p));
	if (!p)
		return PICKET_ERR_NOMEM;
	p->p = *builtin;
	*ret = p;
	return PICKET_OK;
}

void picket_policy_free(struct picket_policy *p)
{
	if (!p)
		return;
	pk_terms_release(&p->terms);
	pk_baseline_release(&p->baseline);
	free(p);
}

const char *picket_policy_builtin(size_t n)
{
	const struct pk_policy *p = pk_policy_at(n);

	return p ? p->name : NULL;
}

enum picket_status picket_policy_set_fail_on(struct picket_policy *p,
					     const char *severity)
{
	const int threshold = pk_threshold_by_name(severity);

	if (threshold < 0)
		return PICKET_ERR_USAGE;
	pk_policy_fail_on(&p->p, threshold);
	return PICKET_OK;
}

const char *picket_policy_name(const struct picket_policy *p)
{
	return p->p.name;
}

bool picket_policy_advisory(const struct picket_policy *p)
{
	return p->p.advisory;
}

void picket_policy_apply(const struct picket_policy *p, struct picket_file *f)
{
	pk_policy_apply(&p->p, &f->r);
}

/* The base, with the terms of the file over it. */
static enum picket_status take_terms(struct picket_policy *p, const char *name)
{
	p->p = *pk_policy_builtin(p->terms.base);
	if (p->terms.fail_on >= 0)
		pk_policy_fail_on(&p->p, p->terms.fail_on);
	p->p.forced = false;
	p->p.terms = &p->terms;
	p->p.name = pk_arena_printf(&p->terms.arena, "%s", name);
	return p->p.name ? PICKET_OK : PICKET_ERR_NOMEM;
}

enum picket_status picket_policy_parse(const void *yaml, size_t n,
				       const struct picket_policy_source *from,
				       struct picket_policy **ret)
{
	const int64_t day = 24 * 60 * 60;
	struct picket_policy *p = calloc(1, sizeof(*p));
	struct pk_complaints why;
	enum picket_status s;

	if (!p)
		return PICKET_ERR_NOMEM;
	s = pk_public_status(pk_terms_read(
		&p->terms, (struct pk_span){ yaml, n }, from->now / day, &why));
	for (size_t i = 0; s == PICKET_ERR_USAGE && i < why.count; i++)
		from->complain(from->ctx, why.v[i].line, why.v[i].text);
	if (s == PICKET_OK)
		s = take_terms(p, from->name);
	if (s == PICKET_OK)
		*ret = p;
	else
		picket_policy_free(p);
	return s == PICKET_ERR_USAGE ? PICKET_ERR_DATA : s;
}

enum picket_status picket_policy_set_baseline(struct picket_policy *p,
					      const void *report, size_t n,
					      struct picket_refusal *why)
{
	const char *text;
	enum pk_status s = pk_baseline_read(
		&p->baseline, (struct pk_span){ report, n }, &text);

	*why = (struct picket_refusal){ 0 };
	if (s == PK_OK) {
		p->p.baseline = &p->baseline;
		return PICKET_OK;
	}
	(void)snprintf(why->text, sizeof(why->text), "%s", text ? text : "");
	return s == PK_ERR_USAGE ? PICKET_ERR_DATA : pk_public_status(s);
}

bool picket_policy_needs_sha256(const struct picket_policy *p)
{
	for (size_t i = 0; i < p->terms.exception_count; i++) {
		if (p->terms.exceptions[i].bound)
			return true;
	}
	return false;
}

size_t picket_policy_exceptions(const struct picket_policy *p)
{
	return p->terms.exception_count;
}

bool picket_policy_approves(const struct picket_policy *p, size_t *ret_entries)
{
	const struct pk_source_list *allowed = &p->terms.sources.allowed;

	if (allowed->given)
		*ret_entries = allowed->n;
	return allowed->given;
}

void picket_policy_notices(const struct picket_policy *p,
			   void (*tell)(void *ctx, const char *text), void *ctx)
{
	for (size_t i = 0; i < p->terms.exception_count; i++) {
		struct pk_buf b = { 0 };

		if (pk_terms_notice(&p->terms, i, &b))
			tell(ctx, pk_buf_str(&b));
		pk_buf_release(&b);
	}
}
