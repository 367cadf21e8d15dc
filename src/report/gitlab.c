/* SPDX-License-Identifier: Apache-2.0 */
/* GitLab's report of a security scanner (SAST), schema 15.1.4. */
#include "core/utf8.h"
#include "report/words.h"

enum {
	DESCRIPTION_MAX = 1 << 16, /* the schema allows 1 MiB */
	IDENTIFIERS_MAX = 20,
};

static const char *const severities[] = {
	[PK_INFO] = "Info", [PK_LOW] = "Low",           [PK_MEDIUM] = "Medium",
	[PK_HIGH] = "High", [PK_CRITICAL] = "Critical",
};

static void begin(struct pk_output *o)
{
	struct pk_json *j = &o->json;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	pk_json_object(j, NULL);
	pk_json_str(j, "version", "15.1.4");
	pk_json_str(j, "schema",
		    "https://gitlab.com/gitlab-org/security-products/"
		    "security-report-schemas/-/raw/v15.1.4/dist/"
		    "sast-report-format.json");
	pk_json_array(j, "vulnerabilities");
}

static void put_identifier(struct pk_json *j, const char *type,
			   struct pk_span word)
{
	struct pk_buf url = { 0 };

	pk_json_object(j, NULL);
	pk_json_str(j, "type", type);
	pk_json_bytes(j, "name", word);
	pk_json_bytes(j, "value", word);
	if (pk_put_reference_url(&url, word))
		pk_json_str(j, "url", pk_buf_str(&url));
	pk_json_close(j);
	pk_buf_release(&url);
}

static const char *type_of(struct pk_span word)
{
	return pk_cwe_number(word)                        ? "cwe"
	       : pk_span_starts(word, PK_LIT("CVE-"))     ? "cve"
	       : pk_span_starts(word, PK_LIT("AML."))     ? "mitre_atlas"
	       : pk_span_starts(word, PK_LIT("https://")) ? NULL
							  : "owasp";
}

/* The first is what GitLab knows the vulnerability by. */
static void put_identifiers(struct pk_json *j, const struct pk_rule_info *rule)
{
	const char *rest = rule->refs;
	struct pk_span word;
	int n = 1;

	pk_json_array(j, "identifiers");
	put_identifier(j, "picket_rule", pk_text_span(rule->id));
	while (n < IDENTIFIERS_MAX && pk_word_next(&rest, &word)) {
		const char *type = type_of(word);

		if (type) {
			put_identifier(j, type, word);
			n++;
		}
	}
	pk_json_close(j);
}

static void put_tracking(struct pk_json *j, const char *path,
			 const struct pk_finding *f)
{
	pk_json_object(j, "tracking");
	pk_json_str(j, "type", "source");
	pk_json_array(j, "items");
	pk_json_object(j, NULL);
	pk_json_str(j, "file", path);
	pk_json_uint(j, "start_line", 1);
	pk_json_uint(j, "end_line", 1);
	pk_json_array(j, "signatures");
	pk_json_object(j, NULL);
	pk_json_str(j, "algorithm", "hash");
	pk_json_hex(j, "value", "",
		    (struct pk_span){ f->fingerprint, PK_SHA256_LEN });
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_location(struct pk_json *j, const char *path,
			 const struct pk_finding *f)
{
	pk_json_object(j, "location");
	pk_json_str(j, "file", path);
	pk_json_uint(j, "start_line", 1);
	pk_json_uint(j, "end_line", 1);
	if (f->member)
		pk_json_str(j, "class", f->member);
	pk_json_close(j);
}

static void put_description(struct pk_json *j, const struct pk_finding *f)
{
	struct pk_buf b = { .max = DESCRIPTION_MAX };

	pk_put_message(&b, f);
	pk_buf_printf(&b, "\n\n%s", pk_rules[f->rule].why);
	pk_json_str(j, "description",
		    pk_buf_ok(&b) ? pk_buf_str(&b) : pk_rules[f->rule].why);
	pk_buf_release(&b);
}

static void put_finding(struct pk_json *j, const struct pk_result *r,
			const struct pk_finding *f)
{
	const struct pk_rule_info *rule = &pk_rules[f->rule];
	struct pk_buf id = { 0 }, path = { 0 };

	pk_put_finding_uuid(&id, r->path, f);
	pk_utf8_defuse(&path, pk_text_span(r->path));
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "id", pk_buf_str(&id));
	pk_json_str(j, "name", rule->title);
	put_description(j, f);
	pk_json_str(j, "severity", severities[f->severity]);
	pk_json_str(j, "solution", rule->fix);
	put_identifiers(j, rule);
	put_location(j, pk_buf_str(&path), f);
	put_tracking(j, pk_buf_str(&path), f);
	pk_json_close(j);
	j->out->failed |= id.failed || path.failed;
	pk_buf_release(&id);
	pk_buf_release(&path);
}

/* GitLab has no word for findings that a policy accepts: they are left out,
 * as fixed ones are. */
static void file(struct pk_output *o, const struct pk_result *r)
{
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		if (!f->accepted)
			put_finding(&o->json, r, f);
	}
	if (r->job.partial || r->verdict == PK_ERROR) {
		pk_utf8_defuse(&o->later, pk_text_span(r->path));
		pk_buf_puts(&o->later, ": not everything could be read\n");
	}
}

static void put_program(struct pk_json *j, const char *key)
{
	pk_json_object(j, key);
	pk_json_str(j, "id", "picket");
	pk_json_str(j, "name", "picket");
	pk_json_str(j, "version", PICKET_VERSION);
	pk_json_object(j, "vendor");
	pk_json_str(j, "name", "picket");
	pk_json_close(j);
	pk_json_close(j);
}

static void put_note(struct pk_json *j, const char *level, struct pk_span text)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "level", level);
	pk_json_bytes(j, "value", text);
	pk_json_close(j);
}

static void put_notes(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_span rest = pk_buf_span(&o->later), line;

	pk_json_array(&o->json, "messages");
	while (pk_line_next(&rest, &line))
		put_note(&o->json, "warn", line);
	for (const struct pk_path_error *e = s->error_list; e; e = e->next) {
		struct pk_buf b = { 0 };

		pk_utf8_defuse(&b, pk_text_span(e->path));
		pk_buf_printf(&b, ": %s", e->message);
		put_note(&o->json, "fatal", pk_buf_span(&b));
		pk_buf_release(&b);
	}
	pk_json_close(&o->json);
}

/* The schema wants times; without them it is 1970. */
static void finish(struct pk_output *o, const struct pk_summary *s)
{
	const int64_t from = o->style.timestamps ? o->started : 0;
	struct pk_json *j = &o->json;
	char text[PK_TIME_TEXT];
	int64_t took = 0;

	if (o->style.timestamps)
		took = (int64_t)(s->duration_ms / 1000);
	pk_json_close(j);
	pk_json_object(j, "scan");
	pk_json_str(j, "type", "sast");
	pk_json_str(j, "status", s->errors ? "failure" : "success");
	pk_time_text(text, from);
	pk_json_str(j, "start_time", text);
	pk_time_text(text, from + took);
	pk_json_str(j, "end_time", text);
	put_program(j, "analyzer");
	put_program(j, "scanner");
	put_notes(o, s);
	pk_json_close(j);
	pk_json_close(j);
}

const struct pk_reporter pk_reporter_gitlab = {
	.name = "gitlab",
	.title = "GitLab's security report (SAST 15.1.4)",
	.begin = begin,
	.file = file,
	.finish = finish,
};
