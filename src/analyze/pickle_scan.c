/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the pickle machine over a stream once for each way in which real
 * readers read it: mostly that is one.
 */
#include "analyze/pickle_scan.h"

#include <stdio.h>

#include "analyze/pickle_joblib.h"
#include "analyze/pickle_pool.h"
#include "engine/map.h"
#include "engine/watch.h"
#include "source/slice.h"

struct pass {
	unsigned reading;
	bool unlikely;   /* not the usual loader of such a file */
	unsigned odd;    /* enum pk_oddity, out */
	bool later_gets; /* pickles after the first read the memo, out */
	bool arrays;     /* joblib arrays lie between the opcodes, out */
};

static bool over_time(void *user)
{
	const struct pk_judge *j = user;

	return pk_out_of_budget(j->scan);
}

static void say_broken(struct pk_judge *j, enum pk_load load)
{
	const uint64_t off = j->vm->op.off;

	pk_fact(j->scan, PK_FACT_PICKLE_BREAKS, off);
	if (load == PK_LOAD_LIMIT) {
		(void)pk_out_of_budget(j->scan);
		pk_partial(j->scan);
		return;
	}
	pk_partial(j->scan);
	pk_report(j->scan, PK_RULE_PICKLE_MALFORMED, off,
		  load == PK_LOAD_EOF
			  ? "the pickle ends before its STOP"
			  : "the pickle breaks off: no unpickler gets past "
			    "this opcode");
}

/* ---- one pass ---- */

/* What may lie behind a pickle. */
enum following {
	NO_PICKLE,
	/* In a file that promises pickles every import counts: whatever is
	 * there is tried, and was a pickle if it imports something. */
	MAYBE_PICKLE,
	PICKLE,
};

static enum following what_follows(struct pk_judge *j,
				   const struct pk_pickle_job *p,
				   struct pass *pass)
{
	if (p->single || p->end >= p->stop)
		return NO_PICKLE;
	if (pk_pickle_recognise(j->scan, p->end, p->stop))
		return PICKLE;
	if (j->scan->promises_pickle)
		return MAYBE_PICKLE;
	if (!pk_pickle_continues(j->scan, p->end, p->stop))
		return NO_PICKLE;
	pass->later_gets = true;
	return pass->reading & PK_READ_KEEP_MEMO ? PICKLE : NO_PICKLE;
}

static enum pk_load one_load(struct pk_judge *j, struct pk_pickle_job *p,
			     struct pass *pass)
{
	const unsigned before = j->vm->odd & PK_ODD_GET;
	enum pk_load load;

	j->vm->odd &= ~(unsigned)PK_ODD_GET;
	load = pk_vm_load(j->vm);
	pass->later_gets |= p->loads && j->vm->odd & PK_ODD_GET;
	j->vm->odd |= before;
	if (load == PK_LOAD_STOP)
		p->loads++;
	if (load == PK_LOAD_STOP && p->on_result)
		p->on_result(j, j->vm->stack[j->vm->sp - 1]);
	return load;
}

static void run_loads(struct pk_judge *j, struct pk_pickle_job *p,
		      struct pass *pass)
{
	enum following next = PICKLE;

	p->loads = 0;
	do {
		const uint64_t imports = j->imports;
		const enum pk_load load = one_load(j, p, pass);
		const bool stopped = load == PK_LOAD_STOP;

		if (!stopped && next == MAYBE_PICKLE && j->imports == imports)
			break;
		p->last = load;
		p->end = stopped ? pk_vm_offset(j->vm) : j->vm->op.off;
		next = stopped ? what_follows(j, p, pass) : NO_PICKLE;
	} while (next != NO_PICKLE);
}

static void end_pass(struct pk_judge *j, struct pk_pickle_job *p,
		     struct pass *pass)
{
	pass->odd = j->vm->odd;
	pk_judge_finish(j);
	p->imports += j->imports;
	p->calls += j->calls;
	if (j->refuses_at != PK_NOWHERE)
		pk_fact(j->scan, PK_FACT_WEIGHTS_ONLY_REFUSES, j->refuses_at);
	if (j->runs_code_at != PK_NOWHERE && !pass->unlikely)
		pk_fact(j->scan, PK_FACT_PICKLE_RUNS_CODE, j->runs_code_at);
	if (j->imports_at != PK_NOWHERE)
		pk_fact(j->scan, PK_FACT_PICKLE_IMPORTS, j->imports_at);
}

/* Byte strings of the stream that are files of their own. */
static void scan_carriers(struct pk_judge *j)
{
	for (unsigned i = 0; i < j->carrier_n; i++) {
		const struct pk_piece at = j->carriers[i];
		char name[40];
		struct pk_span n = { (const uint8_t *)name, 0 };

		n.len = (size_t)snprintf(name, sizeof(name), "bytes-at-%llu",
					 (unsigned long long)at.off);
		(void)pk_descend(j->scan, n,
				 pk_slice_new(j->scan->bytes, at.off, at.len),
				 PK_MEMBER_RAW);
	}
}

static void run_pass(struct pk_scan *s, struct pk_pickle_job *p,
		     struct pass *pass)
{
	struct pk_judge j = { .scan = s,
			      .refuses_at = PK_NOWHERE,
			      .runs_code_at = PK_NOWHERE,
			      .imports_at = PK_NOWHERE,
			      .unlikely = pass->unlikely,
			      .on_storage = p->on_storage,
			      .user = p->user };
	const struct pk_cursor c =
		pk_cursor_open(s->bytes, p->off, p->stop - p->off, &s->arena);

	j.vm = pk_vm_borrow(s->job);
	if (!j.vm) {
		pk_partial(s);
		return;
	}
	if (pass->reading & PK_READ_JOBLIB)
		j.on_build = pk_joblib_on_build;
	pk_vm_begin(j.vm, c, pass->reading, &pk_judge_events, &j);
	j.vm->over_time = over_time;
	run_loads(&j, p, pass);
	if (p->last != PK_LOAD_STOP && !pass->unlikely)
		say_broken(&j, p->last);
	p->arrays += j.arrays;
	pass->arrays = j.arrays;
	end_pass(&j, p, pass);
	pk_vm_return(s->job, j.vm);
	if (!pass->unlikely)
		scan_carriers(&j);
}

/* ---- all passes ---- */

static void say_differential(struct pk_scan *s, const struct pass *flat)
{
	static const struct {
		enum pk_oddity odd;
		const char *what;
	} kinds[] = {
		{ PK_ODD_FRAME, "frames are crossed or nested" },
		{ PK_ODD_MEMO, "memo numbers are mixed with counting" },
		{ PK_ODD_LENGTH, "a length has its sign bit set" },
		{ PK_ODD_NUMBER, "a number is spelled as only some readers "
				 "read it" },
		{ PK_ODD_PROTO, "a protocol is named that does not exist" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (flat->odd & kinds[i].odd)
			pk_report(s, PK_RULE_PICKLE_READER_DIFFERENTIAL, 0,
				  "%s: unpicklers load different things",
				  kinds[i].what);
	}
}

/*
 * A second reading must not change what the first one found out: where it
 * breaks, another one went on, and that was said.
 */
static void reread(struct pk_scan *s, const struct pk_pickle_job *p,
		   struct pass *pass)
{
	struct pk_pickle_job again = *p;
	const bool partial = s->job->partial;
	const unsigned breaks = s->job->facts & PK_FACT_PICKLE_BREAKS;

	again.on_storage = NULL;
	again.on_result = NULL;
	run_pass(s, &again, pass);
	if (s->job->meter.exceeded || partial)
		return;
	s->job->partial = partial;
	s->job->facts =
		(s->job->facts & ~(unsigned)PK_FACT_PICKLE_BREAKS) | breaks;
}

/* How readers may differ from the first pass, by what was seen so far.
 * PK_READ_JOBLIB stands for its opposite: that is what the first pass has. */
static unsigned differences(const struct pass *seen)
{
	unsigned ways = 0;

	if (seen->odd & (PK_ODD_FRAME | PK_ODD_LONG_FRAME))
		ways |= PK_READ_DROP | PK_READ_DROP_BYTES;
	if (ways && seen->odd & PK_ODD_BIG_FRAME)
		ways |= PK_READ_DROP_BIG;
	if (seen->odd & PK_ODD_REST)
		ways |= PK_READ_DROP_REST;
	if (seen->odd & PK_ODD_MEMO)
		ways |= PK_READ_DENSE_MEMO;
	if (seen->later_gets)
		ways |= PK_READ_KEEP_MEMO;
	if (seen->arrays)
		ways |= PK_READ_JOBLIB;
	return ways;
}

/* Whether there is a reader that differs in just these ways. */
static bool somebody_reads(unsigned ways)
{
	const unsigned drop = PK_READ_DROP | PK_READ_DROP_BIG;

	return (ways & drop) != drop &&
	       (!(ways & PK_READ_DROP_BYTES) || ways & drop);
}

/*
 * Reads once in each way that the passes so far call for.  A pass may come
 * upon what calls for more; there are no more than PK_READ_ANY_MEMO ways.
 */
static void reread_all(struct pk_scan *s, const struct pk_pickle_job *p,
		       struct pass *seen)
{
	bool done[PK_READ_ANY_MEMO] = { true };

	for (unsigned ways = 1; ways < PK_READ_ANY_MEMO; ways++) {
		struct pass pass = { .reading = ways ^ PK_READ_JOBLIB };

		if (done[ways] || ways & ~differences(seen) ||
		    !somebody_reads(ways))
			continue;
		pass.unlikely = ways & (PK_READ_KEEP_MEMO | PK_READ_JOBLIB);
		reread(s, p, &pass);
		done[ways] = true;
		seen->odd |= pass.odd;
		seen->arrays |= pass.arrays;
		seen->later_gets |= pass.later_gets;
		ways = 0;
	}
}

static void show_watch(struct pk_scan *s, const struct pk_pickle_job *p)
{
	const struct pk_stretch where = { .off = p->off,
					  .end = p->end,
					  .stop = p->stop,
					  .loads = p->loads,
					  .broken = p->last != PK_LOAD_STOP };

	if (s->job->watch)
		s->job->watch->pickle(s->job->watch, s, &where);
}

void pk_pickle_scan(struct pk_scan *s, struct pk_pickle_job *p)
{
	struct pass flat = { .reading = PK_READ_JOBLIB };

	if (p->stop > s->bytes->size)
		p->stop = s->bytes->size;
	p->arrays = 0;
	p->imports = p->calls = 0;
	s->job->facts |= PK_FACT_PICKLE;
	run_pass(s, p, &flat);
	pk_claim(s, p->off, p->end - p->off);
	pk_name_part(s, p->off, p->end - p->off, PK_LIT("pickle"));
	say_differential(s, &flat);
	reread_all(s, p, &flat);
	show_watch(s, p);
}
