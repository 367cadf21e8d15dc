/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_FORM_H
#define PK_CODEC_FORM_H

#include "codec/yaml.h"

/*
 * A YAML file that people write or review, read strictly: every key has a
 * place in a table, and each slip is told with its line and, where it is a
 * word, with the one that was probably meant.
 */

/* A place in the file, and what is wrong there. */
struct pk_complaint {
	uint64_t line;
	char text[200];
};

enum { PK_COMPLAINTS_MAX = 20 };

struct pk_complaints {
	struct pk_complaint v[PK_COMPLAINTS_MAX];
	size_t count;
};

/* The file being read.  What is taken from it lives in the arena. */
struct pk_form {
	struct pk_arena *arena;
	struct pk_span text;
	struct pk_complaints *why;
	bool no_memory;
};

/* What stands under a name, and where it goes. */
struct pk_form_member {
	const char *name; /* NULL ends a table */
	void (*take)(struct pk_form *f, void *to, const struct pk_jvalue *v);
};

/* Defines a function for such a table. */
#define PK_TAKE(name)                                        \
	static void take_##name(struct pk_form *f, void *to, \
				const struct pk_jvalue *v)

uint64_t pk_form_line(const struct pk_form *f, uint64_t off);

PK_PRINTF(3, 4)
void pk_form_complain(struct pk_form *f, uint64_t off, const char *fmt, ...);

/* Complains that there is no such word; nth() returns those there are, and
 * NULL past the last. */
void pk_form_complain_word(struct pk_form *f, uint64_t off, struct pk_span word,
			   const char *what, const char *(*nth)(size_t n));

/* Zeroed memory, or a NUL-terminated copy.  When there is none no_memory is
 * set, and the copy is "". */
void *pk_form_alloc(struct pk_form *f, size_t n, size_t size);
const char *pk_form_copy(struct pk_form *f, struct pk_span s);
/* A copy that is fit for a message. */
const char *pk_form_show(struct pk_form *f, struct pk_span s);

/* The only document of the file, an object; or NULL after a complaint.  what:
 * "a policy". */
const struct pk_jvalue *pk_form_document(struct pk_form *f, const char *what);

/* Every member of an object goes to its place. */
void pk_form_members(struct pk_form *f, void *to, const struct pk_jvalue *v,
		     const struct pk_form_member *members, const char *what);

/* Whether it is a list; complains. */
bool pk_form_list(struct pk_form *f, const struct pk_jvalue *v);

/* A text that is not empty, or NULL after a complaint. */
const char *pk_form_text(struct pk_form *f, const struct pk_jvalue *v);

/* The number of a word among names, or -1 after a complaint. */
int pk_form_word(struct pk_form *f, const struct pk_jvalue *v, const char *what,
		 const char *(*nth)(size_t n));

/* "version: 1", for a table. */
void pk_form_version(struct pk_form *f, void *to, const struct pk_jvalue *v);

#endif
