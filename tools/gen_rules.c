/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns rules/ *.rules into rules_gen.h (the ids) and rules_gen.c (the
 * table), at build time.  usage: gen_rules OUT.h OUT.c IN.rules...
 *
 * A rule is "rule family.slug" and then its fields, one a line; a line that
 * begins with a blank continues the field above it.  Every rule needs every
 * field, so that none reaches a user unexplained.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fields[] = { "severity", "title", "why", "fix",
				      "refs" };
enum { FIELDS = sizeof(fields) / sizeof(fields[0]), TEXT_MAX = 4096 };

struct rule {
	char id[128];
	char text[FIELDS][TEXT_MAX];
};

/* Not <ctype.h>, whose answers change with the locale. */
static int upper(char ch)
{
	if (ch >= 'a' && ch <= 'z')
		return ch - 'a' + 'A';
	return ch == '.' || ch == '-' ? '_' : ch;
}

static void put_upper(FILE *to, const char *prefix, const char *s)
{
	fputs(prefix, to);
	for (; *s; s++)
		putc(upper(*s), to);
}

static void put_string(FILE *to, const char *s)
{
	putc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', to);
		putc(*s, to);
	}
	putc('"', to);
}

static bool complain(const char *path, int line, const char *what,
		     const char *text)
{
	fprintf(stderr, "%s:%d: %s: %s\n", path, line, what, text);
	return false;
}

static bool put_rule(const struct rule *r, const char *path, int line, FILE *h,
		     FILE *c)
{
	for (int i = 0; i < FIELDS; i++) {
		if (!r->text[i][0])
			return complain(path, line, fields[i],
					"missing in the rule above");
	}
	put_upper(h, "\tPK_RULE_", r->id);
	fputs(",\n", h);
	put_upper(c, "\t[PK_RULE_", r->id);
	fputs("] = {\n\t\t.id = ", c);
	put_string(c, r->id);
	put_upper(c, ",\n\t\t.severity = PK_", r->text[0]);
	for (int i = 1; i < FIELDS; i++) {
		fprintf(c, ",\n\t\t.%s = ", fields[i]);
		put_string(c, r->text[i]);
	}
	fputs(",\n\t},\n", c);
	return true;
}

static int field_named(const char *name)
{
	for (int i = 0; i < FIELDS; i++) {
		if (strcmp(fields[i], name) == 0)
			return i;
	}
	return -1;
}

static bool append(char *to, const char *text)
{
	size_t have = strlen(to);

	if (have + strlen(text) + 2 > TEXT_MAX)
		return false;
	if (have)
		to[have++] = ' ';
	strcpy(to + have, text);
	return true;
}

static bool convert(const char *path, FILE *in, FILE *h, FILE *c)
{
	static struct rule r;
	char line[2048];
	int n = 0, field = -1;
	bool open = false;

	while (fgets(line, sizeof(line), in)) {
		char *value = line + strcspn(line, " \n");

		n++;
		line[strcspn(line, "\n")] = '\0';
		if (!line[0] || line[0] == '#')
			continue;
		if (line[0] == ' ') {
			value = line + strspn(line, " ");
			if (field < 0 || !append(r.text[field], value))
				return complain(path, n, "not expected", line);
			continue;
		}
		if (*value)
			*value++ = '\0';
		if (strcmp(line, "rule") == 0) {
			if (open && !put_rule(&r, path, n, h, c))
				return false;
			memset(&r, 0, sizeof(r));
			snprintf(r.id, sizeof(r.id), "%s", value);
			open = true;
			field = -1;
			continue;
		}
		field = field_named(line);
		if (!open || field < 0 || !append(r.text[field], value))
			return complain(path, n, "not expected", line);
	}
	return (!open || put_rule(&r, path, n, h, c)) && !ferror(in);
}

static bool convert_file(const char *path, FILE *h, FILE *c)
{
	FILE *in = fopen(path, "re");
	bool ok;

	if (!in) {
		perror(path);
		return false;
	}
	ok = convert(path, in, h, c);
	return fclose(in) == 0 && ok;
}

int main(int argc, char **argv)
{
	FILE *h = argc > 3 ? fopen(argv[1], "we") : NULL;
	FILE *c = argc > 3 ? fopen(argv[2], "we") : NULL;
	bool ok = h && c;

	if (!ok)
		return 2;
	fputs("enum pk_rule {\n", h);
	fputs("#include \"engine/rule.h\"\n\n", c);
	fputs("const struct pk_rule_info pk_rules[] = {\n", c);
	for (int i = 3; i < argc && ok; i++)
		ok = convert_file(argv[i], h, c);
	fputs("\tPK_RULE_COUNT\n};\n", h);
	fputs("};\n", c);
	ok = fclose(h) == 0 && ok;
	ok = fclose(c) == 0 && ok;
	return ok ? 0 : 1;
}
