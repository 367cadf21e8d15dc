/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/convert.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/sandbox.h"

enum { LISTED = 20, FIRST_MS = 500, EVERY_MS = 100 };

#define MEMORY (4ULL << 30)

/* ---- what is told ---- */

static void show_size(char *buf, size_t n, uint64_t bytes)
{
	static const char units[] = "kMGTPE";
	double v = (double)bytes;
	int i = -1;

	while (v >= 1000 && i < 5) {
		v /= 1000;
		i++;
	}
	if (i < 0)
		(void)snprintf(buf, n, "%" PRIu64 " bytes", bytes);
	else
		(void)snprintf(buf, n, "%.1f %cB", v, units[i]);
}

static void tell_aliases(const struct picket_weights *w)
{
	const struct picket_weight *t, *kept;
	size_t n = 0;

	for (size_t i = 0; (t = picket_weights_at(w, i)) != NULL; i++) {
		kept = picket_weight_same_as(t);
		if (!kept || n++ >= LISTED)
			continue;
		(void)printf("  dropped %s: the same data as %s, which is "
			     "kept\n",
			     cli_show(picket_weight_name(t, NULL)),
			     cli_show(picket_weight_name(kept, NULL)));
	}
	if (n > LISTED)
		(void)printf("  ... and %zu more names of the same data\n",
			     n - LISTED);
}

static void tell_skipped(const struct picket_weights *w)
{
	const char *name, *what;
	bool tensor;
	size_t n = 0;

	for (; picket_weights_skipped(w, n, &name, &what, &tensor); n++) {
		if (n < LISTED || tensor)
			(void)printf("  skipped %s: %s\n",
				     *name ? name : "the whole", what);
	}
	if (n > LISTED)
		(void)printf("  ... %zu skipped in all\n", n);
}

static void tell(const struct convert_job *j, const struct picket_weights *w)
{
	char size[32];

	if (j->settings->quiet || j->settings->json)
		return;
	show_size(size, sizeof(size), j->result->bytes);
	(void)printf("%s -> %s: %" PRIu64 " tensors, %s, from %s\n",
		     cli_show(j->in), cli_show(j->out), j->result->tensors,
		     size, picket_weights_format(w));
	tell_aliases(w);
	tell_skipped(w);
}

/* ---- progress ---- */

struct meter {
	const struct convert_job *job;
	uint64_t began, drawn;
	bool on, shown;
};

static bool draw(void *ctx, uint64_t done, uint64_t total)
{
	struct meter *m = ctx;
	const uint64_t now = m->on ? cli_now_ms() : 0;

	if (!m->on || now - m->began < FIRST_MS || now - m->drawn < EVERY_MS)
		return true;
	(void)fprintf(stderr, "\r\x1b[K%3u%%  %s",
		      (unsigned)(total ? done * 100 / total : 100),
		      cli_show(m->job->in));
	m->shown = true;
	m->drawn = now;
	return true;
}

static void wipe(struct meter *m)
{
	if (m->shown)
		(void)fputs("\r\x1b[K", stderr);
	m->shown = false;
}

/* ---- the work, behind walls ---- */

/* The exit status that the contract has for it. */
static int blame(const struct convert_job *j, const struct picket_weights *w,
		 enum picket_status status, int error)
{
	const char *why = picket_weights_error(w);

	switch (status) {
	case PICKET_ERR_REFUSED:
		cli_complain("%s: %s%s", cli_show(j->in), why,
			     j->settings->salvage
				     ? ""
				     : "; --salvage takes the tensors and "
				       "leaves the rest");
		return CLI_BLOCKED;
	case PICKET_ERR_BROKEN:
	case PICKET_ERR_NOMEM:
		cli_complain("%s: %s", cli_show(j->in), why);
		return CLI_INCOMPLETE;
	case PICKET_ERR_IO:
		cli_complain("%s: %s: %s", cli_show(j->out), why,
			     strerror(error));
		return CLI_USAGE;
	case PICKET_ERR_FOREIGN:
		j->result->foreign = true;
		if (j->of_folder)
			return CLI_OK;
		cli_complain("%s: %s", cli_show(j->in), why);
		return CLI_USAGE;
	case PICKET_OK:
	case PICKET_ERR_USAGE:
	case PICKET_ERR_DATA:
	case PICKET_ERR_STOPPED:
		break;
	}
	cli_complain("%s: %s", cli_show(j->in), why);
	return CLI_USAGE;
}

static bool send_name(int fd, const char *name, size_t len)
{
	return write(fd, name, len + 1) == (ssize_t)(len + 1);
}

static void count(const struct convert_job *j, const struct picket_weights *w)
{
	const struct picket_weight *t;
	const char *name;
	size_t len;

	for (size_t i = 0; (t = picket_weights_at(w, i)) != NULL; i++) {
		if (picket_weight_same_as(t))
			continue;
		j->result->tensors++;
		j->result->bytes += picket_weight_bytes(t);
		name = picket_weight_name(t, &len);
		if (j->names >= 0 && !send_name(j->names, name, len))
			j->result->bytes = UINT64_MAX;
	}
}

/* A receipt comes in one piece. */
static int put_receipt(void *ctx, const void *bytes, size_t n)
{
	const struct convert_job *j = ctx;

	if (j->settings->json && fwrite(bytes, 1, n, stdout) != n)
		return -1;
	if (!j->receipt)
		return 0;
	if (j->more_receipts)
		(void)cli_output_write(j->receipt, ",\n", 2);
	return cli_output_write(j->receipt, bytes, n);
}

struct task {
	struct convert_job *job;
	int out;
	bool probe; /* only see whether it is a file of weights */
};

static int write_it(const struct task *t, struct picket_weights *w)
{
	struct convert_job *j = t->job;
	const struct picket_sink sink = { put_receipt, j };
	struct meter m = { .job = j, .began = cli_now_ms() };
	struct picket_writing how = {
		.progress = draw, .ctx = &m, .input = j->in, .output = j->out
	};
	enum picket_status status;
	int error;

	m.on = !j->settings->quiet && !j->settings->no_progress &&
	       isatty(STDERR_FILENO);
	if (j->receipt || j->settings->json)
		how.receipt = &sink;
	status = picket_weights_write(w, t->out, &how);
	error = errno;
	wipe(&m);
	if (status != PICKET_OK)
		return blame(j, w, status, error);
	if (j->receipt)
		cli_output_flush(j->receipt);
	count(j, w);
	tell(j, w);
	return CLI_OK;
}

static int work(void *ctx)
{
	const struct task *t = ctx;
	struct picket_weights *w;
	const unsigned flags =
		t->job->settings->salvage ? PICKET_WEIGHTS_SALVAGE : 0;
	enum picket_status status =
		picket_weights_open_fd(t->job->fd, flags, &w);
	int how;

	if (status == PICKET_OK && t->job->of_folder &&
	    strcmp(picket_weights_format(w), "safetensors") == 0)
		status = PICKET_ERR_FOREIGN;
	if (status != PICKET_OK)
		how = blame(t->job, w, status, errno);
	else
		how = t->probe ? CLI_OK : write_it(t, w);
	picket_weights_free(w);
	return how;
}

/* ---- the file it becomes ---- */

static const char *volatile unfinished;

/* Where there are no files without a name, a key takes this one away. */
static void give_up(int signal)
{
	if (unfinished)
		(void)unlink(unfinished);
	(void)raise(signal);
}

static void watch_keys(const char *path)
{
	const struct sigaction how = { .sa_handler = give_up,
				       .sa_flags =
					       (int)SA_RESETHAND | SA_NODEFER };

	unfinished = path;
	(void)sigaction(SIGINT, &how, NULL);
	(void)sigaction(SIGTERM, &how, NULL);
	(void)sigaction(SIGHUP, &how, NULL);
}

static bool is_free(const struct convert_job *j)
{
	return !j->taken && (j->settings->force || access(j->out, F_OK) != 0);
}

static void complain_taken(const struct convert_job *j)
{
	if (j->taken)
		cli_complain("%s: another input has become %s", cli_show(j->in),
			     cli_show(j->out));
	else
		cli_complain("%s exists; --force replaces it",
			     cli_show(j->out));
}

int cli_convert_file(struct convert_job *j)
{
	struct cli_output out = { 0 };
	struct task t = { .job = j, .probe = !is_free(j) };
	int how;

	*j->result = (struct convert_result){ 0 };
	if (!cli_output_open(&out, j->out))
		return CLI_USAGE;
	if (out.direct) {
		cli_complain("%s is no regular file", cli_show(j->out));
		cli_output_close(&out);
		return CLI_USAGE;
	}
	watch_keys(out.temporary);
	t.out = out.fd;
	how = sandbox_run(
		&(struct sandbox){ .role = SANDBOX_COMMAND, .memory = MEMORY },
		work, &t);
	if (how == CLI_OK && !j->result->foreign) {
		if (t.probe)
			complain_taken(j);
		if (t.probe || !cli_output_commit(&out))
			how = CLI_USAGE;
	}
	cli_output_close(&out);
	unfinished = NULL;
	return how;
}
