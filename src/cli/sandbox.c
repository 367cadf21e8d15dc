/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/sandbox_build.h"

static const struct {
	const char *name;
	const char *what;
	bool needed;
} walls[] = {
#define SANDBOX_WALL(id, name, needed, what) { name, what, needed },
#include "cli/sandbox_walls.def"
#undef SANDBOX_WALL
};

const char *sandbox_wall_name(size_t wall)
{
	return wall < SANDBOX_WALLS ? walls[wall].name : NULL;
}

const char *sandbox_wall_what(size_t wall)
{
	return wall < SANDBOX_WALLS ? walls[wall].what : NULL;
}

bool sandbox_wall_needed(size_t wall)
{
	return wall < SANDBOX_WALLS && walls[wall].needed;
}

const char *sandbox_mode_name(size_t mode)
{
	static const char *const names[] = { "auto", "require", "off" };

	return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : NULL;
}

/* Process-wide like what they point at; only a child that enters uses them. */
static int argument_count;
static char **arguments;

void sandbox_remember_arguments(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
}

static bool forget_secrets(enum sandbox_role role)
{
	if (role == SANDBOX_COURIER) /* it sends them, where they belong */
		return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
	for (char **v = environ; v && *v; v++)
		explicit_bzero(*v, strlen(*v));
	(void)clearenv();
	for (int i = 0; i < argument_count; i++)
		explicit_bzero(arguments[i], strlen(arguments[i]));
	argument_count = 0;
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static bool drop_privileges(void)
{
	struct __user_cap_header_struct who = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       syscall(SYS_capset, &who, none) == 0;
}

static bool limit(__rlimit_resource_t what, uint64_t value)
{
	struct rlimit r;

	if (getrlimit(what, &r) != 0)
		return false;
	if (value < r.rlim_max)
		r.rlim_max = (rlim_t)value;
	r.rlim_cur = r.rlim_max;
	return setrlimit(what, &r) == 0;
}

/* Processor time is the parent's to allow, from file to file: worker.c */
static bool set_limits(const struct sandbox *s)
{
	bool ok = limit(RLIMIT_CORE, 0);

	if (SANDBOX_SANITIZED)
		return false;
	if (s->role != SANDBOX_COURIER) /* threads count */
		ok = limit(RLIMIT_NPROC, 0) && ok;
	ok = limit(RLIMIT_NOFILE, s->files) && ok;
	ok = limit(RLIMIT_MEMLOCK, 0) && ok;
	ok = limit(RLIMIT_MSGQUEUE, 0) && ok;
	if (s->role == SANDBOX_WORKER)
		ok = limit(RLIMIT_FSIZE, 0) && ok;
	if (s->memory)
		ok = limit(RLIMIT_AS, s->memory) && ok;
	return ok;
}

/* Linux 6.3; what the C library's headers call it they do not all know. */
static bool forbid_new_code(void)
{
	enum { SET_MDWE = 65, REFUSE_EXEC_GAIN = 1 };

	return prctl(SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0) == 0;
}

unsigned sandbox_enter(const struct sandbox *s)
{
	unsigned missing = 0;

	missing |= (unsigned)!forget_secrets(s->role) << SANDBOX_SECRETS;
	missing |= (unsigned)!drop_privileges() << SANDBOX_PRIVILEGES;
	missing |= (unsigned)!set_limits(s) << SANDBOX_LIMITS;
	missing |= (unsigned)!forbid_new_code() << SANDBOX_NO_NEW_CODE;
	missing |= (unsigned)!sandbox_build_landlock(s->role)
		   << SANDBOX_LANDLOCK;
	missing |= (unsigned)!sandbox_build_system_calls(s)
		   << SANDBOX_SYSTEM_CALLS;
	return missing;
}

static int wait_for(pid_t child)
{
	int how = 0;

	while (waitpid(child, &how, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return how;
}

/* The child says it by its exit status: there are fewer than eight. */
unsigned sandbox_missing(void)
{
	const struct sandbox s = { .role = SANDBOX_WORKER, .files = 8 };
	const pid_t child = fork();
	int how;

	_Static_assert(SANDBOX_WALLS <= 8, "fit in an exit status");
	if (child == 0)
		_exit((int)sandbox_enter(&s));
	how = child > 0 ? wait_for(child) : -1;
	return how >= 0 && WIFEXITED(how) ? (unsigned)WEXITSTATUS(how)
					  : (1U << SANDBOX_WALLS) - 1;
}

bool sandbox_admits(enum sandbox_mode mode)
{
	const bool wanted = mode != SANDBOX_OFF && !SANDBOX_SANITIZED;
	const unsigned missing = wanted ? sandbox_missing() : 0;
	char list[128] = "";

	for (size_t i = 0; i < SANDBOX_WALLS; i++) {
		const size_t n = strlen(list);

		if (walls[i].needed && missing >> i & 1)
			(void)snprintf(list + n, sizeof(list) - n, "%s%s",
				       n ? ", " : "", walls[i].name);
	}
	if (!*list)
		return true;
	if (mode == SANDBOX_REQUIRE)
		cli_complain("the sandbox lacks %s here and --sandbox=require "
			     "wants all of it; see 'picket doctor'",
			     list);
	else
		cli_complain("warning: the sandbox lacks %s here; see 'picket "
			     "doctor'",
			     list);
	return mode != SANDBOX_REQUIRE;
}

static int blame(int how)
{
	if (how >= 0 && WIFSIGNALED(how))
		cli_complain("the process that read it was ended by signal %d "
			     "(%s)",
			     WTERMSIG(how), strsignal(WTERMSIG(how)));
	else
		cli_complain("the process that read it was lost");
	return CLI_USAGE;
}

int sandbox_run(const struct sandbox *s, int (*work)(void *ctx), void *ctx)
{
	const pid_t self = getpid();
	pid_t child;
	int how;

	(void)fflush(NULL);
	child = fork();
	if (child == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != self)
			_exit(CLI_USAGE);
		(void)sandbox_enter(s);
		how = work(ctx);
		_exit(fflush(NULL) == 0 ? how : CLI_USAGE);
	}
	how = child > 0 ? wait_for(child) : -1;
	return how >= 0 && WIFEXITED(how) ? WEXITSTATUS(how) : blame(how);
}
