/* SPDX-License-Identifier: Apache-2.0 */
/* Code that a pickle carries: what its names reach. */
#include "analyze/pickle_args.h"
#include "analyze/pycode.h"

enum {
	DEPTH_MAX = 6,
	NAME_MAX_LEN = 128,
	CODE_MAX = 8 << 20, /* bytes of one marshalled constant */
};

struct search {
	struct pk_judge *j;
	struct pk_pynames names;
	bool dangerous;
	struct pk_buf what;
};

static bool read_marshal(struct search *s, struct pk_piece at)
{
	struct pk_scan *scan = s->j->scan;
	struct pk_pycode code;
	uint8_t *bytes;

	if (at.len > CODE_MAX)
		return false;
	bytes = pk_arena_alloc(&scan->arena, (size_t)at.len + 1, 1);
	if (!bytes || pk_source_read(scan->bytes, at.off, bytes,
				     (size_t)at.len) != at.len)
		return false;
	if (!pk_marshal_may_be_code((struct pk_span){ bytes, (size_t)at.len }))
		return false;
	code = pk_pycode_read((struct pk_span){ bytes, (size_t)at.len },
			      &scan->arena);
	if (code.dangerous && !s->dangerous)
		pk_buf_puts(&s->what, pk_buf_str(&code.what));
	s->dangerous |= code.dangerous;
	pk_pycode_release(&code);
	return true;
}

static void keep_name(struct search *s, pk_value v)
{
	struct pk_buf text = { 0 };
	char *copy = NULL;

	if (pk_vm_text(s->j->vm, v, NAME_MAX_LEN, &text))
		copy = pk_arena_copy(&s->j->scan->arena, pk_buf_span(&text));
	/* "__globals__" and its like are what a function's parts are called
	 * in the state that rebuilds it. */
	if (copy &&
	    (strncmp(copy, "__", 2) != 0 || strcmp(copy, "__import__") == 0))
		pk_pynames_add(
			&s->names,
			(struct pk_span){ (const uint8_t *)copy, text.len });
	pk_buf_release(&text);
}

static void search(struct search *s, pk_value v, unsigned depth)
{
	const struct pk_node *node = pk_node_of(&s->j->vm->nodes, v);
	struct pk_piece at;

	if (pk_vm_bytes_at(s->j->vm, v, &at) && read_marshal(s, at))
		return;
	keep_name(s, v);
	if (!node || depth == DEPTH_MAX || pk_value_kind(v) == PK_V_TEXT)
		return;
	for (uint64_t i = 0; i < node->kept; i++)
		search(s, pk_node_kid(&s->j->vm->nodes, node, i), depth + 1);
}

/* "os" alone, as the argument of what imports a module by its name. */
static bool is_dangerous_module(struct search *s)
{
	return s->names.n == 1 &&
	       pk_global_classify(s->names.names[0], PK_LIT("no such name"))
			       .class
		       == PK_IMPORT_DANGEROUS;
}

const char *pk_args_name_danger(struct pk_judge *j, pk_value args)
{
	struct search s = { .j = j, .names = { .arena = &j->scan->arena } };
	const char *told = NULL;

	search(&s, args, 0);
	if (!s.dangerous)
		s.dangerous = pk_pynames_judge(&s.names, &s.what);
	if (!s.dangerous && is_dangerous_module(&s)) {
		pk_buf_put(&s.what, s.names.names[0].p, s.names.names[0].len);
		s.dangerous = true;
	}
	if (s.dangerous)
		told = pk_arena_printf(&j->scan->arena,
				       "the code it carries names %s",
				       pk_buf_str(&s.what));
	pk_buf_release(&s.what);
	return told;
}
