/* SPDX-License-Identifier: Apache-2.0 */
/* The attack in containers, and containers that readers read apart. */
#include "specimen/put.h"
#include "specimen/specimen.h"

/* A harmless pickle: the number 1. */
#define HARMLESS "\x80\x02K\x01."

static struct pk_span stealthy(struct pk_buf *scratch)
{
	scratch->len = 0;
	pk_put_stealthy(scratch);
	return pk_buf_span(scratch);
}

static void zip_of(struct pk_buf *b, struct pk_put_member m)
{
	struct pk_buf pickle = { 0 };

	if (!m.data.p)
		m.data = stealthy(&pickle);
	pk_put_zip(b, &m, 1);
	pk_buf_release(&pickle);
}

void pk_specimen_zip(struct pk_buf *b)
{
	zip_of(b, (struct pk_put_member){ .name = "model.pkl" });
}

void pk_specimen_tar(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_tar(b, "model.pkl", NULL, stealthy(&pickle));
	pk_put_tar_end(b);
	pk_buf_release(&pickle);
}

void pk_specimen_tar_gz(struct pk_buf *b)
{
	struct pk_buf tar = { 0 };

	pk_specimen_tar(&tar);
	pk_put_gzip(b, pk_buf_span(&tar));
	pk_buf_release(&tar);
}

void pk_specimen_nested(struct pk_buf *b)
{
	struct pk_buf inner = { 0 }, middle = { 0 };

	pk_specimen_tar_gz(&inner);
	zip_of(&middle, (struct pk_put_member){ .name = "inner.bin",
						.data = pk_buf_span(&inner) });
	zip_of(b, (struct pk_put_member){ .name = "middle.dat",
					  .data = pk_buf_span(&middle) });
	pk_buf_release(&inner);
	pk_buf_release(&middle);
}

void pk_specimen_zstd(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_zstd(b, stealthy(&pickle));
	pk_buf_release(&pickle);
}

void pk_specimen_lz4(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_lz4(b, stealthy(&pickle));
	pk_buf_release(&pickle);
}

/* ---- readers that disagree ---- */

void pk_specimen_zip_mismatch(struct pk_buf *b)
{
	zip_of(b, (struct pk_put_member){ .name = "readme.txt",
					  .local_name = "data/data.pkl" });
}

/* A member that the directory does not list: who reads from the front finds
 * it. */
void pk_specimen_zip_orphan(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_zip(b,
		   (struct pk_put_member[]){
			   { .name = "hidden.pkl",
			     .data = stealthy(&pickle),
			     .orphan = true },
			   { .name = "model.pkl", .data = PK_LIT(HARMLESS) },
		   },
		   2);
	pk_buf_release(&pickle);
}

/* The same name twice; who takes which is up to the reader. */
void pk_specimen_zip_twice(struct pk_buf *b)
{
	struct pk_buf pickle = { 0 };

	pk_put_zip(b,
		   (struct pk_put_member[]){
			   { .name = "model.pkl", .data = stealthy(&pickle) },
			   { .name = "model.pkl", .data = PK_LIT(HARMLESS) },
		   },
		   2);
	pk_buf_release(&pickle);
}

/* A pickle to who begins at the front, a zip to who begins at the end. */
void pk_specimen_zip_prepended(struct pk_buf *b)
{
	pk_put_stealthy(b);
	zip_of(b, (struct pk_put_member){ .name = "model.pkl",
					  .data = PK_LIT(HARMLESS) });
}

/* Encrypted as the header says: nobody can look. */
void pk_specimen_zip_encrypted(struct pk_buf *b)
{
	zip_of(b, (struct pk_put_member){ .name = "model.pkl",
					  .data = PK_LIT("0123456789abcdef"),
					  .flags = 1 });
}

void pk_specimen_zip_traversal(struct pk_buf *b)
{
	zip_of(b, (struct pk_put_member){ .name = "../../" PK_CANARY ".txt",
					  .data = PK_LIT(PK_CANARY "\n") });
}

void pk_specimen_tar_traversal(struct pk_buf *b)
{
	pk_put_tar(b, "../../" PK_CANARY ".txt", NULL, PK_LIT(PK_CANARY "\n"));
	pk_put_tar_end(b);
}

void pk_specimen_tar_link(struct pk_buf *b)
{
	pk_put_tar(b, "weights", "/etc", (struct pk_span){ 0 });
	pk_put_tar(b, "weights/" PK_CANARY ".txt", NULL,
		   PK_LIT(PK_CANARY "\n"));
	pk_put_tar_end(b);
}
