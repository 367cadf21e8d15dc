/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/day.h"

bool pk_day_of(struct pk_span s, int64_t *ret)
{
	static const uint16_t before[] = { 0,   31,  59,  90,  120, 151,
					   181, 212, 243, 273, 304, 334 };
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30,
					31, 31, 30, 31, 30, 31 };
	unsigned n[3] = { 0 };
	unsigned past, leaps;

	if (s.len != 10 || s.p[4] != '-' || s.p[7] != '-')
		return false;
	for (size_t i = 0, field = 0; i < s.len; i++) {
		if (i == 4 || i == 7)
			field++;
		else if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		else
			n[field] = n[field] * 10 + (s.p[i] - '0');
	}
	if (n[0] < 1970 || n[1] < 1 || n[1] > 12 || n[2] < 1 ||
	    n[2] > days[n[1] - 1])
		return false;
	past = n[1] > 2 ? n[0] : n[0] - 1;
	leaps = past / 4 - past / 100 + past / 400 - 477;
	*ret = (int64_t)(n[0] - 1970) * 365 + leaps + before[n[1] - 1] + n[2] -
	       1;
	return true;
}
