/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/job.h"

#include <time.h>

enum { BUCKETS = 1024 };

const char *pk_import_class_name(enum pk_import_class c)
{
	static const char *const names[] = {
		[PK_IMPORT_SAFE] = "safe",
		[PK_IMPORT_LIBRARY] = "library",
		[PK_IMPORT_UNKNOWN] = "unknown",
		[PK_IMPORT_OUTSIDE] = "outside",
		[PK_IMPORT_COMPUTED] = "computed",
		[PK_IMPORT_DANGEROUS] = "dangerous",
	};

	return names[c];
}

static uint64_t now_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) != 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void pk_job_init(struct pk_job *job, const struct pk_limits *limits)
{
	*job = (struct pk_job){ .limits = *limits, .worst = -1 };
	job->meter.ceiling = limits->memory;
	job->arena = PK_ARENA(&job->meter);
	job->findings_tail = &job->findings;
	job->imports_tail = &job->imports;
	job->tensors_tail = &job->tensors;
	job->values_tail = &job->values;
	job->refs_tail = &job->refs;
	job->parts_tail = &job->parts;
	job->deadline_ns = now_ns() + limits->seconds * 1000000000U;
}

void pk_job_release(struct pk_job *job)
{
	if (job->scratch)
		job->scratch_free(job->scratch);
	job->scratch = NULL;
	pk_arena_release(&job->arena);
}

bool pk_job_over_time(const struct pk_job *job)
{
	const uint64_t waited = job->bytes ? job->bytes->waited_ns : 0;

	return now_ns() - waited > job->deadline_ns;
}

static uint32_t hash_span(uint32_t h, struct pk_span s)
{
	for (size_t i = 0; i < s.len; i++)
		h = (h ^ s.p[i]) * 16777619U; /* FNV-1a */
	return h;
}

static struct pk_import **bucket_of(struct pk_job *job,
				    const struct pk_import *what)
{
	uint32_t h = hash_span(2166136261U, what->module);

	if (!job->buckets)
		job->buckets = pk_arena_alloc(&job->arena, BUCKETS,
					      sizeof(struct pk_import *));
	return job->buckets ? &job->buckets[hash_span(h, what->name) % BUCKETS]
			    : NULL;
}

static struct pk_span keep(struct pk_job *job, struct pk_span s)
{
	char *copy = pk_arena_copy(&job->arena, s);

	return copy ? (struct pk_span){ (const uint8_t *)copy, s.len }
		    : (struct pk_span){ 0 };
}

static struct pk_import *add_import(struct pk_job *job,
				    struct pk_import **bucket,
				    const struct pk_import *what)
{
	struct pk_import *im = NULL;

	if (job->import_count < job->limits.imports)
		im = PK_NEW(&job->arena, struct pk_import);
	else
		job->imports_lost = true;
	if (!im) {
		job->partial = true;
		return NULL;
	}
	*im = *what;
	im->module = keep(job, what->module);
	im->name = keep(job, what->name);
	im->py3_module = keep(job, what->py3_module);
	im->py3_name = keep(job, what->py3_name);
	im->chain = *bucket;
	*bucket = im;
	im->next = NULL;
	*job->imports_tail = im;
	job->imports_tail = &im->next;
	job->import_count++;
	return im;
}

struct pk_import *pk_job_import(struct pk_job *job,
				const struct pk_import *what)
{
	struct pk_import **bucket = bucket_of(job, what);

	if (!bucket) {
		job->partial = true;
		return NULL;
	}
	for (struct pk_import *im = *bucket; im; im = im->chain) {
		if (!pk_span_eq(im->module, what->module) ||
		    !pk_span_eq(im->name, what->name))
			continue;
		im->called |= what->called;
		if (!im->py3_module.len && what->py3_module.len) {
			im->py3_module = keep(job, what->py3_module);
			im->py3_name = keep(job, what->py3_name);
		}
		if (what->class > im->class)
			im->class = what->class;
		return im;
	}
	return add_import(job, bucket, what);
}
