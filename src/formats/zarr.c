/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata of a Zarr array (.zarray, zarr.json), as Orbax keeps checkpoints:
 * JSON that says how the chunks beside it are packed.
 *
 * What can hurt: the codec "pickle" of numcodecs unpickles each chunk, and an
 * array of objects needs such a codec.
 */
#include "codec/json_read.h"
#include "engine/format.h"
#include "engine/note.h"

enum { SIZE_MAX_READ = 16 << 20, SHOWN = 100, STACK_MAX = 64 };

static bool is_text(const struct pk_jvalue *v, const char *word)
{
	const struct pk_span text = pk_json_text(v);

	return text.len == strlen(word) && memcmp(text.p, word, text.len) == 0;
}

static bool is_key(const struct pk_jvalue *v, const char *key)
{
	return v->key.len == strlen(key) &&
	       memcmp(v->key.p, key, v->key.len) == 0;
}

/* {"id": "pickle"} of version 2, {"name": "numcodecs.pickle"} of version 3. */
static void check_codec(struct pk_scan *s, const struct pk_jvalue *v)
{
	static const char *const pickles[] = { "pickle", "numcodecs.pickle",
					       "dill", "cloudpickle" };

	if (!is_key(v, "id") && !is_key(v, "name"))
		return;
	for (size_t i = 0; i < sizeof(pickles) / sizeof(pickles[0]); i++) {
		if (is_text(v, pickles[i]))
			pk_report(s, PK_RULE_ZARR_PICKLE, v->off,
				  "the chunks are packed by the codec %s",
				  pk_show(s, pk_json_text(v), SHOWN));
	}
}

/* "|O", or a list of fields that has one. */
static bool is_of_objects(const struct pk_jvalue *dtype)
{
	const struct pk_span text = pk_json_text(dtype);

	if (text.len)
		return memchr(text.p, 'O', text.len) != NULL;
	for (const struct pk_jvalue *f = dtype ? dtype->kids : NULL; f;
	     f = f->next) {
		const struct pk_jvalue *type =
			f->kids && f->kids->next ? f->kids->next : NULL;

		if (type && pk_json_text(type).len &&
		    memchr(type->text.p, 'O', type->text.len))
			return true;
	}
	return false;
}

static void walk(struct pk_scan *s, const struct pk_jvalue *v)
{
	const struct pk_jvalue *up[STACK_MAX];
	size_t depth = 0;

	while (v) {
		if (v->kind == PK_J_STRING)
			check_codec(s, v);
		if (v->kids && depth < STACK_MAX && !is_key(v, "attributes")) {
			up[depth++] = v;
			v = v->kids;
			continue;
		}
		while (!v->next && depth)
			v = up[--depth];
		v = v->next;
	}
}

static void zarr_scan(struct pk_scan *s)
{
	const struct pk_json_opts opts = { .flags = PK_JSON_WHOLE,
					   .max_depth = STACK_MAX };
	struct pk_cursor c =
		pk_cursor_open(s->bytes, 0, s->bytes->size, &s->arena);
	const struct pk_jvalue *v = NULL, *dtype;

	if (s->bytes->size <= SIZE_MAX_READ)
		v = pk_json_parse(&c, &s->arena, &opts, NULL);
	if (!v) {
		pk_partial(s);
		pk_report(s, PK_RULE_ZARR_MALFORMED, c.fault_off,
			  "the metadata cannot be read");
		return;
	}
	walk(s, v);
	dtype = pk_json_get(v, "dtype");
	if (is_of_objects(dtype))
		pk_report(s, PK_RULE_ZARR_OBJECTS, dtype->off,
			  "the array holds objects");
	pk_claim(s, 0, s->bytes->size);
}

static enum pk_match zarr_probe(const struct pk_head *head)
{
	const struct pk_span b = head->bytes;

	return b.len && b.p[0] == '{' &&
			       memmem(b.p, b.len, "\"zarr_format\"", 13)
		       ? PK_MATCH_SURE
		       : PK_MATCH_NO;
}

const struct pk_format pk_format_zarr = {
	.name = "zarr",
	.title = "Zarr metadata (Orbax checkpoints)",
	.reads = "codecs and type of the array; the chunks are files of their "
		 "own",
	.risk = PK_RISK_DATA,
	.rank = 15,
	.probe = zarr_probe,
	.scan = zarr_scan,
};
