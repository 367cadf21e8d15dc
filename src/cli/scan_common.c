/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/scan_common.h"

#include <string.h>
#include <unistd.h>

#include "cli/policy_file.h"

static bool set_up(struct picket_policy *p, const struct scan_settings *s)
{
	if (picket_policy_needs_sha256(p))
		picket_options_set_sha256(s->options, true);
	if (s->fail_on && picket_policy_set_fail_on(p, s->fail_on) != PICKET_OK)
		return false;
	return !s->baseline || cli_policy_baseline(p, s->baseline);
}

struct picket_policy *cli_scan_policy(const struct scan_settings *s)
{
	struct picket_policy *p = cli_policy(s->policy);

	if (!p || set_up(p, s))
		return p;
	picket_policy_free(p);
	return NULL;
}

const char *cli_root_of(const char *path, char *const *roots, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(roots[i]);

		while (len && roots[i][len - 1] == '/')
			len--;
		if (strncmp(path, roots[i], len) == 0 && path[len] == '/')
			return roots[i];
	}
	return NULL;
}

size_t cli_scan_jobs(const struct scan_settings *s, char *const *roots,
		     size_t n)
{
	enum { FAR = 8 };
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	size_t jobs = cpus > 0 ? (size_t)cpus : 1;

	if (s->jobs)
		return (size_t)s->jobs;
	for (size_t i = 0; i < n; i++) {
		if (jobs < FAR && picket_is_uri(roots[i]))
			jobs = FAR;
	}
	return jobs;
}
