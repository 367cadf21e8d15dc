/* SPDX-License-Identifier: Apache-2.0 */
/* What the constants that a call is given say. */
#include "analyze/pickle_args.h"

enum {
	TEXT_MAX = 512,
	LIMBS_MAX = 4,
};

typedef bool (*text_test)(struct pk_span text);

/* Whether a constant in v, however nested, passes the test. */
static bool any_text(struct pk_judge *j, pk_value v, text_test test,
		     unsigned depth)
{
	const struct pk_node *node = pk_node_of(&j->vm->nodes, v);
	struct pk_buf text = { 0 };
	bool found = false;

	if (pk_vm_text(j->vm, v, TEXT_MAX, &text))
		found = test(pk_buf_span(&text));
	pk_buf_release(&text);
	if (!node || depth == LIMBS_MAX || pk_value_kind(v) == PK_V_TEXT)
		return found;
	for (uint64_t i = 0; i < node->kept && !found; i++)
		found = any_text(j, pk_node_kid(&j->vm->nodes, node, i), test,
				 depth + 1);
	return found;
}

static bool contains(struct pk_span hay, const char *needle)
{
	return hay.len && memmem(hay.p, hay.len, needle, strlen(needle));
}

static bool begins(struct pk_span hay, const char *prefix)
{
	return pk_span_starts(hay, (struct pk_span){ (const uint8_t *)prefix,
						     strlen(prefix) });
}

static bool shows_intent(struct pk_span s)
{
	static const char *const inside[] = {
		"://",     "../",       "..\\",        " | ",       "&&",
		"$(",      "; ",        "__import__(", "exec(",     "eval(",
		"lambda ", "\nimport ", "subprocess",  "os.system", NULL
	};
	static const char *const first[] = {
		"/",       "~/",         "sh -c",   "bash ",   "curl ",
		"wget ",   "rm -",       "nc ",     "python ", "cmd ",
		"cmd.exe", "powershell", "import ", "from ",   "gASV",
		"gAN",     "gARV",       "gAWV",    "\\\\",    "\xe3",
		"touch ",  "echo ",      "chmod ",  "cat ",    NULL
	};

	if (s.len < 3)
		return false;
	for (const char *const *w = inside; *w; w++) {
		if (contains(s, *w))
			return true;
	}
	for (const char *const *w = first; *w; w++) {
		if (begins(s, *w))
			return true;
	}
	return false;
}

bool pk_args_show_intent(struct pk_judge *j, pk_value args)
{
	return any_text(j, args, shows_intent, 0);
}
