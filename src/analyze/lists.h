/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_LISTS_H
#define PK_ANALYZE_LISTS_H

#include "core/span.h"

/*
 * The import lists of rules/lists, compiled in by tools/gen_lists.c and
 * sorted by key, bytewise.  The text files say what each list is and where
 * its facts come from; their columns are here:
 *
 *   list            key               level        tag         text
 *   dangerous       module.name       severity     category    reason
 *   packages        module (its "*")  severity     category    reason
 *   names           name              severity     category    reason
 *   safe            module.name       restriction  -           reason
 *   namespaces      module            restriction  -           reason
 *   libraries       module            -            -           -
 *   stdlib          module            PK_IN_PY*    -           -
 *   aliases         module            -            its home    reason
 *   py2_modules     module            -            new module  -
 *   py2_names       module.name       -            new module  new name
 *   weights_only    module.name       PK_SINCE_*   -           -
 *   modules         module            -            -           -
 *
 * The last has no file: it is every module with a dot that the others name.
 */
struct pk_list_row {
	const char *key;
	uint16_t len;
	uint16_t module_len; /* the part of key that is the module */
	uint16_t level;
	const char *tag;
	const char *text;
};

struct pk_list {
	const struct pk_list_row *rows;
	size_t n;
};

enum { PK_IN_PY2 = 1, PK_IN_PY3 = 2 };
enum { PK_SINCE_1_13, PK_SINCE_2, PK_ONLY_1_13 };

/* The level of a namespace that is cut out of a wider one. */
enum { PK_NAMESPACE_EXCLUDED = UINT16_MAX };

extern const struct pk_list pk_list_dangerous;
extern const struct pk_list pk_list_packages;
extern const struct pk_list pk_list_names;
extern const struct pk_list pk_list_safe;
extern const struct pk_list pk_list_namespaces;
extern const struct pk_list pk_list_libraries;
extern const struct pk_list pk_list_stdlib;
extern const struct pk_list pk_list_aliases;
extern const struct pk_list pk_list_py2_modules;
extern const struct pk_list pk_list_py2_names;
extern const struct pk_list pk_list_weights_only;
extern const struct pk_list pk_list_modules;

/* The row whose key is exactly these bytes, or NULL. */
const struct pk_list_row *pk_list_find(const struct pk_list *list,
				       struct pk_span key);

/*
 * The row with the longest key that is path itself or, cut at a dot, a
 * parent of it; NULL if there is none.
 */
const struct pk_list_row *pk_list_find_parent(const struct pk_list *list,
					      struct pk_span path);

#endif
