/* SPDX-License-Identifier: Apache-2.0 */
#include "analyze/xml_file.h"

static void report_end(struct pk_scan *s, const struct pk_xml *x,
		       enum pk_rule malformed)
{
	switch (x->end) {
	case PK_XML_WHOLE:
	case PK_XML_STOPPED:
		return;
	case PK_XML_DOCTYPE:
		pk_report(s, PK_RULE_XML_DOCTYPE, x->at,
			  "a document type declares entities or leads to "
			  "another file; what follows was not read");
		break;
	case PK_XML_BROKEN:
		if (!s->parent)
			s->job->facts |= PK_FACT_REFUSED;
		pk_report(s, malformed, x->at, "this is no well-formed XML");
		break;
	case PK_XML_LIMIT:
		pk_report(s, malformed, x->at,
			  "elements are nested deeper, or longer, than any "
			  "model needs");
		break;
	case PK_XML_NOMEM:
		pk_report(s, PK_RULE_BUDGET_MEMORY, x->at,
			  "there was no memory to read the XML");
		break;
	}
	pk_partial(s);
}

void pk_xml_scan(struct pk_scan *s, struct pk_xml *x, enum pk_rule malformed)
{
	(void)pk_xml_read(x, s->bytes);
	pk_claim(s, 0, s->bytes->size);
	report_end(s, x, malformed);
}
