/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PICKET_PICKET_H
#define PICKET_PICKET_H

/*
 * libpicket: says what loading a machine-learning model file would do, and
 * never loads it.
 *
 * There is no global state and no output: every failure is a value, every
 * text goes to a sink that the caller gives.  Handles are opaque; one handle
 * is used by one thread at a time, different handles by any number at once.
 * Handles that are passed as const may be shared.
 *
 * _new makes a handle, _free releases it and accepts NULL.  What a getter
 * returns belongs to the handle and lives as long as it does, unless said
 * otherwise.  Functions that return enum picket_status set their last
 * parameter only on PICKET_OK.
 *
 * Texts made from a file's bytes are escaped: one line, valid UTF-8, nothing
 * that a terminal would act on.  Names and paths that are bytes say so.
 *
 *	struct picket_options *o = picket_options_new();
 *	struct picket_file *f;
 *
 *	if (picket_scan_path(o, "model.pt", &f) == PICKET_OK) {
 *		puts(picket_verdict_name(picket_file_verdict(f)));
 *		picket_file_free(f);
 *	}
 *	picket_options_free(o);
 *
 * Enumerators keep their numbers for ever; new ones may come.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PICKET_API __attribute__((visibility("default")))

/* What happened to the library itself.  A hostile or broken file is never an
 * error: it is a finding in a picket_file. */
enum picket_status {
	PICKET_OK = 0,
	PICKET_ERR_NOMEM = -1,
	PICKET_ERR_IO = -2,    /* errno may tell */
	PICKET_ERR_USAGE = -3, /* a name or value that does not exist */
	PICKET_ERR_DATA = -4,  /* bytes that are not what they should be */
	/* Of weights, and what is written of them: */
	PICKET_ERR_REFUSED = -5, /* the file holds what is no plain weights */
	PICKET_ERR_BROKEN = -6,  /* it is malformed, or cannot be read */
	PICKET_ERR_FOREIGN = -7, /* it is no file of weights */
	PICKET_ERR_STOPPED = -8, /* the caller wanted no more */
};

/* A few words for a person; never NULL. */
PICKET_API const char *picket_strerror(enum picket_status status);

/* "0.1.0" */
PICKET_API const char *picket_version(void);

/* Takes text or bytes; returns 0, or anything else to stop with
 * PICKET_ERR_IO. */
struct picket_sink {
	int (*write)(void *ctx, const void *bytes, size_t n);
	void *ctx;
};

/* Sends the bytes so that a person can read them and nothing acts on them:
 * one line of valid UTF-8; backslashes, controls, bidi and invisible code
 * points escaped. */
PICKET_API enum picket_status picket_escape(const void *bytes, size_t n,
					    const struct picket_sink *to);

/*
 * Loads what would otherwise be loaded from the disk when a file first needs
 * it (tables of characters).  For a process that is about to give up opening
 * files; others need not call it.
 */
PICKET_API void picket_prepare(void);

/* The candidate that the word was probably meant to be, or NULL.  Candidates
 * come from nth(), which returns NULL past the last. */
PICKET_API const char *picket_nearest(const char *word,
				      const char *(*nth)(size_t n));

/* ---- Severity, verdict, action ------------------------------------------ */

enum picket_severity {
	PICKET_INFO = 0,
	PICKET_LOW = 1,
	PICKET_MEDIUM = 2,
	PICKET_HIGH = 3,
	PICKET_CRITICAL = 4,
};

/* The greater is the worse. */
enum picket_verdict {
	PICKET_SKIPPED = 0,
	PICKET_CLEAN = 1,
	PICKET_UNKNOWN = 2,
	PICKET_ERROR = 3,
	PICKET_SUSPICIOUS = 4,
	PICKET_MALICIOUS = 5,
};

enum picket_action {
	PICKET_PASS = 0,
	PICKET_SKIP = 1,
	PICKET_WARN = 2,
	PICKET_BLOCK = 3,
};

/* "critical", "malicious", "block" ...; NULL for a number that is none. */
PICKET_API const char *picket_severity_name(enum picket_severity s);
PICKET_API const char *picket_verdict_name(enum picket_verdict v);
PICKET_API const char *picket_action_name(enum picket_action a);

/* ---- Options ------------------------------------------------------------ */

/* How files are analysed: the budgets of one file.  Set up, then shared. */
struct picket_options;

/* With every default; NULL when out of memory. */
PICKET_API struct picket_options *picket_options_new(void);
PICKET_API void picket_options_free(struct picket_options *o);

/* PICKET_ERR_USAGE when no budget has that name, or it cannot be that. */
PICKET_API enum picket_status picket_options_set_limit(struct picket_options *o,
						       const char *name,
						       uint64_t value);
/* 0 when no budget has that name. */
PICKET_API uint64_t picket_options_limit(const struct picket_options *o,
					 const char *name);

/* Whether bytes that no format explains, and tensor data, are searched for
 * embedded programs and pickles to their end; costs a read of every byte. */
PICKET_API void picket_options_set_deep(struct picket_options *o, bool deep);

/* Whether a scan also keeps what the file holds: tensors and properties. */
PICKET_API void picket_options_set_contents(struct picket_options *o,
					    bool keep);
/* Whether the digest of the scanned bytes is taken in the same read; costs a
 * read of every byte. */
PICKET_API void picket_options_set_sha256(struct picket_options *o,
					  bool sha256);

/* The nth budget: "memory", "seconds", ...; NULL past the last. */
PICKET_API const char *picket_limit_name(size_t n);
PICKET_API const char *picket_limit_what(size_t n);
PICKET_API uint64_t picket_limit_default(size_t n);

/* ---- Scanning ----------------------------------------------------------- */

/* One file, analysed. */
struct picket_file;
struct picket_finding;
struct picket_import;

/*
 * Scans an open, seekable descriptor, which stays the caller's.  path is what
 * reports call the file; its last part tells what the name promises, never
 * what the bytes are.
 */
PICKET_API enum picket_status picket_scan_fd(const struct picket_options *o,
					     int fd, const char *path,
					     struct picket_file **ret);

/* Opens and scans a regular file; PICKET_ERR_IO when it is none or cannot be
 * opened.  A FIFO or a device is not opened. */
PICKET_API enum picket_status picket_scan_path(const struct picket_options *o,
					       const char *path,
					       struct picket_file **ret);

/* Scans bytes, which stay the caller's. */
PICKET_API enum picket_status picket_scan_memory(const struct picket_options *o,
						 const void *bytes, size_t n,
						 const char *path,
						 struct picket_file **ret);

/* What is known of a file from outside. */
struct picket_note {
	const char *rule; /* a rule's id */
	const char *message;
	uint64_t size;
	bool complete; /* false: nobody knows what the file holds */
};

/* A result that no analysis made: a file that could not be opened, whose
 * analysis crashed.  PICKET_ERR_USAGE when no rule has that id. */
PICKET_API enum picket_status
picket_file_from_note(const struct picket_options *o, const char *path,
		      const struct picket_note *note, struct picket_file **ret);

/* A file that was not looked at, and why. */
PICKET_API enum picket_status
picket_file_from_reason(const struct picket_options *o, const char *path,
			const char *reason, struct picket_file **ret);

/* Adds a finding that no analysis made; before a policy is applied.
 * PICKET_ERR_USAGE when no rule has that id. */
PICKET_API enum picket_status picket_file_add_note(struct picket_file *f,
						   const char *rule,
						   const char *message);

/*
 * Looks beside the file, where its path leads, for what the bytes alone do
 * not tell: whether the files that it names are there, whole, and no links
 * out of root (a folder above it; NULL: its own), and whether it is a pickle
 * with a SafeTensors twin.  Adds findings; before a policy is applied.
 */
PICKET_API enum picket_status picket_file_look_beside(struct picket_file *f,
						      const char *root);

PICKET_API void picket_file_free(struct picket_file *f);

/*
 * A result as bytes, at most PICKET_ENCODED_MAX, to hand it from a process
 * that reads hostile bytes to one that does not.  The bytes are for the same
 * version of the library only.  Decoding trusts nothing: PICKET_ERR_DATA for
 * whatever is no result.  Path, verdict and action do not travel.
 */
enum { PICKET_ENCODED_MAX = 16 << 20 };

PICKET_API enum picket_status picket_file_encode(const struct picket_file *f,
						 const struct picket_sink *to);
PICKET_API enum picket_status picket_file_decode(const struct picket_options *o,
						 const char *path,
						 const void *bytes, size_t n,
						 struct picket_file **ret);

/* As given to the scan: bytes, perhaps not UTF-8. */
PICKET_API const char *picket_file_path(const struct picket_file *f);
PICKET_API uint64_t picket_file_size(const struct picket_file *f);
/*
 * SHA-256 (32 bytes) of the bytes that were scanned, when the options asked
 * for it.  NULL when they did not, and for a file that could not be read
 * whole or that somebody wrote to meanwhile.
 */
PICKET_API const uint8_t *picket_file_sha256(const struct picket_file *f);
/* The format that names the file, or NULL when it fits none. */
PICKET_API const char *picket_file_format(const struct picket_file *f);
/* The nth format seen in it, nested ones too; NULL past the last. */
PICKET_API const char *picket_file_formats(const struct picket_file *f,
					   size_t n);
PICKET_API enum picket_verdict picket_file_verdict(const struct picket_file *f);
/* False when the analysis stopped early. */
PICKET_API bool picket_file_complete(const struct picket_file *f);
/* What the policy said when it was applied; PICKET_PASS before. */
PICKET_API enum picket_action picket_file_action(const struct picket_file *f);
/* Why it was skipped; NULL for other verdicts. */
PICKET_API const char *picket_file_reason(const struct picket_file *f);
/* How many bytes of it a parser gave a meaning to. */
PICKET_API uint64_t picket_file_explained(const struct picket_file *f);

/* What the nth common loader does with it: "runs-code", "imports",
 * "refuses", "fails", "loads-data"; NULL past the last. */
PICKET_API const char *picket_file_outcome(const struct picket_file *f,
					   size_t n);
PICKET_API const char *picket_file_loader(const struct picket_file *f,
					  size_t n);

/* The worst finding, and on from there; NULL at the end. */
PICKET_API const struct picket_finding *
picket_file_findings(const struct picket_file *f);
PICKET_API const struct picket_finding *
picket_finding_next(const struct picket_finding *f);
/* Findings that were too many to keep. */
PICKET_API uint64_t picket_file_findings_dropped(const struct picket_file *f);

PICKET_API const char *picket_finding_rule(const struct picket_finding *f);
PICKET_API const char *picket_finding_title(const struct picket_finding *f);
PICKET_API const char *picket_finding_message(const struct picket_finding *f);
PICKET_API enum picket_severity
picket_finding_severity(const struct picket_finding *f);
/* Why it does not count for the policy; NULL: it does. */
PICKET_API const char *picket_finding_accepted(const struct picket_finding *f);
/* The path within containers, or NULL for the file itself. */
PICKET_API const char *picket_finding_member(const struct picket_finding *f);
PICKET_API uint64_t picket_finding_offset(const struct picket_finding *f);
PICKET_API uint64_t picket_finding_length(const struct picket_finding *f);
/* NULL when the message says it all. */
PICKET_API const char *picket_finding_evidence(const struct picket_finding *f);
/* 32 bytes, stable over runs and machines. */
PICKET_API const uint8_t *
picket_finding_fingerprint(const struct picket_finding *f);

/* What unpickling would import, in the order found; NULL at the end. */
PICKET_API const struct picket_import *
picket_file_imports(const struct picket_file *f);
PICKET_API const struct picket_import *
picket_import_next(const struct picket_import *im);

/* Bytes as the stream holds them, NUL-terminated, perhaps with more NULs. */
PICKET_API const char *picket_import_module(const struct picket_import *im,
					    size_t *ret_len);
PICKET_API const char *picket_import_name(const struct picket_import *im,
					  size_t *ret_len);
/* "safe", "library", "outside", "unknown", "dangerous", "computed" */
PICKET_API const char *picket_import_class(const struct picket_import *im);
PICKET_API bool picket_import_called(const struct picket_import *im);
PICKET_API const char *picket_import_member(const struct picket_import *im);
PICKET_API uint64_t picket_import_offset(const struct picket_import *im);

/* ---- What a file holds -------------------------------------------------- */

/*
 * Kept by a scan with picket_options_set_contents(), in the order found.
 * Names and values are bytes as the file holds them, NUL-terminated, perhaps
 * with more NULs; the pointer to the length may be NULL.
 */
struct picket_tensor;
struct picket_property;
struct picket_reference;

PICKET_API const struct picket_tensor *
picket_file_tensors(const struct picket_file *f);
PICKET_API const struct picket_tensor *
picket_tensor_next(const struct picket_tensor *t);
PICKET_API const char *picket_tensor_name(const struct picket_tensor *t,
					  size_t *ret_len);
/* As SafeTensors spells it ("F32", "BF16"), else the format's own word. */
PICKET_API const char *picket_tensor_dtype(const struct picket_tensor *t,
					   size_t *ret_len);
/* The dimensions, as many as the rank; 0 for a scalar. */
PICKET_API const uint64_t *picket_tensor_shape(const struct picket_tensor *t,
					       size_t *ret_rank);
PICKET_API uint64_t picket_tensor_bytes(const struct picket_tensor *t);
/* False when it is not known where in its member the data lie. */
PICKET_API bool picket_tensor_offset(const struct picket_tensor *t,
				     uint64_t *ret);
/* The path within containers, or NULL for the file itself. */
PICKET_API const char *picket_tensor_member(const struct picket_tensor *t);

PICKET_API const struct picket_property *
picket_file_properties(const struct picket_file *f);
PICKET_API const struct picket_property *
picket_property_next(const struct picket_property *p);
PICKET_API const char *picket_property_key(const struct picket_property *p,
					   size_t *ret_len);
PICKET_API const char *picket_property_value(const struct picket_property *p,
					     size_t *ret_len);
PICKET_API const char *picket_property_member(const struct picket_property *p);

/* Files that this one names and that a loader would open with it, and other
 * sources that it would fetch from; kept by every scan. */
PICKET_API const struct picket_reference *
picket_file_references(const struct picket_file *f);
PICKET_API const struct picket_reference *
picket_reference_next(const struct picket_reference *r);
/* Of a file beside it: "data", "shard", "code".  Of another source:
 * "repository" (code of one), "base" (a model that is loaded first), "url". */
PICKET_API const char *picket_reference_kind(const struct picket_reference *r);
PICKET_API const char *picket_reference_path(const struct picket_reference *r,
					     size_t *ret_len);
/* Of another source the revision that the file names; empty: none. */
PICKET_API const char *
picket_reference_revision(const struct picket_reference *r, size_t *ret_len);
/* Bytes that it must have; 0: any. */
PICKET_API uint64_t picket_reference_needs(const struct picket_reference *r);

/* False when there was more than could be kept. */
PICKET_API bool picket_file_contents_complete(const struct picket_file *f);

struct picket_inspect_style {
	bool json; /* one document, complete */
	bool all;  /* text: long lists are not folded */
	bool color;
	unsigned width; /* columns to wrap at; 0: do not */
};

/* Writes what the file holds, for a person or as JSON. */
PICKET_API enum picket_status
picket_inspect(const struct picket_file *f,
	       const struct picket_inspect_style *style,
	       const struct picket_sink *to);

/* ---- Integrity ---------------------------------------------------------- */

/* Why a file fails verification: it is in no format whose integrity can be
 * told, its reader refuses it, it does not hold together; NULL when it
 * holds.  Of a scan with picket_options_set_contents(). */
PICKET_API const char *picket_verify_failure(const struct picket_file *f);

/* Holds an index of shards against its shards; what is wrong becomes findings
 * of the index. */
PICKET_API enum picket_status
picket_file_check_shards(struct picket_file *index,
			 struct picket_file *const *shards, size_t n);

/*
 * Counts the NaN and infinite values of the floating-point tensors of a
 * SafeTensors file that holds; of any other file nothing.  fd: the file that
 * was scanned, which stays the caller's; it is read in flat memory.
 */
PICKET_API enum picket_status picket_file_count_values(struct picket_file *f,
						       int fd);
/* False when they were not counted: the results are then not set. */
PICKET_API bool picket_tensor_values(const struct picket_tensor *t,
				     uint64_t *ret_nan, uint64_t *ret_inf);

/* Writes the outcome for files, with findings, tensors and what was counted
 * of their values. */
PICKET_API enum picket_status
picket_verify_report(struct picket_file *const *files, size_t n,
		     const struct picket_inspect_style *style,
		     const struct picket_sink *to);

/* ---- Policy ------------------------------------------------------------- */

/* From findings to decisions. */
struct picket_policy;

/* "strict", "standard" or "warn"; PICKET_ERR_USAGE for another name. */
PICKET_API enum picket_status picket_policy_new(const char *name,
						struct picket_policy **ret);
PICKET_API void picket_policy_free(struct picket_policy *p);

/* What else is to be said of a policy file. */
struct picket_policy_source {
	const char *name; /* what reports call the policy */
	int64_t now;      /* seconds since 1970: exceptions expire */
	/* Called for each mistake in it, with the line. */
	void (*complain)(void *ctx, uint64_t line, const char *text);
	void *ctx;
};

/* Reads a policy file (docs/policy.md).  PICKET_ERR_DATA, after complaints,
 * for one that is wrong. */
PICKET_API enum picket_status
picket_policy_parse(const void *yaml, size_t n,
		    const struct picket_policy_source *from,
		    struct picket_policy **ret);

struct picket_refusal;
/* Findings of an earlier JSON or NDJSON report do not block, as long as the
 * same file has them.  PICKET_ERR_DATA with why filled for another file. */
PICKET_API enum picket_status
picket_policy_set_baseline(struct picket_policy *p, const void *report,
			   size_t n, struct picket_refusal *why);

/* Whether exceptions are bound to digests, so that scans must take them. */
PICKET_API bool picket_policy_needs_sha256(const struct picket_policy *p);
PICKET_API size_t picket_policy_exceptions(const struct picket_policy *p);
/* After a run: each exception that has expired, does soon, or matched
 * nothing. */
PICKET_API void picket_policy_notices(const struct picket_policy *p,
				      void (*tell)(void *ctx, const char *text),
				      void *ctx);

/* Whether it says which sources are approved, and in how many entries. */
PICKET_API bool picket_policy_approves(const struct picket_policy *p,
				       size_t *ret_entries);

/* The nth built-in policy's name; NULL past the last. */
PICKET_API const char *picket_policy_builtin(size_t n);

/* Replaces the threshold: "low" ... "critical", or "never". */
PICKET_API enum picket_status picket_policy_set_fail_on(struct picket_policy *p,
							const char *severity);

PICKET_API const char *picket_policy_name(const struct picket_policy *p);
/* Whether it only reports: the run then passes whatever was found. */
PICKET_API bool picket_policy_advisory(const struct picket_policy *p);

/* Decides about the file, which from then on has an action. */
PICKET_API void picket_policy_apply(const struct picket_policy *p,
				    struct picket_file *f);

/* ---- Summary ------------------------------------------------------------ */

/* What a run over many files saw. */
struct picket_summary;

enum picket_count {
	PICKET_COUNT_FILES = 0,
	PICKET_COUNT_BLOCKED = 1,
	/* blocked for what they hold, not for being unreadable nor for where
	 * they come from */
	PICKET_COUNT_BLOCKED_FOR_CONTENT = 2,
	PICKET_COUNT_PARTIAL = 3, /* not read to the end */
	PICKET_COUNT_ERRORS = 4,  /* paths without a verdict */
	PICKET_COUNT_BYTES = 5,
	PICKET_COUNT_INCOMPLETE = 6, /* verdict error, or read in part */
	/* blocked only for their source, pin or lock, not for what they hold */
	PICKET_COUNT_BLOCKED_FOR_SOURCE = 7,
};

PICKET_API struct picket_summary *picket_summary_new(void);
PICKET_API void picket_summary_free(struct picket_summary *s);

/* After the policy was applied. */
PICKET_API void picket_summary_add(struct picket_summary *s,
				   const struct picket_file *f);
/* A path for which there is no verdict, and why. */
PICKET_API enum picket_status picket_summary_add_error(struct picket_summary *s,
						       const char *path,
						       const char *message);
/* Files that the user's patterns left out. */
PICKET_API void picket_summary_add_excluded(struct picket_summary *s,
					    uint64_t n);
PICKET_API void picket_summary_set_duration(struct picket_summary *s,
					    uint64_t ms);
PICKET_API uint64_t picket_summary_count(const struct picket_summary *s,
					 enum picket_count what);

/* ---- Reports ------------------------------------------------------------ */

/* One report being written to a sink, file by file. */
struct picket_report;

enum picket_style {
	PICKET_STYLE_COLOR = 0,      /* 1: colours (text) */
	PICKET_STYLE_VERBOSE = 1,    /* 1: everything (text) */
	PICKET_STYLE_QUIET = 2,      /* 1: a line for what does not pass */
	PICKET_STYLE_TIMESTAMPS = 3, /* 0: the same bytes every time */
	PICKET_STYLE_SEVERITIES = 4, /* bit n: show severity n (text) */
	PICKET_STYLE_WIDTH = 5,      /* columns to wrap at; 0: do not */
};

/* The nth form of a report: "text", "json", ...; NULL past the last. */
PICKET_API const char *picket_report_format(size_t n);
PICKET_API const char *picket_report_format_title(size_t n);

/* Has scans learn what that form tells beyond findings: digests, licences. */
PICKET_API void picket_options_for_report(struct picket_options *o,
					  const char *format);

/* PICKET_ERR_USAGE when no form has that name.  The policy is the one that
 * was applied to the files; it must outlive the report.  The sink is copied. */
PICKET_API enum picket_status
picket_report_new(const char *format, const struct picket_policy *policy,
		  const struct picket_sink *to, struct picket_report **ret);
PICKET_API void picket_report_free(struct picket_report *r);

/* Before the first file. */
PICKET_API void picket_report_set(struct picket_report *r,
				  enum picket_style what, unsigned value);

/* The report is on the part of the files that picket_filter_shard() leaves;
 * PICKET_ERR_USAGE as there. */
PICKET_API enum picket_status picket_report_shard(struct picket_report *r,
						  uint64_t part, uint64_t of);

/* One unit of a plan, and how it was scanned (picket_settings_id()). */
struct picket_unit_place {
	uint64_t number;
	uint64_t of;
	char plan[65];
	char settings[65];
};

/* Names this version with its rules, and what the caller says of its
 * settings, in hex. */
PICKET_API enum picket_status picket_settings_id(const void *settings, size_t n,
						 char ret[65]);

/* The report is on that unit of a plan. */
PICKET_API enum picket_status
picket_report_unit(struct picket_report *r, const struct picket_unit_place *at);

PICKET_API enum picket_status picket_report_add(struct picket_report *r,
						const struct picket_file *f);
/* After the last file, also when there was none. */
PICKET_API enum picket_status
picket_report_finish(struct picket_report *r, const struct picket_summary *s);

/* ---- Stored reports ----------------------------------------------------- */

/* JSON and NDJSON reports, taken in to be merged or written in another form:
 * nothing is scanned, verdicts are those that were stored. */
struct picket_stored;

PICKET_API struct picket_stored *picket_stored_new(void);
PICKET_API void picket_stored_free(struct picket_stored *s);

/* Takes in one report; trusts nothing in it.  PICKET_ERR_DATA, with why
 * filled, for what is no report of this version's rules and formats. */
PICKET_API enum picket_status picket_stored_add(struct picket_stored *s,
						const void *report, size_t n,
						struct picket_refusal *why);

/* One line of an NDJSON report: a file. */
PICKET_API enum picket_status
picket_stored_add_file(struct picket_stored *s, const void *line, size_t n,
		       struct picket_refusal *why);

/* Where in a plan a whole report says it has its place; false when it does
 * not say so. */
PICKET_API bool picket_stored_place(const void *report, size_t n,
				    struct picket_unit_place *ret);

/* The files, as they were read; before picket_stored_write(). */
PICKET_API size_t picket_stored_count(const struct picket_stored *s);
PICKET_API const struct picket_file *
picket_stored_at(const struct picket_stored *s, size_t n);
PICKET_API uint64_t picket_stored_excluded(const struct picket_stored *s);

/* Drops the files; the rest is kept. */
PICKET_API void picket_stored_forget(struct picket_stored *s);
/* As if the other's reports had been added, but for their files. */
PICKET_API void picket_stored_like(struct picket_stored *s,
				   const struct picket_stored *other);

/* Parts of one work, numbered as picket numbers them: "2,5-7". */
struct picket_missing {
	char parts[4096]; /* ends with "..." when they are too many */
	uint64_t of;      /* how many there should be */
	const char *what; /* "shards" or "units" */
};

/* Whether there are reports on parts of a work, but not on all of them. */
PICKET_API bool picket_stored_missing(struct picket_stored *s,
				      struct picket_missing *ret);

/* As picket_report_new(), under the policy that the reports name. */
PICKET_API enum picket_status
picket_stored_report(const struct picket_stored *s, const char *format,
		     const struct picket_sink *to, struct picket_report **ret);

/* Adds every file, sorted by path, and finishes the report; once.  A file of
 * several reports is told once, at its worst; of one path, other content is
 * another file. */
PICKET_API enum picket_status picket_stored_write(struct picket_stored *s,
						  struct picket_report *r);

/* ---- Trees -------------------------------------------------------------- */

/* Which files of a tree are wanted; gitignore's patterns. */
struct picket_filter;

PICKET_API struct picket_filter *picket_filter_new(void);
PICKET_API void picket_filter_free(struct picket_filter *f);
PICKET_API enum picket_status picket_filter_include(struct picket_filter *f,
						    const char *glob);
PICKET_API enum picket_status picket_filter_exclude(struct picket_filter *f,
						    const char *glob);
/* Only part of n equal ones, counted from 1. */
PICKET_API enum picket_status picket_filter_shard(struct picket_filter *f,
						  uint64_t part, uint64_t of);
/* Whether a file is wanted, by its path below what is scanned. */
PICKET_API bool picket_filter_wants(const struct picket_filter *f,
				    const char *path);
/* Whether the path is of the part that was set; of every part when none was. */
PICKET_API bool picket_filter_in_shard(const struct picket_filter *f,
				       const char *path);

enum picket_entry_kind {
	PICKET_ENTRY_END = 0,
	PICKET_ENTRY_FILE = 1,   /* fd is open, and the caller's to close */
	PICKET_ENTRY_RESULT = 2, /* file: what there is to say without opening
				  * it; the caller's to free */
	PICKET_ENTRY_NONE = 3,   /* the root is not there; text: why */
};

/* The texts live until the next call. */
struct picket_entry {
	enum picket_entry_kind kind;
	int fd;
	const char *path; /* bytes */
	const char *text;
	uint64_t size;
	uint64_t excluded; /* left out since the last entry */
	struct picket_file *file;
};

/*
 * Visits a file, or every regular file below a folder in a stable order.
 * Links within the tree are followed once, those out of it are reported;
 * FIFOs, sockets and devices are never opened.
 */
struct picket_walk;

/* Options and filter (NULL: all) are borrowed. */
PICKET_API struct picket_walk *
picket_walk_new(const struct picket_options *o, const char *root,
		const struct picket_filter *filter);
PICKET_API enum picket_status picket_walk_next(struct picket_walk *w,
					       struct picket_entry *ret);
PICKET_API void picket_walk_free(struct picket_walk *w);

/* ---- Pickles laid open -------------------------------------------------- */

/* How the pickles of a file are shown. */
enum picket_listing {
	PICKET_LIST_OPCODES = 0,
	/* each with the unpickler's stack and memo after it */
	PICKET_LIST_STEPS = 1,
	/* what they do, as Python source: for reading, and Python parses it */
	PICKET_LIST_SOURCE = 2,
};

struct picket_listing_style {
	const char *member; /* only this one; NULL: every pickle there is */
	bool json;          /* one JSON document */
	bool color;
};

struct picket_listed {
	unsigned pickles; /* that were shown */
	unsigned others;  /* that lie in other members */
	bool complete;    /* each reaches its end */
};

/*
 * Shows every pickle in a file, in whatever container it lies, in the order in
 * which the analysis meets them; one that breaks is shown up to the break and
 * past it.  The text is escaped and goes to the sink piece by piece.
 * Descriptor and path are as for picket_scan_fd().
 */
PICKET_API enum picket_status
picket_list_pickles(const struct picket_options *o, int fd, const char *path,
		    enum picket_listing what,
		    const struct picket_listing_style *style,
		    const struct picket_sink *to, struct picket_listed *ret);

/* ---- Specimens ---------------------------------------------------------- */

/*
 * A small inert file for each class of attack, to try a scanner or a pipeline
 * with.  What they run when loaded is fixed: it prints picket_canary().
 */
struct picket_specimen;

PICKET_API const char *picket_canary(void);

/* The nth specimen; NULL past the last. */
PICKET_API const struct picket_specimen *picket_specimen_at(size_t n);
/* Relative, below the folder that they are kept in. */
PICKET_API const char *picket_specimen_path(const struct picket_specimen *s);
PICKET_API const char *picket_specimen_attack(const struct picket_specimen *s);
/* Its id in MITRE ATLAS. */
PICKET_API const char *
picket_specimen_technique(const struct picket_specimen *s);
/* What a scan must answer, or worse. */
PICKET_API enum picket_verdict
picket_specimen_expect(const struct picket_specimen *s);
/* The call with which a victim would load it, such as "pickle.load", and that
 * prints the word; NULL when it takes more than one call. */
PICKET_API const char *picket_specimen_victim(const struct picket_specimen *s);
PICKET_API const char *picket_specimen_what(const struct picket_specimen *s);

/* Its bytes, in one piece. */
PICKET_API enum picket_status
picket_specimen_write(const struct picket_specimen *s,
		      const struct picket_sink *to);

/* The list of all of them: specimens.json, and for those who compare scanners
 * the same as comma-separated values. */
PICKET_API enum picket_status
picket_specimens_json(const struct picket_sink *to);
PICKET_API enum picket_status
picket_specimens_csv(const struct picket_sink *to);
/* ---- Plans -------------------------------------------------------------- */

/*
 * What a batch is to scan, cut into units that any number of machines take
 * (docs/batches.md).  Written as a walk goes on, file by file; a unit is full
 * when its files have so many bytes, or when they are so many.
 */
struct picket_plan_writer;

struct picket_planned {
	const char *path; /* bytes */
	uint64_t size;
	int64_t modified_ns; /* since 1970 */
	bool found; /* of a unit: picket_unit_result() says what, unopened */
};

struct picket_plan_totals {
	uint64_t units;
	uint64_t files;
	uint64_t bytes;
};

PICKET_API struct picket_plan_writer *
picket_plan_writer_new(uint64_t unit_bytes, uint64_t unit_files,
		       const struct picket_sink *to);
PICKET_API void picket_plan_writer_free(struct picket_plan_writer *w);

/* A path that the user named; before picket_plan_end(). */
PICKET_API void picket_plan_add_root(struct picket_plan_writer *w,
				     const char *path);
/* excluded: files that patterns left out since the last call. */
PICKET_API enum picket_status picket_plan_add(struct picket_plan_writer *w,
					      const struct picket_planned *f,
					      uint64_t excluded);
/* What a walk says of an entry without opening it. */
PICKET_API enum picket_status
picket_plan_add_result(struct picket_plan_writer *w,
		       const struct picket_file *f, uint64_t excluded);
/* PICKET_ERR_USAGE, as above, when there are more than 100,000 units. */
PICKET_API enum picket_status picket_plan_end(struct picket_plan_writer *w,
					      uint64_t excluded,
					      struct picket_plan_totals *ret);

struct picket_plan;

/* Over an open, seekable descriptor, which stays the caller's.  PICKET_ERR_DATA
 * with why filled when it holds no plan, or not all of one. */
PICKET_API enum picket_status picket_plan_open(int fd, struct picket_plan **ret,
					       struct picket_refusal *why);
PICKET_API void picket_plan_free(struct picket_plan *p);

/* Names the plan by its content, in hex. */
PICKET_API const char *picket_plan_id(const struct picket_plan *p);
PICKET_API size_t picket_plan_units(const struct picket_plan *p);
/* The nth path that the user named; NULL past the last. */
PICKET_API const char *picket_plan_root(const struct picket_plan *p, size_t n);

/* One unit of a plan. */
struct picket_unit;

PICKET_API enum picket_status picket_plan_read(struct picket_plan *p,
					       size_t unit,
					       struct picket_unit **ret,
					       struct picket_refusal *why);
PICKET_API void picket_unit_free(struct picket_unit *u);
PICKET_API size_t picket_unit_files(const struct picket_unit *u);
PICKET_API uint64_t picket_unit_excluded(const struct picket_unit *u);
/* The nth of picket_unit_files(). */
PICKET_API struct picket_planned picket_unit_at(const struct picket_unit *u,
						size_t n);
/* Of one that was found out about: as picket_walk_next() had it. */
PICKET_API enum picket_status picket_unit_result(const struct picket_unit *u,
						 size_t n,
						 const struct picket_options *o,
						 struct picket_file **ret);

/* ---- Manifests and signatures ------------------------------------------- */

/* Why something was refused: one line, escaped; "" when nothing was. */
struct picket_refusal {
	char text[256];
	bool escapes; /* a path in it leads out of the tree */
};

enum picket_hash {
	PICKET_SHA256 = 0,
	PICKET_BLAKE2B = 1, /* 64 bytes */
	PICKET_BLAKE3 = 2,
};

/* "sha256" ...; NULL for a number that is none. */
PICKET_API const char *picket_hash_name(enum picket_hash h);

enum picket_links {
	PICKET_LINKS_REFUSE = 0, /* a link is a trouble */
	PICKET_LINKS_WITHIN = 1, /* followed to files of the tree */
	PICKET_LINKS_FOLLOW = 2, /* followed to files anywhere */
};

/* How a tree is read and hashed; all zero is a good beginning. */
struct picket_tree {
	enum picket_links links;
	enum picket_hash hash;
	uint64_t shard; /* hash parts of so many bytes; 0: whole files */
	/* Paths, relative to the root, left out with all below them. */
	const char *const *ignore;
	size_t ignore_count;
	unsigned threads; /* 0: one for each processor */
	/* Called now and then with bytes read and in all; false ends the work
	 * with PICKET_ERR_USAGE.  May be NULL. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/* The files of a tree and their digests, in the order of their paths. */
struct picket_manifest;

/* Hashes every file below root, or root itself.  Entries of known (NULL:
 * none) whose file has the same size, inode and time of last change are taken
 * over unread.  PICKET_ERR_IO, with errno set, when there is no such tree. */
PICKET_API enum picket_status
picket_manifest_create(const char *root, const struct picket_tree *how,
		       const struct picket_manifest *known,
		       struct picket_manifest **ret);
/* Reads what picket_manifest_write() or sha256sum wrote.  PICKET_ERR_DATA with
 * why filled for anything else, and for paths that leave the tree. */
PICKET_API enum picket_status picket_manifest_read(const void *bytes, size_t n,
						   struct picket_manifest **ret,
						   struct picket_refusal *why);
PICKET_API void picket_manifest_free(struct picket_manifest *m);

/*
 * A manifest of what a scan read, so that nothing is read twice: an empty one;
 * each result, scanned with picket_options_set_sha256(), under its path below
 * the root (PICKET_ERR_DATA when it has no digest); and at the end whether
 * that was the whole tree: what is missing, gone or has another size is among
 * the troubles, and what how leaves out is dropped.
 */
PICKET_API struct picket_manifest *picket_manifest_new(void);
PICKET_API enum picket_status picket_manifest_add(struct picket_manifest *m,
						  const char *path,
						  const struct picket_file *f);
PICKET_API enum picket_status
picket_manifest_cover(struct picket_manifest *m, const char *root,
		      const struct picket_tree *how);

/* As lines for `sha256sum -c`, or as JSON with sizes and formats. */
PICKET_API enum picket_status
picket_manifest_write(const struct picket_manifest *m, bool json,
		      const struct picket_sink *to);

PICKET_API size_t picket_manifest_count(const struct picket_manifest *m);
/* Of all its files, as far as sizes are known. */
PICKET_API uint64_t picket_manifest_bytes(const struct picket_manifest *m);
/* The nth thing in the tree that could not be hashed: its path (bytes), and
 * why; NULL past the last. */
PICKET_API const char *picket_manifest_trouble(const struct picket_manifest *m,
					       size_t n, const char **ret_why);

/* How a tree differs from what it should be. */
struct picket_differences;

/* Extra files are no difference where allow_extra is set.  how->hash and
 * how->shard are the manifest's. */
PICKET_API enum picket_status
picket_manifest_verify(const struct picket_manifest *m, const char *root,
		       const struct picket_tree *how, bool allow_extra,
		       struct picket_differences **ret);
PICKET_API void picket_differences_free(struct picket_differences *d);
PICKET_API size_t picket_differences_count(const struct picket_differences *d);
/* "changed", "missing", "extra", "renamed", "unread"; NULL past the last. */
PICKET_API const char *
picket_difference_kind(const struct picket_differences *d, size_t n);
/* Bytes, relative to the root. */
PICKET_API const char *
picket_difference_path(const struct picket_differences *d, size_t n);
/* Of a renamed one the name it should have, of an unread one why; or NULL. */
PICKET_API const char *
picket_difference_other(const struct picket_differences *d, size_t n);

/* {"schema": "picket.differences/1", "pass": ..., "differences": [...]} */
PICKET_API enum picket_status
picket_differences_json(const struct picket_differences *d,
			const struct picket_sink *to);

struct picket_key;

/* From PEM text: P-256, P-384, P-521 or Ed25519.  ask (may be NULL) is called
 * for the password of an encrypted key and returns how many bytes of it are
 * in buf, or -1. */
PICKET_API enum picket_status
picket_key_private(const void *pem, size_t n,
		   int (*ask)(void *ctx, char *buf, int size), void *ctx,
		   struct picket_key **ret, struct picket_refusal *why);
PICKET_API enum picket_status picket_key_public(const void *pem, size_t n,
						struct picket_key **ret,
						struct picket_refusal *why);
PICKET_API void picket_key_free(struct picket_key *k);
/* Whether other implementations of Model Signing verify with such keys. */
PICKET_API bool picket_key_is_standard(const struct picket_key *k);

/* PEM text. */
struct picket_pem {
	const void *bytes;
	size_t n;
};

/*
 * Signs the tree that a manifest was made of, as OpenSSF Model Signing v1
 * does: a Sigstore bundle goes to the sink.  name: the model's; how: what the
 * manifest was made with.  certificate and chain: of the key, or NULL.
 * PICKET_ERR_DATA with why filled for what must not be signed.
 */
PICKET_API enum picket_status
picket_sign(const struct picket_manifest *m, const char *name,
	    const struct picket_tree *how, const struct picket_key *key,
	    const struct picket_pem *certificate,
	    const struct picket_pem *chain, const struct picket_sink *to,
	    struct picket_refusal *why);

/* Who must have signed: a key, or else one whom these roots vouch for. */
struct picket_verifier {
	const struct picket_key *key;
	struct picket_pem roots;
	bool must_be_valid_now; /* the certificate; else when it was issued */
	bool legacy;            /* accept the encoding of version 0.2.0 */
	/* Or an identity without a key of its own (Sigstore): whom to trust,
	 * as Sigstore's trusted_root.json; who signed, as a whole (an e-mail
	 * address, a URI); the URL of who vouched for that.  All three. */
	struct picket_pem trusted_root;
	const char *identity;
	const char *issuer;
};

/* A good signature, and what it is over. */
struct picket_signature;

/* PICKET_ERR_DATA with why filled when it is no good one. */
PICKET_API enum picket_status picket_signature_verify(
	const void *bundle, size_t n, const struct picket_verifier *v,
	struct picket_signature **ret, struct picket_refusal *why);
PICKET_API void picket_signature_free(struct picket_signature *s);
/* "key P-256", "certificate CN=...": bytes. */
PICKET_API const char *
picket_signature_signer(const struct picket_signature *s);
/* Whether the bundle does not say which key it was made with. */
PICKET_API bool picket_signature_has_no_hint(const struct picket_signature *s);
/* How many files, or parts of files, it is over. */
PICKET_API size_t picket_signature_count(const struct picket_signature *s);

/*
 * Compares a tree with what was signed, hashed as it was when it was signed.
 * how: links, hash and shard are the signature's; ignore and threads count.
 */
PICKET_API enum picket_status
picket_signature_check(const struct picket_signature *s, const char *root,
		       const struct picket_tree *how, bool allow_extra,
		       struct picket_differences **ret);
/* Files that are there and that the signer left out, by their paths. */
struct picket_excluded;
PICKET_API enum picket_status
picket_signature_excluded(const struct picket_signature *s, const char *root,
			  const struct picket_tree *how,
			  struct picket_excluded **ret);
PICKET_API void picket_excluded_free(struct picket_excluded *e);
/* The nth one; NULL past the last. */
PICKET_API const char *picket_excluded_path(const struct picket_excluded *e,
					    size_t n);
/* One of them that a loader would open, by its name; or NULL. */
PICKET_API const char *
picket_excluded_artefact(const struct picket_excluded *e);

/* ---- Attestations ------------------------------------------------------- */

/* What is said of a scan beside its manifest. */
struct picket_scan_facts {
	const char *name; /* of the tree */
	const struct picket_tree *how;
	const struct picket_policy *policy;
	int64_t time; /* seconds since 1970 */
	bool passed;  /* everything was read whole, and nothing is blocked */
};

/*
 * Signs what a scan said of each file of a manifest made by
 * picket_manifest_add(), after a policy was applied to them: a bundle as that
 * of picket_sign(), around another statement (docs/integrity.md).
 */
PICKET_API enum picket_status picket_attest(
	const struct picket_manifest *m, const struct picket_scan_facts *facts,
	const struct picket_key *key, const struct picket_pem *certificate,
	const struct picket_pem *chain, const struct picket_sink *to,
	struct picket_refusal *why);

/* A good attestation; what it says is the signer's word. */
struct picket_attestation;

/* PICKET_ERR_DATA with why filled when it is no good one. */
PICKET_API enum picket_status picket_attestation_verify(
	const void *bundle, size_t n, const struct picket_verifier *v,
	struct picket_attestation **ret, struct picket_refusal *why);
PICKET_API void picket_attestation_free(struct picket_attestation *a);
/* "key P-256", "certificate CN=...": bytes. */
PICKET_API const char *picket_attestation_signer(struct picket_attestation *a);
PICKET_API const char *
picket_attestation_policy(const struct picket_attestation *a);
PICKET_API int64_t picket_attestation_time(const struct picket_attestation *a);
PICKET_API size_t picket_attestation_count(const struct picket_attestation *a);
PICKET_API bool picket_attestation_passed(const struct picket_attestation *a);
/* A file that was blocked, or NULL: its path, bytes. */
PICKET_API const char *
picket_attestation_blocked(const struct picket_attestation *a);
/* Compares a tree with what was scanned. */
PICKET_API enum picket_status
picket_attestation_check(const struct picket_attestation *a, const char *root,
			 const struct picket_tree *how,
			 struct picket_differences **ret);

/* Files that are there and that the scan left out. */
PICKET_API enum picket_status
picket_attestation_excluded(const struct picket_attestation *a,
			    const char *root, const struct picket_tree *how,
			    struct picket_excluded **ret);

/* ---- Weights ------------------------------------------------------------ */

/*
 * The tensors in a file, without unpickling it: checkpoints of PyTorch in all
 * its layouts, as torch.load(weights_only=True) loads them; SafeTensors;
 * .npy, .npz, and NumPy arrays in plain or joblib pickles.  Nothing in the file
 * is imported or called.
 *
 *	struct picket_weights *w;
 *
 *	if (picket_weights_open("model.pt", 0, &w) != PICKET_OK)
 *		fprintf(stderr, "%s\n", picket_weights_error(w));
 *	else
 *		t = picket_weights_find(w, "layer.weight");
 *	picket_weights_free(w);
 *
 * A handle is used by one thread at a time.  Tensors belong to it.
 */
struct picket_weights;
struct picket_weight;

enum picket_weights_flag {
	/* Objects that are no weights become inert and are listed, instead of
	 * refusing the file. */
	PICKET_WEIGHTS_SALVAGE = 1 << 0,
};

/* *ret is set whatever is returned, to be asked why; NULL when there was no
 * memory for it.  The file must stay as it is while it is open. */
PICKET_API enum picket_status picket_weights_open(const char *path,
						  unsigned flags,
						  struct picket_weights **ret);
/* The descriptor, a regular file, stays the caller's and open. */
PICKET_API enum picket_status
picket_weights_open_fd(int fd, unsigned flags, struct picket_weights **ret);
PICKET_API void picket_weights_free(struct picket_weights *w);

/* Why the last call about it failed: a line, escaped; "" when none did. */
PICKET_API const char *picket_weights_error(const struct picket_weights *w);
/* "pytorch-zip", "safetensors", "numpy-npz", ... */
PICKET_API const char *picket_weights_format(const struct picket_weights *w);

/* Tensors in the order of the file: names of nested containers are joined by
 * dots.  NULL past the last, or when none has that name. */
PICKET_API size_t picket_weights_count(const struct picket_weights *w);
PICKET_API const struct picket_weight *
picket_weights_at(const struct picket_weights *w, size_t n);
PICKET_API const struct picket_weight *
picket_weights_find(const struct picket_weights *w, const char *name);

/* The nth thing that is no tensor: its name, and what it is, escaped; false
 * past the last.  *tensor: numbers that have no plain form. */
PICKET_API bool picket_weights_skipped(const struct picket_weights *w, size_t n,
				       const char **name, const char **what,
				       bool *tensor);

/* Bytes as the file holds them, NUL-terminated, perhaps with more NULs. */
PICKET_API const char *picket_weight_name(const struct picket_weight *t,
					  size_t *ret_len);
/* "float32", "bfloat16", "float8_e4m3fn", ... */
PICKET_API const char *picket_weight_dtype(const struct picket_weight *t);
PICKET_API size_t picket_weight_rank(const struct picket_weight *t);
PICKET_API const uint64_t *picket_weight_shape(const struct picket_weight *t);
/* Of the data below: row by row, without gaps. */
PICKET_API uint64_t picket_weight_bytes(const struct picket_weight *t);
/* The tensor kept, when this is another name for the same view of the same
 * storage; else NULL. */
PICKET_API const struct picket_weight *
picket_weight_same_as(const struct picket_weight *t);
/* Where its data lie in the file, when they lie there as they are read:
 * row by row, little-endian, uncompressed.  False when they do not. */
PICKET_API bool picket_weight_place(const struct picket_weight *t,
				    uint64_t *ret_off);

/* The data, row by row, little-endian: into n bytes, which must be enough for
 * all of it (PICKET_ERR_USAGE otherwise). */
PICKET_API enum picket_status picket_weight_read(const struct picket_weight *t,
						 void *buf, size_t n);
/* The same in memory of the handle, read when first asked for. */
PICKET_API enum picket_status picket_weight_data(const struct picket_weight *t,
						 const void **ret);

/* How weights are written; zeros are fine. */
struct picket_writing {
	/* Asked now and then; false stops with PICKET_ERR_STOPPED. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
	/* Where a receipt goes: one JSON object with the SHA-256 of both
	 * files and of each tensor, aliases, and what was left out. */
	const struct picket_sink *receipt;
	const char *input; /* names for the receipt */
	const char *output;
};

/*
 * Writes every tensor to an empty regular file as SafeTensors, byte for byte
 * what its reference writer makes of them; names that are the same view of
 * the same storage once.  Nothing is synced or renamed.  PICKET_ERR_REFUSED
 * when a tensor has no form there, and the weights were not opened to be
 * salvaged; PICKET_ERR_IO with errno set when the output fails.
 */
PICKET_API enum picket_status
picket_weights_write(struct picket_weights *w, int fd,
		     const struct picket_writing *how);

/*
 * Holds a file, by its descriptor and its name, against the receipt of its
 * conversion: a line for each difference, escaped, goes to the sink.  A
 * receipt that is none is a difference, too.
 */
PICKET_API enum picket_status picket_receipt_check(int receipt, int fd,
						   const char *path,
						   const struct picket_sink *to,
						   size_t *ret_differences);

/* ---- What changed ------------------------------------------------------- */

/* A regular file, open; both stay the caller's. */
struct picket_open_file {
	int fd;
	const char *path; /* what it is called */
};

struct picket_difference {
	bool same;     /* nothing of what is compared differs */
	bool complete; /* both were read whole */
	enum picket_verdict old_verdict;
	enum picket_verdict new_verdict;
};

/*
 * Says what changed between two models: imports, tensors (by the digest of
 * their bytes), templates, remote code, metadata, findings.  For a person or
 * as one JSON document.
 */
PICKET_API enum picket_status
picket_diff(const struct picket_options *o, const struct picket_open_file *old,
	    const struct picket_open_file *now, bool json,
	    const struct picket_sink *to, struct picket_difference *ret);

/* ---- Sources elsewhere -------------------------------------------------- */

/*
 * Files that do not lie here: a repository of Hugging Face
 * (hf://org/name[@revision][/path]), objects of an S3 store
 * (s3://bucket/prefix), a file of the web (https://host/path).  Nothing else
 * in the library opens a socket.
 */
struct picket_client; /* talks to the network; for one thread at a time */
struct picket_remote; /* a source and the files in it */

/* Whether the text names a source elsewhere and not a path. */
PICKET_API bool picket_is_uri(const char *text);

/* NULL when such sources can be reached; or why not: libcurl, which is loaded
 * for this, is not here. */
PICKET_API const char *picket_network_missing(void);

struct picket_client_settings {
	unsigned connect_seconds; /* 0: 15 */
	unsigned idle_seconds;    /* without a byte; 0: 30 */
	unsigned retries;         /* of what may pass; 0: 4 */
	const char *ca_file; /* certificates to trust; NULL: the system's */
	bool no_token;       /* send no credentials */
	bool ask_tags;       /* whether a revision is a tag, too */
	/* Names may lead to private addresses: an organisation's own
	 * registry.  Written out in a URL such an address needs no leave. */
	bool private_hosts;
	bool (*stop)(void *ctx); /* true: give up; NULL: never */
	void *ctx;
};

/* settings: NULL for the defaults.  Opens nothing yet. */
PICKET_API enum picket_status
picket_client_new(const struct picket_client_settings *settings,
		  struct picket_client **ret);
PICKET_API void picket_client_free(struct picket_client *c);

/* Where it leads, from the text alone.  A text that leads nowhere has a handle,
 * too: its trouble says why. */
PICKET_API enum picket_status picket_remote_new(const char *uri,
						struct picket_remote **ret);
PICKET_API void picket_remote_free(struct picket_remote *r);

/* Resolves the revision and lists the files; PICKET_ERR_IO, and a trouble,
 * when that fails. */
PICKET_API enum picket_status picket_remote_list(struct picket_remote *r,
						 struct picket_client *c);
/* What went wrong, in one line without secrets; NULL: nothing. */
PICKET_API const char *picket_remote_trouble(const struct picket_remote *r);

/* A listing, or its trouble, as bytes, to hand it from the process that talks
 * to the network to one that does not; decoding trusts nothing. */
PICKET_API enum picket_status
picket_remote_encode(const struct picket_remote *r,
		     const struct picket_sink *to);
PICKET_API enum picket_status picket_remote_decode(const void *bytes, size_t n,
						   struct picket_remote **ret);

/* As it was asked for. */
PICKET_API const char *picket_remote_uri(const struct picket_remote *r);
/* The same with the commit that was found, where there are commits: what
 * reports put before the paths of its files. */
PICKET_API const char *picket_remote_pinned_uri(const struct picket_remote *r);
/* Files, in the order of their paths. */
PICKET_API size_t picket_remote_count(const struct picket_remote *r);
PICKET_API const char *picket_remote_path(const struct picket_remote *r,
					  size_t i);
/* What reports call the file, NUL-terminated when it fits; returns its length
 * as snprintf() does. */
PICKET_API size_t picket_remote_file_uri(const struct picket_remote *r,
					 size_t i, char *buf, size_t size);
/* UINT64_MAX when it is not known yet. */
PICKET_API uint64_t picket_remote_size(const struct picket_remote *r, size_t i);

/* A name for exactly what was listed: the source, its commit, every file as
 * far as the registry tells them apart. */
enum { PICKET_REMOTE_ID = 25 };
PICKET_API void picket_remote_id(const struct picket_remote *r,
				 char ret[PICKET_REMOTE_ID]);
/* Whether it can be told that the rest of the ith file, fetched later, is of
 * the same file. */
PICKET_API bool picket_remote_can_resume(const struct picket_remote *r,
					 size_t i);

/* What became of a file that was fetched. */
struct picket_fetched {
	uint64_t size;      /* UINT64_MAX: not known */
	uint64_t received;  /* bytes that came over the network */
	bool proven;        /* it is whole and has the registry's digest */
	bool refuted;       /* it has another */
	bool failed;        /* message says why */
	char message[400];  /* one line, no secrets */
	uint8_t sha256[32]; /* of a file that was saved */
};

/* Scans the ith file where it lies: only what the analysis reads is fetched. */
PICKET_API enum picket_status picket_scan_remote(const struct picket_options *o,
						 struct picket_client *c,
						 const struct picket_remote *r,
						 size_t i,
						 struct picket_file **ret);

/*
 * Answers whoever scans the other end of fd with picket_scan_fd(), one of a
 * pair of sockets (AF_UNIX, SOCK_SEQPACKET), until that is closed.  So a
 * process without network can scan a file that lies elsewhere.
 */
PICKET_API void picket_remote_serve(struct picket_client *c,
				    const struct picket_remote *r, size_t i,
				    int fd, struct picket_fetched *ret);

/*
 * Fetches the ith file whole into a descriptor that is open for reading and
 * writing.  What it holds already is taken for the beginning: an interrupted
 * download goes on.  False when it is not whole, or refuted.
 */
PICKET_API bool picket_remote_save(struct picket_client *c,
				   const struct picket_remote *r, size_t i,
				   int fd, struct picket_fetched *ret);

/*
 * What the policy says of the source itself, as a result of its own that the
 * policy was applied to: not approved, not pinned, ...  Of a source that is
 * not listed yet it judges what its text tells, so that nothing need be asked
 * of one that is blocked.
 */
PICKET_API enum picket_status picket_policy_judge_remote(
	const struct picket_policy *p, const struct picket_options *o,
	const struct picket_remote *r, struct picket_file **ret);

/* Tells the file where it came from, and adds what is wrong about that.  The
 * remote is borrowed for the file's life. */
PICKET_API enum picket_status
picket_file_set_remote(struct picket_file *f, const struct picket_remote *r,
		       size_t i, const struct picket_fetched *fetched);

/* ---- Locks -------------------------------------------------------------- */

/* Models that are used here, each pinned to a commit, every file with its
 * digest: models.lock (docs/lock.md). */
struct picket_lock;

/* PICKET_ERR_DATA when it is no lock: each mistake is then told with its
 * line. */
PICKET_API enum picket_status
picket_lock_parse(const void *yaml, size_t n,
		  void (*complain)(void *ctx, uint64_t line, const char *text),
		  void *ctx, struct picket_lock **ret);
PICKET_API void picket_lock_free(struct picket_lock *l);
/* How many models. */
PICKET_API size_t picket_lock_count(const struct picket_lock *l);
/* The same bytes for the same content.  PICKET_ERR_DATA when it is longer than
 * what picket_lock_parse() takes. */
PICKET_API enum picket_status picket_lock_write(const struct picket_lock *l,
						const struct picket_sink *to);

/* The nth model: where it comes from, as it was asked for; its commit, or
 * NULL. */
PICKET_API const char *picket_lock_source(const struct picket_lock *l,
					  size_t n);
PICKET_API const char *picket_lock_commit(const struct picket_lock *l,
					  size_t n);
/* The source at that commit, where there are commits; NULL when out of
 * memory. */
PICKET_API const char *picket_lock_pinned(struct picket_lock *l, size_t n);
/* The path of the ith file of the nth model; NULL past the last. */
PICKET_API const char *picket_lock_path(const struct picket_lock *l, size_t n,
					size_t i);
/* The digest (32 bytes) of a file of the nth model; NULL: it has no such
 * file. */
PICKET_API const uint8_t *picket_lock_digest(const struct picket_lock *l,
					     size_t n, const char *path);

/* An empty one. */
PICKET_API struct picket_lock *picket_lock_new(void);
/* A source that was listed, in place of the model with the same URI. */
PICKET_API enum picket_status picket_lock_add(struct picket_lock *l,
					      const struct picket_remote *r);
/* Whether a file must be fetched whole for its SHA-256, since the registry
 * does not tell that. */
PICKET_API bool picket_remote_needs_fetch(const struct picket_remote *r,
					  size_t i);
/* What is known of the ith file of a source that was added: its digest, by
 * what was fetched whole or (NULL) by the registry's word, and what a scan
 * said. */
PICKET_API enum picket_status
picket_lock_set_file(struct picket_lock *l, const struct picket_remote *r,
		     size_t i, const struct picket_fetched *whole,
		     const struct picket_file *f);
/* The path of a signature among the files of a source that was added; NULL:
 * there is none. */
PICKET_API const char *picket_lock_signature(const struct picket_lock *l,
					     const char *uri);
/* A good signature that lies there: notes its signer when every file has the
 * digest that was signed.  PICKET_ERR_DATA with why filled otherwise. */
PICKET_API enum picket_status
picket_lock_set_signature(struct picket_lock *l, const char *uri,
			  const struct picket_signature *s,
			  struct picket_refusal *why);
/* Drops files of which nothing is known, and sorts.  PICKET_ERR_DATA with why
 * filled when two models would lie in one folder. */
PICKET_API enum picket_status picket_lock_settle(struct picket_lock *l,
						 struct picket_refusal *why);

/* What lies here, or elsewhere now, held against a lock. */
struct picket_check;

/* One that finds nothing, for picket_check_source(). */
PICKET_API struct picket_check *picket_check_new(void);

/*
 * Adds what differs between the nth model and a fresh listing of its source
 * (at_commit: of its commit, which is about the files alone).  A listing that
 * could not be had is a difference, too: what is gone a violation, what could
 * not be asked none.
 */
PICKET_API enum picket_status
picket_check_source(struct picket_check *c, const struct picket_lock *l,
		    size_t n, const struct picket_remote *now, bool at_commit);

/* Whether it is a cache of huggingface_hub, a repository in one, or a
 * snapshot of one. */
PICKET_API bool picket_is_cache(const char *folder);

/*
 * Reads every file of the lock's models below the folder; nothing else is
 * asked, least of all the network.  With one model the folder is that model's,
 * with several each lies in its own folder below it.  A cache is held against
 * itself, too: links must lead to blobs, blobs must be what their names say;
 * for it the lock may be NULL.  partial: files that are not here are fine.
 * PICKET_ERR_USAGE: no cache, and no lock.
 */
PICKET_API enum picket_status picket_check_here(const struct picket_lock *l,
						const char *folder,
						const struct picket_tree *how,
						bool partial,
						struct picket_check **ret);
PICKET_API void picket_check_free(struct picket_check *c);

/* Differences, the nth of them; texts are bytes or NULL. */
PICKET_API size_t picket_check_count(const struct picket_check *c);
PICKET_API const char *picket_check_rule(const struct picket_check *c,
					 size_t n);
PICKET_API enum picket_severity
picket_check_severity(const struct picket_check *c, size_t n);
/* False: it only says that something could not be read or proven. */
PICKET_API bool picket_check_is_violation(const struct picket_check *c,
					  size_t n);
/* The model: its folder or its source; NULL: of none. */
PICKET_API const char *picket_check_where(const struct picket_check *c,
					  size_t n);
/* The file in it; NULL: it is about the model. */
PICKET_API const char *picket_check_path(const struct picket_check *c,
					 size_t n);
PICKET_API const char *picket_check_message(const struct picket_check *c,
					    size_t n);

/* What was looked at: models or snapshots, files that were read whole. */
PICKET_API size_t picket_check_models(const struct picket_check *c);
PICKET_API size_t picket_check_files(const struct picket_check *c);
PICKET_API uint64_t picket_check_bytes(const struct picket_check *c);
/* Sources that were asked, and answered. */
PICKET_API size_t picket_check_sources(const struct picket_check *c);
/* Snapshots in the cache that the lock does not name: not looked at. */
PICKET_API size_t picket_check_others(const struct picket_check *c);

/* {"schema": "picket.check/1", "pass": ..., "differences": [...]} */
PICKET_API enum picket_status picket_check_json(const struct picket_check *c,
						const struct picket_sink *to);

/* ---- Settings ----------------------------------------------------------- */

/* Who is told of a program's own settings. */
struct picket_settings_reader {
	/* Each value with its name; of a list each by itself.  Both are
	 * borrowed for the call. */
	void (*take)(void *ctx, uint64_t line, const char *name,
		     const char *value);
	/* Each mistake. */
	void (*complain)(void *ctx, uint64_t line, const char *text);
	void *ctx;
};

/* Reads YAML that is names with values or lists of values, as they are
 * spelled.  PICKET_ERR_DATA after complaints. */
PICKET_API enum picket_status
picket_settings_read(const void *yaml, size_t n,
		     const struct picket_settings_reader *r);

/* ---- Catalogues --------------------------------------------------------- */

struct picket_rule;
struct picket_format;

/* The nth rule, or that of an id; NULL when there is none. */
PICKET_API const struct picket_rule *picket_rule_at(size_t n);
PICKET_API const struct picket_rule *picket_rule_by_id(const char *id);
PICKET_API const char *picket_rule_id(const struct picket_rule *r);
PICKET_API enum picket_severity
picket_rule_severity(const struct picket_rule *r);
PICKET_API const char *picket_rule_title(const struct picket_rule *r);
/* What an attacker gains; what is known in the wild. */
PICKET_API const char *picket_rule_why(const struct picket_rule *r);
PICKET_API const char *picket_rule_fix(const struct picket_rule *r);
/* Blank-separated: CVE, CWE, MITRE ATLAS, OWASP, URLs. */
PICKET_API const char *picket_rule_refs(const struct picket_rule *r);

PICKET_API const struct picket_format *picket_format_at(size_t n);
PICKET_API const char *picket_format_name(const struct picket_format *f);
PICKET_API const char *picket_format_title(const struct picket_format *f);
/* "data", "parser", "code" or "wrapper" */
PICKET_API const char *picket_format_risk(const struct picket_format *f);
/* What is analysed, in one line. */
PICKET_API const char *picket_format_reads(const struct picket_format *f);

/* The catalogues as JSON; rule: one of them, or NULL for all. */
PICKET_API enum picket_status picket_rules_json(const struct picket_rule *rule,
						const struct picket_sink *to);
PICKET_API enum picket_status picket_formats_json(const struct picket_sink *to);

#ifdef __cplusplus
}
#endif

#endif
