/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_TREE_OPTS_H
#define PICKET_CLI_TREE_OPTS_H

#include "cli/opts.h"
#include "picket/picket.h"

/*
 * What the commands that hash a tree have in common: paths left out, how
 * many threads, a line that tells how far they are.  The settings of such a
 * command begin with this struct, and its table of options with the ones
 * here.
 */
enum {
	TREE_IGNORES_MAX = 256, /* given by the user */
	TREE_OURS_MAX = 32,     /* reports, signatures, what git keeps */
};

struct tree_settings {
	struct picket_tree tree;
	const char *ignores[TREE_IGNORES_MAX + TREE_OURS_MAX];
	size_t ignore_count;
	char *own[TREE_IGNORES_MAX + TREE_OURS_MAX]; /* those to be freed */
	size_t own_count;
	bool no_progress;
	bool json;
	uint64_t started_at;
	uint64_t drawn_at;
	bool shown;
};

#define TREE_OPTIONS                                                          \
	{ 0,                                                                  \
	  "ignore",                                                           \
	  "PATH",                                                             \
	  "leave out a path below DIR, with all that is in it; repeatable",   \
	  "Files",                                                            \
	  tree_set_ignore },                                                  \
		{ 'j',  "jobs",                                               \
		  "N",  "threads (default: one for each processor)",          \
		  NULL, tree_set_jobs },                                      \
	{                                                                     \
		0, "no-progress", NULL, "no progress line on standard error", \
			NULL, tree_set_no_progress                            \
	}

bool tree_set_ignore(void *settings, const struct cli_option *o,
		     const char *value);
bool tree_set_jobs(void *settings, const struct cli_option *o,
		   const char *value);
bool tree_set_no_progress(void *settings, const struct cli_option *o,
			  const char *value);
bool tree_set_json(void *settings, const struct cli_option *o,
		   const char *value);

/* After the options: a file that lies in the tree and is not of the model (a
 * manifest, a signature) is left out.  path may be NULL. */
void tree_leave_out(struct tree_settings *s, const char *root,
		    const char *path);

/* Makes ready to hash: from now on s->tree is complete. */
const struct picket_tree *tree_ready(struct tree_settings *s);
/* Wipes the progress line. */
void tree_done(struct tree_settings *s);
void tree_release(struct tree_settings *s);

/* Complains of everything in the manifest's tree that could not be hashed;
 * false when there was any. */
bool tree_whole(const struct picket_manifest *m);

/* Prints the differences, and what they mean; an exit status. */
int tree_judge(const struct picket_differences *d, const char *root, bool json,
	       size_t expected);

/* Whether the file may be written: it is not there, or force is set.
 * Complains. */
bool tree_may_write(const char *path, bool force);

#endif
