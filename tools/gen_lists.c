/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns rules/lists/ *.list into lists_gen.c (see analyze/lists.h), at build
 * time, and refuses lists that are unsorted, repeat or contradict themselves
 * or leave a reason out.
 *
 *   gen_lists OUT.c IN.list...     OUT may be /dev/null: check only
 *
 * A list is lines of columns parted by one tab; # starts a comment line.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 5, LINE_MAX_ = 2048 };

enum table {
	DANGEROUS,
	PACKAGES,
	NAMES,
	SAFE,
	NAMESPACES,
	LIBRARIES,
	STDLIB,
	ALIASES,
	PY2_MODULES,
	PY2_NAMES,
	WEIGHTS_ONLY,
	MODULES,
	TABLES
};

static const char *const table_names[TABLES] = {
	[DANGEROUS] = "dangerous",
	[PACKAGES] = "packages",
	[NAMES] = "names",
	[SAFE] = "safe",
	[NAMESPACES] = "namespaces",
	[LIBRARIES] = "libraries",
	[STDLIB] = "stdlib",
	[ALIASES] = "aliases",
	[PY2_MODULES] = "py2_modules",
	[PY2_NAMES] = "py2_names",
	[WEIGHTS_ONLY] = "weights_only",
	[MODULES] = "modules",
};

struct row {
	char *key;
	size_t module_len;
	const char *level; /* C text, never freed */
	char *tag;
	char *text;
};

struct rows {
	struct row *row;
	size_t n;
	size_t room;
};

struct word {
	const char *token;
	const char *c;
};

static const struct word severities[] = {
	{ "info", "PK_INFO" },         { "low", "PK_LOW" },
	{ "medium", "PK_MEDIUM" },     { "high", "PK_HIGH" },
	{ "critical", "PK_CRITICAL" }, { NULL, NULL },
};

static const struct word restrictions[] = {
#define PK_RESTRICTION(id, token, breach, promise) \
	{ token, "PK_RESTRICT_" #id },
#include "analyze/restricts.def"
#undef PK_RESTRICTION
	{ "exclude", "PK_NAMESPACE_EXCLUDED" },
	{ NULL, NULL },
};

static const struct word pythons[] = {
	{ "2", "PK_IN_PY2" },
	{ "3", "PK_IN_PY3" },
	{ "2,3", "PK_IN_PY2 | PK_IN_PY3" },
	{ NULL, NULL },
};

static const struct word releases[] = {
	{ "1.13", "PK_SINCE_1_13" },
	{ "2", "PK_SINCE_2" },
	{ "1.13-only", "PK_ONLY_1_13" },
	{ NULL, NULL },
};

static const struct word categories[] = {
	{ "attr", "" },       { "code-carrier", "" },   { "code-load", "" },
	{ "decode", "" },     { "exec", "" },           { "file-read", "" },
	{ "file-write", "" }, { "info", "" },           { "network", "" },
	{ "process", "" },    { "reentrant-load", "" }, { "sabotage", "" },
	{ "tamper", "" },     { NULL, NULL },
};

static struct rows tables[TABLES];

/* Where we are, for messages. */
static const char *path;
static int line_number;
static bool failed;

/* What is wrong, and with which word; the second may be NULL. */
static void complain(const char *what, const char *which)
{
	fprintf(stderr, "%s:%d: %s%s%s\n", path, line_number, what,
		which ? ": " : "", which ? which : "");
	failed = true;
}

static void *must(void *p)
{
	if (!p) {
		perror("gen_lists");
		exit(2);
	}
	return p;
}

static char *copy(const char *s)
{
	size_t room = s ? strlen(s) + 1 : 0;

	return s ? memcpy(must(malloc(room)), s, room) : NULL;
}

static const char *look_up(const struct word *words, const char *token,
			   const char *what)
{
	for (; words->token; words++)
		if (strcmp(words->token, token) == 0)
			return words->c;
	complain(what, token);
	return "0";
}

static void add(enum table to, struct row row)
{
	struct rows *t = &tables[to];

	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->row = must(realloc(t->row, t->room * sizeof(*t->row)));
	}
	t->row[t->n++] = row;
}

static char *join(const char *module, const char *name)
{
	size_t room = strlen(module) + strlen(name) + 2;
	char *key = must(malloc(room));

	(void)snprintf(key, room, "%s.%s", module, name);
	return key;
}

static void add_pair(enum table to, const char *module, const char *name,
		     struct row row)
{
	bool whole = to == DANGEROUS && strcmp(name, "*") == 0;

	row.key = whole ? copy(module) : join(module, name);
	row.module_len = strlen(module);
	row.tag = copy(row.tag);
	row.text = copy(row.text);
	add(whole ? PACKAGES : to, row);
}

static void add_pairs(enum table to, char **col, struct row row)
{
	const char *last = "";

	for (char *name = strtok(col[1], " "); name; name = strtok(NULL, " ")) {
		if (strcmp(last, name) >= 0)
			complain("names out of order or said twice", name);
		add_pair(to, col[0], name, row);
		last = name;
	}
}

static void add_module(enum table to, const char *module, const char *level,
		       const char *tag, const char *text)
{
	add(to, (struct row){ .key = copy(module),
			      .module_len = strlen(module),
			      .level = level,
			      .tag = copy(tag),
			      .text = copy(text) });
}

/* One reader per list: its columns are in the file's own header. */

static void read_dangerous(char **col)
{
	(void)look_up(categories, col[2], "unknown category");
	add_pairs(DANGEROUS, col,
		  (struct row){ .level = look_up(severities, col[3],
						 "unknown severity"),
				.tag = col[2],
				.text = col[4] });
}

static void read_names(char **col)
{
	(void)look_up(categories, col[1], "unknown category");
	add_module(NAMES, col[0],
		   look_up(severities, col[2], "unknown severity"), col[1],
		   col[3]);
}

static void read_safe(char **col)
{
	add_pairs(SAFE, col,
		  (struct row){ .level = look_up(restrictions, col[2],
						 "unknown restriction"),
				.text = col[3] });
}

static void read_namespaces(char **col)
{
	add_module(NAMESPACES, col[0],
		   look_up(restrictions, col[1], "unknown restriction"), NULL,
		   col[2]);
}

static void read_libraries(char **col)
{
	add_module(LIBRARIES, col[0], "0", NULL, NULL);
}

static void read_stdlib(char **col)
{
	add_module(STDLIB, col[0], look_up(pythons, col[1], "unknown version"),
		   NULL, NULL);
}

static void read_aliases(char **col)
{
	add_module(ALIASES, col[0], "0", col[1], col[2]);
}

static void read_py2names(char **col)
{
	if (strcmp(col[1], "*") == 0)
		add_module(PY2_MODULES, col[0], "0", col[2], NULL);
	else
		add_pair(PY2_NAMES, col[0], col[1],
			 (struct row){
				 .level = "0", .tag = col[2], .text = col[3] });
}

static void read_weights_only(char **col)
{
	add_pairs(WEIGHTS_ONLY, col,
		  (struct row){ .level = look_up(releases, col[2],
						 "unknown release") });
}

static const struct list {
	const char *file;
	int columns;
	int keys; /* how many first columns make the order of the lines */
	void (*read)(char **col);
} lists[] = {
	{ "aliases.list", 3, 1, read_aliases },
	{ "dangerous.list", 5, 2, read_dangerous },
	{ "libraries.list", 1, 1, read_libraries },
	{ "names.list", 4, 1, read_names },
	{ "namespaces.list", 3, 1, read_namespaces },
	{ "py2names.list", 4, 2, read_py2names },
	{ "safe.list", 4, 2, read_safe },
	{ "stdlib.list", 2, 1, read_stdlib },
	{ "weights_only.list", 3, 2, read_weights_only },
};

static const struct list *list_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (strcmp(lists[i].file, base) == 0)
			return &lists[i];
	complain("no list has this name", NULL);
	return NULL;
}

/* Cuts the line at its tabs; no column may be empty or have outer blanks. */
static bool split(char *line, const struct list *l, char **col)
{
	int n = 0;

	for (char *at = line; at; n++) {
		char *tab = strchr(at, '\t');

		if (tab)
			*tab++ = '\0';
		if (*at == '\0' || *at == ' ' || at[strlen(at) - 1] == ' ') {
			complain("a column is empty or has outer blanks", line);
			return false;
		}
		if (n < COLUMNS_MAX)
			col[n] = at;
		at = tab;
	}
	if (n != l->columns)
		complain("wrong number of columns", line);
	return n == l->columns;
}

static void check_order(char **col, int keys, char (*last)[LINE_MAX_])
{
	int order = 0;

	for (int i = 0; i < keys && order == 0; i++)
		order = strcmp(last[i], col[i]);
	if (order >= 0)
		complain("out of order or said twice", col[0]);
	for (int i = 0; i < keys; i++)
		(void)snprintf(last[i], LINE_MAX_, "%s", col[i]);
}

static void read_list(FILE *in, const struct list *l)
{
	static char line[LINE_MAX_];
	char last[2][LINE_MAX_] = { "", "" };
	char *col[COLUMNS_MAX] = { line, line, line, line, line };

	for (line_number = 1; fgets(line, sizeof(line), in); line_number++) {
		char *end = strchr(line, '\n');

		if (!end) {
			complain("line too long, or without an end", NULL);
			return;
		}
		*end = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (!split(line, l, col))
			continue;
		check_order(col, l->keys, last);
		l->read(col);
	}
}

static void read_file(const char *file)
{
	const struct list *l;
	FILE *in;

	path = file;
	line_number = 0;
	l = list_of(file);
	in = l ? fopen(file, "re") : NULL;
	if (!in) {
		complain("cannot be read", NULL);
		return;
	}
	read_list(in, l);
	if (ferror(in))
		complain("cannot be read", NULL);
	(void)fclose(in);
}

static int by_key(const void *a, const void *b)
{
	const struct row *x = a;
	const struct row *y = b;

	return strcmp(x->key, y->key);
}

static void sort_tables(void)
{
	for (int t = 0; t < TABLES; t++) {
		struct rows *r = &tables[t];

		if (r->n > 0)
			qsort(r->row, r->n, sizeof(*r->row), by_key);
		for (size_t i = 1; i < r->n; i++)
			if (strcmp(r->row[i - 1].key, r->row[i].key) == 0)
				complain("said twice", r->row[i].key);
	}
}

static const struct row *find(enum table in, const char *key)
{
	const struct row wanted = { .key = (char *)key };
	const struct rows *r = &tables[in];

	if (r->n == 0)
		return NULL;
	return bsearch(&wanted, r->row, r->n, sizeof(*r->row), by_key);
}

/* A dangerous module wins over any namespace in it. */
static void check_reachable(const struct row *namespace)
{
	char parent[LINE_MAX_];
	char *dot = parent;

	if (strcmp(namespace->level, "PK_NAMESPACE_EXCLUDED") == 0)
		return;
	(void)snprintf(parent, sizeof(parent), "%s", namespace->key);
	for (; dot; dot = strrchr(parent, '.')) {
		if (dot != parent)
			*dot = '\0';
		if (find(PACKAGES, parent))
			complain("a namespace in a dangerous module",
				 namespace->key);
	}
}

static void check_contradictions(void)
{
	for (size_t i = 0; i < tables[SAFE].n; i++)
		if (find(DANGEROUS, tables[SAFE].row[i].key))
			complain("both safe and dangerous",
				 tables[SAFE].row[i].key);
	for (size_t i = 0; i < tables[NAMESPACES].n; i++)
		check_reachable(&tables[NAMESPACES].row[i]);
}

static bool has_home(const char *key)
{
	char top[LINE_MAX_];

	(void)snprintf(top, sizeof(top), "%s", key);
	top[strcspn(top, ".")] = '\0';
	return find(STDLIB, top) || find(LIBRARIES, top);
}

/* What a list judges is known: its top-level module is on one of two lists. */
static void check_homes(void)
{
	static const enum table judged[] = { DANGEROUS, PACKAGES, SAFE,
					     NAMESPACES };

	for (size_t t = 0; t < sizeof(judged) / sizeof(judged[0]); t++) {
		const struct rows *r = &tables[judged[t]];

		for (size_t i = 0; i < r->n; i++)
			if (!has_home(r->row[i].key))
				complain("of no known library", r->row[i].key);
	}
}

/* The module of a key, and the packages it lies in, but the outermost. */
static void add_modules_of(const struct row *row)
{
	char module[LINE_MAX_];

	(void)snprintf(module, sizeof(module), "%.*s", (int)row->module_len,
		       row->key);
	for (char *dot = strrchr(module, '.'); dot;
	     dot = strrchr(module, '.')) {
		add_module(MODULES, module, "0", NULL, NULL);
		*dot = '\0';
	}
}

/* Every module that a list names, to know one when it is taken as a value. */
static void collect_modules(void)
{
	static const enum table from[] = { DANGEROUS, PACKAGES, SAFE,
					   NAMESPACES, ALIASES };
	struct rows *m = &tables[MODULES];
	size_t kept = 0;

	for (size_t t = 0; t < sizeof(from) / sizeof(from[0]); t++)
		for (size_t i = 0; i < tables[from[t]].n; i++)
			add_modules_of(&tables[from[t]].row[i]);
	if (m->n == 0)
		return;
	qsort(m->row, m->n, sizeof(*m->row), by_key);
	for (size_t i = 0; i < m->n; i++) {
		if (kept > 0 &&
		    strcmp(m->row[kept - 1].key, m->row[i].key) == 0)
			free(m->row[i].key);
		else
			m->row[kept++] = m->row[i];
	}
	m->n = kept;
}

static void put_string(FILE *to, const char *s)
{
	if (!s) {
		fputs("NULL", to);
		return;
	}
	putc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', to);
		putc(*s, to);
	}
	putc('"', to);
}

static void put_row(FILE *to, const struct row *row)
{
	fputs("\t{ ", to);
	put_string(to, row->key);
	fprintf(to, ", %zu, %zu, %s, ", strlen(row->key), row->module_len,
		row->level);
	put_string(to, row->tag);
	fputs(", ", to);
	put_string(to, row->text);
	fputs(" },\n", to);
}

static void put_table(FILE *to, enum table t)
{
	const struct rows *r = &tables[t];

	fprintf(to, "\nstatic const struct pk_list_row %s[] = {\n",
		table_names[t]);
	for (size_t i = 0; i < r->n; i++)
		put_row(to, &r->row[i]);
	fprintf(to, "};\n\nconst struct pk_list pk_list_%s = { %s, %zu };\n",
		table_names[t], table_names[t], r->n);
}

static bool put_all(const char *file)
{
	FILE *to = fopen(file, "we");

	if (!to) {
		perror(file);
		return false;
	}
	fputs("#include \"analyze/globals.h\"\n"
	      "#include \"analyze/lists.h\"\n",
	      to);
	for (int t = 0; t < TABLES; t++)
		put_table(to, (enum table)t);
	return fclose(to) == 0;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fputs("usage: gen_lists OUT.c IN.list...\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++)
		read_file(argv[i]);
	path = "all lists";
	line_number = 0;
	sort_tables();
	check_contradictions();
	check_homes();
	collect_modules();
	if (failed)
		return 1;
	return put_all(argv[1]) ? 0 : 1;
}
