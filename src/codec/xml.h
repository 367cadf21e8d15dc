/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_XML_H
#define PK_CODEC_XML_H

#include "core/source.h"

/*
 * XML, element by element, in any encoding that expat reads.  No entity is
 * expanded but the five of XML itself, and nothing outside of the document is
 * opened: a document type declaration that could ask for either ends the
 * reading.
 */
enum pk_xml_end {
	PK_XML_WHOLE,   /* read to its end */
	PK_XML_STOPPED, /* by a handler */
	PK_XML_DOCTYPE, /* declares entities, or leads to another file */
	PK_XML_BROKEN,  /* not well-formed */
	PK_XML_LIMIT,   /* nested too deep, or one tag longer than 16 MiB */
	PK_XML_NOMEM,
};

enum { PK_XML_DEPTH_MAX = 256 };

struct pk_xml {
	/* Texts are UTF-8 and live until the handler returns; attributes are
	 * pairs of name and value, ended by NULL.  False ends the reading.
	 * Namespaces: "uri|name".  Each may be NULL. */
	bool (*open)(struct pk_xml *x, const char *name,
		     const char *const *attributes);
	void (*close)(struct pk_xml *x, const char *name);
	/* In pieces, as it comes. */
	void (*text)(struct pk_xml *x, struct pk_span text);
	/* Asked once for each 64 KiB; false ends the reading. */
	bool (*go_on)(struct pk_xml *x);
	void *user;
	bool any_doctype; /* read on behind one; it is not expanded either */
	uint64_t max;     /* stop after so many bytes; 0: never */

	unsigned depth;
	uint64_t at; /* offset of what a handler is told of, or of the end */
	void *parser;
	enum pk_xml_end end;
};

enum pk_xml_end pk_xml_read(struct pk_xml *x, struct pk_source *src);

/* The value of the attribute, or NULL. */
const char *pk_xml_attribute(const char *const *attributes, const char *name);

/* A name without its namespace. */
const char *pk_xml_local(const char *name);

/* Whether the source is XML whose root element has that name (without its
 * namespace); prologs longer than a megabyte are not looked through. */
bool pk_xml_root_is(struct pk_source *src, struct pk_span head,
		    const char *name);

#endif
