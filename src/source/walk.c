/* SPDX-License-Identifier: Apache-2.0 */
#include "source/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "source/listing.h"
#include "source/seen.h"

/* Each level keeps a descriptor open. */
enum { DEPTH_MAX = 128 };

enum {
	/* Should the name become a FIFO under us: do not wait in open(2). */
	OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
};

struct frame {
	struct pk_listing names;
	size_t at;
	size_t path_len; /* of the folder, with its slash */
};

struct pk_walk {
	char *root;
	char *real;  /* the root without links, for judging links */
	char *blobs; /* of the Hugging Face cache around it, or NULL */
	const struct pk_filter *filter;
	struct pk_seen seen;
	struct pk_buf path;
	size_t relative; /* where in path the part below the root begins */
	struct frame frames[DEPTH_MAX];
	size_t depth;
	bool started;
	uint64_t excluded;
	char *text; /* of the last entry, when it had to be made */
};

static const struct pk_filter everything;

struct pk_walk *pk_walk_new(const char *root, const struct pk_filter *filter)
{
	struct pk_walk *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->filter = filter ? filter : &everything;
	w->root = strdup(root);
	if (!w->root) {
		free(w);
		return NULL;
	}
	return w;
}

void pk_walk_free(struct pk_walk *w)
{
	if (!w)
		return;
	while (w->depth > 0)
		pk_listing_release(&w->frames[--w->depth].names);
	pk_seen_release(&w->seen);
	pk_buf_release(&w->path);
	free(w->root);
	free(w->real);
	free(w->blobs);
	free(w->text);
	free(w);
}

static const char *kind_of_special(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "a FIFO, never opened";
	if (S_ISSOCK(mode))
		return "a socket, never opened";
	return "a device, never opened";
}

static void set_entry(struct pk_walk *w, struct pk_entry *e,
		      enum pk_entry_kind kind, const char *text)
{
	e->kind = kind;
	e->path = pk_buf_str(&w->path);
	e->text = text;
}

/* The part below the root; the whole path when the root is a file. */
static const char *relative_path(struct pk_walk *w)
{
	return pk_buf_str(&w->path) + w->relative;
}

static const char *base_name(struct pk_walk *w)
{
	const char *path = pk_buf_str(&w->path);
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* An opened file becomes an entry. */
static void take_file(struct pk_walk *w, int fd, bool by_link,
		      struct pk_entry *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		set_entry(w, e, PK_ENTRY_SKIPPED, kind_of_special(st.st_mode));
	} else if (!pk_seen_first(&w->seen, st.st_dev, st.st_ino, base_name(w),
				  by_link)) {
		set_entry(w, e, PK_ENTRY_SKIPPED,
			  "the same file under another name");
	} else {
		set_entry(w, e, PK_ENTRY_FILE, NULL);
		e->fd = fd;
		e->size = (uint64_t)st.st_size;
		return;
	}
	(void)close(fd);
}

static bool lies_in(const char *path, const char *folder)
{
	const size_t n = folder ? strlen(folder) : 0;

	if (n == 0 || strncmp(path, folder, n) != 0)
		return false;
	return path[n] == '/' || path[n] == '\0' || n == 1;
}

static void visit_target(struct pk_walk *w, const char *target,
			 struct pk_entry *e)
{
	struct stat st;
	int fd;

	if (lstat(target, &st) != 0) {
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
		return;
	}
	if (S_ISDIR(st.st_mode)) {
		set_entry(w, e, PK_ENTRY_SKIPPED,
			  "a link to a folder of the tree");
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		set_entry(w, e, PK_ENTRY_SKIPPED, kind_of_special(st.st_mode));
		return;
	}
	fd = open(target, OPEN_FLAGS | O_NOFOLLOW);
	if (fd < 0)
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
	else
		take_file(w, fd, true, e);
}

/* A link below the root, as w->path names it. */
static void visit_link(struct pk_walk *w, struct pk_entry *e)
{
	char *target = realpath(pk_buf_str(&w->path), NULL);

	if (!target && errno == ENOENT) {
		set_entry(w, e, PK_ENTRY_SKIPPED, "a link to nothing");
	} else if (!target) {
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
	} else if (!lies_in(target, w->real) && !lies_in(target, w->blobs)) {
		free(w->text);
		w->text = target;
		set_entry(w, e, PK_ENTRY_ESCAPE, w->text);
		return;
	} else {
		visit_target(w, target, e);
	}
	free(target);
}

static bool push(struct pk_walk *w, int fd, struct pk_entry *e)
{
	struct frame *f = &w->frames[w->depth];

	*f = (struct frame){ .path_len = w->path.len };
	if (pk_listing_read(&f->names, fd) != PK_OK) {
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
		pk_listing_release(&f->names);
		return true;
	}
	if (w->path.len && w->path.p[w->path.len - 1] != '/')
		pk_buf_putc(&w->path, '/');
	f->path_len = w->path.len;
	w->depth++;
	return false;
}

/* Told by the one shard whose part it is. */
static void leave_out(struct pk_walk *w)
{
	w->excluded += pk_filter_in_shard(w->filter, relative_path(w));
}

static bool visit_folder(struct pk_walk *w, int at, const char *name,
			 struct pk_entry *e)
{
	int fd;

	if (!pk_filter_wants_folder(w->filter, relative_path(w))) {
		leave_out(w);
		return false;
	}
	if (w->depth == DEPTH_MAX) {
		set_entry(w, e, PK_ENTRY_UNREAD, "folders nested too deep");
		return true;
	}
	fd = openat(at, name, OPEN_FLAGS | O_NOFOLLOW | O_DIRECTORY);
	if (fd >= 0)
		return push(w, fd, e);
	set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
	return true;
}

static void visit_file(struct pk_walk *w, int at, const char *name,
		       struct pk_entry *e)
{
	int fd = openat(at, name, OPEN_FLAGS | O_NOFOLLOW);

	if (fd >= 0)
		take_file(w, fd, false, e);
	else
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
}

/* One name of a folder; true when that makes an entry. */
static bool visit(struct pk_walk *w, int at, const struct pk_name *name,
		  struct pk_entry *e)
{
	struct stat st = { .st_mode = (mode_t)DTTOIF(name->type) };

	if (name->type == DT_UNKNOWN &&
	    fstatat(at, name->text, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		set_entry(w, e, PK_ENTRY_UNREAD, strerror(errno));
		return true;
	}
	if (S_ISDIR(st.st_mode))
		return visit_folder(w, at, name->text, e);
	if (!pk_filter_wants_file(w->filter, relative_path(w))) {
		leave_out(w);
		return false;
	}
	if (S_ISLNK(st.st_mode))
		visit_link(w, e);
	else if (S_ISREG(st.st_mode))
		visit_file(w, at, name->text, e);
	else
		set_entry(w, e, PK_ENTRY_SKIPPED, kind_of_special(st.st_mode));
	return true;
}

/* models--x/snapshots/rev: files there are links to models--x/blobs. */
static char *find_blobs(const char *real)
{
	static const char *const repos[] = { "/models--", "/datasets--",
					     "/spaces--" };
	const char *at = strstr(real, "/snapshots");
	struct pk_buf b = { 0 };

	for (; at; at = strstr(at + 1, "/snapshots")) {
		const char *up = at;

		if (at[10] != '\0' && at[10] != '/')
			continue;
		while (up > real && *--up != '/')
			;
		for (size_t i = 0; i < sizeof(repos) / sizeof(*repos); i++) {
			if (strncmp(up, repos[i], strlen(repos[i])) != 0)
				continue;
			pk_buf_put(&b, real, (size_t)(at - real));
			pk_buf_puts(&b, "/blobs");
			return pk_buf_ok(&b) && *pk_buf_str(&b) ? b.p : NULL;
		}
	}
	return NULL;
}

static bool start_folder(struct pk_walk *w, struct pk_entry *e)
{
	int fd = open(w->root, OPEN_FLAGS | O_DIRECTORY);

	w->real = realpath(w->root, NULL);
	if (fd < 0 || !w->real) {
		set_entry(w, e, PK_ENTRY_NONE, strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return true;
	}
	w->blobs = find_blobs(w->real);
	if (push(w, fd, e)) {
		e->kind = PK_ENTRY_NONE;
		return true;
	}
	w->relative = w->path.len;
	return false;
}

static void start_file(struct pk_walk *w, struct pk_entry *e)
{
	int fd = open(w->root, OPEN_FLAGS);

	if (fd < 0)
		set_entry(w, e, PK_ENTRY_NONE, strerror(errno));
	else
		take_file(w, fd, false, e);
	if (e->kind != PK_ENTRY_FILE)
		e->kind = PK_ENTRY_NONE;
}

/* The root; a file is excluded by no pattern: it was asked for by name. */
static bool start(struct pk_walk *w, struct pk_entry *e)
{
	struct stat st;

	w->started = true;
	pk_buf_puts(&w->path, w->root);
	if (stat(w->root, &st) != 0) {
		set_entry(w, e, PK_ENTRY_NONE, strerror(errno));
		return true;
	}
	if (S_ISDIR(st.st_mode))
		return start_folder(w, e);
	if (!pk_filter_in_shard(w->filter, w->root))
		return false;
	if (S_ISREG(st.st_mode))
		start_file(w, e);
	else
		set_entry(w, e, PK_ENTRY_NONE, kind_of_special(st.st_mode));
	return true;
}

/* Another shard's part is not this walk's to report. */
static bool is_ours(struct pk_walk *w, struct pk_entry *e)
{
	if (pk_filter_in_shard(w->filter, relative_path(w)))
		return true;
	if (e->fd >= 0)
		(void)close(e->fd);
	*e = (struct pk_entry){ .fd = -1, .path = "" };
	return false;
}

/* Goes on until there is an entry; true when there is. */
static bool advance(struct pk_walk *w, struct pk_entry *e)
{
	while (w->depth > 0) {
		struct frame *f = &w->frames[w->depth - 1];
		const struct pk_name *name;

		w->path.len = f->path_len;
		if (f->at == f->names.count) {
			pk_listing_release(&f->names);
			w->depth--;
			continue;
		}
		name = &f->names.names[f->at++];
		pk_buf_puts(&w->path, name->text);
		if (visit(w, f->names.fd, name, e) && is_ours(w, e))
			return true;
	}
	return false;
}

enum pk_status pk_walk_next(struct pk_walk *w, struct pk_entry *ret)
{
	*ret = (struct pk_entry){ .fd = -1, .path = "" };
	if ((w->started || !start(w, ret)) && !advance(w, ret))
		ret->kind = PK_ENTRY_END;
	ret->excluded = w->excluded;
	w->excluded = 0;
	if (pk_buf_ok(&w->path))
		return PK_OK;
	if (ret->fd >= 0)
		(void)close(ret->fd);
	return PK_ERR_NOMEM;
}
