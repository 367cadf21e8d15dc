/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_CLI_SANDBOX_H
#define PICKET_CLI_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Walls around a process that reads hostile bytes.  Within them it has what
 * was open before, memory and the processor, up to a ceiling; there is no way
 * to a file, the network, another program or another process.  A wall once
 * built stands for good, and for all children.
 *
 *	static int show(void *file) { ... }	opened nothing, prints
 *	...
 *	file = open and check everything that will be needed;
 *	return sandbox_run(&(struct sandbox){ .role = SANDBOX_COMMAND },
 *			   show, file);
 */
enum sandbox_wall {
#define SANDBOX_WALL(id, name, needed, what) SANDBOX_##id,
#include "cli/sandbox_walls.def"
#undef SANDBOX_WALL
	SANDBOX_WALLS
};

/* AddressSanitizer maps terabytes and opens files of its own: built with it,
 * limits and system calls are left as they are. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/* Each role may do what those before it may. */
enum sandbox_role {
	/* Gets descriptors by SANDBOX_REQUESTS, reads them, and writes to
	 * SANDBOX_ANSWERS; to nothing else. */
	SANDBOX_WORKER,
	/* Reads and writes whatever is open, the terminal included. */
	SANDBOX_COMMAND,
	/* Talks to the network, reads files (certificates, names of hosts,
	 * tokens) and its environment, and writes to what is open; starts
	 * threads, and no program. */
	SANDBOX_COURIER,
};

enum { SANDBOX_REQUESTS = 3, SANDBOX_ANSWERS = 4 };

struct sandbox {
	enum sandbox_role role;
	uint64_t memory; /* ceiling on the address space; 0: none */
	unsigned files;  /* descriptors at most; 0: no more than are open */
};

enum sandbox_mode { SANDBOX_AUTO, SANDBOX_REQUIRE, SANDBOX_OFF };

/* "auto", "require", "off"; NULL past the last. */
const char *sandbox_mode_name(size_t mode);

/* "landlock" and what it is for, or NULL past the last. */
const char *sandbox_wall_name(size_t wall);
const char *sandbox_wall_what(size_t wall);
/* Whether a scan warns, or with SANDBOX_REQUIRE refuses, without it. */
bool sandbox_wall_needed(size_t wall);

/* The kernel's version of Landlock, or 0. */
int sandbox_landlock_version(void);

/* Where the arguments lie, which sandbox_enter() wipes. */
void sandbox_remember_arguments(int argc, char **argv);

/* Builds every wall around this process.  Returns those that do not stand,
 * bit n for wall n. */
unsigned sandbox_enter(const struct sandbox *s);

/* Those that would not stand, tried in a child. */
unsigned sandbox_missing(void);

/* Whether work may begin: with every needed wall, after a warning, or because
 * nobody wants one.  False after a complaint. */
bool sandbox_admits(enum sandbox_mode mode);

/*
 * Calls work(ctx) in a child within the walls and returns what it returns, an
 * exit status; when the child crashed, CLI_USAGE after a complaint.  What
 * stdio holds is written out before and after.  Without the walls the
 * kernel lacks.
 */
int sandbox_run(const struct sandbox *s, int (*work)(void *ctx), void *ctx);

#endif
