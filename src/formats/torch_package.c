/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch.package archives: a zip with ROOT/.data/extern_modules, pickles, and
 * Python sources that are executed when the package is imported
 * (torch/package/package_importer.py).
 */
#include <strings.h>

#include "analyze/pysource.h"
#include "analyze/torch_zip.h"

static bool is_source(struct pk_span name)
{
	return name.len > 3 &&
	       strncasecmp((const char *)name.p + name.len - 3, ".py", 3) == 0;
}

static void scan_source(struct pk_scan *s, const struct pk_zip_entry *e)
{
	const struct pk_span name = pk_zip_name(e);
	struct pk_pysource_job job = {
		.rule = PK_RULE_TORCH_PACKAGE_REACHES,
		.dangerous = PK_CRITICAL,
		.notable = PK_HIGH,
		.bytes = pk_zip_member(s, e),
		.name = name,
		.at = e->at,
	};

	pk_report(s, PK_RULE_TORCH_PACKAGE_SOURCE, e->at,
		  "%s is executed when the package is imported",
		  pk_show(s, name, 200));
	(void)pk_pysource_scan(s, &job);
	pk_source_free(job.bytes);
}

static void torch_package_scan(struct pk_scan *s)
{
	const struct pk_torch_zip t = pk_torch_zip_of(s);
	const struct pk_zip *z = pk_zip_of(s);

	if (!t.extern_modules) {
		pk_reject(s);
		return;
	}
	for (size_t i = 0; i < z->view[0].n && !pk_out_of_budget(s); i++) {
		if (is_source(pk_zip_name(&z->view[0].v[i])))
			scan_source(s, &z->view[0].v[i]);
	}
}

static enum pk_match torch_package_probe(const struct pk_head *head)
{
	return pk_zip_begins(head) ? PK_MATCH_LIKELY : PK_MATCH_NO;
}

const struct pk_format pk_format_torch_package = {
	.name = "torch-package",
	.title = "torch.package archive",
	.reads = "its pickles; its Python sources, followed to what they reach",
	.risk = PK_RISK_CODE,
	.rank = 45,
	.probe = torch_package_probe,
	.scan = torch_package_scan,
};
