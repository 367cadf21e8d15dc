/* SPDX-License-Identifier: Apache-2.0 */
/* The public API: a program's own settings, kept in YAML. */
#include "picket_types.h"

#include <string.h>

#include "codec/yaml.h"
#include "core/arena.h"

struct reading {
	const struct picket_settings_reader *r;
	struct pk_span text;
	struct pk_arena *arena;
	enum picket_status status;
};

static uint64_t line_of(const struct reading *rd, uint64_t off)
{
	uint64_t line = 1;

	for (size_t i = 0; i < rd->text.len && i < off; i++)
		line += rd->text.p[i] == '\n';
	return line;
}

static void complain(struct reading *rd, uint64_t off, const char *text)
{
	if (rd->status == PICKET_OK)
		rd->status = PICKET_ERR_DATA;
	rd->r->complain(rd->r->ctx, line_of(rd, off), text);
}

/* As a string; one with a NUL would be cut short, and is refused. */
static const char *string(struct reading *rd, struct pk_span s, uint64_t off)
{
	const char *text = NULL;

	if (s.len && memchr(s.p, '\0', s.len)) {
		complain(rd, off, "a NUL has no place in a setting");
		return NULL;
	}
	text = pk_arena_copy(rd->arena, s);
	if (!text)
		rd->status = PICKET_ERR_NOMEM;
	return text;
}

static void read_value(struct reading *rd, const char *name,
		       const struct pk_jvalue *v)
{
	const char *value;

	if (v->kind == PK_J_NULL || v->kind == PK_J_ARRAY ||
	    v->kind == PK_J_OBJECT || v->tag.len) {
		complain(rd, v->off,
			 "a setting is a name with a value, or "
			 "with a list of values");
		return;
	}
	value = string(rd, v->text, v->off);
	if (value)
		rd->r->take(rd->r->ctx, line_of(rd, v->off), name, value);
}

static void read_member(struct reading *rd, const struct pk_jvalue *v)
{
	const char *name;

	if (v->repeated) {
		complain(rd, v->key_off, "the name stands here a second time");
		return;
	}
	name = string(rd, v->key, v->key_off);
	if (!name)
		return;
	if (v->kind != PK_J_ARRAY) {
		read_value(rd, name, v);
		return;
	}
	for (const struct pk_jvalue *k = v->kids; k; k = k->next)
		read_value(rd, name, k);
}

enum picket_status picket_settings_read(const void *yaml, size_t n,
					const struct picket_settings_reader *r)
{
	struct pk_meter meter = { .ceiling = 64 << 20 };
	struct pk_arena arena = PK_ARENA(&meter);
	struct reading rd = { .r = r, .text = { yaml, n }, .arena = &arena };
	struct pk_cursor c = pk_cursor_over(rd.text, 0);
	const struct pk_jvalue *doc = pk_yaml_parse(&c, &arena);

	if (!pk_cursor_ok(&c))
		complain(&rd, c.fault_off, "not YAML from here on");
	else if (doc && doc->kind != PK_J_OBJECT && doc->kind != PK_J_NULL)
		complain(&rd, 0, "settings are names with values");
	for (const struct pk_jvalue *k =
		     pk_json_is(doc, PK_J_OBJECT) && rd.status == PICKET_OK
			     ? doc->kids
			     : NULL;
	     k; k = k->next)
		read_member(&rd, k);
	pk_arena_release(&arena);
	return rd.status;
}
