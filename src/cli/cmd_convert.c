/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/convert.h"
#include "cli/opts.h"

extern const struct cli_command cli_command_convert;

/* ---- options ---- */

#define SWITCH(field)                                                       \
	static bool set_##field(void *settings, const struct cli_option *o, \
				const char *value)                          \
	{                                                                   \
		(void)o;                                                    \
		(void)value;                                                \
		((struct convert_settings *)settings)->field = true;        \
		return true;                                                \
	}

SWITCH(salvage)
SWITCH(force)
SWITCH(quiet)
SWITCH(json)
SWITCH(no_progress)

static bool set_receipt(void *settings, const struct cli_option *o,
			const char *value)
{
	(void)o;
	((struct convert_settings *)settings)->receipt = strdup(value);
	return ((struct convert_settings *)settings)->receipt != NULL;
}

static const struct cli_option options[] = {
	{ 0, "salvage", NULL,
	  "take the tensors also where other objects stand beside them",
	  "Options", set_salvage },
	{ 0, "receipt", "FILE", "write what became of what, with SHA-256 sums",
	  NULL, set_receipt },
	{ 0, "force", NULL, "replace files that exist", NULL, set_force },
	{ 0, "json", NULL, "print the receipt instead of text", NULL,
	  set_json },
	{ 'q', "quiet", NULL, "only complaints", NULL, set_quiet },
	{ 0, "no-progress", NULL, "no progress on a terminal", NULL,
	  set_no_progress },
	{ 0 },
};

static const struct cli_option *get_options(void)
{
	return options;
}

/* ---- the run ---- */

struct run {
	struct convert_settings s;
	struct convert_result *result; /* shared with children */
	struct cli_output receipt;
	bool has_receipt;
	struct convert_group *groups;
	char **outs; /* of this run */
	size_t outs_n, outs_cap;
	size_t converted, passed;
	int worst;
};

/* Where several apply, the most dangerous wins: 1, 5, 4, 3, 2. */
static void worsen(struct run *r, int status)
{
	static const int order[] = {
		[CLI_OK] = 0,     [CLI_USAGE] = 1,     [CLI_INCOMPLETE] = 2,
		[CLI_SOURCE] = 3, [CLI_INTEGRITY] = 4, [CLI_BLOCKED] = 5
	};

	if (order[status] > order[r->worst])
		r->worst = status;
}

static bool is_taken(const struct run *r, const char *out)
{
	for (size_t i = 0; i < r->outs_n; i++) {
		if (strcmp(r->outs[i], out) == 0)
			return true;
	}
	return false;
}

static void take(struct run *r, const char *out)
{
	char **v = r->outs;

	if (r->outs_n == r->outs_cap) {
		v = realloc(v, (r->outs_cap + 16) * 2 * sizeof(*v));
		if (!v)
			return;
		r->outs_cap = (r->outs_cap + 16) * 2;
		r->outs = v;
	}
	r->outs[r->outs_n] = strdup(out);
	r->outs_n += r->outs[r->outs_n] != NULL;
}

static void convert(struct run *r, const char *in, int fd, const char *out,
		    bool of_folder)
{
	struct convert_group *g;
	struct convert_job j = { .settings = &r->s,
				 .in = in,
				 .out = out,
				 .fd = fd,
				 .of_folder = of_folder,
				 .receipt = r->has_receipt ? &r->receipt : NULL,
				 .more_receipts = r->converted > 0,
				 .names = -1,
				 .taken = is_taken(r, out),
				 .result = r->result };
	int status;

	g = cli_shard_group(&r->groups, in, out);
	if (g)
		j.names = memfd_create("names", MFD_CLOEXEC);
	status = cli_convert_file(&j);
	if (status == CLI_OK && !r->result->foreign) {
		r->converted++;
		take(r, out);
		if (g)
			cli_shard_add(g, j.names, out, r->result->bytes);
	} else if (r->result->foreign) {
		r->passed++;
	}
	worsen(r, status);
	if (j.names >= 0)
		(void)close(j.names);
}

/* ---- names ---- */

/* pytorch_model*.bin becomes model*.safetensors; others keep their stem. */
static char *output_name(const char *dir, const char *in)
{
	const char *slash = strrchr(in, '/');
	const char *base = slash ? slash + 1 : in;
	const char *dot = strrchr(base, '.');
	const size_t dir_len = slash ? (size_t)(slash + 1 - in) : 0;
	size_t n = dot && dot != base ? (size_t)(dot - base) : strlen(base);
	char *name;

	if (dot && strcmp(dot, ".bin") == 0 &&
	    strncmp(base, "pytorch_model", 13) == 0) {
		base += 8;
		n -= 8;
	}
	if (asprintf(&name, "%s/%.*s%.*s.safetensors", dir, (int)dir_len, in,
		     (int)n, base) < 0)
		return NULL;
	return name;
}

/* Every folder on the way to a file. */
static bool make_folders(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		int made;

		*p = '\0';
		made = mkdir(path, 0777);
		if (made != 0 && errno != EEXIST) {
			cli_complain("cannot make %s: %s", cli_show(path),
				     strerror(errno));
			*p = '/';
			return false;
		}
		*p = '/';
	}
	return true;
}

static void convert_into(struct run *r, const char *in, int fd,
			 const char *relative, const char *dir, bool of_folder)
{
	char *out = output_name(dir, relative);

	if (out && make_folders(out))
		convert(r, in, fd, out, of_folder);
	else
		worsen(r, CLI_USAGE);
	free(out);
}

static void convert_tree(struct run *r, const char *root, const char *dir)
{
	struct picket_options *o = picket_options_new();
	struct picket_walk *w = o ? picket_walk_new(o, root, NULL) : NULL;
	const size_t skip = strlen(root);
	struct picket_entry e;

	while (w && picket_walk_next(w, &e) == PICKET_OK &&
	       e.kind != PICKET_ENTRY_END) {
		if (e.kind == PICKET_ENTRY_RESULT)
			picket_file_free(e.file);
		if (e.kind == PICKET_ENTRY_NONE)
			worsen(r, CLI_USAGE);
		if (e.kind != PICKET_ENTRY_FILE)
			continue;
		convert_into(r, e.path, e.fd,
			     e.path + skip + (e.path[skip] == '/'), dir, true);
		(void)close(e.fd);
	}
	if (!w)
		worsen(r, CLI_USAGE);
	picket_walk_free(w);
	picket_options_free(o);
}

static void convert_path(struct run *r, const char *in, const char *out,
			 bool into)
{
	const char *slash = strrchr(in, '/');
	const int fd = open(in, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		cli_complain("%s: %s", cli_show(in), strerror(errno));
		worsen(r, CLI_USAGE);
	} else if (S_ISDIR(st.st_mode)) {
		convert_tree(r, in, out);
	} else if (into) {
		convert_into(r, in, fd, slash ? slash + 1 : in, out, false);
	} else {
		convert(r, in, fd, out, false);
	}
	if (fd >= 0)
		(void)close(fd);
}

static bool ends_with(const char *s, const char *tail)
{
	const size_t n = strlen(s), m = strlen(tail);

	return n >= m && strcmp(s + n - m, tail) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Whether OUT is a folder that outputs go into, made here where it is not. */
static bool into_folder(int n, char **argv, const char *out)
{
	return is_folder(out) || n > 1 || is_folder(argv[0]) ||
	       !ends_with(out, ".safetensors");
}

/* Of several files the receipts stand in an array. */
static void put_bracket(struct run *r, const char *text)
{
	if (r->has_receipt) {
		(void)cli_output_write(&r->receipt, text, strlen(text));
		cli_output_flush(&r->receipt);
	}
}

static bool begin(struct run *r)
{
	void *shared = mmap(NULL, sizeof(*r->result), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED) {
		cli_complain("out of memory");
		return false;
	}
	r->result = shared;
	if (!r->s.receipt)
		return true;
	if (!r->s.force && access(r->s.receipt, F_OK) == 0) {
		cli_complain("%s exists; --force replaces it",
			     cli_show(r->s.receipt));
		return false;
	}
	r->has_receipt = cli_output_open(&r->receipt, r->s.receipt);
	return r->has_receipt;
}

static void finish(struct run *r, bool into)
{
	worsen(r, cli_shard_finish(r->groups, r->s.force));
	if (r->has_receipt) {
		if (r->converted && !cli_output_commit(&r->receipt))
			worsen(r, CLI_USAGE);
		cli_output_close(&r->receipt);
	}
	if (into && !r->converted && r->worst == CLI_OK) {
		cli_complain("no file of weights was found");
		worsen(r, CLI_USAGE);
	}
	for (size_t i = 0; i < r->outs_n; i++)
		free(r->outs[i]);
	free(r->outs);
}

static int run_all(struct run *r, int argc, char **argv)
{
	char **path; /* copies: the walls wipe the arguments */
	const int args = cli_parse(&cli_command_convert, &r->s, argc, argv);
	const int n = args - 1;
	bool into;

	if (args < 0)
		return args == CLI_PARSE_HELP ? CLI_OK : CLI_USAGE;
	if (n < 1) {
		cli_complain("convert wants what to convert, and where to");
		return CLI_USAGE;
	}
	path = calloc((size_t)args, sizeof(*path));
	for (int i = 0; path && i < args; i++)
		path[i] = strdup(argv[i]);
	if (!path || !path[n] || !begin(r))
		return CLI_USAGE;
	into = into_folder(n, path, path[n]);
	put_bracket(r, into ? "[\n" : "");
	for (int i = 0; i < n && path[i]; i++)
		convert_path(r, path[i], path[n], into);
	put_bracket(r, into ? "]\n" : "");
	finish(r, into);
	for (int i = 0; i < args; i++)
		free(path[i]);
	free(path);
	return r->worst;
}

static int convert_all(int argc, char **argv)
{
	struct run r = { 0 };
	const int status = run_all(&r, argc, argv);

	free(r.s.receipt);
	return status;
}

const struct cli_command cli_command_convert = {
	.name = "convert",
	.args = "IN... OUT.safetensors|DIR",
	.what = "Takes the tensors out of checkpoints and arrays, into SafeTensors.",
	.more = "IN is a checkpoint of PyTorch in any of its layouts, a .npz or .npy, a pickle\n"
		"or joblib file of NumPy arrays, or a folder of such files. Nothing in it is\n"
		"imported or called: what torch.load(weights_only=True) refuses is refused,\n"
		"unless --salvage is given, which drops and lists what is no tensor.\n"
		"Names of nested containers are joined by dots. Files are there whole or not\n"
		"at all, and none is replaced without --force.\n"
		"\n"
		"Exit status: 1 a file holds what is no weights, 3 a file is malformed,\n"
		"2 the output cannot be written, or nothing fits.\n",
	.run = convert_all,
	.options = get_options,
};
