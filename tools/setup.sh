#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes a build folder ready: setup.sh BUILDDIR [meson options]
# Folders are the build's lists, so it is configured anew when files came or
# went.
set -eu
cd "$(dirname "$0")/.."
dir=$1
shift

now=$(find src include rules tests tools docs -type f \
	! -name '*.pyc' | LC_ALL=C sort; echo "$@")
again=
if [ -f "$dir/build.ninja" ]; then
	[ "$now" != "$(cat "$dir/files.list" 2>/dev/null)" ] || exit 0
	again=--reconfigure
fi
mkdir -p "$dir"
if ! meson setup $again "$@" "$dir" >"$dir/setup.log" 2>&1; then
	cat "$dir/setup.log"
	exit 1
fi
echo "$now" >"$dir/files.list"
