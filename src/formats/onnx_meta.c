/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/onnx_model.h"

enum { VALUE_MAX = 16 * 1024 };

/* Calls that no value of a setting needs, as evaluators of metadata would
 * run them: the name, then an opening bracket. */
static const char *const calls[] = {
	"__import__",
	"eval",
	"exec",
	"compile",
	"os.system",
	"os.popen",
	"getattr",
	"subprocess.run",
	"subprocess.call",
	"subprocess.Popen",
	"subprocess.check_output",
	"builtins.exec",
	"builtins.eval",
	"open",
};

static bool is_name(uint8_t ch)
{
	return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
	       (ch >= '0' && ch <= '9') || ch == '_' || ch == '.';
}

/* "name" stands alone at i and is called. */
static bool called_at(struct pk_span v, size_t i, const char *name)
{
	const size_t n = strlen(name);

	if (v.len - i <= n || memcmp(v.p + i, name, n) != 0 ||
	    (i && is_name(v.p[i - 1])))
		return false;
	for (i += n; i < v.len && (v.p[i] == ' ' || v.p[i] == '\t'); i++)
		;
	return i < v.len && v.p[i] == '(';
}

/* Past the string that begins at i, if one does: what it says is not run. */
static size_t past_string(struct pk_span v, size_t i)
{
	const uint8_t quote = v.p[i];

	if (quote != '\'' && quote != '"')
		return i;
	for (i++; i < v.len && v.p[i] != quote; i++)
		i += v.p[i] == '\\';
	return i;
}

static const char *call_in(struct pk_span v)
{
	for (size_t i = 0; i < v.len; i++) {
		i = past_string(v, i);
		if (i >= v.len)
			break;
		for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++) {
			if (called_at(v, i, calls[k]))
				return calls[k];
		}
	}
	return NULL;
}

/* A literal begins like one; prose that mentions a call does not. */
static bool is_expression(struct pk_span v)
{
	size_t i = 0;

	while (i < v.len && (v.p[i] == ' ' || v.p[i] == '\n'))
		i++;
	if (i == v.len)
		return false;
	if (v.p[i] == '{' || v.p[i] == '[' || v.p[i] == '(')
		return true;
	for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++) {
		if (called_at(v, i, calls[k]))
			return true;
	}
	return v.len - i > 7 && memcmp(v.p + i, "import ", 7) == 0;
}

void onnx_judge_metadata(struct onnx *o, const struct pk_pb_field *pair)
{
	struct pk_pb *r = &o->file.r;
	struct pk_pb_iter it = { pair->off, pair->off + pair->len };
	struct pk_scan *s = o->file.s;
	struct pk_pb_text key = { 0 };
	const struct pk_pb_pick picks[] = { { 1, &key } };
	struct pk_pb_field f;

	pk_pb_pick(r, pair, picks, 1);
	while (pk_pb_next(r, &it, &f)) {
		struct pk_span v;
		const char *call;

		if (f.number != 2 || f.wire != PK_PB_LEN)
			continue;
		v = pk_pb_bytes(r, &f, VALUE_MAX);
		pk_note_pair(s, pk_pb_span(&key), v);
		call = is_expression(v) ? call_in(v) : NULL;
		if (call)
			pk_report(s, PK_RULE_ONNX_METADATA_CODE, f.off,
				  "the metadata %s hold an expression that "
				  "calls %s()",
				  pk_show(s, pk_pb_span(&key), 80), call);
	}
}
