/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch.package archives: a zip with ROOT/.data/extern_modules, pickles, and
 * Python sources that are executed when the package is imported
 * (torch/package/package_importer.py).
 */
#include "analyze/torch_zip.h"

static void torch_package_scan(struct pk_scan *s)
{
	const struct pk_torch_zip t = pk_torch_zip_of(s);
	const struct pk_zip *z = pk_zip_of(s);

	if (!t.extern_modules) {
		pk_reject(s);
		return;
	}
	for (size_t i = 0; t.sources && i < z->view[0].n; i++) {
		const struct pk_span name = pk_zip_name(&z->view[0].v[i]);

		if (name.len > 3 &&
		    memcmp(name.p + name.len - 3, ".py", 3) == 0)
			pk_report(s, PK_RULE_TORCH_PACKAGE_SOURCE,
				  z->view[0].v[i].at,
				  "%s is executed when the package is imported",
				  pk_show(s, name, 200));
	}
}

static enum pk_match torch_package_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_torch_package = {
	.name = "torch-package",
	.title = "torch.package archive",
	.reads = "its pickles; which Python sources it brings",
	.risk = PK_RISK_CODE,
	.rank = 45,
	.probe = torch_package_probe,
	.scan = torch_package_scan,
};
