#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages on formats say what the program says.
. "$(dirname "$0")/lib.sh"

the_index_of_formats_is_true() {
	python3 "$root/tools/formats_page.py" "$picket" | diff -u "$root/docs/formats/README.md" - | sed 's/^/# /' >differs
	[ -s differs ] || return 0
	cat differs
	return 1
}

root=$(realpath "$(dirname "$0")/../..")
check the_index_of_formats_is_true
finish
