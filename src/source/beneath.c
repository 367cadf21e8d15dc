/* SPDX-License-Identifier: Apache-2.0 */
#include "source/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_beneath(int folder, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC,
				.resolve = RESOLVE_BENEATH |
					   RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}

static enum pk_beneath kind_of(const struct stat *st, uint64_t *ret_size)
{
	if (S_ISDIR(st->st_mode))
		return PK_BENEATH_FOLDER;
	if (S_ISLNK(st->st_mode))
		return PK_BENEATH_UNKNOWN;
	if (!S_ISREG(st->st_mode))
		return PK_BENEATH_OTHER;
	*ret_size = (uint64_t)st->st_size;
	return PK_BENEATH_FILE;
}

static bool is_hex(const char *s)
{
	const size_t n = strspn(s, "0123456789abcdef");

	return s[n] == '\0' && (n == 40 || n == 64);
}

/* ../../blobs/<digest>, one more ".." for each folder in the snapshot. */
static bool leads_to_blob(int folder, const char *path)
{
	char to[256];
	const ssize_t n = readlinkat(folder, path, to, sizeof(to) - 1);
	const char *at = to;

	if (n < 0)
		return false;
	to[n] = '\0';
	while (strncmp(at, "../", 3) == 0)
		at += 3;
	return at >= to + 6 && strncmp(at, "blobs/", 6) == 0 && is_hex(at + 6);
}

/* Where the kernel or a sandbox has no openat2(): links are left alone. */
static enum pk_beneath look_without(int folder, const char *path,
				    uint64_t *ret_size)
{
	struct stat st;

	if (fstatat(folder, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return kind_of(&st, ret_size);
	return errno == ENOENT ? PK_BENEATH_NONE : PK_BENEATH_UNKNOWN;
}

enum pk_beneath pk_look_beneath(int folder, const char *path,
				uint64_t *ret_size)
{
	enum pk_beneath kind = PK_BENEATH_UNKNOWN;
	const int fd = open_beneath(folder, path);
	struct stat st;

	if (fd >= 0) {
		if (fstat(fd, &st) == 0)
			kind = kind_of(&st, ret_size);
		(void)close(fd);
		return kind;
	}
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
		return PK_BENEATH_NONE;
	case EXDEV:
	case ELOOP:
		return leads_to_blob(folder, path) ? PK_BENEATH_UNKNOWN
						   : PK_BENEATH_OUT;
	case ENOSYS:
	case EPERM:
		return look_without(folder, path, ret_size);
	default:
		return PK_BENEATH_UNKNOWN;
	}
}
