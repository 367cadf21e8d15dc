/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipelines of spaCy: config.cfg, an INI file whose sections are nested by dots
 * and whose values are JSON (thinc/config.py), and meta.json.
 *
 *	[components.ner.model]
 *	@architectures = "spacy.TransitionBasedParser.v2"
 *
 * What can hurt: "@registry" and "factory" name functions that installed
 * packages register; loading the pipeline calls them with the values beside.
 * A name cannot bring code, but whoever installs what it asks for does.
 */
#include "analyze/pip_lines.h"
#include "analyze/ref_path.h"
#include "codec/json_read.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SIZE_MAX_READ = 4 << 20, SHOWN = 120, STACK_MAX = 64 };

struct entry {
	struct pk_span section, key, value;
};

struct ini {
	struct pk_span text;
	size_t at;
	struct pk_span section;
	bool broken;
	size_t broken_at;
};

static bool is(struct pk_span s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

static bool starts(struct pk_span s, const char *word)
{
	return pk_span_starts(
		s, (struct pk_span){ (const uint8_t *)word, strlen(word) });
}

static struct pk_span trim(struct pk_span s)
{
	while (s.len && strchr(" \t\r\n", s.p[0]) && s.p[0]) {
		s.p++;
		s.len--;
	}
	while (s.len && strchr(" \t\r\n", s.p[s.len - 1]) && s.p[s.len - 1])
		s.len--;
	return s;
}

/* The raw line at i, without what ends it. */
static struct pk_span line_at(const struct ini *f, size_t i)
{
	const uint8_t *nl = memchr(f->text.p + i, '\n', f->text.len - i);
	const size_t end = nl ? (size_t)(nl - f->text.p) : f->text.len;

	return (struct pk_span){ f->text.p + i, end - i };
}

static bool is_remark(struct pk_span line)
{
	return !line.len || line.p[0] == '#' || line.p[0] == ';';
}

/* A value goes on in lines that begin with a blank. */
static void take_more(struct ini *f, struct pk_span *value)
{
	while (f->at < f->text.len) {
		const struct pk_span l = line_at(f, f->at);

		if (!l.len || !strchr(" \t", l.p[0]) || !l.p[0] || !trim(l).len)
			return;
		value->len = (size_t)(l.p + l.len - value->p);
		f->at += l.len + 1;
	}
}

static bool split(struct pk_span line, struct entry *e)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.p[i] != '=' && line.p[i] != ':')
			continue;
		e->key = trim((struct pk_span){ line.p, i });
		e->value = (struct pk_span){ line.p + i + 1, line.len - i - 1 };
		return e->key.len > 0;
	}
	return false;
}

static bool next(struct ini *f, struct entry *e)
{
	while (f->at < f->text.len) {
		const size_t from = f->at;
		const struct pk_span raw = line_at(f, from), line = trim(raw);

		f->at += raw.len + 1;
		if (is_remark(line))
			continue;
		if (line.p[0] == '[' && line.p[line.len - 1] == ']') {
			f->section =
				(struct pk_span){ line.p + 1, line.len - 2 };
			continue;
		}
		if (f->section.p && split(line, e)) {
			take_more(f, &e->value);
			e->value = trim(e->value);
			e->section = f->section;
			return true;
		}
		f->broken = true;
		f->broken_at = from;
		return false;
	}
	return false;
}

/* Packages of spaCy's makers register "package.Name.v1"; thinc's own names
 * have no package: "Adam.v1". */
static bool is_own(struct pk_span name)
{
	static const char *const makers[] = {
		"spacy.",
		"spacy-legacy.",
		"spacy-loggers.",
		"spacy-transformers.",
		"spacy-curated-transformers.",
		"spacy-experimental.",
		"spacy-llm.",
		"spacy-lookups-data.",
		"thinc.",
		"srsly.",
	};
	const uint8_t *dot = memchr(name.p, '.', name.len);

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (starts(name, makers[i]))
			return true;
	}
	return !dot || (name.len > (size_t)(dot - name.p) + 2 &&
			dot[1] == 'v' && dot[2] >= '0' && dot[2] <= '9');
}

static bool is_own_factory(struct pk_span name)
{
	static const char *const own[] = {
		"attribute_ruler",
		"beam_ner",
		"beam_parser",
		"coref",
		"curated_transformer",
		"doc_cleaner",
		"entity_linker",
		"entity_ruler",
		"future_entity_ruler",
		"lemmatizer",
		"merge_entities",
		"merge_noun_chunks",
		"merge_subtokens",
		"morphologizer",
		"ner",
		"parser",
		"sentencizer",
		"senter",
		"span_cleaner",
		"span_finder",
		"span_resolver",
		"span_ruler",
		"spancat",
		"spancat_singlelabel",
		"tagger",
		"textcat",
		"textcat_multilabel",
		"tok2vec",
		"token_splitter",
		"trainable_lemmatizer",
		"transformer",
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (is(name, own[i]))
			return true;
	}
	return starts(name, "experimental_") || starts(name, "llm");
}

static void check_registered(struct pk_scan *s, struct pk_span registry,
			     struct pk_span name, uint64_t off)
{
	if (name.len && !is_own(name))
		pk_report(s, PK_RULE_SPACY_OUTSIDE_FUNCTION, off,
			  "%s names %s, which is called when the pipeline is "
			  "loaded or trained",
			  pk_show(s, registry, SHOWN), pk_show(s, name, SHOWN));
}

static void check_factory(struct pk_scan *s, struct pk_span name, uint64_t off)
{
	if (name.len && !is_own_factory(name))
		pk_report(s, PK_RULE_SPACY_OUTSIDE_FUNCTION, off,
			  "a component is made by the factory %s",
			  pk_show(s, name, SHOWN));
}

/* A pipeline elsewhere, from which the component is taken. */
static void check_source(struct pk_scan *s, struct pk_span path, uint64_t off)
{
	const struct pk_path_flaw flaw = pk_path_flaw(path);
	const struct pk_report r = { .rule = PK_RULE_REPO_PATH,
				     .severity = flaw.severity,
				     .off = off };

	if (path.len && flaw.what)
		pk_report_full(s, &r, "a component is taken from %s, which %s",
			       pk_show(s, path, SHOWN), flaw.what);
}

static void check_value(struct pk_scan *s, struct pk_span section,
			struct pk_span key, const struct pk_jvalue *v)
{
	const struct pk_span text = pk_json_text(v);
	const bool component = starts(section, "components.");

	if (key.len && key.p[0] == '@')
		check_registered(s, key, text, v->off);
	else if (component && is(key, "factory"))
		check_factory(s, text, v->off);
	else if (component && is(key, "source"))
		check_source(s, text, v->off);
	else if (is(key, "trust_remote_code") && pk_json_true(v))
		pk_report(s, PK_RULE_REPO_TRUST_SWITCH, v->off,
			  "the configuration itself asks to trust remote code");
}

/* What stands in a value is resolved as sections are. */
static void check_tree(struct pk_scan *s, const struct entry *e,
		       const struct pk_jvalue *v)
{
	const struct pk_jvalue *up[STACK_MAX];
	size_t depth = 0;

	check_value(s, e->section, e->key, v);
	if (!v->kids)
		return;
	up[depth++] = v;
	v = v->kids;
	while (v) {
		check_value(s, e->section, v->key, v);
		if (v->kids && depth < STACK_MAX) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (depth && !v->next)
			v = up[--depth];
		v = depth ? v->next : NULL;
	}
}

/* Text that is no JSON is text. */
static void check_entry(struct pk_scan *s, const struct ini *f,
			const struct entry *e)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE,
					   .max_depth = STACK_MAX };
	const uint64_t off = (uint64_t)(e->value.p - f->text.p);
	struct pk_cursor c = pk_cursor_over(e->value, off);
	const struct pk_jvalue bare = { .kind = PK_J_STRING,
					.text = e->value,
					.off = off };
	const struct pk_jvalue *v = pk_json_parse(&c, &s->arena, &opts, NULL);

	check_tree(s, e, v ? v : &bare);
	if (is(e->section, "nlp") && v)
		pk_note_pair(s, e->key, pk_json_text(v));
}

static bool is_pipeline(struct pk_span text)
{
	struct ini f = { .text = text };
	struct entry e;
	bool lang = false, pipeline = false;

	while (next(&f, &e)) {
		const bool nlp = is(e.section, "nlp");

		lang = lang || (nlp && is(e.key, "lang"));
		pipeline = pipeline || (nlp && is(e.key, "pipeline"));
	}
	return lang && pipeline;
}

static void scan_config(struct pk_scan *s, struct pk_span text)
{
	struct ini f = { .text = text };
	struct entry e;

	while (!pk_out_of_budget(s) && next(&f, &e))
		check_entry(s, &f, &e);
	if (!f.broken)
		return;
	pk_partial(s);
	pk_report(s, PK_RULE_SPACY_MALFORMED, f.broken_at,
		  "a line is neither a section nor a setting");
}

/* meta.json: what spaCy tells of the pipeline, and what it asks pip for when
 * it is made a package. */
static bool scan_meta(struct pk_scan *s, struct pk_span text)
{
	static const char *const told[] = { "lang", "name", "version",
					    "spacy_version", "license" };
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE };
	struct pk_cursor c = pk_cursor_over(text, 0);
	const struct pk_jvalue *v = pk_json_parse(&c, &s->arena, &opts, NULL);
	const struct pk_jvalue *needs = pk_json_get(v, "requirements");

	if (!pk_json_get(v, "spacy_version") || !pk_json_get(v, "lang"))
		return false;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		pk_note_pair(s,
			     (struct pk_span){ (const uint8_t *)told[i],
					       strlen(told[i]) },
			     pk_json_text(pk_json_get(v, told[i])));
	for (needs = needs ? needs->kids : NULL; needs; needs = needs->next)
		pk_pip_report(s, pk_json_text(needs), needs->off);
	return true;
}

static void spacy_config_scan(struct pk_scan *s)
{
	const size_t size = (size_t)s->bytes->size;
	uint8_t *p = pk_arena_alloc(&s->arena, size + 1, 1);
	struct pk_span text = { p, size };

	if (!p || pk_source_read(s->bytes, 0, p, size) < size) {
		pk_partial(s);
		return;
	}
	if (trim(text).len && trim(text).p[0] == '{') {
		if (!scan_meta(s, text)) {
			pk_reject(s);
			return;
		}
	} else if (!is_pipeline(text)) {
		pk_reject(s);
		return;
	} else {
		scan_config(s, text);
	}
	pk_claim(s, 0, size);
}

static enum pk_match spacy_config_probe(const struct pk_head *head)
{
	const struct pk_span b = head->bytes;

	if (head->source->size > SIZE_MAX_READ || !b.len ||
	    memchr(b.p, 0, b.len))
		return PK_MATCH_NO;
	return memmem(b.p, b.len, "\n[nlp]", 6) || starts(b, "[nlp]") ||
			       (b.p[0] == '{' &&
				memmem(b.p, b.len, "\"spacy_version\"", 15))
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_spacy_config = {
	.name = "spacy-config",
	.title = "Pipeline of spaCy (config.cfg, meta.json)",
	.reads = "the functions and factories that it names, pipelines that it "
		 "takes parts from, packages that it asks for",
	.risk = PK_RISK_DATA,
	.rank = 5,
	.probe = spacy_config_probe,
	.scan = spacy_config_scan,
};
