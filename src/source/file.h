/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PK_SOURCE_FILE_H
#define PK_SOURCE_FILE_H

#include "core/source.h"

/*
 * Over an open, seekable descriptor, which stays the caller's.  The size is
 * the one of this moment; reads are pread(2), so that a file cut short under
 * us is a short read.  A small file is read at once.  NULL with errno set when it cannot be.
 */
struct pk_source *pk_file_new(int fd);

#endif
