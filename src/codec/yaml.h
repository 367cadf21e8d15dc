/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_CODEC_YAML_H
#define PK_CODEC_YAML_H

#include "codec/json_read.h"

/*
 * YAML 1.1 by libyaml, as PyYAML reads it, in the tree of json_read.h.
 *
 *  - Tags are resolved through %TAG and kept:
 *    "tag:yaml.org,2002:python/object:os.system", "!mine".
 *  - An alias is a copy that shares its kids with what it names ("alias" is
 *    set); one within its own anchor is null.  Who walks the tree may pass
 *    over aliases: all that is in them stands at their anchor.
 *  - "<<" is merged: the members it adds come first, marked as aliases.
 *  - A key that is no plain text (tagged, a list, a mapping) stands as a
 *    member of its own, with an empty key, before its value.
 *  - Further documents are the "next" of the first.
 *
 * Reads what is left of the cursor, at most PK_YAML_MAX bytes, nested at most
 * PK_YAML_DEPTH deep.  After a fault the documents before it are returned,
 * since PyYAML's load_all() has then constructed them; NULL when there is
 * none.  Everything lives in the arena.
 */
enum { PK_YAML_MAX = 16 << 20, PK_YAML_DEPTH = 200 };

struct pk_jvalue *pk_yaml_parse(struct pk_cursor *c, struct pk_arena *a);

#endif
