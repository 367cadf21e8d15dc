/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_ANALYZE_LUA_CHUNK_H
#define PK_ANALYZE_LUA_CHUNK_H

#include "engine/scan.h"

/*
 * A Lua function that a file carries, as source or as the bytecode of Lua 5.1
 * to 5.4 or LuaJIT: reports it, and as critical when its constants name what
 * starts programs or loads code.  The bytes lie at [off, off + len) of the
 * object.
 */
void pk_lua_chunk_scan(struct pk_scan *s, uint64_t off, uint64_t len);

#endif
