/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_KERAS_CONFIG_H
#define PK_ANALYZE_KERAS_CONFIG_H

#include "codec/json_read.h"
#include "engine/scan.h"

/*
 * Judges a Keras configuration: config.json of a .keras archive, the
 * attributes of an HDF5 model, the metadata of a SavedModel.  Loaders import
 * and call what any object in it names, at any depth, so each is judged:
 * modules, functions, code of Lambda layers, files that layers read.
 *
 * The text stands at offset off of the object (findings are placed by it);
 * what names it in messages: "model_config".  Text that is no JSON makes the
 * scan partial.
 */
void pk_keras_config_scan(struct pk_scan *s, struct pk_span text, uint64_t off,
			  const char *what);

/* The same of a tree that has been read; text is what it was read from. */
void pk_keras_config_judge(struct pk_scan *s, const struct pk_jvalue *root,
			   struct pk_span text, uint64_t off, const char *what);

/* Whether a tree is a Keras configuration by its own word. */
bool pk_keras_config_is(const struct pk_jvalue *root);

#endif
