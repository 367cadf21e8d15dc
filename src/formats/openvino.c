/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenVINO's intermediate representation: XML, a root "net" of layers and
 * edges; the weights lie in a file beside it.  Also descriptions of custom
 * kernels for the GPU ("CustomLayer").
 *
 * What can hurt: layers of operator sets that only an extension library
 * brings; sizes that lead out of the weights; XML's own tricks.
 */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "analyze/xml_file.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SHOWN = 120, SETS_MAX = 32 };

struct openvino {
	struct pk_scan *s;
	uint64_t layers;
	unsigned quiet_depth; /* in elements that say how it was converted */
	const char *sets[SETS_MAX]; /* operator sets already said */
	unsigned set_count;
};

/* Operator sets that OpenVINO itself brings, "opset1" to "opset99" aside. */
static const char *const own[] = {
	"experimental",      "util",
	"ie_internal_opset", "gpu_opset",
	"cpu_plugin_opset",  "type_relaxed_opset",
	"internal",
};

static bool is_own_set(const char *set)
{
	if (strncmp(set, "opset", 5) == 0) {
		const char *p = set + 5;

		while (isdigit((unsigned char)*p))
			p++;
		return !*p && p > set + 5 && p <= set + 7;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (strcmp(set, own[i]) == 0)
			return true;
	}
	return false;
}

static const char *show(struct openvino *o, const char *text)
{
	const struct pk_span s = { (const uint8_t *)text, strlen(text) };

	return pk_show(o->s, s, SHOWN);
}

static bool already_said(struct openvino *o, const char *set)
{
	for (unsigned i = 0; i < o->set_count; i++) {
		if (strcmp(o->sets[i], set) == 0)
			return true;
	}
	if (o->set_count == SETS_MAX)
		return true;
	o->sets[o->set_count++] = pk_arena_printf(&o->s->arena, "%s", set);
	if (!o->sets[o->set_count - 1])
		o->set_count--;
	return false;
}

static bool ends_with(const char *s, const char *end)
{
	const size_t n = strlen(s), k = strlen(end);

	return n > k && strcasecmp(s + n - k, end) == 0;
}

/* Whether a value is the path of a library; "libfoo.so.1" too. */
static bool is_library(const char *v)
{
	return ends_with(v, ".so") || ends_with(v, ".dll") ||
	       ends_with(v, ".dylib") || strstr(v, ".so.");
}

/* Attributes that OpenVINO does not have, and what loaders would take them
 * for; a plain name may be anything, a place in the system may not. */
static bool is_place(const char *name, const char *v)
{
	static const char *const names[] = { "library",     "lib",
					     "plugin",      "implementation",
					     "path",        "lib_path",
					     "library_path" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return v[0] == '/' || v[0] == '\\' ||
			       (v[0] && v[1] == ':') || strstr(v, "..");
	}
	return false;
}

static void judge_attributes(struct openvino *o, uint64_t at,
			     const char *const *a)
{
	for (; *a; a += 2) {
		const char *name = pk_xml_local(a[0]);

		if (is_library(a[1]) || is_place(name, a[1]))
			pk_report(
				o->s, PK_RULE_OPENVINO_LIBRARY, at,
				"the attribute %s leads to %s, outside of the model",
				show(o, name), show(o, a[1]));
	}
}

static bool means_python(const char *type)
{
	return strcasecmp(type, "python") == 0 ||
	       strcasecmp(type, "pyop") == 0 ||
	       strcasecmp(type, "pythonop") == 0 ||
	       strcasecmp(type, "pyfunc") == 0;
}

static void judge_layer(struct openvino *o, uint64_t at, const char *const *a)
{
	const char *type = pk_xml_attribute(a, "type");
	const char *set = pk_xml_attribute(a, "version");

	o->layers++;
	if (type && means_python(type))
		pk_report(o->s, PK_RULE_OPENVINO_PYTHON_LAYER, at,
			  "a layer of the type %s calls Python", show(o, type));
	else if (type && strcasecmp(type, "custom") == 0)
		pk_report_full(
			o->s,
			&(struct pk_report){ .rule = PK_RULE_OPENVINO_EXTENSION,
					     .severity = PK_MEDIUM,
					     .off = at },
			"a layer is of the type %s", show(o, type));
	if (set && !is_own_set(set) && !already_said(o, set))
		pk_report(o->s, PK_RULE_OPENVINO_EXTENSION, at,
			  "layers such as %s are of the operator set %s, "
			  "which an extension library must bring",
			  show(o, type ? type : "?"), show(o, set));
}

/* Where a constant lies in the weights: a sum that wraps leads anywhere. */
static void judge_data(struct openvino *o, uint64_t at, const char *const *a)
{
	const char *off = pk_xml_attribute(a, "offset");
	const char *len = pk_xml_attribute(a, "size");
	unsigned long long x, y;

	if (!off || !len)
		return;
	x = strtoull(off, NULL, 10);
	y = strtoull(len, NULL, 10);
	if (off[0] == '-' || len[0] == '-' || x > INT64_MAX || y > INT64_MAX)
		pk_report(o->s, PK_RULE_OPENVINO_MALFORMED, at,
			  "a constant of %s bytes at %s lies in no file",
			  show(o, len), show(o, off));
}

static void judge_kernel(struct openvino *o, uint64_t at, const char *const *a)
{
	const char *file = pk_xml_attribute(a, "filename");

	if (file)
		pk_report(o->s, PK_RULE_OPENVINO_CUSTOM_KERNEL, at,
			  "a layer runs the OpenCL source %s", show(o, file));
}

/* How the model was converted: paths and options of another machine. */
static bool is_history(const char *name)
{
	return strcmp(name, "rt_info") == 0 || strcmp(name, "meta_data") == 0;
}

static bool on_open(struct pk_xml *x, const char *name,
		    const char *const *attributes)
{
	struct openvino *o = x->user;

	name = pk_xml_local(name);
	if (o->quiet_depth)
		return true;
	if (is_history(name)) {
		o->quiet_depth = x->depth;
		return true;
	}
	judge_attributes(o, x->at, attributes);
	if (strcmp(name, "layer") == 0)
		judge_layer(o, x->at, attributes);
	else if (strcmp(name, "data") == 0)
		judge_data(o, x->at, attributes);
	else if (strcmp(name, "CustomLayer") == 0)
		o->layers++;
	else if (strcmp(name, "Source") == 0)
		judge_kernel(o, x->at, attributes);
	return !pk_out_of_budget(o->s);
}

static void on_close(struct pk_xml *x, const char *name)
{
	struct openvino *o = x->user;

	(void)name;
	if (x->depth < o->quiet_depth)
		o->quiet_depth = 0;
}

static void openvino_scan(struct pk_scan *s)
{
	struct openvino o = { .s = s };
	struct pk_xml x = { .open = on_open, .close = on_close, .user = &o };

	pk_xml_scan(s, &x, PK_RULE_OPENVINO_MALFORMED);
	/* Other things are called nets, too: roads, for one. */
	if (!o.layers && x.end == PK_XML_WHOLE)
		pk_reject(s);
	pk_note_number(s, "layers", o.layers);
}

/* The names of both roots are short, and so is the way to them. */
static enum pk_match openvino_probe(const struct pk_head *head)
{
	return pk_xml_root_is(head->source, head->bytes, "net") ||
			       pk_xml_root_is(head->source, head->bytes,
					      "CustomLayer")
		       ? PK_MATCH_LIKELY
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_openvino = {
	.name = "openvino",
	.title = "OpenVINO model",
	.reads = "layers and their operator sets, attributes, XML tricks",
	.risk = PK_RISK_PARSER,
	.rank = 30,
	.probe = openvino_probe,
	.scan = openvino_scan,
};
