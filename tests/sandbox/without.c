/* SPDX-License-Identifier: Apache-2.0 */
/*
 * without CALL[,CALL]... COMMAND...: runs a command on a kernel that lacks
 * those system calls, to see what it does there.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	char *rest = NULL;
	int bad = 0;

	if (argc < 3 || !f)
		return 2;
	for (char *name = strtok_r(argv[1], ",", &rest); name;
	     name = strtok_r(NULL, ",", &rest))
		bad |= seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS),
					seccomp_syscall_resolve_name(name), 0);
	if (bad || seccomp_load(f) != 0) {
		(void)fprintf(stderr, "without: cannot be\n");
		return 2;
	}
	seccomp_release(f);
	(void)execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 2;
}
