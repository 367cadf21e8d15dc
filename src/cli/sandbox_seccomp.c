/* SPDX-License-Identifier: Apache-2.0 */
/* The door to libseccomp. */
#include "cli/sandbox_build.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What libseccomp's own macros say, with every field named. */
static struct scmp_arg_cmp masked(unsigned arg, scmp_datum_t mask,
				  scmp_datum_t value)
{
	return (struct scmp_arg_cmp){ .arg = arg,
				      .op = SCMP_CMP_MASKED_EQ,
				      .datum_a = mask,
				      .datum_b = value };
}

static struct scmp_arg_cmp equals(unsigned arg, scmp_datum_t value)
{
	return (struct scmp_arg_cmp){
		.arg = arg, .op = SCMP_CMP_EQ, .datum_a = value, .datum_b = 0
	};
}

static bool allow(scmp_filter_ctx f, int call)
{
	return seccomp_rule_add_exact(f, SCMP_ACT_ALLOW, call, 0) == 0;
}

static bool allow_if(scmp_filter_ctx f, int call, struct scmp_arg_cmp a)
{
	return seccomp_rule_add_exact(f, SCMP_ACT_ALLOW, call, 1, a) == 0;
}

/* The calls of which every form passes. */
static bool allow_listed(scmp_filter_ctx f, enum sandbox_role role)
{
	static const struct {
		int call;
		enum sandbox_role least;
	} calls[] = {
#define SANDBOX_CALL(name, least) { SCMP_SYS(name), least },
#include "cli/sandbox_calls.def"
#undef SANDBOX_CALL
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i].least <= role)
			ok = allow(f, calls[i].call) && ok;
	}
	return ok;
}

/* Memory that cannot be executed, now or later. */
static bool allow_memory(scmp_filter_ctx f)
{
	const struct scmp_arg_cmp not_code = masked(2, PROT_EXEC, 0);

	return allow_if(f, SCMP_SYS(mmap), not_code) &&
	       allow_if(f, SCMP_SYS(mprotect), not_code);
}

/* abort(3) tells the parent more than a forbidden call would. */
static bool allow_abort(scmp_filter_ctx f)
{
	return seccomp_rule_add_exact(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
				      equals(0, (scmp_datum_t)getpid()),
				      equals(2, SIGABRT)) == 0;
}

/* How the C library spells fstat(2). */
static bool allow_fstat(scmp_filter_ctx f)
{
	return allow_if(f, SCMP_SYS(newfstatat), equals(3, AT_EMPTY_PATH));
}

/* Messages go only to whoever is connected: descriptors that it was given. */
static bool allow_worker(scmp_filter_ctx f)
{
	return allow_if(f, SCMP_SYS(sendto), equals(4, 0)) &&
	       allow_if(f, SCMP_SYS(recvfrom), equals(4, 0)) &&
	       allow_if(f, SCMP_SYS(recvmsg), equals(0, SANDBOX_REQUESTS)) &&
	       allow_if(f, SCMP_SYS(write), equals(0, SANDBOX_ANSWERS));
}

/* What stdio asks of a terminal. */
static bool allow_command(scmp_filter_ctx f)
{
	return allow_if(f, SCMP_SYS(ioctl), equals(1, TCGETS)) &&
	       allow_if(f, SCMP_SYS(ioctl), equals(1, TIOCGWINSZ)) &&
	       allow_if(f, SCMP_SYS(fcntl), equals(1, F_GETFL));
}

/* Programs, other processes, the kernel's more adventurous parts. */
static bool deny_to_courier(scmp_filter_ctx f)
{
	static const int calls[] = {
#define SANDBOX_DENIED(name) SCMP_SYS(name),
#include "cli/sandbox_denied.def"
#undef SANDBOX_DENIED
	};
	bool ok = true;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		ok = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), calls[i], 0) ==
			     0 &&
		     ok;
	return ok;
}

static bool fill(scmp_filter_ctx f, enum sandbox_role role)
{
	return seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 0) == 0 &&
	       seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH,
				SCMP_ACT_KILL_PROCESS) == 0 &&
	       allow_listed(f, role) && allow_memory(f) && allow_abort(f) &&
	       allow_fstat(f) &&
	       (role == SANDBOX_WORKER ? allow_worker(f) : allow_command(f));
}

bool sandbox_build_system_calls(const struct sandbox *s)
{
	scmp_filter_ctx f;
	bool ok;

	if (SANDBOX_SANITIZED)
		return false;
	if (s->role == SANDBOX_COURIER) {
		f = seccomp_init(SCMP_ACT_ALLOW);
		ok = f && deny_to_courier(f);
	} else {
		f = seccomp_init(SCMP_ACT_KILL_PROCESS);
		ok = f && fill(f, s->role);
	}
	ok = ok && seccomp_load(f) == 0;
	if (f)
		seccomp_release(f);
	return ok;
}
