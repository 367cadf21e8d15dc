/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_FLEXBUF_H
#define PK_CODEC_FLEXBUF_H

#include "core/span.h"

/*
 * FlexBuffers, as far as TensorFlow Lite's options need them: the i-th element
 * of the vector, or value of the map, that is the root, when it is a text or
 * a blob.  False when it is none, or an offset leads elsewhere.
 *
 * Source: https://flatbuffers.dev/flexbuffers
 */
bool pk_flex_text(struct pk_span bytes, unsigned i, struct pk_span *ret);

#endif
