/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_HDF5_SCAN_H
#define PK_ANALYZE_HDF5_SCAN_H

#include "codec/hdf5.h"
#include "engine/format.h"
#include "engine/scan.h"

/* A text attribute that is a Keras configuration, or seems to be. */
struct pk_h5_config {
	struct pk_h5_config *next;
	const char *name; /* "model_config", shown */
	uint64_t off;
	uint64_t len;
};

/* What was found in an HDF5 file, for all formats that are made of it. */
struct pk_h5_facts {
	struct pk_h5_file file;
	bool walked;
	bool keras; /* weights or a model of Keras, by its attributes */
	struct pk_h5_config *configs;
};

/*
 * Walks the object's HDF5 structure, once for all who ask; findings about
 * links and datasets are made then.  NULL when out of memory.
 */
const struct pk_h5_facts *pk_h5_facts(struct pk_scan *s);

/* For probes: the signature at 0, or behind a user block. */
bool pk_h5_begins(const struct pk_head *head);

#endif
