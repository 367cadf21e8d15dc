/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/beside.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/buf.h"
#include "engine/fingerprint.h"
#include "engine/format.h"
#include "engine/note.h"
#include "source/beneath.h"

enum { SHOWN = 200, PATH_MAX_LEN = 4096 };

struct beside {
	struct pk_scan scan; /* to report with */
	struct pk_result *r;
	int root;
	struct pk_span folder; /* of the file below the root, with a slash */
};

static struct pk_span span_of(const char *s)
{
	return (struct pk_span){ (const uint8_t *)s, strlen(s) };
}

/* The path up to its last slash, the slash included. */
static struct pk_span folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return (struct pk_span){ (const uint8_t *)path,
				 slash ? (size_t)(slash + 1 - path) : 0 };
}

/* What of the folder lies below the root; false when it does not. */
static bool below(struct pk_span folder, const char *root, struct pk_span *ret)
{
	size_t n = strlen(root);

	while (n && root[n - 1] == '/')
		n--;
	if (folder.len <= n || folder.p[n] != '/' ||
	    memcmp(folder.p, root, n) != 0)
		return false;
	*ret = (struct pk_span){ folder.p + n + 1, folder.len - n - 1 };
	return true;
}

static bool open_root(struct beside *b, const char *root)
{
	const struct pk_span folder = folder_of(b->r->path);
	char path[PATH_MAX_LEN];

	if (root && below(folder, root, &b->folder)) {
		b->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return b->root >= 0;
	}
	if (folder.len >= sizeof(path))
		return false;
	memcpy(path, folder.len ? (const char *)folder.p : ".", folder.len);
	path[folder.len] = '\0';
	b->root =
		open(folder.len ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return b->root >= 0;
}

/* A name beside the file, looked up. */
static enum pk_beneath look(struct beside *b, struct pk_span name,
			    uint64_t *ret_size)
{
	char path[PATH_MAX_LEN];

	if (name.len == 0 || b->folder.len + name.len >= sizeof(path) ||
	    memchr(name.p, 0, name.len))
		return PK_BENEATH_UNKNOWN;
	if (b->folder.len)
		memcpy(path, b->folder.p, b->folder.len);
	memcpy(path + b->folder.len, name.p, name.len);
	path[b->folder.len + name.len] = '\0';
	return pk_look_beneath(b->root, path, ret_size);
}

static void check_ref(struct beside *b, const struct pk_ref *ref)
{
	struct pk_scan *s = &b->scan;
	uint64_t size = 0;
	const enum pk_beneath kind = look(b, ref->path, &size);
	const char *name = pk_show(s, ref->path, SHOWN);

	if (kind == PK_BENEATH_NONE)
		pk_report(s, PK_RULE_REPO_REFERENCE_MISSING, ref->at,
			  "%s, which the file names (%s), is not there", name,
			  pk_ref_kind_name(ref->kind));
	else if (kind == PK_BENEATH_OUT)
		pk_report(s, PK_RULE_REPO_REFERENCE_ESCAPE, ref->at,
			  "%s, which the file names (%s), is a link out of "
			  "the folder",
			  name, pk_ref_kind_name(ref->kind));
	else if (kind == PK_BENEATH_OTHER)
		pk_report(s, PK_RULE_REPO_REFERENCE_ODD, ref->at,
			  "%s, which the file names, is no regular file", name);
	else if (kind == PK_BENEATH_FILE && size < ref->need)
		pk_report(s, PK_RULE_REPO_REFERENCE_SHORT, ref->at,
			  "%s has %llu bytes, of which the file uses %llu",
			  name, (unsigned long long)size,
			  (unsigned long long)ref->need);
}

static bool is_pickled_weights(const struct pk_result *r)
{
	static const char *const formats[] = { "pytorch-zip", "pytorch-legacy",
					       "pytorch-tar", "pickle" };

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (r->job.primary &&
		    strcmp(r->job.primary->name, formats[i]) == 0)
			return true;
	}
	return false;
}

/* pytorch_model.bin has its twin in model.safetensors, x.pt in
 * x.safetensors. */
static void check_twin(struct beside *b)
{
	const char *name = b->r->path + folder_of(b->r->path).len;
	const char *dot = strrchr(name, '.');
	char twin[300];
	uint64_t size;

	if (!dot || dot - name > 250)
		return;
	memcpy(twin, name, (size_t)(dot - name));
	strcpy(twin + (dot - name), ".safetensors");
	if (strcmp(name, "pytorch_model.bin") == 0)
		strcpy(twin, "model.safetensors");
	if (look(b, span_of(twin), &size) == PK_BENEATH_FILE)
		pk_report(&b->scan, PK_RULE_REPO_SAFETENSORS_TWIN, 0,
			  "%s lies beside this file and can be loaded instead",
			  pk_show(&b->scan, span_of(twin), SHOWN));
}

static bool anything_to_see(const struct pk_result *r)
{
	return r->opened && strcmp(r->path, "-") != 0 &&
	       (r->job.refs || is_pickled_weights(r));
}

enum pk_status pk_look_beside(struct pk_result *r, const char *root)
{
	struct beside b = { .scan = { .job = &r->job,
				      .arena = PK_ARENA(&r->job.meter) },
			    .r = r };
	const uint64_t before = r->job.finding_count;

	if (!anything_to_see(r) || !open_root(&b, root))
		return PK_OK;
	for (const struct pk_ref *ref = r->job.refs; ref; ref = ref->next) {
		/* What a member of an archive names lies in the archive. */
		if (!ref->member && !pk_ref_is_elsewhere(ref->kind))
			check_ref(&b, ref);
	}
	if (is_pickled_weights(r))
		check_twin(&b);
	(void)close(b.root);
	pk_arena_release(&b.scan.arena);
	if (r->job.finding_count == before)
		return PK_OK;
	pk_result_conclude(r);
	return pk_fingerprint(&r->job);
}
