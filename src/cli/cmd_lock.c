/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_show.h"
#include "cli/lock_file.h"
#include "cli/output.h"
#include "cli/scan_run.h"
#include "cli/sign_opts.h"
#include "cli/spool.h"
#include "cli/tree_opts.h"

extern const struct cli_command cli_command_lock;

struct settings {
	struct scan_settings scan; /* first */
	const char *file;
	struct verifier_names by; /* who must have signed; all NULL: anybody */
	bool update;
	bool force;
};

CLI_TEXT(struct settings, file, file)
CLI_TEXT(struct settings, key, by.key)
CLI_TEXT(struct settings, roots, by.roots)
CLI_TEXT(struct settings, trusted_root, by.trusted_root)
CLI_TEXT(struct settings, identity, by.identity)
CLI_TEXT(struct settings, issuer, by.issuer)
CLI_SWITCH(struct settings, update, update)
CLI_SWITCH(struct settings, force, force)

static bool wants_signatures(const struct settings *s)
{
	return s->by.key || s->by.roots || s->by.trusted_root ||
	       s->by.identity || s->by.issuer;
}

/* The bytes of a signature that lies among the files of a source. */
struct bundle {
	struct bundle *next;
	char *uri;
	int fd;
};

/* What is under way. */
struct locking {
	const struct settings *s;
	struct picket_lock *old; /* with --update; else NULL */
	struct picket_lock *lock;
	struct picket_check *changes; /* of what was locked before */
	struct bundle *bundles;
	bool lacks_signature; /* a source does, and it must not */
	bool failed;
};

static const struct cli_option own[] = {
	{ 'o', "output", "FILE", "the lock file (models.lock)", "Lock",
	  set_file },
	{ 0, "update", NULL,
	  "bring FILE up to date, all of it or the SOURCEs, and show what "
	  "changed",
	  NULL, set_update },
	{ 0, "force", NULL, "replace FILE", NULL, set_force },
	{ 0, "key", "PUB.pem",
	  "every model must have a signature (*.sig) by this key", NULL,
	  set_key },
	{ 0, "chain", "ROOTS.pem", "or by somebody whom these roots vouch for",
	  NULL, set_roots },
	{ 0, "trusted-root", "FILE",
	  "or by an identity that this Sigstore instance vouches for", NULL,
	  set_trusted_root },
	{ 0, "identity", "ID", "with --trusted-root: the identity", NULL,
	  set_identity },
	{ 0, "issuer", "URL", "and who vouches for it", NULL, set_issuer },
};

static const struct cli_option *get_options(void)
{
	enum { OWN = sizeof(own) / sizeof(own[0]) };
	static struct cli_option table[OWN + SCAN_BORROWED_MAX];

	return scan_borrow(table, own, OWN,
			   "include exclude policy fail-on format "
			   "severity quiet verbose color no-progress "
			   "no-timestamps no-token ca-file "
			   "private-hosts network-timeout retries "
			   "full jobs sandbox isolate max-memory "
			   "timeout");
}

/* ---- hooks of the scan ---- */

static bool fail(struct locking *l, const char *what)
{
	l->failed = true;
	cli_complain("%s", what);
	return false;
}

/* Where the old lock has the source; -1: it does not. */
static int place_in(const struct picket_lock *old, const char *uri)
{
	for (size_t i = 0; old && i < picket_lock_count(old); i++) {
		if (strcmp(picket_lock_source(old, i), uri) == 0)
			return (int)i;
	}
	return -1;
}

static bool listed(void *ctx, const struct picket_remote *r)
{
	struct locking *l = ctx;
	const int at = place_in(l->old, picket_remote_uri(r));

	if (at >= 0 && picket_check_source(l->changes, l->old, (size_t)at, r,
					   false) != PICKET_OK)
		return fail(l, "out of memory");
	if (picket_lock_add(l->lock, r) != PICKET_OK)
		return fail(l, "out of memory");
	if (wants_signatures(l->s) &&
	    !picket_lock_signature(l->lock, picket_remote_uri(r))) {
		cli_complain("%s has no signature",
			     cli_show(picket_remote_uri(r)));
		l->lacks_signature = true;
	}
	return true;
}

static bool is_signature(const struct locking *l, const struct picket_remote *r,
			 size_t i)
{
	const char *path = picket_lock_signature(l->lock, picket_remote_uri(r));

	return path && strcmp(path, picket_remote_path(r, i)) == 0;
}

/* Its bytes are wanted when all files are known. */
static bool keep_signature(struct locking *l, const char *uri, int fd)
{
	struct bundle *b = calloc(1, sizeof(*b));

	if (!b)
		return false;
	b->uri = strdup(uri);
	b->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	b->next = l->bundles;
	l->bundles = b;
	return b->uri && b->fd >= 0;
}

/* What is fetched whole: all of which the registry knows no SHA-256. */
static bool is_fetched(const struct locking *l, const struct picket_remote *r,
		       size_t i)
{
	return l->s->scan.full || picket_remote_needs_fetch(r, i) ||
	       is_signature(l, r, i);
}

static int place(void *ctx, const struct picket_remote *r, size_t i)
{
	struct locking *l = ctx;
	int fd;

	if (!is_fetched(l, r, i))
		return SCAN_THERE;
	fd = cli_spool_new();
	if (fd >= 0 && is_signature(l, r, i) &&
	    !keep_signature(l, picket_remote_uri(r), fd)) {
		(void)close(fd);
		fd = -1;
	}
	if (fd >= 0)
		return fd;
	(void)fail(l, "no file to write to in TMPDIR");
	return SCAN_NOWHERE;
}

static void judged(void *ctx, const struct picket_remote *r, size_t i,
		   const struct picket_file *f,
		   const struct picket_fetched *fetched)
{
	struct locking *l = ctx;
	const bool whole = is_fetched(l, r, i);

	if (fetched->failed || fetched->refuted ||
	    picket_lock_set_file(l->lock, r, i, whole ? fetched : NULL, f) !=
		    PICKET_OK)
		l->failed = true;
}

/* ---- signatures ---- */

static bool read_bundle(const struct bundle *b, struct cli_bytes *ret)
{
	const off_t size = lseek(b->fd, 0, SEEK_END);

	*ret = (struct cli_bytes){ 0 };
	if (size < 0 || size > SIGN_BUNDLE_MAX)
		return false;
	ret->p = malloc((size_t)size + 1);
	ret->n = (size_t)size;
	return ret->p && pread(b->fd, ret->p, ret->n, 0) == (ssize_t)size;
}

static bool check_bundle(struct locking *l, const struct bundle *b,
			 const struct picket_verifier *v)
{
	struct picket_signature *s = NULL;
	struct picket_refusal why = { 0 };
	struct cli_bytes bytes;
	bool ok = read_bundle(b, &bytes);

	ok = ok &&
	     picket_signature_verify(bytes.p, bytes.n, v, &s, &why) ==
		     PICKET_OK &&
	     picket_lock_set_signature(l->lock, b->uri, s, &why) == PICKET_OK;
	if (!ok)
		cli_complain("%s: the signature is not good: %s",
			     cli_show(b->uri),
			     *why.text ? why.text : "it cannot be read");
	picket_signature_free(s);
	free(bytes.p);
	return ok;
}

/* Of the sources that were asked for now. */
static bool check_signatures(struct locking *l)
{
	const struct settings *s = l->s;
	struct verifier v = { 0 };
	bool ok;

	if (!wants_signatures(s))
		return true;
	ok = !l->lacks_signature && verifier_load(&v, &s->by);
	for (const struct bundle *b = l->bundles; ok && b; b = b->next)
		ok = check_bundle(l, b, &v.v);
	verifier_release(&v);
	return ok;
}

static void drop_bundles(struct locking *l)
{
	while (l->bundles) {
		struct bundle *b = l->bundles;

		l->bundles = b->next;
		if (b->fd >= 0)
			(void)close(b->fd);
		free(b->uri);
		free(b);
	}
}

/* ---- the lock ---- */

static int write_lock(const struct locking *l, const char *path)
{
	struct cli_output *o = calloc(1, sizeof(*o));
	const struct picket_sink to = { cli_output_write, o };
	bool ok = o && cli_output_open(o, path);

	if (ok) {
		const enum picket_status s = picket_lock_write(l->lock, &to);

		if (s == PICKET_ERR_DATA)
			cli_complain("too many files for a lock: leave some "
				     "out (--include, --exclude)");
		ok = s == PICKET_OK && cli_output_commit(o);
		cli_output_close(o);
	}
	free(o);
	return ok ? CLI_OK : CLI_USAGE;
}

static void show_changes(const struct locking *l)
{
	const size_t n = picket_check_count(l->changes);

	(void)fflush(stdout);
	for (size_t i = 0; i < n; i++)
		check_show(stderr, l->changes, i);
	if (l->s->update && !n)
		cli_complain("nothing that was locked before has changed");
}

static int conclude(struct locking *l, int status)
{
	const char *path = l->s->file;
	struct picket_refusal why;

	show_changes(l);
	if (status == CLI_OK && l->failed)
		status = CLI_INCOMPLETE;
	if (status == CLI_OK && !check_signatures(l))
		status = CLI_INTEGRITY;
	if (status != CLI_OK) {
		cli_complain("%s was not written", cli_show(path));
		return status;
	}
	if (picket_lock_settle(l->lock, &why) != PICKET_OK) {
		cli_complain("%s: give them folders of their own",
			     cli_show(why.text));
		return CLI_USAGE;
	}
	status = write_lock(l, path);
	if (status == CLI_OK)
		cli_complain("%s has %zu model%s", cli_show(path),
			     picket_lock_count(l->lock),
			     picket_lock_count(l->lock) == 1 ? "" : "s");
	return status;
}

/* The sources of the command line, or all that the old lock has. */
static char **sources(const struct locking *l, int *n, char **args)
{
	const size_t count = l->old ? picket_lock_count(l->old) : 0;
	char **v;

	if (*n || !count)
		return args;
	v = calloc(count, sizeof(char *));
	for (size_t i = 0; v && i < count; i++)
		v[i] = strdup(picket_lock_source(l->old, i));
	for (size_t i = 0; v && i < count && v[i]; i++)
		*n = (int)i + 1;
	return v;
}

static bool are_sources(int n, char **v)
{
	for (int i = 0; i < n; i++) {
		if (!picket_is_uri(v[i])) {
			cli_complain("%s is no source that can be locked: "
				     "hf://ORG/NAME[@REVISION], "
				     "s3://BUCKET/PREFIX or https://...",
				     cli_show(v[i]));
			return false;
		}
	}
	if (n == 0)
		cli_complain("lock needs a SOURCE: picket lock "
			     "hf://ORG/NAME@REVISION");
	return n > 0;
}

static bool begin(struct locking *l)
{
	l->changes = picket_check_new();
	if (l->s->update && (!cli_lock_read(l->s->file, &l->old) ||
			     !cli_lock_read(l->s->file, &l->lock)))
		return false;
	if (!l->lock)
		l->lock = picket_lock_new();
	if (!l->lock || !l->changes)
		return fail(l, "out of memory");
	return true;
}

static int lock_all(struct settings *s, int n, char **args)
{
	struct locking l = { .s = s };
	const struct scan_extra extra = { listed, place, judged, &l };
	int ret = CLI_USAGE;
	char **v;

	if (begin(&l)) {
		v = sources(&l, &n, args);
		if (are_sources(n, v))
			ret = conclude(&l, scan_with(&s->scan, n, v, &extra));
		for (int i = 0; v != args && i < n; i++)
			free(v[i]);
		if (v != args)
			free(v);
	}
	drop_bundles(&l);
	picket_check_free(l.changes);
	picket_lock_free(l.old);
	picket_lock_free(l.lock);
	return ret;
}

static int lock(int argc, char **argv)
{
	struct settings s = { .file = "models.lock" };
	int n, ret = CLI_USAGE;

	if (!scan_settings_init(&s.scan)) {
		cli_complain("out of memory");
		return CLI_USAGE;
	}
	s.scan.remote.client.ask_tags = true;
	n = cli_parse(&cli_command_lock, &s, argc, argv);
	if (n == CLI_PARSE_HELP)
		ret = CLI_OK;
	else if (n >= 0 && (!wants_signatures(&s) || verifier_named(&s.by)) &&
		 (s.update || tree_may_write(s.file, s.force)))
		ret = lock_all(&s, n, argv);
	scan_settings_release(&s.scan);
	return ret;
}

const struct cli_command cli_command_lock = {
	.name = "lock",
	.args = "[options] SOURCE...",
	.what = "Pins models to commits and digests, after a scan, in a file for review.",
	.more = "Each SOURCE is resolved to a commit, its files are scanned under the policy as\n"
		"'picket scan' does, and the lock is written when all pass.  Files of Git LFS\n"
		"take their SHA-256 from the registry, unless --full fetches them; others are\n"
		"fetched whole.  Sources that the policy does not approve are not asked.\n"
		"\n"
		"exit status: that of the scan; the lock is written when it is 0.\n",
	.run = lock,
	.options = get_options,
};
