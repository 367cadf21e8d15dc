/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_CONVERT_H
#define PICKET_CLI_CONVERT_H

#include "cli/output.h"
#include "picket/picket.h"

/* Inside `picket convert`: one file, and the index of several. */

struct convert_settings {
	bool salvage, force, quiet, no_progress, json;
	char *receipt; /* a copy: the walls wipe the arguments */
};

/* What one conversion came to; shared with the process that does it. */
struct convert_result {
	uint64_t tensors, bytes, size;
	bool foreign; /* no file of weights */
};

/* One file to another.  Reads in a process of its own, behind walls. */
struct convert_job {
	const struct convert_settings *settings;
	const char *in, *out;
	int fd; /* of the input */
	/* In a folder, what is no weights is passed over. */
	bool of_folder;
	bool taken;         /* another input of this run has become out */
	bool more_receipts; /* others stand before it in the same file */
	struct cli_output *receipt; /* or NULL */
	int names;                  /* where kept names go, or -1 */
	struct convert_result *result;
};

/* Returns an exit status. */
int cli_convert_file(struct convert_job *job);

/* Where a shard's names go: "model-00001-of-00002.bin" and its like belong to
 * one index.  Groups live until the end. */
struct convert_group;

/* The group of a shard by its input path, or NULL: it is none. */
struct convert_group *cli_shard_group(struct convert_group **groups,
				      const char *in, const char *out);
/* Adds the names in a descriptor (each ends with a NUL) as those of a file. */
void cli_shard_add(struct convert_group *g, int names, const char *out,
		   uint64_t bytes);
/* Writes every index that is complete; returns an exit status. */
int cli_shard_finish(struct convert_group *groups, bool force);

#endif
