/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_XML_FILE_H
#define PK_ANALYZE_XML_FILE_H

#include "codec/xml.h"
#include "engine/scan.h"

/*
 * Reads an object that is XML as the handlers of x say, claims it, and reports
 * what stopped that: a document type that declares entities or leads
 * elsewhere, or text that is no XML (malformed is the format's rule for it).
 */
void pk_xml_scan(struct pk_scan *s, struct pk_xml *x, enum pk_rule malformed);

#endif
