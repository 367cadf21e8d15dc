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

# The parts of a page, in this order.
each_page_says_what_a_reader_asks() {
	bad=0
	for page in "$root"/docs/formats/*.md; do
		[ "${page##*/}" = README.md ] && continue
		grep -oE '^\*\*What (a loader does|can hurt|is checked|is not|to use instead)\.\*\*' "$page" |
			grep -v 'is not' >parts
		printf '**What %s.**\n' 'a loader does' 'can hurt' 'is checked' 'to use instead' |
			cmp -s - parts && continue
		echo "# ${page##*/}: not in four parts"
		bad=1
	done
	return $bad
}

root=$(realpath "$(dirname "$0")/../..")
check the_index_of_formats_is_true
check each_page_says_what_a_reader_asks
finish
