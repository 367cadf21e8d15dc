/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/dotted.h"

bool pk_dotted_next(struct pk_span *rest, struct pk_span *ret_step)
{
	const uint8_t *dot;

	if (!rest->p)
		return false;
	*ret_step = *rest;
	dot = rest->len > 0 ? memchr(rest->p, '.', rest->len) : NULL;
	if (!dot) {
		*rest = (struct pk_span){ 0 };
		return true;
	}
	ret_step->len = (size_t)(dot - rest->p);
	*rest = (struct pk_span){ dot + 1, rest->len - ret_step->len - 1 };
	return true;
}

struct pk_span pk_dotted_first(struct pk_span name)
{
	struct pk_span first = { 0 };

	(void)pk_dotted_next(&name, &first);
	return first;
}

struct pk_span pk_dotted_last(struct pk_span name)
{
	struct pk_span last = name;

	while (pk_dotted_next(&name, &last))
		;
	return last;
}

bool pk_dotted_has_dot(struct pk_span name)
{
	return name.len > 0 && memchr(name.p, '.', name.len) != NULL;
}

size_t pk_dotted_steps(struct pk_span name)
{
	struct pk_span step;
	size_t n = 0;

	while (pk_dotted_next(&name, &step))
		n++;
	return n;
}
