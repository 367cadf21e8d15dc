/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/pickle_lister.h"

#include "analyze/pickle_joblib.h"
#include "analyze/pickle_pool.h"
#include "analyze/pickle_print.h"
#include "analyze/pickle_source.h"
#include "analyze/pickle_step.h"
#include "core/utf8.h"

enum {
	FLUSH_AT = 32 * 1024, /* bytes gathered before they are written */
	TICK = 1 << 12,       /* opcodes between looks at the clock */
	MARKS_KEPT = 64,      /* marks whose places are remembered */
	SEARCH_MAX = 1 << 20, /* bytes searched for the next opcodes */
	OPS_SURE = 24,        /* opcodes in a row that are no accident */
	OPS_STOP = 6,         /* the same, with a STOP behind them */
	OPS_PROTO = 2,        /* the same, with a PROTO before them */
	AHEAD_MAX = 8192,     /* bytes that these may take */
	SHOWN_BYTES = 16,     /* of what is no opcode */
};

/* One stretch being listed. */
struct run {
	struct pk_judge judge; /* the machine's user: joblib's arrays need it */
	struct pk_lister *l;
	struct pk_vm *vm;
	uint8_t *block; /* bytes looked at behind a break; NULL: none yet */
	struct pk_span ahead; /* of them: from block_off on */
	uint64_t block_off;
	struct pk_listed_op line;
	uint64_t marks[MARKS_KEPT];
	uint64_t stop;
	uint64_t ops;
	bool stops_said; /* of this stream */
};

static const struct pk_list_view *const views[] = {
	[PK_LIST_OPCODES] = &pk_list_opcodes,
	[PK_LIST_STEPS] = &pk_list_steps,
};

static void flush(struct pk_lister *l)
{
	if (!pk_buf_ok(&l->out))
		l->failed = true;
	if (!l->failed && l->out.len)
		l->failed = !l->write(l->ctx, l->out.p, l->out.len);
	l->out.len = 0;
}

/* ---- what opcodes do beyond the stack ---- */

static struct run *run_of(struct pk_vm *vm)
{
	return ((struct pk_judge *)vm->user)->user;
}

static bool on_global(struct pk_vm *vm, struct pk_vm_global *g, uint64_t off)
{
	struct pk_listed_op *line = &run_of(vm)->line;
	struct pk_global verdict;
	struct pk_span module, name;

	(void)off;
	line->import = g;
	if (g->computed) {
		line->class = pk_import_class_name(PK_IMPORT_COMPUTED);
		pk_buf_puts(&line->what, "imports a computed name");
		return true;
	}
	verdict = pk_global_classify(g->module, g->name);
	pk_buf_puts(&line->what, "imports ");
	pk_pickle_print_global(g, &line->what);
	if (g->mapped && pk_global_py3(g->module, g->name, &module, &name)) {
		const struct pk_vm_global now = { .module = module,
						  .name = name };

		verdict = pk_global_worse(verdict,
					  pk_global_classify(module, name));
		pk_buf_puts(&line->what, ", which is ");
		pk_pickle_print_global(&now, &line->what);
	}
	line->class = pk_import_class_name(verdict.class);
	pk_buf_printf(&line->what, " (%s)", line->class);
	return true;
}

static void say(struct pk_vm *vm, const char *what, pk_value v)
{
	struct pk_buf *to = &run_of(vm)->line.what, text = { 0 };

	pk_buf_puts(to, what);
	pk_pickle_print(vm, v, &text);
	pk_buf_put(to, text.p, text.len);
	pk_buf_release(&text);
}

static bool on_call(struct pk_vm *vm, const struct pk_vm_call *c,
		    pk_value *result)
{
	struct pk_buf *to = &run_of(vm)->line.what, text = { 0 };

	(void)result;
	pk_buf_puts(to, to->len ? ", calls " : "calls ");
	pk_pickle_print_call(vm, c, &text);
	pk_buf_put(to, text.p, text.len);
	pk_buf_release(&text);
	if (c->kind == PK_CALL_NEWOBJ_EX)
		say(vm, " with keywords ", c->kwargs);
	return true;
}

static bool on_build(struct pk_vm *vm, pk_value obj, pk_value state,
		     uint64_t off)
{
	struct run *r = run_of(vm);
	bool on;

	(void)off;
	say(vm, "sets the state of ", obj);
	say(vm, " from ", state);
	on = pk_joblib_on_build(&r->judge, obj, state);
	if (vm->r.resume || vm->r.c.off != r->line.op->off + 1)
		pk_buf_puts(&r->line.what, "; the array's bytes follow");
	return on;
}

static bool on_fill(struct pk_vm *vm, pk_value into, pk_value items,
		    uint64_t off)
{
	(void)off;
	say(vm, "puts into ", into);
	say(vm, ": ", items);
	return true;
}

static bool on_persistent(struct pk_vm *vm, pk_value obj, pk_value id,
			  uint64_t off)
{
	(void)obj;
	(void)off;
	say(vm, "asks the loader for ", id);
	return true;
}

static bool on_extension(struct pk_vm *vm, uint64_t code, uint64_t off)
{
	(void)off;
	pk_buf_printf(&run_of(vm)->line.what,
		      "takes what is registered as extension %llu",
		      (unsigned long long)code);
	return true;
}

static const struct pk_vm_events events = {
	.global = on_global,
	.call = on_call,
	.build = on_build,
	.fill = on_fill,
	.persistent = on_persistent,
	.extension = on_extension,
};

/* ---- lines between opcodes ---- */

static void note(struct pk_lister *l, uint64_t off, const char *text)
{
	if (l->json) {
		pk_json_inline(&l->j);
		pk_json_object(&l->j, NULL);
		pk_json_uint(&l->j, "offset", off);
		pk_json_str(&l->j, "note", text);
		pk_json_close(&l->j);
		return;
	}
	pk_buf_printf(&l->out, "%8llu  ; %s\n", (unsigned long long)off, text);
}

static void begin_stream(struct run *r, uint64_t off)
{
	struct pk_lister *l = r->l;
	const char *member = pk_member(r->judge.scan);

	l->streams++;
	if (l->json) {
		pk_json_object(&l->j, NULL);
		if (member)
			pk_json_str(&l->j, "member", member);
		else
			pk_json_null(&l->j, "member");
		pk_json_uint(&l->j, "offset", off);
		pk_json_array(&l->j, "ops");
		return;
	}
	pk_buf_printf(&l->out, "%s; pickle %u%s%s, at byte %llu\n",
		      l->streams > 1 ? "\n" : "", l->streams,
		      member ? " in " : "", member ? member : "",
		      (unsigned long long)off);
}

static void end_stream(struct run *r, bool whole)
{
	struct pk_lister *l = r->l;

	l->broken |= !whole;
	if (l->json) {
		pk_json_close(&l->j);
		pk_json_uint(&l->j, "end", r->vm->r.c.off);
		pk_json_uint(&l->j, "protocol", r->vm->proto);
		pk_json_bool(&l->j, "complete", whole);
		pk_json_close(&l->j);
	}
	flush(l);
}

/* ---- one opcode ---- */

static void open_line(struct run *r)
{
	struct pk_listed_op *line = &r->line;

	*line = (struct pk_listed_op){ .op = &r->vm->op,
				       .depth = line->depth,
				       .what = line->what };
	line->what.len = 0;
}

/* An opcode makes one mark, removes one, or neither. */
static void count_marks(struct run *r, size_t before)
{
	struct pk_listed_op *line = &r->line;
	const size_t now = r->vm->mark;

	if (now > before) {
		if (line->depth < MARKS_KEPT)
			r->marks[line->depth] = line->op->off;
	} else if (now < before && line->depth) {
		line->depth_less = 1;
		line->mark_known = line->depth <= MARKS_KEPT;
		if (line->mark_known)
			line->mark = r->marks[line->depth - 1];
	}
}

static const char *why_stopped(const struct run *r, enum pk_step s)
{
	if (s == PK_STEP_FAILED || s == PK_STEP_ABORTED)
		return "every unpickler stops here";
	if (r->vm->op.cut)
		return "its operand goes on behind the end of the data";
	return NULL;
}

static void remark_memo(struct pk_vm *vm, struct pk_buf *what)
{
	const uint8_t code = vm->op.code;

	if (code == PK_OP_MEMOIZE)
		pk_buf_printf(what, "memo[%llu]",
			      (unsigned long long)vm->memo.count - 1);
	else if ((code == PK_OP_GET || code == PK_OP_BINGET ||
		  code == PK_OP_LONG_BINGET || code == PK_OP_STOP) &&
		 pk_vm_depth(vm))
		say(vm, code == PK_OP_STOP ? "returns " : "", *pk_vm_top(vm));
}

static enum pk_step list_op(struct run *r)
{
	struct pk_vm *vm = r->vm;
	const size_t marks = vm->mark;
	enum pk_step s;

	open_line(r);
	s = pk_vm_step(vm);
	vm->ops++;
	count_marks(r, marks);
	if (s == PK_STEP_ON || s == PK_STEP_STOPPED)
		remark_memo(vm, &r->line.what);
	if (!r->stops_said)
		r->line.stops = why_stopped(r, s);
	r->stops_said |= r->line.stops != NULL;
	views[r->l->kind]->op(r->l, vm, &r->line);
	r->line.depth += vm->mark > marks;
	r->line.depth -= r->line.depth_less;
	if (r->l->out.len > FLUSH_AT)
		flush(r->l);
	return s;
}

/* ---- behind a break ---- */

/* The bytes at an offset, as many as a try may take. */
static struct pk_span look_ahead(struct run *r, uint64_t off)
{
	const uint64_t left = r->stop - off;
	const size_t want = left < AHEAD_MAX ? (size_t)left : AHEAD_MAX;
	size_t from;

	if (!r->block)
		r->block = pk_arena_alloc(&r->judge.scan->arena, PK_WINDOW, 1);
	if (!r->block)
		return (struct pk_span){ 0 };
	if (!r->ahead.p || off < r->block_off ||
	    off - r->block_off + want > r->ahead.len) {
		r->ahead.p = r->block;
		r->ahead.len = pk_source_read(
			r->judge.scan->bytes, off, r->block,
			left < PK_WINDOW ? (size_t)left : PK_WINDOW);
		r->block_off = off;
	}
	from = (size_t)(off - r->block_off);
	if (from > r->ahead.len)
		return (struct pk_span){ 0 };
	return (struct pk_span){ r->ahead.p + from,
				 r->ahead.len - from < want
					 ? r->ahead.len - from
					 : want };
}

/* Whether opcodes begin at an offset, not just bytes that happen to be some. */
static bool opcodes_at(struct run *r, uint64_t off)
{
	struct pk_reader reader = pk_reader_open(
		pk_cursor_over(look_ahead(r, off), off), PK_READ_FLAT);
	struct pk_op op = { 0 };
	bool proto = false, stop = false;
	unsigned n = 0;

	while (n < OPS_SURE && !stop && pk_reader_next(&reader, &op) &&
	       !op.cut) {
		proto |= n == 0 && op.code == PK_OP_PROTO && op.value <= 5;
		stop = op.code == PK_OP_STOP;
		n++;
	}
	if (n == OPS_SURE)
		return true;
	return stop && (n >= OPS_STOP || (proto && n >= OPS_PROTO) ||
			reader.c.off == r->stop);
}

static void note_skipped(struct run *r, uint64_t from, uint64_t to)
{
	uint8_t bytes[SHOWN_BYTES];
	const uint64_t n = to - from;
	const size_t have =
		pk_source_read(r->judge.scan->bytes, from, bytes,
			       n < sizeof(bytes) ? (size_t)n : sizeof(bytes));
	struct pk_buf text = { 0 };

	pk_buf_printf(&text,
		      "%llu byte%s that %s no opcode%s:", (unsigned long long)n,
		      n == 1 ? "" : "s", n == 1 ? "is" : "are",
		      n == 1 ? "" : "s");
	for (size_t i = 0; i < have; i++)
		pk_buf_printf(&text, " %02x", bytes[i]);
	if (n > have)
		pk_buf_puts(&text, " ...");
	note(r->l, from, pk_buf_str(&text));
	pk_buf_release(&text);
}

/* Puts the reader where opcodes can be made out again; false when there are
 * none near. */
static bool resume(struct run *r, uint64_t off)
{
	struct pk_reader *reader = &r->vm->r;
	const unsigned reading = reader->reading;
	const uint64_t last =
		r->stop - off < SEARCH_MAX ? r->stop : off + SEARCH_MAX;
	struct pk_cursor c = reader->c;
	uint64_t at = off;

	while (at < last && !opcodes_at(r, at)) {
		if (at % TICK == 0 && pk_out_of_budget(r->judge.scan))
			break;
		at++;
	}
	if (at >= last || !pk_cursor_ok(&c) || !opcodes_at(r, at)) {
		if (r->stop > off)
			note_skipped(r, off, r->stop);
		return false;
	}
	if (at > off)
		note_skipped(r, off, at);
	pk_seek(&c, at);
	*reader = pk_reader_open(c, reading);
	return true;
}

/* ---- a stream, a stretch ---- */

static bool wants_more(struct run *r)
{
	return !r->l->failed &&
	       (++r->ops % TICK || !pk_out_of_budget(r->judge.scan));
}

static void say_end(struct run *r)
{
	const struct pk_vm *vm = r->vm;

	if (vm->r.end == PK_READ_INVALID && !r->stops_said)
		note(r->l, vm->r.c.off, "every unpickler stops here");
	else if (vm->r.end == PK_READ_EOF)
		note(r->l, vm->r.c.off, "the data end before the STOP");
	else if (vm->r.end == PK_READ_BROKEN)
		note(r->l, vm->r.c.off, "the bytes cannot be read");
	r->stops_said = true;
}

/* One pickle, to its STOP or to where nothing can be made out any more;
 * true when another may follow. */
static bool list_stream(struct run *r)
{
	enum pk_step s = PK_STEP_ON;

	pk_vm_begin_load(r->vm);
	begin_stream(r, r->vm->r.c.off);
	r->line.depth = 0;
	r->stops_said = false;
	while (s != PK_STEP_STOPPED && s != PK_STEP_NO_ROOM && wants_more(r)) {
		if (pk_reader_next(&r->vm->r, &r->vm->op)) {
			s = list_op(r);
			/* An array's bytes that cannot be told end it. */
			if (!r->vm->r.end)
				continue;
		}
		say_end(r);
		if (r->vm->r.end == PK_READ_EOF ||
		    r->vm->r.end == PK_READ_BROKEN ||
		    !resume(r, r->vm->r.c.off))
			break;
	}
	end_stream(r, s == PK_STEP_STOPPED && !r->stops_said);
	return s == PK_STEP_STOPPED;
}

static bool is_end_of(const char *member, const char *wanted)
{
	const size_t n = strlen(wanted), m = strlen(member);

	return m >= n && strcmp(member + m - n, wanted) == 0 &&
	       (m == n || member[m - n - 1] == '/' || member[m - n - 1] == '!');
}

static const char *tail_of(const struct pk_lister *l, struct pk_scan *s)
{
	const size_t max = sizeof(l->listed[0].member) - 1;
	const char *member = pk_member(s);
	const size_t n = member ? strlen(member) : 0;

	if (!member)
		return "";
	return n > max ? member + n - max : member;
}

/* Several formats may read the same bytes. */
static bool is_listed(struct pk_lister *l, struct pk_scan *s,
		      const struct pk_stretch *where)
{
	const char *tail = tail_of(l, s);

	for (size_t i = 0; i < PK_LISTED_MAX; i++) {
		if (where->off >= l->listed[i].off &&
		    where->off < l->listed[i].end &&
		    strcmp(l->listed[i].member, tail) == 0)
			return true;
	}
	memmove(l->listed + 1, l->listed,
		(PK_LISTED_MAX - 1) * sizeof(l->listed[0]));
	memcpy(l->listed[0].member, tail, strlen(tail) + 1);
	l->listed[0].off = where->off;
	l->listed[0].end = where->broken ? where->stop : where->end;
	return false;
}

static void list(struct pk_lister *l, struct pk_scan *s,
		 const struct pk_stretch *where)
{
	const uint64_t len = where->stop - where->off;
	struct run r = { .l = l, .judge.scan = s, .stop = where->stop };
	unsigned left = where->loads + where->broken;

	r.judge.user = &r;
	r.vm = r.judge.vm = pk_vm_borrow(s->job);
	if (!r.vm)
		return;
	pk_vm_begin(r.vm, pk_cursor_open(s->bytes, where->off, len, &s->arena),
		    PK_READ_JOBLIB, &events, &r.judge);
	while (left-- && list_stream(&r) && !l->failed)
		;
	pk_buf_release(&r.line.what);
	pk_vm_return(s->job, r.vm);
}

static void show(struct pk_lister *l, struct pk_scan *s,
		 const struct pk_stretch *where)
{
	if (l->kind != PK_LIST_SOURCE)
		list(l, s, where);
	else if (!pk_source_write(l, s, where))
		l->broken = true;
	flush(l);
}

static void on_pickle(struct pk_watch *w, struct pk_scan *s,
		      const struct pk_stretch *where)
{
	struct pk_lister *l = (struct pk_lister *)w; /* its first member */
	const char *member = pk_member(s);

	if (l->failed || is_listed(l, s, where))
		return;
	if (l->member && (!member || !is_end_of(member, l->member)))
		l->others++;
	else
		show(l, s, where);
}

void pk_lister_force(struct pk_lister *l, struct pk_scan *s)
{
	const struct pk_stretch where = { .stop = s->bytes->size,
					  .end = s->bytes->size,
					  .broken = true };

	show(l, s, &where);
}

void pk_lister_begin(struct pk_lister *l)
{
	l->watch.pickle = on_pickle;
	l->j = (struct pk_json){ .out = &l->out, .pretty = true };
	if (!l->json)
		return;
	pk_json_object(&l->j, NULL);
	pk_json_str(&l->j, "schema",
		    l->kind == PK_LIST_SOURCE ? "picket.decompile/1"
					      : views[l->kind]->schema);
	pk_json_str(&l->j, "path", l->path);
	pk_json_array(&l->j, "pickles");
}

void pk_lister_end(struct pk_lister *l)
{
	if (l->json) {
		pk_json_close(&l->j);
		pk_json_close(&l->j);
	}
	flush(l);
	pk_buf_release(&l->out);
}
