/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sign_opts.h"

const char *sign_nth_hash(size_t n)
{
	return picket_hash_name((enum picket_hash)n);
}

void sign_ignore_git(struct tree_settings *s)
{
	static const char *const paths[] = { ".git", ".gitattributes",
					     ".github", ".gitignore" };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		s->ignores[s->ignore_count++] = paths[i];
}
