/* SPDX-License-Identifier: Apache-2.0 */
/* The door to expat. */
#include "codec/xml.h"

#include <expat.h>

enum {
	CHUNK = 64 * 1024,
	TAG_MAX = 16 << 20, /* bytes that expat would have to keep */
	PROLOG_MAX = 1 << 20,
};

static void stop(struct pk_xml *x, enum pk_xml_end why)
{
	x->end = why;
	(void)XML_StopParser(x->parser, XML_FALSE);
}

static void mark(struct pk_xml *x)
{
	const XML_Index at = XML_GetCurrentByteIndex(x->parser);

	x->at = at > 0 ? (uint64_t)at : 0;
}

static void on_open(void *user, const XML_Char *name, const XML_Char **atts)
{
	struct pk_xml *x = user;

	mark(x);
	if (++x->depth > PK_XML_DEPTH_MAX)
		stop(x, PK_XML_LIMIT);
	else if (x->open && !x->open(x, name, (const char *const *)atts))
		stop(x, PK_XML_STOPPED);
}

static void on_close(void *user, const XML_Char *name)
{
	struct pk_xml *x = user;

	x->depth--;
	mark(x);
	if (x->close)
		x->close(x, name);
}

static void on_text(void *user, const XML_Char *p, int n)
{
	struct pk_xml *x = user;

	if (x->text)
		x->text(x, (struct pk_span){ (const uint8_t *)p, (size_t)n });
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *system,
		       const XML_Char *public, int has_subset)
{
	struct pk_xml *x = user;

	(void)name;
	(void)public;
	mark(x);
	if ((system || has_subset) && !x->any_doctype)
		stop(x, PK_XML_DOCTYPE);
}

/* Entities of a document type that was read past: never expanded. */
static void on_entity(void *user, const XML_Char *name, int is_parameter)
{
	(void)user;
	(void)name;
	(void)is_parameter;
}

static void on_default(void *user, const XML_Char *p, int n)
{
	(void)user;
	(void)p;
	(void)n;
}

static void set_up(struct pk_xml *x)
{
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_open, on_close);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	XML_SetSkippedEntityHandler(x->parser, on_entity);
	/* With a default handler internal entities are handed to it instead
	 * of being expanded. */
	XML_SetDefaultHandler(x->parser, on_default);
	(void)XML_SetParamEntityParsing(x->parser,
					XML_PARAM_ENTITY_PARSING_NEVER);
}

/* Feeds one piece; false when nothing more is to be read. */
static bool feed(struct pk_xml *x, struct pk_source *src, uint64_t *at)
{
	void *buf = XML_GetBuffer(x->parser, CHUNK);
	size_t n;
	bool last;

	if (!buf) {
		x->end = PK_XML_NOMEM;
		return false;
	}
	n = pk_source_read(src, *at, buf, CHUNK);
	*at += n;
	last = n == 0 || *at >= src->size;
	if (XML_ParseBuffer(x->parser, (int)n, last) == XML_STATUS_ERROR) {
		if (x->end == PK_XML_WHOLE)
			x->end = PK_XML_BROKEN;
		mark(x);
		return false;
	}
	if (last)
		return false;
	mark(x);
	if (*at - x->at > TAG_MAX)
		x->end = PK_XML_LIMIT;
	else if ((x->go_on && !x->go_on(x)) || (x->max && *at >= x->max))
		x->end = PK_XML_STOPPED;
	return x->end == PK_XML_WHOLE;
}

enum pk_xml_end pk_xml_read(struct pk_xml *x, struct pk_source *src)
{
	uint64_t at = 0;

	x->end = PK_XML_WHOLE;
	x->depth = 0;
	x->parser = XML_ParserCreateNS(NULL, '|');
	if (!x->parser)
		return PK_XML_NOMEM;
	set_up(x);
	while (feed(x, src, &at))
		;
	XML_ParserFree(x->parser);
	x->parser = NULL;
	return x->end;
}

const char *pk_xml_attribute(const char *const *attributes, const char *name)
{
	for (; *attributes; attributes += 2) {
		if (strcmp(pk_xml_local(attributes[0]), name) == 0)
			return attributes[1];
	}
	return NULL;
}

const char *pk_xml_local(const char *name)
{
	const char *bar = strrchr(name, '|');

	return bar ? bar + 1 : name;
}

struct root {
	const char *name;
	bool found;
};

static bool on_root(struct pk_xml *x, const char *name,
		    const char *const *attributes)
{
	struct root *r = x->user;

	(void)attributes;
	r->found = strcmp(pk_xml_local(name), r->name) == 0;
	return false;
}

/* Blanks, a byte order mark, then '<', with or without zeros between. */
static bool may_be_xml(struct pk_span head)
{
	size_t i = 0;

	if (pk_span_starts(head, PK_LIT("\xef\xbb\xbf")))
		i = 3;
	else if (pk_span_starts(head, PK_LIT("\xff\xfe")) ||
		 pk_span_starts(head, PK_LIT("\xfe\xff")))
		i = 2;
	while (i < head.len &&
	       (head.p[i] == ' ' || head.p[i] == '\n' || head.p[i] == '\r' ||
		head.p[i] == '\t' || head.p[i] == 0)) {
		/* UTF-16 has one zero to a blank; tensors have many. */
		if (i + 1 < head.len && head.p[i] == 0 && head.p[i + 1] == 0)
			return false;
		i++;
	}
	return i < head.len && head.p[i] == '<';
}

bool pk_xml_root_is(struct pk_source *src, struct pk_span head,
		    const char *name)
{
	struct root r = { .name = name };
	struct pk_xml x = { .open = on_root,
			    .user = &r,
			    .any_doctype = true,
			    .max = PROLOG_MAX };

	if (!may_be_xml(head))
		return false;
	(void)pk_xml_read(&x, src);
	return r.found;
}
