#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists the files below DIR whose names match GLOB, leaving out a sub-folder,
# in a stable order, for the build: list.sh DIR GLOB [SKIP]
cd "${MESON_SOURCE_ROOT:-.}" || exit 1
find "$1" -type f -name "$2" ! -path "$1/${3:-//}/*" | LC_ALL=C sort
