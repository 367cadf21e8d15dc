/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX 1.6 as an inventory of models (ML-BOM): a component for each
 * file, with its digest; what was found, as vulnerabilities. */
#include "core/utf8.h"
#include "engine/format.h"
#include "report/inventory.h"

static void begin(struct pk_output *o)
{
	struct pk_json *j = &o->json;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	o->digest = pk_sha256_new();
	pk_json_object(j, NULL);
	pk_json_str(j, "$schema",
		    "http://cyclonedx.org/schema/bom-1.6.schema.json");
	pk_json_str(j, "bomFormat", "CycloneDX");
	pk_json_str(j, "specVersion", "1.6");
	pk_json_uint(j, "version", 1);
	pk_json_array(j, "components");
}

static void put_property(struct pk_json *j, const char *name, const char *value)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "name", name);
	pk_json_str(j, "value", value);
	pk_json_close(j);
}

static void put_hashes(struct pk_json *j, const struct pk_job *job)
{
	if (!job->has_sha256)
		return;
	pk_json_array(j, "hashes");
	pk_json_object(j, NULL);
	pk_json_str(j, "alg", "SHA-256");
	pk_json_hex(j, "content", "",
		    (struct pk_span){ job->sha256, PK_SHA256_LEN });
	pk_json_close(j);
	pk_json_close(j);
}

static void put_text(struct pk_json *j, const char *key,
		     const struct pk_job *job, enum pk_stated what)
{
	struct pk_buf b = { 0 };

	if (pk_put_stated(&b, job, what))
		pk_json_str(j, key, pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

/* Of the list of the SPDX it has an identifier, any other a name. */
static void put_license(struct pk_json *j, const struct pk_result *r)
{
	struct pk_buf name = { 0 };
	struct pk_span text;
	const char *id;

	if (!pk_declared_license(r, &text))
		return;
	id = pk_spdx_id(text);
	pk_utf8_escape(&name, text, PK_STATED_LEN);
	pk_json_array(j, "licenses");
	pk_json_object(j, NULL);
	pk_json_object(j, "license");
	pk_json_str(j, id ? "id" : "name", id ? id : pk_buf_str(&name));
	pk_json_str(j, "acknowledgement", "declared");
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
	j->out->failed |= name.failed;
	pk_buf_release(&name);
}

static void put_author(struct pk_json *j, const struct pk_job *job)
{
	if (!pk_stated_of(job, PK_STATED_AUTHOR))
		return;
	pk_json_array(j, "authors");
	pk_json_object(j, NULL);
	put_text(j, "name", job, PK_STATED_AUTHOR);
	pk_json_close(j);
	pk_json_close(j);
}

/* The model that it was made from, as the file names it. */
static void put_ancestor(struct pk_json *j, const struct pk_job *job)
{
	if (!pk_stated_of(job, PK_STATED_BASE))
		return;
	pk_json_object(j, "pedigree");
	pk_json_array(j, "ancestors");
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "machine-learning-model");
	put_text(j, "name", job, PK_STATED_BASE);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_model_card(struct pk_json *j, const struct pk_result *r)
{
	if (!pk_is_model(r))
		return;
	pk_json_object(j, "modelCard");
	if (pk_stated_of(&r->job, PK_STATED_ARCHITECTURE)) {
		pk_json_object(j, "modelParameters");
		put_text(j, "architectureFamily", &r->job,
			 PK_STATED_ARCHITECTURE);
		pk_json_close(j);
	}
	pk_json_array(j, "properties");
	put_property(j, "picket:format.title", r->job.primary->title);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_purl(struct pk_json *j, const char *path)
{
	struct pk_buf b = { 0 };

	if (pk_put_purl(&b, path))
		pk_json_str(j, "purl", pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

static void put_component(struct pk_json *j, const struct pk_result *r)
{
	struct pk_buf name = { 0 };

	pk_utf8_defuse(&name, pk_text_span(r->path));
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "type",
		    pk_is_model(r) ? "machine-learning-model" : "file");
	pk_json_uri(j, "bom-ref", "picket:", r->path);
	pk_json_str(j, "name", pk_buf_str(&name));
	put_text(j, "version", &r->job, PK_STATED_VERSION);
	put_text(j, "description", &r->job, PK_STATED_ABOUT);
	put_author(j, &r->job);
	put_hashes(j, &r->job);
	put_license(j, r);
	put_purl(j, r->path);
	put_ancestor(j, &r->job);
	put_model_card(j, r);
	pk_json_array(j, "properties");
	pk_each_property(j, r, put_property);
	pk_json_close(j);
	pk_json_close(j);
	j->out->failed |= name.failed;
	pk_buf_release(&name);
}

static void put_ratings(struct pk_json *j, enum pk_severity s)
{
	pk_json_object(j, "source");
	pk_json_str(j, "name", "picket");
	pk_json_close(j);
	pk_json_array(j, "ratings");
	pk_json_object(j, NULL);
	pk_json_str(j, "severity", pk_severity_name(s));
	pk_json_str(j, "method", "other");
	pk_json_close(j);
	pk_json_close(j);
}

static void put_cwes(struct pk_json *j, const char *refs)
{
	struct pk_span word;

	pk_json_array(j, "cwes");
	while (pk_word_next(&refs, &word)) {
		if (pk_cwe_number(word))
			pk_json_uint(j, NULL, pk_cwe_number(word));
	}
	pk_json_close(j);
}

static void put_advisories(struct pk_json *j, const char *refs)
{
	struct pk_buf url = { 0 };
	struct pk_span word;

	pk_json_array(j, "advisories");
	while (pk_word_next(&refs, &word)) {
		url.len = 0;
		if (pk_cwe_number(word) || !pk_put_reference_url(&url, word))
			continue;
		pk_json_object(j, NULL);
		pk_json_bytes(j, "title", word);
		pk_json_str(j, "url", pk_buf_str(&url));
		pk_json_close(j);
	}
	pk_json_close(j);
	pk_buf_release(&url);
}

static void put_analysis(struct pk_json *j, const struct pk_finding *f)
{
	pk_json_object(j, "analysis");
	pk_json_str(j, "state", "in_triage");
	if (f->accepted) {
		pk_json_array(j, "response");
		pk_json_str(j, NULL, "will_not_fix");
		pk_json_close(j);
		pk_json_bytes(j, "detail", pk_text_span(f->accepted));
	}
	pk_json_close(j);
}

static void put_finding(struct pk_json *j, const struct pk_result *r,
			const struct pk_finding *f)
{
	const struct pk_rule_info *rule = &pk_rules[f->rule];
	struct pk_buf b = { 0 };

	pk_json_object(j, NULL);
	pk_put_finding_uuid(&b, r->path, f);
	pk_json_str(j, "bom-ref", pk_buf_str(&b));
	pk_json_str(j, "id", rule->id);
	put_ratings(j, f->severity);
	put_cwes(j, rule->refs);
	pk_json_str(j, "description", rule->title);
	b.len = 0;
	pk_put_message(&b, f);
	pk_json_str(j, "detail", pk_buf_str(&b));
	pk_json_str(j, "recommendation", rule->fix);
	put_advisories(j, rule->refs);
	pk_json_array(j, "affects");
	pk_json_object(j, NULL);
	pk_json_uri(j, "ref", "picket:", r->path);
	pk_json_close(j);
	pk_json_close(j);
	put_analysis(j, f);
	pk_json_close(j);
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

static void add_links(struct pk_output *o, const struct pk_result *r)
{
	struct pk_buf ref = { 0 };

	pk_buf_puts(&ref, "picket:");
	pk_put_uri(&ref, r->path);
	pk_links_add(&o->links, r, pk_buf_str(&ref));
	o->out.failed |= ref.failed;
	pk_buf_release(&ref);
}

/* Every component, also those that need no other file. */
static void put_dependencies(struct pk_output *o)
{
	struct pk_json *j = &o->json;
	const struct pk_linked *f = o->links.first;

	pk_json_array(j, "dependencies");
	for (; f; f = f->next) {
		const struct pk_link *rest = f->to;
		const char *id;

		pk_json_inline(j);
		pk_json_object(j, NULL);
		pk_json_str(j, "ref", f->id);
		pk_json_array(j, "dependsOn");
		while ((id = pk_links_next(&o->links, f, &rest)) != NULL)
			pk_json_str(j, NULL, id);
		pk_json_close(j);
		pk_json_close(j);
	}
	pk_json_close(j);
}

static void file(struct pk_output *o, const struct pk_result *r)
{
	const size_t before = o->out.len;

	put_component(&o->json, r);
	add_links(o, r);
	pk_sha256_add(o->digest, o->out.p + before, o->out.len - before);
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		struct pk_json line = { .out = &o->later };

		if (f->severity > PK_INFO)
			put_finding(&line, r, f);
	}
}

static void put_metadata(struct pk_output *o)
{
	struct pk_json *j = &o->json;
	char text[PK_TIME_TEXT + 1];

	pk_json_object(j, "metadata");
	if (o->style.timestamps) {
		pk_time_text(text, o->started);
		pk_json_str(j, "timestamp", strcat(text, "Z"));
	}
	pk_json_object(j, "tools");
	pk_json_array(j, "components");
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "application");
	pk_json_str(j, "name", "picket");
	pk_json_str(j, "version", PICKET_VERSION);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_array(j, "properties");
	put_property(j, "picket:policy", o->policy);
	pk_json_close(j);
	pk_json_close(j);
}

/* Made of the content, so that the same models have the same number. */
static void put_serial(struct pk_output *o)
{
	uint8_t digest[PK_SHA256_LEN];
	struct pk_buf b = { 0 };

	if (!pk_sha256_end(o->digest, digest))
		o->out.failed = true;
	o->digest = NULL;
	pk_buf_puts(&b, "urn:uuid:");
	pk_put_uuid(&b, digest);
	pk_json_str(&o->json, "serialNumber", pk_buf_str(&b));
	pk_buf_release(&b);
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_span rest, line;
	struct pk_json *j = &o->json;

	pk_sha256_add(o->digest, o->later.p, o->later.len);
	rest = pk_buf_span(&o->later);
	pk_json_close(j);
	pk_json_array(j, "vulnerabilities");
	while (pk_line_next(&rest, &line))
		pk_json_raw(j, NULL, line);
	pk_json_close(j);
	put_dependencies(o);
	pk_json_array(j, "compositions");
	pk_json_object(j, NULL);
	pk_json_str(j, "aggregate",
		    s->errors || s->excluded || s->partial ? "incomplete"
							   : "complete");
	pk_json_close(j);
	pk_json_close(j);
	put_metadata(o);
	put_serial(o);
	pk_json_close(j);
}

const struct pk_reporter pk_reporter_cyclonedx = {
	.name = "cyclonedx",
	.title = "CycloneDX 1.6, an inventory of models (ML-BOM)",
	.needs = PK_NEEDS_SHA256 | PK_NEEDS_STATED,
	.begin = begin,
	.file = file,
	.finish = finish,
};
