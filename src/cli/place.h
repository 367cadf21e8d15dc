/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_PLACE_H
#define PICKET_CLI_PLACE_H

#include "cli/cli.h"

/*
 * A folder that gets files from elsewhere.  Until all of them are judged they
 * lie in .picket-partial/ID below it, where an interrupted run is gone on
 * with; then each is renamed to where it belongs.  No link is followed on the
 * way, and no file is replaced unasked.
 */
#define PLACE_PARTIAL ".picket-partial"

struct place {
	const char *folder;
	int dir;     /* of the folder */
	int partial; /* of what is not judged yet */
	char id[32];
	bool force; /* replace what is there */
};

/* Makes the folders that are not there; id: what is fetched, so that parts of
 * something else are not gone on with.  False after a complaint. */
bool place_open(struct place *p, const char *folder, const char *id);

/* Whether a file of that path may be put there; complains. */
bool place_admits(const struct place *p, const char *path);

/* The part of a file that is there already, or an empty one: for reading and
 * writing, the caller's to close; -1 after a complaint. */
int place_part(const struct place *p, const char *path);
uint64_t place_part_size(const struct place *p, const char *path);
void place_drop(const struct place *p, const char *path);

/* Bytes that fit. */
uint64_t place_room(const struct place *p);

/* Gives a whole file its name; false after a complaint. */
bool place_publish(const struct place *p, const char *path);

/* After the last: the folder of parts goes. */
void place_done(struct place *p);
void place_close(struct place *p);

#endif
