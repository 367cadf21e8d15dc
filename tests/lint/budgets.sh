#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/budgets.md lists every budget that --help does, with the same default:
# budgets.sh PICKET DOCS
"$1" scan --help | sed -n '/^Budgets/,/^$/p' >"${TMPDIR:-/tmp}/budgets.$$"
trap 'rm -f "${TMPDIR:-/tmp}/budgets.$$"' EXIT
# An option and its text may stand on two lines.
tr '\n' ' ' <"${TMPDIR:-/tmp}/budgets.$$" | sed 's/ --/\n--/g' |
	sed -n 's/^\(--[a-z-]*\) .*(\([0-9]*[KMGT]*\)) *$/\1 \2/p' |
	{
		n=0
		while read -r option default; do
			n=$((n + 1))
			grep -qF "| \`$option\` | $default |" "$2" && continue
			echo "$2 lacks: $option $default"
			exit 1
		done
		[ $n -ge 8 ]
	}
