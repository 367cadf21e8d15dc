/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/lists.h"

static int compare(struct pk_span key, const struct pk_list_row *row)
{
	size_t n = key.len < row->len ? key.len : row->len;
	int order = n > 0 ? memcmp(key.p, row->key, n) : 0;

	if (order != 0 || key.len == row->len)
		return order;
	return key.len < row->len ? -1 : 1;
}

const struct pk_list_row *pk_list_find(const struct pk_list *list,
				       struct pk_span key)
{
	size_t low = 0;
	size_t high = list->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = compare(key, &list->rows[mid]);

		if (order == 0)
			return &list->rows[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* Drops the last component; false when there is only one. */
static bool to_parent(struct pk_span *path)
{
	for (size_t i = path->len; i > 0; i--) {
		if (path->p[i - 1] == '.') {
			path->len = i - 1;
			return true;
		}
	}
	return false;
}

const struct pk_list_row *pk_list_find_parent(const struct pk_list *list,
					      struct pk_span path)
{
	do {
		const struct pk_list_row *row = pk_list_find(list, path);

		if (row)
			return row;
	} while (to_parent(&path));
	return NULL;
}
