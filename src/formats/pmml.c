/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PMML, the Predictive Model Markup Language of the Data Mining Group: XML
 * with the root "PMML", or a part of it in its namespace.
 *
 * What can hurt: XML's own tricks; functions that evaluators in Java resolve
 * to classes by name; scripts in extensions that a vendor's reader runs.
 */
#include <strings.h>

#include "analyze/xml_file.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SHOWN = 120, DEFINED_MAX = 256, TEXT_MAX = 4096 };

struct pmml {
	struct pk_scan *s;
	const char *defined[DEFINED_MAX]; /* functions of the file's own */
	unsigned defined_count;
	unsigned extension; /* depth of the one that is open, or 0 */
	uint64_t extension_at;
	char text[TEXT_MAX]; /* of that extension */
	size_t text_len;
};

static const char *show(struct pmml *p, const char *text)
{
	const struct pk_span s = { (const uint8_t *)text, strlen(text) };

	return pk_show(p->s, s, SHOWN);
}

/* Calls that start programs, load code or open connections, as they are
 * written in Java, Python, JavaScript and shells. */
static bool holds_code(const char *text)
{
	static const char *const calls[] = {
		"Runtime.getRuntime(",
		"ProcessBuilder(",
		"Class.forName(",
		"System.load",
		"os.system(",
		"os.popen(",
		"subprocess.",
		"__import__(",
		"eval(",
		"exec(",
		"ActiveXObject(",
		"WScript.Shell",
		"child_process",
		"powershell ",
		"cmd.exe /c",
		"/bin/sh -c",
		"bash -c",
		"ScriptEngine",
		"URLClassLoader",
		"curl http",
		"wget http",
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strstr(text, calls[i]))
			return true;
	}
	return false;
}

static void define(struct pmml *p, const char *name)
{
	if (!name || p->defined_count == DEFINED_MAX)
		return;
	name = pk_arena_printf(&p->s->arena, "%s", name);
	if (name)
		p->defined[p->defined_count++] = name;
}

static bool is_defined(const struct pmml *p, const char *name)
{
	for (unsigned i = 0; i < p->defined_count; i++) {
		if (strcmp(p->defined[i], name) == 0)
			return true;
	}
	return p->defined_count == DEFINED_MAX;
}

/* "org.example.Thing": at least two dots between letters. */
static bool is_class_name(const char *name)
{
	unsigned dots = 0;

	for (const char *c = name; *c; c++) {
		if (*c == '.' && c > name && c[1] && c[1] != '.')
			dots++;
		else if (*c == '.' || *c == ' ' || *c == '/')
			return false;
	}
	return dots >= 2;
}

static void judge_apply(struct pmml *p, uint64_t at, const char *function)
{
	if (function && is_class_name(function) && !is_defined(p, function))
		pk_report(p->s, PK_RULE_PMML_FOREIGN_FUNCTION, at,
			  "the function %s is named as a class of the host's",
			  show(p, function));
}

static void judge_text(struct pmml *p, const char *text, uint64_t at)
{
	if (holds_code(text))
		pk_report(p->s, PK_RULE_PMML_SCRIPT, at,
			  "an extension holds a script: %s", show(p, text));
}

static void open_extension(struct pmml *p, const struct pk_xml *x,
			   const char *const *attributes)
{
	p->extension = x->depth;
	p->extension_at = x->at;
	p->text_len = 0;
	for (; *attributes; attributes += 2)
		judge_text(p, attributes[1], x->at);
}

static bool on_open(struct pk_xml *x, const char *name,
		    const char *const *attributes)
{
	struct pmml *p = x->user;

	name = pk_xml_local(name);
	if (x->depth == 1 && pk_xml_attribute(attributes, "version"))
		pk_note_text(
			p->s, "version",
			(struct pk_span){ (const uint8_t *)pk_xml_attribute(
						  attributes, "version"),
					  strlen(pk_xml_attribute(
						  attributes, "version")) });
	if (strcmp(name, "DefineFunction") == 0)
		define(p, pk_xml_attribute(attributes, "name"));
	else if (strcmp(name, "Apply") == 0)
		judge_apply(p, x->at, pk_xml_attribute(attributes, "function"));
	else if (!p->extension && (strcmp(name, "Extension") == 0 ||
				   strcasecmp(name, "script") == 0))
		open_extension(p, x, attributes);
	return !pk_out_of_budget(p->s);
}

static void on_text(struct pk_xml *x, struct pk_span text)
{
	struct pmml *p = x->user;
	size_t n = sizeof(p->text) - 1 - p->text_len;

	if (!p->extension)
		return;
	n = text.len < n ? text.len : n;
	memcpy(p->text + p->text_len, text.p, n);
	p->text_len += n;
}

static void on_close(struct pk_xml *x, const char *name)
{
	struct pmml *p = x->user;

	(void)name;
	if (!p->extension || x->depth >= p->extension)
		return;
	p->text[p->text_len] = '\0';
	judge_text(p, p->text, p->extension_at);
	p->extension = 0;
}

static void pmml_scan(struct pk_scan *s)
{
	struct pmml *p = PK_NEW(&s->arena, struct pmml);
	struct pk_xml x = {
		.open = on_open, .close = on_close, .text = on_text, .user = p
	};

	if (!p) {
		pk_partial(s);
		return;
	}
	p->s = s;
	pk_xml_scan(s, &x, PK_RULE_PMML_MALFORMED);
}

static enum pk_match pmml_probe(const struct pk_head *head)
{
	return pk_xml_root_is(head->source, head->bytes, "PMML") ? PK_MATCH_SURE
								 : PK_MATCH_NO;
}

const struct pk_format pk_format_pmml = {
	.name = "pmml",
	.title = "PMML model",
	.reads = "functions, extensions, XML tricks",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = pmml_probe,
	.scan = pmml_scan,
};
