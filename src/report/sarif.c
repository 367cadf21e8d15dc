/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SARIF 2.1.0 (OASIS), as GitHub code scanning takes it: its limits, the
 * properties that it asks for, the worst findings first.
 */
#include <stdio.h>

#include "core/utf8.h"
#include "report/words.h"

/* Of a run; GitHub refuses a file with more. */
enum { RESULTS_MAX = 25000 };

static const struct {
	const char *level;
	const char *score; /* GitHub's "security-severity"; NULL: none */
} levels[] = {
	[PK_CRITICAL] = { "error", "9.5" }, [PK_HIGH] = { "error", "8.0" },
	[PK_MEDIUM] = { "warning", "5.5" }, [PK_LOW] = { "note", "2.5" },
	[PK_INFO] = { "note", NULL },
};

static void put_text(struct pk_json *j, const char *key, const char *text)
{
	pk_json_object(j, key);
	pk_json_str(j, "text", text);
	pk_json_close(j);
}

static void put_help(struct pk_json *j, const struct pk_rule_info *rule)
{
	struct pk_buf text = { 0 }, marked = { 0 };
	const char *rest = rule->refs;
	struct pk_span ref;

	pk_buf_printf(&text, "%s\n\nWhat to do: %s\n\nReferences: %s",
		      rule->why, rule->fix, rule->refs);
	pk_buf_printf(&marked, "%s\n\n**What to do:** %s\n", rule->why,
		      rule->fix);
	while (pk_word_next(&rest, &ref)) {
		pk_buf_printf(&marked, "\n- [%.*s](", (int)ref.len,
			      (const char *)ref.p);
		if (!pk_put_reference_url(&marked, ref))
			pk_buf_puts(&marked,
				    "https://genai.owasp.org/llm-top-10/");
		pk_buf_putc(&marked, ')');
	}
	pk_json_object(j, "help");
	pk_json_str(j, "text", pk_buf_str(&text));
	pk_json_str(j, "markdown", pk_buf_str(&marked));
	pk_json_close(j);
	pk_buf_release(&text);
	pk_buf_release(&marked);
}

static void put_tags(struct pk_json *j, const struct pk_rule_info *rule)
{
	const char *rest = rule->refs;
	struct pk_span ref;
	char tag[32];

	pk_json_array(j, "tags");
	pk_json_str(j, NULL, "security");
	while (pk_word_next(&rest, &ref)) {
		const unsigned cwe = pk_cwe_number(ref);

		if (cwe) {
			(void)snprintf(tag, sizeof(tag),
				       "external/cwe/cwe-%03u", cwe);
			pk_json_str(j, NULL, tag);
		} else if (!pk_span_starts(ref, PK_LIT("https://"))) {
			pk_json_bytes(j, NULL, ref);
		}
	}
	pk_json_close(j);
}

static void put_rule(struct pk_json *j, const struct pk_rule_info *rule)
{
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "id", rule->id);
	put_text(j, "shortDescription", rule->title);
	put_text(j, "fullDescription", rule->why);
	put_help(j, rule);
	pk_json_object(j, "defaultConfiguration");
	pk_json_str(j, "level", levels[rule->severity].level);
	pk_json_close(j);
	pk_json_object(j, "properties");
	put_tags(j, rule);
	pk_json_str(j, "precision", "high");
	if (levels[rule->severity].score)
		pk_json_str(j, "security-severity",
			    levels[rule->severity].score);
	pk_json_close(j);
	pk_json_close(j);
}

static void begin(struct pk_output *o)
{
	struct pk_json *j = &o->json;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	pk_json_object(j, NULL);
	pk_json_str(j, "$schema",
		    "https://json.schemastore.org/sarif-2.1.0.json");
	pk_json_str(j, "version", "2.1.0");
	pk_json_array(j, "runs");
	pk_json_object(j, NULL);
	pk_json_object(j, "tool");
	pk_json_object(j, "driver");
	pk_json_str(j, "name", "picket");
	pk_json_str(j, "version", PICKET_VERSION);
	pk_json_str(j, "semanticVersion", PICKET_VERSION);
	pk_json_array(j, "rules");
	for (size_t i = 0; i < PK_RULE_COUNT; i++)
		put_rule(j, &pk_rules[i]);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_inline(j);
	pk_json_object(j, "automationDetails");
	pk_json_str(j, "id", "picket/");
	pk_json_close(j);
	pk_json_str(j, "columnKind", "unicodeCodePoints");
}

/* A binary has no lines, but GitHub wants one; the bytes stand beside it
 * where they are bytes of the file itself. */
static void put_region(struct pk_json *j, const struct pk_finding *f)
{
	static const char *const keys[] = { "startLine", "startColumn",
					    "endLine", "endColumn" };

	pk_json_object(j, "region");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		pk_json_uint(j, keys[i], 1);
	if (!f->member) {
		pk_json_uint(j, "byteOffset", f->off);
		if (f->len)
			pk_json_uint(j, "byteLength", f->len);
	}
	pk_json_close(j);
}

static void put_logical(struct pk_json *j, const char *path,
			const struct pk_finding *f)
{
	struct pk_buf b = { 0 };

	if (!f->member)
		return;
	pk_utf8_defuse(&b, pk_text_span(path));
	pk_buf_printf(&b, "!%s", f->member);
	pk_json_array(j, "logicalLocations");
	pk_json_object(j, NULL);
	pk_json_str(j, "name", f->member);
	pk_json_str(j, "fullyQualifiedName", pk_buf_str(&b));
	pk_json_str(j, "kind", "member");
	pk_json_close(j);
	pk_json_close(j);
	pk_buf_release(&b);
}

/* f: NULL for the file as a whole. */
static void put_locations(struct pk_json *j, const char *path,
			  const struct pk_finding *f)
{
	pk_json_array(j, "locations");
	pk_json_object(j, NULL);
	pk_json_object(j, "physicalLocation");
	pk_json_object(j, "artifactLocation");
	pk_json_uri(j, "uri", "", path);
	pk_json_close(j);
	if (f)
		put_region(j, f);
	pk_json_close(j);
	if (f)
		put_logical(j, path, f);
	pk_json_close(j);
	pk_json_close(j);
}

/* Text in brackets before one in parentheses would be a link. */
static void put_message(struct pk_json *j, const struct pk_finding *f)
{
	struct pk_buf text = { 0 }, safe = { 0 };

	pk_buf_puts(&text, f->message);
	if (f->evidence && !strstr(f->message, f->evidence))
		pk_buf_printf(&text, ": %s", f->evidence);
	for (const char *p = pk_buf_str(&text); *p; p++) {
		if (*p == '[' || *p == ']')
			pk_buf_putc(&safe, '\\');
		pk_buf_putc(&safe, *p);
	}
	put_text(j, "message",
		 strstr(pk_buf_str(&text), "](") ? pk_buf_str(&safe)
						 : pk_buf_str(&text));
	pk_buf_release(&text);
	pk_buf_release(&safe);
}

static void put_prints(struct pk_json *j, const struct pk_finding *f)
{
	struct pk_buf b = { 0 };

	pk_hex_put(&b, (struct pk_span){ f->fingerprint, 8 });
	pk_buf_puts(&b, ":1");
	pk_json_object(j, "partialFingerprints");
	pk_json_str(j, "primaryLocationLineHash", pk_buf_str(&b));
	pk_json_hex(j, "picket/v1", "",
		    (struct pk_span){ f->fingerprint, PK_SHA256_LEN });
	pk_json_close(j);
	pk_buf_release(&b);
}

/* What a baseline or an exception accepts.  A run either tells the state of
 * every result or of none. */
static void put_acceptance(struct pk_json *j, const struct pk_output *o,
			   const struct pk_finding *f)
{
	if (o->compared)
		pk_json_str(j, "baselineState",
			    f->accepted ? "unchanged" : "new");
	if (!f->accepted)
		return;
	pk_json_array(j, "suppressions");
	pk_json_object(j, NULL);
	pk_json_str(j, "kind", "external");
	pk_json_str(j, "status", "accepted");
	pk_json_bytes(j, "justification", pk_text_span(f->accepted));
	pk_json_close(j);
	pk_json_close(j);
}

static void put_result(struct pk_output *o, struct pk_buf *line,
		       const struct pk_result *r, const struct pk_finding *f)
{
	struct pk_json j = { .out = line };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "ruleId", pk_rules[f->rule].id);
	pk_json_uint(&j, "ruleIndex", f->rule);
	pk_json_str(&j, "level", levels[f->severity].level);
	put_message(&j, f);
	put_locations(&j, r->path, f);
	put_prints(&j, f);
	put_acceptance(&j, o, f);
	pk_json_object(&j, "properties");
	pk_json_str(&j, "severity", pk_severity_name(f->severity));
	pk_json_str(&j, "verdict", pk_verdict_name(r->verdict));
	pk_json_str(&j, "action", pk_action_name(r->action));
	pk_json_uint(&j, "offset", f->off);
	pk_json_close(&j);
	pk_json_close(&j);
}

/* A line of those that tell how the scan itself went; path may be NULL. */
static void notify(struct pk_output *o, const char *level, const char *id,
		   const char *path, const char *text)
{
	struct pk_json j = { .out = &o->later };

	pk_json_object(&j, NULL);
	pk_json_str(&j, "level", level);
	pk_json_object(&j, "descriptor");
	pk_json_str(&j, "id", id);
	pk_json_close(&j);
	put_text(&j, "message", text);
	if (path)
		put_locations(&j, path, NULL);
	pk_json_close(&j);
}

static void file(struct pk_output *o, const struct pk_result *r)
{
	for (const struct pk_finding *f = r->job.findings; f; f = f->next) {
		struct pk_buf *line =
			pk_bins_add(&o->bins, f->severity, RESULTS_MAX);

		if (line)
			put_result(o, line, r, f);
	}
	if (r->job.partial || r->verdict == PK_ERROR)
		notify(o, "warning", "picket/not-read-whole", r->path,
		       "Not everything in this file could be read, so it is "
		       "not called clean.");
	if (r->job.findings_dropped)
		notify(o, "warning", "picket/findings-dropped", r->path,
		       "There were more findings than are kept of one file.");
}

static void put_line(void *ctx, struct pk_span line)
{
	pk_json_raw(ctx, NULL, line);
}

static void put_time(struct pk_json *j, const char *key, int64_t seconds)
{
	char text[PK_TIME_TEXT + 1];

	pk_time_text(text, seconds);
	pk_json_str(j, key, strcat(text, "Z"));
}

static void put_invocation(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_span rest = pk_buf_span(&o->later), line;
	struct pk_json *j = &o->json;

	pk_json_array(j, "invocations");
	pk_json_object(j, NULL);
	pk_json_bool(j, "executionSuccessful", s->errors == 0);
	if (o->style.timestamps)
		put_time(j, "startTimeUtc", o->started);
	pk_json_array(j, "toolExecutionNotifications");
	while (pk_line_next(&rest, &line))
		pk_json_raw(j, NULL, line);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	struct pk_json *j = &o->json;
	uint64_t cut;
	char text[128];

	pk_json_array(j, "results");
	cut = pk_bins_each(&o->bins, RESULTS_MAX, put_line, j);
	pk_json_close(j);
	for (const struct pk_path_error *e = s->error_list; e; e = e->next)
		notify(o, "error", "picket/no-verdict", e->path, e->message);
	if (cut) {
		(void)snprintf(text, sizeof(text),
			       "%llu less severe findings are left out.",
			       (unsigned long long)cut);
		notify(o, "warning", "picket/cut", NULL, text);
	}
	put_invocation(o, s);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

const struct pk_reporter pk_reporter_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0, for code scanning",
	.begin = begin,
	.file = file,
	.finish = finish,
};
