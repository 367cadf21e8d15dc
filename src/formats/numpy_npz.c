/* SPDX-License-Identifier: Apache-2.0 */
/*
 * .npz: a zip whose members are .npy files (numpy/lib/_npyio_impl.py).  The
 * zip format reads the members; this gives the archive its name.
 */
#include "analyze/zip_of.h"

static bool is_array(struct pk_span name)
{
	return name.len > 4 && memcmp(name.p + name.len - 4, ".npy", 4) == 0;
}

static void numpy_npz_scan(struct pk_scan *s)
{
	const struct pk_zip *z = pk_zip_of(s);
	bool all = z && z->views && z->view[0].n;

	for (size_t i = 0; all && i < z->view[0].n; i++)
		all = is_array(pk_zip_name(&z->view[0].v[i]));
	if (!all)
		pk_reject(s);
}

static enum pk_match numpy_npz_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_numpy_npz = {
	.name = "numpy-npz",
	.title = "NumPy archive of arrays",
	.reads = "every member: headers, and the pickles of object arrays",
	.risk = PK_RISK_DATA,
	.rank = 25,
	.probe = numpy_npz_probe,
	.scan = numpy_npz_scan,
};
