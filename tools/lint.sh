#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over what the build compiles: lint.sh [FILE]...
set -eu
cd "$(dirname "$0")/.."
CC=clang tools/setup.sh build-clang -Dtests=enabled -Dwerror=true
ninja -C build-clang >/dev/null
[ $# -gt 0 ] || set -- $(git ls-files 'src/*.c' 'tools/*.c' 'tests/*.c')
printf '%s\n' "$@" |
	xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build-clang 2>/dev/null
