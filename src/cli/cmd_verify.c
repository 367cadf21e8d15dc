/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/analyse.h"
#include "cli/opts.h"
#include "cli/output.h"
#include "cli/receipt.h"
#include "cli/spool.h"

extern const struct cli_command cli_command_verify;

enum { SHARDS_MAX = 1000 };

struct settings {
	struct picket_inspect_style style;
	const char *color;
	const char *receipt; /* of a conversion, or NULL */
	bool values;         /* count those that are no numbers */
	struct picket_options *options;
};

/* Files that were analysed, all to be freed. */
struct batch {
	struct cli_input *in;
	int *kept; /* the same descriptors, while they are needed */
	struct picket_file **files;
	size_t n, n_kept;
};

CLI_SWITCH(struct settings, json, style.json)
CLI_SWITCH(struct settings, all, style.all)
CLI_SWITCH(struct settings, values, values)

static bool set_color(void *settings, const struct cli_option *o,
		      const char *value)
{
	((struct settings *)settings)->color = value;
	return cli_check_color(o->name, value);
}

CLI_TEXT(struct settings, receipt, receipt)

static const struct cli_option options[] = {
	{ 'a', "all", NULL, "list every tensor", "Options", set_all },
	{ 0, "json", NULL, "as one JSON document, complete", NULL, set_json },
	{ 0, "values", NULL, "count the NaN and infinite values of SafeTensors",
	  NULL, set_values },
	{ 0, "receipt", "FILE",
	  "hold them against the receipt of their conversion, too", NULL,
	  set_receipt },
	{ 0, "color", "WHEN", "auto, always, never", NULL, set_color },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

static bool batch_new(struct batch *b, size_t n)
{
	*b = (struct batch){ 0 };
	b->in = calloc(n + 1, sizeof(*b->in));
	b->kept = calloc(n + 1, sizeof(*b->kept));
	b->files = calloc(n + 1, sizeof(struct picket_file *));
	if (b->in && b->kept && b->files)
		return true;
	cli_complain("out of memory");
	return false;
}

static void batch_free(struct batch *b, bool paths)
{
	for (size_t i = 0; b->files && i < b->n; i++)
		picket_file_free(b->files[i]);
	for (size_t i = 0; b->in && paths && i < b->n; i++)
		free((char *)(uintptr_t)b->in[i].path);
	for (size_t i = 0; i < b->n_kept; i++)
		(void)close(b->kept[i]);
	free(b->in);
	free(b->kept);
	free(b->files);
}

/* A shard beside its index, which was looked up: no link out is opened. */
static bool add_shard(struct batch *b, const char *index,
		      const struct picket_reference *ref)
{
	const char *slash = strrchr(index, '/');
	const int folder = slash ? (int)(slash + 1 - index) : 0;
	struct cli_input *in = &b->in[b->n];
	char *path = NULL;

	if (strcmp(picket_reference_kind(ref), "shard") != 0 ||
	    b->n == SHARDS_MAX)
		return true;
	if (asprintf(&path, "%.*s%s", folder, index,
		     picket_reference_path(ref, NULL)) < 0)
		return false;
	in->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (in->fd < 0) {
		free(path); /* missing: the index has a finding */
		return true;
	}
	in->path = path;
	b->n++;
	return true;
}

static bool has_finding(const struct picket_file *f, const char *rule)
{
	const struct picket_finding *x = picket_file_findings(f);

	while (x && strcmp(picket_finding_rule(x), rule) != 0)
		x = picket_finding_next(x);
	return x != NULL;
}

static size_t count_references(const struct picket_file *f)
{
	const struct picket_reference *r = picket_file_references(f);
	size_t n = 0;

	for (; r; r = picket_reference_next(r))
		n++;
	return n;
}

/* Reads the shards of an index and holds them against it. */
static bool check_index(const struct settings *s, struct picket_file *index,
			bool *failed)
{
	const size_t n = count_references(index);
	struct batch b;
	bool ok = batch_new(&b, n < SHARDS_MAX ? n : SHARDS_MAX);

	for (const struct picket_reference *r = picket_file_references(index);
	     r && ok; r = picket_reference_next(r))
		ok = add_shard(&b, picket_file_path(index), r);
	ok = ok && cli_analyse(s->options, b.in, b.n, b.files);
	if (ok)
		ok = picket_file_check_shards(index, b.files, b.n) == PICKET_OK;
	for (size_t i = 0; ok && i < b.n; i++) {
		const char *why = picket_verify_failure(b.files[i]);

		*failed |= why != NULL;
		if (why)
			cli_complain("%s: %s", cli_show(b.in[i].path), why);
	}
	batch_free(&b, true);
	return ok;
}

/* The shards are opened only when the look beside found nothing odd. */
static bool look_beside(const struct settings *s, struct picket_file *f,
			bool *failed)
{
	static const char *const rules[] = { "repo.reference-missing",
					     "repo.reference-escape",
					     "repo.reference-odd",
					     "repo.path" };
	bool odd = false;

	if (strcmp(picket_file_path(f), "-") == 0)
		return true;
	if (picket_file_look_beside(f, NULL) != PICKET_OK)
		return false;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		odd |= has_finding(f, rules[i]);
	*failed |= odd;
	if (odd || !picket_file_references(f))
		return true;
	return check_index(s, f, failed);
}

static bool show(const struct settings *s, const struct batch *b)
{
	struct cli_output out;
	const struct picket_sink to = { cli_output_write, &out };
	struct picket_inspect_style style = s->style;

	style.color = !style.json && cli_colors(s->color, STDOUT_FILENO);
	if (!cli_output_open(&out, NULL) ||
	    picket_verify_report(b->files, b->n, &style, &to) != PICKET_OK)
		return false;
	cli_output_flush(&out);
	return !out.failed;
}

/* The analysis takes its descriptors over; the values are read afterwards. */
static bool keep_open(struct batch *b)
{
	for (; b->n_kept < b->n; b->n_kept++) {
		b->kept[b->n_kept] =
			fcntl(b->in[b->n_kept].fd, F_DUPFD_CLOEXEC, 0);
		if (b->kept[b->n_kept] < 0) {
			cli_complain("too many files are open");
			return false;
		}
	}
	return true;
}

/* What cannot be read now could be read before: it failed under us. */
static void count_values(const struct batch *b, bool *failed)
{
	for (size_t i = 0; i < b->n_kept; i++) {
		if (picket_file_count_values(b->files[i], b->kept[i]) ==
		    PICKET_OK)
			continue;
		cli_complain("%s: its values could not be read",
			     cli_show(b->in[i].path));
		*failed = true;
	}
}

static int verify_files(const struct settings *s, int n, char **paths)
{
	bool failed = false, ok, unread = false;
	struct batch b;
	int status;

	ok = batch_new(&b, (size_t)n);
	for (int i = 0; i < n && ok; i++) {
		struct cli_input *in = &b.in[b.n];

		in->path = paths[i];
		in->fd = cli_open(paths[i],
				  picket_options_limit(s->options, "input"));
		unread |= in->fd < 0;
		b.n += in->fd >= 0;
	}
	ok = ok && (!s->values || keep_open(&b)) &&
	     cli_analyse(s->options, b.in, b.n, b.files);
	for (size_t i = 0; i < b.n && ok; i++) {
		ok = look_beside(s, b.files[i], &failed);
		failed |= ok && picket_verify_failure(b.files[i]) != NULL;
	}
	if (ok)
		count_values(&b, &failed);
	ok = ok && show(s, &b);
	status = !ok ? CLI_USAGE : failed ? CLI_INTEGRITY : CLI_OK;
	if (status == CLI_OK && unread)
		status = CLI_USAGE;
	batch_free(&b, false);
	return status;
}

/* A check that failed outranks one that could not be made. */
static int worse(int a, int b)
{
	return a == CLI_INTEGRITY || b == CLI_OK ? a : b;
}

static int verify(int argc, char **argv)
{
	struct settings s = { .color = "auto" };
	const int n = cli_parse(&cli_command_verify, &s, argc, argv);
	int status = CLI_USAGE;

	if (n < 0)
		return n == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n == 0) {
		cli_complain("verify needs a FILE");
		return CLI_USAGE;
	}
	s.options = picket_options_new();
	if (s.options) {
		picket_options_set_contents(s.options, true);
		status = verify_files(&s, n, argv);
		if (s.receipt)
			status = worse(status,
				       cli_receipt_check(s.receipt, n, argv));
	} else {
		cli_complain("out of memory");
	}
	picket_options_free(s.options);
	return status;
}

const struct cli_command cli_command_verify = {
	.name = "verify",
	.args = "[--json] [--all] [--values] FILE|-...",
	.what = "Checks the integrity of files in data-only formats, SafeTensors first.",
	.more = "What the reference reader of a format refuses fails, and so does whatever is\n"
		"above low; the rest is a warning. An index of shards is held against its\n"
		"shards: missing ones, tensors that are missing or in the wrong one.\n"
		"--values reads the tensors of the SafeTensors files named and counts what is NaN\n"
		"or infinite, tensor by tensor; such values are shown and fail nothing.\n"
		"The exit status is 5 when a file fails.\n",
	.run = verify,
	.options = get_options,
};
