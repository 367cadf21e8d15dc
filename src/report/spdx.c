/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SPDX 3.0.1 as JSON-LD: an element for each file; for a model also an
 * ai_AIPackage that contains it; what it states of its licence; which file
 * depends on which.  An element's id is made of what it says and of when that
 * was said: elements do not change, and are of no other document.
 *
 * The AI profile wants a supplier and a time of release of every package.
 * No file proves either, so that the document does not claim this profile.
 */
#include <stdio.h>

#include "core/utf8.h"
#include "engine/format.h"
#include "report/inventory.h"

#define INFO "_:creation"
#define REF  "LicenseRef-stated"
enum { ID_MAX = 64 };

static void begin(struct pk_output *o)
{
	struct pk_json *j = &o->json;

	*j = (struct pk_json){ .out = &o->out, .pretty = true };
	o->digest = pk_sha256_new();
	pk_json_object(j, NULL);
	pk_json_str(j, "@context",
		    "https://spdx.org/rdf/3.0.1/spdx-context.jsonld");
	pk_json_array(j, "@graph");
}

/* When the document was made; SPDX must have a time. */
static const char *created(const struct pk_output *o,
			   char text[PK_TIME_TEXT + 1])
{
	pk_time_text(text, o->style.timestamps ? o->started : 0);
	return strcat(text, "Z");
}

/* "urn:uuid:..." of the one element of that kind that is about this. */
static void make_id(const struct pk_output *o, char ret[ID_MAX],
		    const char *kind, struct pk_span about)
{
	char when[PK_TIME_TEXT + 1];
	struct pk_sha256 *h = pk_sha256_new();
	uint8_t digest[PK_SHA256_LEN];
	struct pk_buf b = { 0 };

	(void)created(o, when);
	pk_sha256_add(h, when, strlen(when) + 1);
	pk_sha256_add(h, kind, strlen(kind) + 1);
	pk_sha256_add(h, about.p, about.len);
	(void)pk_sha256_end(h, digest);
	pk_buf_puts(&b, "urn:uuid:");
	pk_put_uuid(&b, digest);
	(void)snprintf(ret, ID_MAX, "%s", pk_buf_str(&b));
	pk_buf_release(&b);
}

static void open_element(struct pk_json *j, const char *type, const char *id)
{
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "type", type);
	pk_json_str(j, "spdxId", id);
	pk_json_str(j, "creationInfo", INFO);
}

static void put_relationship(struct pk_output *o, const char *from,
			     const char *type, const char *to)
{
	struct pk_json *j = &o->json;
	char about[3 * ID_MAX], id[ID_MAX];

	(void)snprintf(about, sizeof(about), "%s %s %s", from, type, to);
	make_id(o, id, "Relationship", pk_text_span(about));
	open_element(j, "Relationship", id);
	pk_json_str(j, "from", from);
	pk_json_str(j, "relationshipType", type);
	pk_json_array(j, "to");
	pk_json_str(j, NULL, to);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_property(struct pk_json *j, const char *name, const char *value)
{
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "extension_CdxPropertyEntry");
	pk_json_str(j, "extension_cdxPropName", name);
	pk_json_str(j, "extension_cdxPropValue", value);
	pk_json_close(j);
}

static void put_name(struct pk_json *j, const char *path)
{
	struct pk_buf name = { 0 };

	pk_utf8_defuse(&name, pk_text_span(path));
	pk_json_str(j, "name", pk_buf_str(&name));
	j->out->failed |= name.failed;
	pk_buf_release(&name);
}

/* What a file and the package around it have in common. */
static void put_common(struct pk_json *j, const struct pk_result *r)
{
	put_name(j, r->path);
	if (pk_is_model(r))
		pk_json_str(j, "software_primaryPurpose", "model");
	if (r->job.has_sha256) {
		pk_json_array(j, "verifiedUsing");
		pk_json_object(j, NULL);
		pk_json_str(j, "type", "Hash");
		pk_json_str(j, "algorithm", "sha256");
		pk_json_hex(j, "hashValue", "",
			    (struct pk_span){ r->job.sha256, PK_SHA256_LEN });
		pk_json_close(j);
		pk_json_close(j);
	}
}

static void put_properties(struct pk_json *j, const struct pk_result *r)
{
	pk_json_array(j, "extension");
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "extension_CdxPropertiesExtension");
	pk_json_array(j, "extension_cdxProperty");
	pk_each_property(j, r, put_property);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

static void put_text(struct pk_json *j, const char *key,
		     const struct pk_job *job, enum pk_stated what)
{
	struct pk_buf b = { 0 };

	if (pk_put_stated(&b, job, what))
		pk_json_str(j, key, pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

/* The URI that the file was scanned under.  A URL of the web is one as it
 * stands; in others the path is a name, in which any character may be. */
static void put_location(struct pk_json *j, const char *uri)
{
	const char *fine = strncmp(uri, "http", 4) == 0
				   ? "-._~:/@!$&'()*+,;=?#%"
				   : "-._~:/@!$&'()*+,;=";
	struct pk_buf b = { 0 };

	for (; *uri; uri++) {
		if ((*uri >= 'a' && *uri <= 'z') ||
		    (*uri >= 'A' && *uri <= 'Z') ||
		    (*uri >= '0' && *uri <= '9') || strchr(fine, *uri))
			pk_buf_putc(&b, *uri);
		else
			pk_buf_printf(&b, "%%%02X", (unsigned char)*uri);
	}
	pk_json_str(j, "software_downloadLocation", pk_buf_str(&b));
	j->out->failed |= b.failed;
	pk_buf_release(&b);
}

static void put_package(struct pk_json *j, const struct pk_result *r,
			const char *id)
{
	const struct pk_job *job = &r->job;
	struct pk_buf purl = { 0 };

	open_element(j, "ai_AIPackage", id);
	put_common(j, r);
	put_text(j, "description", job, PK_STATED_ABOUT);
	put_text(j, "software_packageVersion", job, PK_STATED_VERSION);
	if (pk_stated_of(job, PK_STATED_ARCHITECTURE)) {
		pk_json_array(j, "ai_typeOfModel");
		put_text(j, NULL, job, PK_STATED_ARCHITECTURE);
		pk_json_close(j);
	}
	if (r->origin)
		put_location(j, r->path);
	if (pk_put_purl(&purl, r->path))
		pk_json_str(j, "software_packageUrl", pk_buf_str(&purl));
	j->out->failed |= purl.failed;
	pk_buf_release(&purl);
	pk_json_close(j);
}

/* What is on no list is a text that an identifier of this document's own
 * stands for. */
static void put_own_license(struct pk_output *o, struct pk_span text,
			    const char *id)
{
	struct pk_json *j = &o->json;
	struct pk_buf shown = { 0 };
	char text_id[ID_MAX];

	pk_utf8_escape(&shown, text, PK_STATED_LEN);

	make_id(o, text_id, "simplelicensing_SimpleLicensingText", text);
	open_element(j, "simplelicensing_SimpleLicensingText", text_id);
	pk_json_str(j, "simplelicensing_licenseText", pk_buf_str(&shown));
	pk_json_close(j);
	j->out->failed |= shown.failed;
	pk_buf_release(&shown);
	open_element(j, "simplelicensing_LicenseExpression", id);
	pk_json_str(j, "simplelicensing_licenseExpression", REF);
	pk_json_array(j, "simplelicensing_customIdToUri");
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "DictionaryEntry");
	pk_json_str(j, "key", REF);
	pk_json_str(j, "value", text_id);
	pk_json_close(j);
	pk_json_close(j);
	pk_json_close(j);
}

/* A licence is one element, however many files state it. */
static void put_license(struct pk_output *o, const struct pk_result *r,
			const char *of)
{
	struct pk_json *j = &o->json;
	struct pk_span text;
	const char *known;
	char id[ID_MAX];

	if (!pk_declared_license(r, &text))
		return;
	known = pk_spdx_id(text);
	make_id(o, id, "simplelicensing_LicenseExpression",
		known ? pk_text_span(known) : text);
	if (pk_links_first(&o->links, id)) {
		if (known) {
			open_element(j, "simplelicensing_LicenseExpression",
				     id);
			pk_json_str(j, "simplelicensing_licenseExpression",
				    known);
			pk_json_close(j);
		} else {
			put_own_license(o, text, id);
		}
	}
	put_relationship(o, of, "hasDeclaredLicense", id);
}

/* The ids of a file's elements are made of all that they say. */
static void put_file(struct pk_output *o, const struct pk_result *r)
{
	struct pk_buf about = { 0 };
	struct pk_json line = { .out = &about }, *j = &o->json;
	char file[ID_MAX], package[ID_MAX];
	const char *id = file;

	pk_json_object(&line, NULL);
	put_common(&line, r);
	put_properties(&line, r);
	pk_json_close(&line);
	pk_buf_puts(&about, r->path);
	make_id(o, file, "software_File", pk_buf_span(&about));
	make_id(o, package, "ai_AIPackage", pk_buf_span(&about));
	open_element(j, "software_File", file);
	put_common(j, r);
	put_properties(j, r);
	pk_json_close(j);
	if (pk_is_model(r)) {
		put_package(j, r, package);
		put_relationship(o, package, "contains", file);
		id = package;
	}
	put_license(o, r, id);
	pk_links_add(&o->links, r, id);
	j->out->failed |= about.failed;
	pk_buf_release(&about);
}

static void file(struct pk_output *o, const struct pk_result *r)
{
	const size_t before = o->out.len;

	put_file(o, r);
	pk_sha256_add(o->digest, o->out.p + before, o->out.len - before);
}

static void put_dependencies(struct pk_output *o)
{
	for (const struct pk_linked *f = o->links.first; f; f = f->next) {
		const struct pk_link *rest = f->to;
		const char *id;

		while ((id = pk_links_next(&o->links, f, &rest)) != NULL)
			put_relationship(o, f->id, "dependsOn", id);
	}
}

static void put_creation(struct pk_output *o)
{
	struct pk_json *j = &o->json;
	char id[ID_MAX], when[PK_TIME_TEXT + 1];

	make_id(o, id, "SoftwareAgent", pk_text_span("picket " PICKET_VERSION));
	pk_json_inline(j);
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "CreationInfo");
	pk_json_str(j, "@id", INFO);
	pk_json_str(j, "specVersion", "3.0.1");
	pk_json_str(j, "created", created(o, when));
	pk_json_array(j, "createdBy");
	pk_json_str(j, NULL, id);
	pk_json_close(j);
	pk_json_close(j);
	open_element(j, "SoftwareAgent", id);
	pk_json_str(j, "name", "picket " PICKET_VERSION);
	pk_json_close(j);
}

static void put_document(struct pk_output *o)
{
	static const char *const profiles[] = { "core", "software",
						"simpleLicensing",
						"extension" };
	uint8_t digest[PK_SHA256_LEN];
	struct pk_json *j = &o->json;
	char id[ID_MAX];

	if (!pk_sha256_end(o->digest, digest))
		o->out.failed = true;
	o->digest = NULL;
	make_id(o, id, "SpdxDocument",
		(struct pk_span){ digest, sizeof(digest) });
	pk_json_object(j, NULL);
	pk_json_str(j, "type", "SpdxDocument");
	pk_json_str(j, "spdxId", id);
	pk_json_str(j, "creationInfo", INFO);
	pk_json_array(j, "profileConformance");
	for (size_t i = 0; i < sizeof(profiles) / sizeof(*profiles); i++)
		pk_json_str(j, NULL, profiles[i]);
	pk_json_close(j);
	pk_json_array(j, "rootElement");
	for (const struct pk_linked *f = o->links.first; f; f = f->next)
		pk_json_str(j, NULL, f->id);
	pk_json_close(j);
	pk_json_close(j);
}

static void finish(struct pk_output *o, const struct pk_summary *s)
{
	(void)s;
	put_dependencies(o);
	put_creation(o);
	put_document(o);
	pk_json_close(&o->json);
	pk_json_close(&o->json);
}

const struct pk_reporter pk_reporter_spdx = {
	.name = "spdx",
	.title = "SPDX 3.0.1, an inventory of models (JSON-LD)",
	.needs = PK_NEEDS_SHA256 | PK_NEEDS_STATED,
	.begin = begin,
	.file = file,
	.finish = finish,
};
