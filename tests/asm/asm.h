/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_TESTS_ASM_H
#define PK_TESTS_ASM_H

#include "core/buf.h"

/*
 * Pickles, and zips around them, from text: one instruction a line, `#` for
 * remarks.  docs/testing.md tells the language.  Nothing is checked beyond
 * the spelling: that is what it is for.
 */
struct asm_error {
	unsigned line;
	const char *what; /* static */
};

/* Appends the bytes to out; false at the first mistake. */
bool asm_text(const char *text, struct pk_buf *out, struct asm_error *ret_err);

/* One opcode by its name, and its operands.  NULL, or what is wrong. */
const char *asm_opcode(const char *name, const char *rest, struct pk_buf *out);

/* A value as written: "text", 0x12, -3.  Moves *at past it. */
struct asm_value {
	bool is_text;
	int64_t number;
	struct pk_buf text;
};
const char *asm_value(const char **at, struct asm_value *ret_value);

/* 0 to 15, or -1. */
int asm_hex_digit(char ch);

/* The low n bytes of v, the least first. */
void asm_le(struct pk_buf *out, uint64_t v, unsigned n);

/* Members, a central directory and an end record, as they come. */
struct asm_member {
	struct pk_buf name;
	struct pk_buf local; /* the name in the local header */
	uint64_t method;     /* 0: stored; 8: deflated */
	struct pk_buf data;
};
enum { ASM_MEMBERS_MAX = 64 };
struct asm_zip {
	struct asm_member members[ASM_MEMBERS_MAX];
	unsigned count;
};
/* "NAME" [local="NAME"] [deflate]: begins the next member. */
const char *asm_zip_member(struct asm_zip *z, const char *rest);
/* Where its data go; NULL before the first. */
struct pk_buf *asm_zip_data(struct asm_zip *z);
const char *asm_zip_write(struct asm_zip *z, struct pk_buf *out);
void asm_zip_release(struct asm_zip *z);

#endif
