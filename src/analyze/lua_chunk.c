/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/lua_chunk.h"

#include <ctype.h>

enum { CHUNK_MAX = 4 << 20 };

/* Names of functions that are nothing else in any library. */
static const struct {
	const char *name;
	const char *what;
} grave[] = {
	{ "execute", "os.execute: runs a shell command" },
	{ "popen", "io.popen: runs a shell command" },
	{ "loadlib", "package.loadlib: loads a native library" },
	{ "cdef", "ffi.cdef: calls native code" },
	{ "dofile", "dofile: runs a file" },
	{ "loadfile", "loadfile: loads a file as code" },
	{ "loadstring", "loadstring: runs what it is given" },
};

static bool is_word(uint8_t ch)
{
	return isalnum(ch) || ch == '_';
}

/*
 * Whether the n bytes at p[at] are a whole string of bytecode, by the length
 * before them, or a whole word of source.  PUC Lua counts the NUL that
 * follows; LuaJIT adds 5 to the length (its string constants' tag), 5.3 and
 * later add 1 and leave the NUL out.
 */
static bool stands_alone(struct pk_span b, size_t at, size_t n, bool source)
{
	const uint8_t before = at ? b.p[at - 1] : 0;
	const uint8_t after = at + n < b.len ? b.p[at + n] : 0;

	if (source)
		return !is_word(before) && !is_word(after);
	if (before == n + 5 || before == n + 1 || before == 0x80 + n + 1)
		return true;
	return after == 0 && at >= 4 && before == 0 && b.p[at - 2] == 0;
}

static const char *find_grave(struct pk_span b, bool source)
{
	for (size_t i = 0; i < sizeof(grave) / sizeof(grave[0]); i++) {
		const size_t n = strlen(grave[i].name);
		struct pk_span rest = b;

		for (;;) {
			const uint8_t *hit =
				memmem(rest.p, rest.len, grave[i].name, n);

			if (!hit)
				break;
			if (stands_alone(b, (size_t)(hit - b.p), n, source))
				return grave[i].what;
			rest.len -= (size_t)(hit + 1 - rest.p);
			rest.p = hit + 1;
		}
	}
	return NULL;
}

void pk_lua_chunk_scan(struct pk_scan *s, uint64_t off, uint64_t len)
{
	const size_t n = len < CHUNK_MAX ? (size_t)len : CHUNK_MAX;
	uint8_t *p = pk_arena_alloc(&s->arena, n + 1, 1);
	struct pk_report r = { .rule = PK_RULE_TORCH7_FUNCTION,
			       .severity = PK_HIGH,
			       .off = off,
			       .len = len };
	bool source;
	const char *what;

	if (!p || len > CHUNK_MAX || pk_source_read(s->bytes, off, p, n) < n)
		pk_partial(s);
	if (!p)
		return;
	source = !n || p[0] != 0x1b;
	what = find_grave((struct pk_span){ p, n }, source);
	s->job->facts |= PK_FACT_PICKLE_RUNS_CODE;
	if (what)
		r.severity = PK_CRITICAL;
	pk_report_full(s, &r, "a function of %llu bytes of %s is made%s%s",
		       (unsigned long long)len,
		       source ? "Lua source" : "bytecode",
		       what ? "; it names " : "", what ? what : "");
}
