/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TorchServe and MMS archives (.mar, .war): a zip with MAR-INF/MANIFEST.json
 * (WAR-INF for workflows), which names the Python file that serves the model.
 *
 * What can hurt: the archive is unpacked, its folder goes on Python's path, the
 * handler is imported; the requirements may be installed by pip before.
 */
#include <strings.h>

#include "analyze/config_code.h"
#include "analyze/member_name.h"
#include "analyze/pysource.h"
#include "analyze/zip_of.h"
#include "engine/note.h"

enum { MANIFEST_MAX = 1 << 20, SHOWN = 200, LINE_MAX_LEN = 512 };

static bool ends_with(struct pk_span s, const char *end)
{
	const size_t n = strlen(end);

	return s.len >= n &&
	       strncasecmp((const char *)s.p + s.len - n, end, n) == 0;
}

static bool is_named(struct pk_span s, const char *name)
{
	return s.len == strlen(name) && ends_with(s, name);
}

static const struct pk_zip_entry *find(const struct pk_zip *z, const char *name)
{
	for (size_t i = 0; z && z->views && i < z->view[0].n; i++) {
		if (is_named(pk_zip_name(&z->view[0].v[i]), name))
			return &z->view[0].v[i];
	}
	return NULL;
}

static struct pk_jvalue *read_manifest(struct pk_scan *s,
				       const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);
	struct pk_jvalue *v = NULL;
	struct pk_cursor c;

	if (src && src->size <= MANIFEST_MAX) {
		c = pk_cursor_open(src, 0, src->size, &s->arena);
		v = pk_json_parse(&c, &s->arena, NULL, NULL);
	}
	if (!v) {
		pk_partial(s);
		pk_report(s, PK_RULE_TORCHSERVE_MALFORMED, e->at,
			  "the manifest cannot be read");
	}
	pk_source_free(src);
	return v;
}

/* A path that the server opens below the folder of the model. */
static void check_path(struct pk_scan *s, const struct pk_jvalue *v,
		       uint64_t off)
{
	const struct pk_span path = pk_json_text(v);

	if (!path.len)
		return;
	if (memmem(path.p, path.len, "..", 2) || path.p[0] == '/' ||
	    path.p[0] == '\\' || memmem(path.p, path.len, "://", 3))
		pk_report(s, PK_RULE_TORCHSERVE_PATH, off,
			  "the manifest names %s as its %s",
			  pk_show(s, path, SHOWN), pk_show(s, v->key, SHOWN));
}

static bool is_servers(struct pk_span handler)
{
	static const char *const own[] = { "image_classifier",
					   "image_segmenter", "object_detector",
					   "text_classifier" };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (is_named(handler, own[i]))
			return true;
	}
	return false;
}

/* "file.py:function", the name of a module, or that of one of the server's own
 * handlers. */
static void check_handler(struct pk_scan *s, const struct pk_jvalue *v,
			  uint64_t off)
{
	struct pk_span name = pk_json_text(v);
	const uint8_t *colon = name.len ? memchr(name.p, ':', name.len) : NULL;

	if (colon && !memmem(name.p, name.len, "://", 3))
		name.len = (size_t)(colon - name.p);
	if (!name.len || (is_servers(name) && !colon))
		return;
	pk_report(s, PK_RULE_TORCHSERVE_HANDLER, off,
		  "%s is imported when the model is loaded",
		  pk_show(s, name, SHOWN));
}

static void check_manifest(struct pk_scan *s, const struct pk_jvalue *top,
			   uint64_t off)
{
	const struct pk_jvalue *model = pk_json_get(top, "model");

	if (!model)
		model = pk_json_get(top, "workflow");
	for (const struct pk_jvalue *v = model ? model->kids : NULL; v;
	     v = v->next) {
		if (v->kind != PK_J_STRING)
			continue;
		pk_note_pair(s, v->key, pk_json_text(v));
		if (!is_named(v->key, "modelName") &&
		    !is_named(v->key, "description"))
			check_path(s, v, off);
		if (is_named(v->key, "handler"))
			check_handler(s, v, off);
	}
}

static void scan_source(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_pysource_job job = {
		.rule = PK_RULE_TORCHSERVE_REACHES,
		.dangerous = PK_CRITICAL,
		.notable = PK_MEDIUM,
		.bytes = pk_zip_member(s, e),
		.name = pk_zip_name(e),
		.at = e->at,
	};

	(void)pk_pysource_scan(s, &job);
	pk_source_free(job.bytes);
}

/* A line of requirements that takes packages from elsewhere than the index
 * that pip is set up with. */
static bool is_foreign(struct pk_span line)
{
	static const char *const options[] = {
		"-i", "--index-url",  "--extra-index-url",
		"-f", "--find-links", "--trusted-host",
		"-e", "--editable",   "-r",
	};
	static const char *const within[] = { "://", "git+", "file:", "../" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const size_t n = strlen(options[i]);

		if (line.len > n && memcmp(line.p, options[i], n) == 0 &&
		    (line.p[n] == ' ' || line.p[n] == '='))
			return true;
	}
	for (size_t i = 0; i < sizeof(within) / sizeof(within[0]); i++) {
		if (memmem(line.p, line.len, within[i], strlen(within[i])))
			return true;
	}
	return false;
}

static void scan_requirements(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);
	uint8_t text[16 * 1024];
	struct pk_span rest = { text, 0 };

	rest.len = src ? pk_source_read(src, 0, text, sizeof(text)) : 0;
	if (!src || src->size > sizeof(text))
		pk_partial(s);
	while (rest.len) {
		const uint8_t *eol = memchr(rest.p, '\n', rest.len);
		const size_t n = eol ? (size_t)(eol - rest.p) : rest.len;
		const struct pk_span line = { rest.p, n };

		if (line.len && line.p[0] != '#' && is_foreign(line))
			pk_report(s, PK_RULE_TORCHSERVE_REQUIREMENTS, e->at,
				  "%s asks pip for: %s",
				  pk_show(s, pk_zip_name(e), SHOWN),
				  pk_show(s, line, SHOWN));
		rest.p += n + (eol != NULL);
		rest.len -= n + (eol != NULL);
	}
	pk_source_free(src);
}

static void scan_config(struct pk_scan *s, const struct pk_zip_entry *e)
{
	struct pk_source *src = pk_zip_member(s, e);

	if (src)
		pk_config_scan_yaml(s, src, e->at, pk_zip_name(e));
	pk_source_free(src);
}

static void scan_member(struct pk_scan *s, const struct pk_zip_entry *e,
			struct pk_span requirements)
{
	const struct pk_span name = pk_zip_name(e);

	if (ends_with(name, ".py"))
		scan_source(s, e);
	else if (ends_with(name, ".yaml") || ends_with(name, ".yml"))
		scan_config(s, e);
	else if (is_named(name, "requirements.txt") ||
		 (requirements.len && pk_span_eq(name, requirements)))
		scan_requirements(s, e);
}

static void torchserve_scan(struct pk_scan *s)
{
	const struct pk_zip *z = pk_zip_of(s);
	const struct pk_zip_entry *e = find(z, "MAR-INF/MANIFEST.json");
	const struct pk_jvalue *top;
	struct pk_span requirements;

	if (!e)
		e = find(z, "WAR-INF/MANIFEST.json");
	if (!e) {
		pk_reject(s);
		return;
	}
	top = read_manifest(s, e);
	check_manifest(s, top, e->at);
	requirements = pk_json_text(
		pk_json_get(pk_json_get(top, "model"), "requirementsFile"));
	for (size_t i = 0; i < z->view[0].n && !pk_out_of_budget(s); i++)
		scan_member(s, &z->view[0].v[i], requirements);
}

static enum pk_match torchserve_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_torchserve = {
	.name = "torchserve",
	.title = "TorchServe archive",
	.reads = "its manifest, Python sources (followed to what they reach), "
		 "requirements, YAML; every other member by its own format",
	.risk = PK_RISK_CODE,
	.rank = 40,
	.probe = torchserve_probe,
	.scan = torchserve_scan,
};
