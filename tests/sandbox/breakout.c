/* SPDX-License-Identifier: Apache-2.0 */
/*
 * breakout: enters the sandbox and tries to get out, one child for each
 * attempt.  An attempt that is not ended by SIGSYS and does not fail is a
 * hole.  Speaks TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/sandbox_build.h"

static unsigned done, holes;
static int outside[2]; /* a pipe that is open and not the worker's */
static pid_t parent;

static void tell(bool ok, const char *group, const char *what, const char *more)
{
	done++;
	holes += !ok;
	printf("%s %u - %s: %s%s\n", ok ? "ok" : "not ok", done, group, what,
	       ok ? "" : more);
	(void)fflush(stdout);
}

static void skip(const char *group, const char *why)
{
	printf("ok %u - %s # SKIP %s\n", ++done, group, why);
}

/* Each returns true when it got what it wanted. */

static bool open_to_read(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool open_to_write(void)
{
	return open("/tmp/picket-breakout", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool open_by_openat2(void)
{
	const uint64_t how[3] = { O_RDONLY };

	return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how,
		       sizeof(how)) >= 0;
}

static bool look_at_a_path(void)
{
	struct stat st;

	return stat("/etc/passwd", &st) == 0;
}

static bool remove_a_file(void)
{
	return unlink("/tmp/picket-breakout-none") == 0 || errno == ENOENT;
}

static bool change_folder(void)
{
	return chdir("/") == 0;
}

static bool call_out(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool call_a_local_service(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool make_a_socket_pair(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

static bool run_a_program(void)
{
	char *const none[] = { NULL };

	(void)execve("/bin/true", none, none);
	return false; /* had it worked, the status would be 0 */
}

static bool run_a_program_from_a_descriptor(void)
{
	char *const none[] = { NULL };

	(void)syscall(SYS_execveat, outside[0], "", none, none, AT_EMPTY_PATH);
	return errno == EACCES; /* a pipe cannot be run, but it was tried */
}

static bool fork_itself(void)
{
	const pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool make_a_namespace(void)
{
	return unshare(CLONE_NEWUSER) == 0;
}

static bool make_a_process_by_clone3(void)
{
	uint64_t how[11] = { 0, 0, 0, 0, SIGCHLD };
	const long child = syscall(SYS_clone3, how, sizeof(how));

	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool trace_its_parent(void)
{
	return ptrace(PTRACE_SEIZE, parent, NULL, NULL) == 0;
}

static bool read_its_parent(void)
{
	char there[1];
	struct iovec mine = { there, 1 }, theirs = { &parent, 1 };

	return process_vm_readv(parent, &mine, 1, &theirs, 1, 0) == 1;
}

static bool signal_its_parent(void)
{
	return kill(parent, 0) == 0;
}

static bool abort_its_parent(void)
{
	return syscall(SYS_tgkill, parent, parent, 0) == 0;
}

static bool raise_its_limits(void)
{
	const struct rlimit r = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_CPU, &r) == 0;
}

static bool use_io_uring(void)
{
	struct io_uring_params p = { 0 };

	return syscall(SYS_io_uring_setup, 1, &p) >= 0;
}

static bool load_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno == EFAULT;
}

static bool watch_with_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 0) >= 0;
}

static bool make_a_file_in_memory(void)
{
	return memfd_create("code", 0) >= 0;
}

static bool map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool turn_data_into_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool write_elsewhere(void)
{
	return write(outside[1], "x", 1) == 1;
}

static bool write_to_the_terminal(void)
{
	return write(STDERR_FILENO, "", 0) == 0;
}

static bool write_twice_at_once(void)
{
	const struct iovec v = { (void *)(uintptr_t) "x", 1 };

	return writev(outside[1], &v, 1) == 1;
}

static bool hand_out_a_descriptor(void)
{
	struct msghdr m = { 0 };

	return sendmsg(SANDBOX_REQUESTS, &m, 0) >= 0;
}

static bool listen_elsewhere(void)
{
	struct msghdr m = { 0 };

	return recvmsg(outside[0], &m, MSG_DONTWAIT) >= 0 || errno == ENOTSOCK;
}

static bool copy_a_descriptor(void)
{
	return dup2(outside[1], SANDBOX_ANSWERS) >= 0;
}

static bool handle_the_violation(void)
{
	return signal(SIGSYS, SIG_IGN) != SIG_ERR;
}

static bool ask_for_another_filter(void)
{
	return prctl(PR_GET_SECCOMP) >= 0;
}

static bool be_looked_at_again(void)
{
	return prctl(PR_SET_DUMPABLE, 1) == 0;
}

/* Nowhere, lest a hole be paid for. */
static bool mount_something(void)
{
	return syscall(SYS_mount, NULL, NULL, NULL, 0, NULL) == 0 ||
	       errno == EFAULT;
}

/* Numbers with bit 30 are the x32 calls: 2 is open there, too. */
static bool call_by_another_abi(void)
{
	return syscall(0x40000000L + SYS_getpid) >= 0;
}

/* Where a wall meets the other way in. */
struct attempt {
	const char *what;
	bool (*gets_out)(void);
	enum sandbox_role until; /* the last role that must not be able to */
};

#define BOTH(name)                           \
	{                                    \
#name, name, SANDBOX_COMMAND \
	}
#define ALL(name)                            \
	{                                    \
#name, name, SANDBOX_COURIER \
	}
#define ONLY_WORKER(name)                   \
	{                                   \
#name, name, SANDBOX_WORKER \
	}

static const struct attempt attempts[] = {
	BOTH(open_to_read),
	ALL(open_to_write),
	BOTH(open_by_openat2),
	BOTH(look_at_a_path),
	BOTH(remove_a_file),
	BOTH(change_folder),
	BOTH(call_out),
	BOTH(call_a_local_service),
	BOTH(make_a_socket_pair),
	ALL(run_a_program),
	ALL(run_a_program_from_a_descriptor),
	BOTH(fork_itself),
	ALL(make_a_namespace),
	BOTH(make_a_process_by_clone3),
	ALL(trace_its_parent),
	ALL(read_its_parent),
	ALL(signal_its_parent),
	BOTH(abort_its_parent),
	BOTH(raise_its_limits),
	ALL(use_io_uring),
	ALL(load_bpf),
	ALL(watch_with_userfaultfd),
	BOTH(make_a_file_in_memory),
	BOTH(map_code),
	BOTH(turn_data_into_code),
	ONLY_WORKER(write_elsewhere),
	ONLY_WORKER(write_to_the_terminal),
	ONLY_WORKER(write_twice_at_once),
	BOTH(hand_out_a_descriptor),
	BOTH(listen_elsewhere),
	BOTH(copy_a_descriptor),
	BOTH(handle_the_violation),
	BOTH(ask_for_another_filter),
	BOTH(be_looked_at_again),
	ALL(mount_something),
	BOTH(call_by_another_abi),
};

enum { ATTEMPTS = sizeof(attempts) / sizeof(attempts[0]) };

static int end_of(pid_t child)
{
	int how = -1;

	while (waitpid(child, &how, 0) < 0 && errno == EINTR)
		;
	return how;
}

/* A run program would end with 0 as well. */
static int in_child(const struct sandbox *s, bool (*gets_out)(void))
{
	const pid_t child = fork();

	if (child == 0) {
		if (s)
			(void)sandbox_enter(s);
		_exit(gets_out() ? 0 : 1);
	}
	return end_of(child);
}

static bool held(int how)
{
	return (WIFSIGNALED(how) && WTERMSIG(how) == SIGSYS) ||
	       (WIFEXITED(how) && WEXITSTATUS(how) == 1);
}

static void try_all(enum sandbox_role role, const char *group)
{
	const struct sandbox s = { .role = role, .files = 64 };

	for (size_t i = 0; i < ATTEMPTS; i++) {
		const struct attempt *a = &attempts[i];

		if (a->until >= role)
			tell(held(in_child(&s, a->gets_out)), group, a->what,
			     " got out");
	}
}

/* Without the walls some of it works, or the test would prove nothing. */
static void try_outside(void)
{
	static bool (*const easy[])(void) = {
		open_to_read,   look_at_a_path,    call_a_local_service,
		fork_itself,    signal_its_parent, map_code,
		write_elsewhere
	};
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(easy) / sizeof(easy[0]); i++)
		n += in_child(NULL, easy[i]) == 0;
	tell(n == sizeof(easy) / sizeof(easy[0]), "outside",
	     "what is tried can be done", " not");
}

/* ---- What must go on working -------------------------------------------- */

static bool reads_what_it_is_sent(void)
{
	char control[CMSG_SPACE(sizeof(int))], byte, first[4];
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int fd;

	if (recvmsg(SANDBOX_REQUESTS, &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
		return false;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return pread(fd, first, 4, 0) == 4 &&
	       memcmp(first, "\177ELF", 4) == 0 && close(fd) == 0 &&
	       write(SANDBOX_ANSWERS, "y", 1) == 1;
}

static bool has_memory(void)
{
	void *small = malloc(1000), *large = malloc(50 << 20);
	const bool ok = small && large;

	free(small);
	free(large);
	return ok;
}

static bool has_no_more_memory_than_that(void)
{
	void *volatile p = malloc(300 << 20);

	return p == NULL;
}

static bool knows_no_secret(void)
{
	return getenv("PICKET_BREAKOUT") == NULL;
}

static bool aborts(void)
{
	abort();
}

static void send_itself(int to)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	char byte = 'x';
	struct iovec v = { &byte, 1 };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	(void)sendmsg(to, &m, 0);
	(void)close(fd);
}

static void try_work(int to)
{
	const struct sandbox s = { .role = SANDBOX_WORKER,
				   .memory = 256 << 20,
				   .files = 64 };
	int how;

	send_itself(to);
	tell(in_child(&s, reads_what_it_is_sent) == 0, "inside",
	     "it reads what it is sent and answers", " not");
	tell(in_child(&s, has_memory) == 0, "inside", "it has memory", " not");
	tell(in_child(&s, knows_no_secret) == 0, "inside",
	     "the environment is gone", " not");
	how = in_child(&s, aborts);
	tell(WIFSIGNALED(how) && WTERMSIG(how) == SIGABRT, "inside",
	     "an abort shows as one", " not");
	tell(in_child(&s, has_no_more_memory_than_that) == 0, "inside",
	     "memory has a ceiling", " not");
}

/* ---- One wall by itself ------------------------------------------------- */

static bool send_a_signal_out(void)
{
	return kill(parent, 0) == 0;
}

static bool connect_out(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr = {
						htonl(INADDR_LOOPBACK) } };
	const int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 &&
	       (connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ||
		errno == ECONNREFUSED);
}

static const struct {
	const char *what;
	bool (*gets_out)(void);
	int since;
} stopped_by_landlock[] = {
	{ "open to read", open_to_read, 1 },
	{ "open to write", open_to_write, 1 },
	{ "run a program", run_a_program, 1 },
	{ "connect", connect_out, 4 },
	{ "signal its parent", send_a_signal_out, 6 },
};

static void try_landlock_alone(void)
{
	const int version = sandbox_landlock_version();

	for (size_t i = 0;
	     i < sizeof(stopped_by_landlock) / sizeof(stopped_by_landlock[0]);
	     i++) {
		const pid_t child =
			version < stopped_by_landlock[i].since ? 0 : fork();

		if (version < stopped_by_landlock[i].since) {
			skip("landlock alone", "older kernel");
			continue;
		}
		if (child == 0) {
			if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
			    !sandbox_build_landlock(SANDBOX_WORKER))
				_exit(2);
			_exit(stopped_by_landlock[i].gets_out() ? 0 : 1);
		}
		tell(held(end_of(child)), "landlock alone",
		     stopped_by_landlock[i].what, " got out");
	}
}

/* ---- sandbox_run() ------------------------------------------------------ */

static int gives_seven(void *ctx)
{
	return *(int *)ctx;
}

static int breaks_out(void *ctx)
{
	(void)ctx;
	return open_to_read() ? 0 : 1;
}

static int falls(void *ctx)
{
	*(volatile int *)ctx = 1;
	return 0;
}

static void try_run(void)
{
	const struct sandbox s = { .role = SANDBOX_COMMAND };
	int seven = 7;

	tell(sandbox_run(&s, gives_seven, &seven) == 7, "run",
	     "gives what the work gave", " not");
	tell(sandbox_run(&s, breaks_out, NULL) == CLI_USAGE, "run",
	     "a violation is no verdict", " not");
	tell(sandbox_run(&s, falls, NULL) == CLI_USAGE, "run",
	     "a crash is no verdict", " not");
}

int main(void)
{
	int pair[2], ends[2];

	parent = getpid();
	(void)setenv("PICKET_BREAKOUT", "secret", 1);
	if (pipe(outside) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0 ||
	    pipe(ends) != 0)
		return 2;
	outside[0] = fcntl(outside[0], F_DUPFD, 20);
	outside[1] = fcntl(outside[1], F_DUPFD, 20);
	pair[0] = fcntl(pair[0], F_DUPFD, 20);
	pair[1] = fcntl(pair[1], F_DUPFD, 20);
	ends[1] = fcntl(ends[1], F_DUPFD, 20);
	(void)dup2(pair[1], SANDBOX_REQUESTS);
	(void)dup2(ends[1], SANDBOX_ANSWERS);
	try_outside();
	try_landlock_alone();
	if (SANDBOX_SANITIZED) {
		skip("the other walls", "a sanitizer needs what they forbid");
	} else if (sandbox_missing() >> SANDBOX_SYSTEM_CALLS & 1) {
		skip("the other walls", "this kernel has no seccomp filters");
	} else {
		try_all(SANDBOX_WORKER, "worker");
		try_all(SANDBOX_COMMAND, "command");
		try_all(SANDBOX_COURIER, "courier");
		try_work(pair[0]);
		try_run();
	}
	printf("1..%u\n", done);
	return holes ? 1 : 0;
}
