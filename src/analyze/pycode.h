/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_PYCODE_H
#define PK_ANALYZE_PYCODE_H

#include "codec/marshal.h"
#include "core/buf.h"
#include "engine/scan.h"

/*
 * What Python bytecode reaches, by the names that its code objects hold:
 * globals, attributes and modules, and constants that are names.  Nothing is
 * run, and no instruction is followed: a name that is there counts.
 */
struct pk_pycode {
	struct pk_marshal marshal; /* codes: NULL when it could not be read */
	bool understood;
	bool dangerous;     /* a name reaches something dangerous */
	struct pk_buf what; /* "os.system, eval": at most a few of them */
};

/* Reads and judges marshalled bytes, which must outlive the result, as must
 * the arena.  Where no Python's layout fits, the strings that stand in the
 * bytes are judged.  Release with pk_pycode_release(). */
struct pk_pycode pk_pycode_read(struct pk_span bytes, struct pk_arena *a);
void pk_pycode_release(struct pk_pycode *code);

/*
 * The same for a whole module (.pyc) of the Python with that magic number.  It
 * holds so many names that two of them say little: it is judged as a program
 * (analyze/pysource.h), only pairs count that are known by themselves, or go
 * with a module that starts programs or loads native code, and "eval" counts
 * where it is no attribute of something.
 */
struct pk_pycode pk_pycode_read_module(struct pk_span bytes, uint16_t magic,
				       struct pk_arena *a);

/* Names, one by one, for code that does not come as marshal: a pickle's.
 * They are borrowed until the set is judged. */
struct pk_pynames {
	struct pk_span *names;
	size_t n, cap;
	size_t visits; /* of values that were searched for names */
	/* Of a whole module: those that are no attributes; else NULL. */
	const struct pk_pynames *globals;
	const struct pk_pynames *imports; /* and the modules it imports */
	struct pk_arena *arena;
};

void pk_pynames_add(struct pk_pynames *set, struct pk_span name);
/* Whether one of them, or two as module and name, reaches something
 * dangerous; the first few are appended to what. */
bool pk_pynames_judge(const struct pk_pynames *set, struct pk_buf *what);

#endif
