/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cache_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *set(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* "~/x" is in the home. */
static char *join(const char *folder, const char *rest)
{
	const char *home = set("HOME");
	char *path;
	int n;

	if (folder[0] == '~' && (folder[1] == '/' || !folder[1]) && home)
		n = asprintf(&path, "%s%s%s", home, folder + 1, rest);
	else
		n = asprintf(&path, "%s%s", folder, rest);
	return n < 0 ? NULL : path;
}

char *cli_cache_place(void)
{
	static const char *const places[][2] = {
		{ "HF_HUB_CACHE", "" },
		{ "HUGGINGFACE_HUB_CACHE", "" },
		{ "HF_HOME", "/hub" },
		{ "XDG_CACHE_HOME", "/huggingface/hub" },
		{ "HOME", "/.cache/huggingface/hub" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *folder = set(places[i][0]);

		if (folder)
			return join(folder, places[i][1]);
	}
	return NULL;
}
