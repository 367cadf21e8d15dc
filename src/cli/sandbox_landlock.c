/* SPDX-License-Identifier: Apache-2.0 */
/* The door to Landlock (landlock(7)), which has no C library's wrapper. */
#include "cli/sandbox_build.h"

#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr as of version 6; older kernels are given as
 * much of it as they know. */
struct rights {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

/* By version: how many rights on files there are, which are the lowest bits
 * of a word; a version that brings none repeats the number. */
static const unsigned file_rights[] = { 0, 13, 14, 15, 15, 16 };

enum {
	VERSION_OF_NETWORK = 4, /* bind and connect by TCP */
	VERSION_OF_SCOPES = 6,  /* abstract sockets, signals */
	BIND = 1,               /* a TCP port */
	CONNECT = 2,
	LATEST_FILES = sizeof(file_rights) / sizeof(file_rights[0]) - 1,
};

int sandbox_landlock_version(void)
{
	const long v = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);

	return v > 0 ? (int)v : 0;
}

static size_t size_at(int version)
{
	return version >= VERSION_OF_SCOPES    ? sizeof(struct rights)
	       : version >= VERSION_OF_NETWORK ? 2 * sizeof(uint64_t)
					       : sizeof(uint64_t);
}

/* All that the kernel knows of, but for what the role needs. */
static struct rights denied_to(enum sandbox_role role, int version)
{
	const int known = version < LATEST_FILES ? version : LATEST_FILES;
	struct rights r = { (1U << file_rights[known]) - 1, BIND | CONNECT, 3 };

	if (role == SANDBOX_COURIER) {
		r.files &= ~(uint64_t)(LANDLOCK_ACCESS_FS_READ_FILE |
				       LANDLOCK_ACCESS_FS_READ_DIR);
		r.network = BIND;
	}
	return r;
}

bool sandbox_build_landlock(enum sandbox_role role)
{
	const int version = sandbox_landlock_version();
	const struct rights none_of = denied_to(role, version);
	long set;
	bool ok;

	if (version == 0)
		return false;
	set = syscall(SYS_landlock_create_ruleset, &none_of, size_at(version),
		      0);
	if (set < 0)
		return false;
	ok = syscall(SYS_landlock_restrict_self, set, 0) == 0;
	(void)close((int)set);
	return ok;
}
