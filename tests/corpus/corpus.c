/* SPDX-License-Identifier: Apache-2.0 */
/* corpus DIR: scans every case below DIR and holds it against its .expect. */
#include <stdio.h>

#include "cases.h"
#include "engine/format.h"
#include "engine/verdict.h"
#include "expect.h"
#include "source/memory.h"

struct tally {
	unsigned n;
	unsigned failed;
};

static void scan(const struct corpus_case *c, const char *name,
		 struct pk_job *job)
{
	const struct pk_limits limits = pk_limits_default();
	struct pk_source *bytes = pk_memory_borrow(c->data);

	pk_job_init(job, &limits);
	pk_scan_file(job, bytes, name);
	pk_source_free(bytes);
}

static void print_learned(const struct pk_job *job)
{
	printf("# verdict %s%s\n", pk_verdict_name(pk_verdict(job)),
	       job->partial ? ", partial" : "");
	for (const struct pk_finding *f = job->findings; f; f = f->next)
		printf("# finding %s %s %s: %s\n", pk_rules[f->rule].id,
		       pk_severity_name(f->severity),
		       f->member ? f->member : "", f->message);
	for (const struct pk_import *i = job->imports; i; i = i->next)
		printf("# import %.*s %.*s %s %s\n", (int)i->module.len,
		       (const char *)i->module.p, (int)i->name.len,
		       (const char *)i->name.p, pk_import_class_name(i->class),
		       i->called ? "called" : "referenced");
}

static void check(const struct corpus_case *c, void *arg)
{
	struct tally *t = arg;
	struct pk_buf name = { 0 }, complaints = { 0 };
	struct pk_job job;
	unsigned wrong = 1;

	if (!c->expect) {
		printf("not ok %u - %s has no .expect\n", ++t->n, c->name);
		t->failed++;
		return;
	}
	expect_name(c->expect, &name);
	scan(c, pk_buf_str(&name), &job);
	wrong = expect_check(c->expect, &job, &complaints);
	printf("%s %u - %s\n%s", wrong ? "not ok" : "ok", ++t->n, c->name,
	       pk_buf_str(&complaints));
	if (wrong) {
		print_learned(&job);
		t->failed++;
	}
	pk_job_release(&job);
	pk_buf_release(&name);
	pk_buf_release(&complaints);
}

int main(int argc, char **argv)
{
	struct tally t = { 0 };

	if (argc != 2) {
		(void)fprintf(stderr, "usage: corpus DIR\n");
		return 2;
	}
	if (!corpus_each(argv[1], check, &t)) {
		printf("not ok %u - every input can be read\n", ++t.n);
		t.failed++;
	}
	printf("1..%u\n", t.n);
	return t.failed || !t.n ? 1 : 0;
}
