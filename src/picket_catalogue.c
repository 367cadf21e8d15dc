/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: the catalogues of rules and formats. */
#include "picket_types.h"

#include <stdio.h>

#include "engine/catalogue.h"

/* A handle is the engine's own static record. */
static const struct pk_rule_info *info(const struct picket_rule *r)
{
	return (const struct pk_rule_info *)r;
}

const struct picket_rule *picket_rule_at(size_t n)
{
	return n < PK_RULE_COUNT ? (const struct picket_rule *)&pk_rules[n]
				 : NULL;
}

const struct picket_rule *picket_rule_by_id(const char *id)
{
	return picket_rule_at((size_t)pk_rule_by_id(id));
}

const char *picket_rule_id(const struct picket_rule *r)
{
	return info(r)->id;
}

enum picket_severity picket_rule_severity(const struct picket_rule *r)
{
	return (enum picket_severity)info(r)->severity;
}

const char *picket_rule_title(const struct picket_rule *r)
{
	return info(r)->title;
}

const char *picket_rule_why(const struct picket_rule *r)
{
	return info(r)->why;
}

const char *picket_rule_fix(const struct picket_rule *r)
{
	return info(r)->fix;
}

const char *picket_rule_refs(const struct picket_rule *r)
{
	return info(r)->refs;
}

static const struct pk_format *format(const struct picket_format *f)
{
	return (const struct pk_format *)f;
}

const struct picket_format *picket_format_at(size_t n)
{
	for (size_t i = 0; pk_formats[i]; i++) {
		if (i == n)
			return (const struct picket_format *)pk_formats[i];
	}
	return NULL;
}

const char *picket_format_name(const struct picket_format *f)
{
	return format(f)->name;
}

const char *picket_format_title(const struct picket_format *f)
{
	return format(f)->title;
}

const char *picket_format_risk(const struct picket_format *f)
{
	return pk_risk_name(format(f)->risk);
}

const char *picket_format_reads(const struct picket_format *f)
{
	return format(f)->reads;
}

static enum picket_status send(struct pk_buf *b, const struct picket_sink *to)
{
	enum picket_status s = PICKET_OK;

	if (!pk_buf_ok(b))
		s = PICKET_ERR_NOMEM;
	else if (to->write(to->ctx, b->p, b->len) != 0)
		s = PICKET_ERR_IO;
	pk_buf_release(b);
	return s;
}

enum picket_status picket_rules_json(const struct picket_rule *rule,
				     const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };

	pk_json_object(&j, NULL);
	pk_json_array(&j, "rules");
	for (size_t i = 0; i < PK_RULE_COUNT; i++) {
		if (!rule || info(rule) == &pk_rules[i])
			pk_json_rule(&j, &pk_rules[i]);
	}
	pk_json_close(&j);
	pk_json_close(&j);
	return send(&b, to);
}

enum picket_status picket_formats_json(const struct picket_sink *to)
{
	struct pk_buf b = { 0 };
	struct pk_json j = { .out = &b, .pretty = true };

	pk_json_object(&j, NULL);
	pk_json_array(&j, "formats");
	for (size_t i = 0; pk_formats[i]; i++)
		pk_json_format(&j, pk_formats[i]);
	pk_json_close(&j);
	pk_json_close(&j);
	return send(&b, to);
}

enum picket_status picket_settings_id(const void *settings, size_t n,
				      char ret[65])
{
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t rules[PK_SHA256_LEN], digest[PK_SHA256_LEN];
	const bool ok = pk_rules_digest(rules);

	pk_sha256_add(h, PICKET_VERSION, sizeof(PICKET_VERSION));
	pk_sha256_add(h, rules, sizeof(rules));
	pk_sha256_add(h, settings, n);
	if (!pk_sha256_end(h, digest) || !ok)
		return PICKET_ERR_NOMEM;
	for (size_t i = 0; i < sizeof(digest); i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", digest[i]);
	return PICKET_OK;
}
