/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_JSON_READ_H
#define PK_CODEC_JSON_READ_H

#include "core/cursor.h"
#include "core/utf8.h"

/*
 * JSON that came from outside, in two ways: token by token in flat memory,
 * for headers of 100 MB; as a tree in an arena, for configurations.
 *
 * Without flags it accepts what any reader of model files accepts, so that
 * nothing is hidden from it that another reads: RFC 8259 and
 *  - a byte order mark (nlohmann::json, utf-8-sig),
 *  - NaN, Infinity, -Infinity, and lone surrogates in escapes, which come
 *    out in three bytes (Python's json),
 *  - bytes that are not UTF-8 and control characters in strings (RapidJSON,
 *    jsoncpp, Python with strict=False),
 *  - comments and a comma before a closing bracket (jsoncpp, JSON5),
 *  - numbers with leading zeros, a plus or a bare point (older readers).
 * What of this was met is in "odd".  PK_JSON_STRICT faults at all of it, as
 * Rust's serde_json does; duplicate names, which RFC 8259 allows, are not its
 * business: the tree marks them.
 */
enum pk_json_flag {
	PK_JSON_STRICT = 1 << 0,
	/* Nothing but blanks may follow the value; for pk_json_parse(). */
	PK_JSON_WHOLE = 1 << 1,
};

enum pk_json_odd {
	PK_JSON_ODD_BOM = 1 << 0,
	PK_JSON_ODD_NAN = 1 << 1,
	PK_JSON_ODD_SURROGATE = 1 << 2,
	PK_JSON_ODD_UTF8 = 1 << 3,
	PK_JSON_ODD_CONTROL = 1 << 4,
	PK_JSON_ODD_COMMENT = 1 << 5,
	PK_JSON_ODD_COMMA = 1 << 6,
	PK_JSON_ODD_NUMBER = 1 << 7,
};

enum {
	PK_JSON_DEPTH_MAX = 1024,     /* of nesting, the most there can be */
	PK_JSON_TEXT_MAX = 64 * 1024, /* of one string, token by token */
	PK_JSON_VALUE_MAX = 16 << 20, /* of one string in a tree */
};

struct pk_json_opts {
	unsigned flags;     /* enum pk_json_flag */
	unsigned max_depth; /* 0: PK_JSON_DEPTH_MAX, which is the most */
	size_t max_text;    /* 0: PK_JSON_TEXT_MAX or PK_JSON_VALUE_MAX */
};

/* Token by token. */

enum pk_jtoken {
	PK_JT_END = 0, /* after the value; or the cursor has failed */
	PK_JT_OBJECT,
	PK_JT_OBJECT_END,
	PK_JT_ARRAY,
	PK_JT_ARRAY_END,
	PK_JT_KEY,
	PK_JT_STRING,
	PK_JT_NUMBER, /* NaN and the infinities too */
	PK_JT_TRUE,
	PK_JT_FALSE,
	PK_JT_NULL,
};

struct pk_jreader {
	struct pk_cursor *c;
	enum pk_jtoken token; /* the last one, and what it was: */
	uint64_t off;         /* of its first byte, a quote included */
	uint64_t len;         /* of its bytes as they stand in the file */
	/* The string decoded, or the number as it is spelled; borrowed until
	 * the next token.  Of a string longer than max_text the beginning. */
	struct pk_span text;
	bool cut;       /* text is only the beginning */
	unsigned depth; /* of what is open, a container just begun included */
	unsigned odd;   /* enum pk_json_odd, of all so far */
	/* Its own business: */
	struct pk_json_opts opts;
	struct pk_arena *arena;
	uint8_t *buf;
	size_t cap, used;
	unsigned want;
	struct pk_utf8_check utf8;
	uint32_t is_array[PK_JSON_DEPTH_MAX / 32];
};

/* Begins at the cursor, which is borrowed, as is the arena.  opts may be
 * NULL. */
void pk_jread_open(struct pk_jreader *r, struct pk_cursor *c,
		   struct pk_arena *a, const struct pk_json_opts *opts);

/*
 * The next token.  One value is read: after it the cursor stands right
 * behind, and PK_JT_END is all that comes.  What is not JSON faults the
 * cursor at its offset; so do nesting and numbers past the limits.
 */
enum pk_jtoken pk_jread_next(struct pk_jreader *r);

/* After a token that begins a value (or a key): past the end of that value.
 * False after a fault. */
bool pk_jread_skip(struct pk_jreader *r);

/* Past blanks (and comments, where they are read); whether the cursor then
 * is at its end. */
bool pk_jread_at_end(struct pk_jreader *r);

/* The lexeme as an unsigned number, the way strict readers take one: digits
 * only, no sign, no fraction, within 64 bits. */
bool pk_json_u64(struct pk_span number, uint64_t *ret);

/* As a tree. */

enum pk_jkind {
	PK_J_NULL,
	PK_J_BOOL,
	PK_J_NUMBER,
	PK_J_STRING,
	PK_J_ARRAY,
	PK_J_OBJECT,
};

struct pk_jvalue {
	enum pk_jkind kind;
	bool truth;
	bool repeated;       /* its key stood before in the object */
	bool alias;          /* of YAML: its kids stand elsewhere, too */
	struct pk_span key;  /* decoded; of a member of an object */
	struct pk_span text; /* decoded string, or number as spelled */
	struct pk_span tag;  /* of YAML, resolved; or empty */
	uint64_t key_off;
	uint64_t off; /* of the value and its bytes in the file */
	uint64_t len;
	struct pk_jvalue *kids;
	struct pk_jvalue *next;
	size_t count; /* of kids */
};

/*
 * Reads one value at the cursor.  NULL after a fault, which the cursor then
 * has: PK_FAULT_LIMIT also when memory ran out (the meter knows) or a string
 * is too long to keep.  Tree and texts live in the arena.  UTF-16 and UTF-32,
 * which Python's json.loads() takes from bytes, are read as well unless
 * strict; offsets then count the bytes of the text as UTF-8.
 * ret_odd: enum pk_json_odd, may be NULL.  opts may be NULL.
 */
struct pk_jvalue *pk_json_parse(struct pk_cursor *c, struct pk_arena *a,
				const struct pk_json_opts *opts,
				unsigned *ret_odd);

/* The member of that name, the last of several as most readers have it; NULL
 * when there is none or v is no object or NULL. */
struct pk_jvalue *pk_json_get(const struct pk_jvalue *v, const char *key);

/* What a value is; empty, false or ret unset where it is something else or
 * NULL. */
struct pk_span pk_json_text(const struct pk_jvalue *v);
bool pk_json_is(const struct pk_jvalue *v, enum pk_jkind kind);
bool pk_json_true(const struct pk_jvalue *v);
bool pk_json_number(const struct pk_jvalue *v, uint64_t *ret);

#endif
