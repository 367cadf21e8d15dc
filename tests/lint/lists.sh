#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The compiler of the import lists refuses what a reviewer would: each case
# breaks one list in one way.  lists.sh GEN_LISTS LIST...
gen=$1
shift
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0
tab=$(printf '\t')

fail()
{
	echo "not refused: $1"
	bad=1
}

# refuses WHAT LIST LINE: a line more at the end of the list
refuses()
{
	rm -f "$work"/*.list
	cp "$lists"/*.list "$work"
	printf '%s\n' "$3" >>"$work/$2"
	"$gen" /dev/null "$work"/*.list 2>/dev/null && fail "$1"
}

lists=$(dirname "$1")
"$gen" /dev/null "$@" || exit 1

refuses 'a list out of order' stdlib.list "aaa${tab}3"
refuses 'a module said twice' libraries.list "$(tail -n 1 "$lists/libraries.list")"
refuses 'names out of order' safe.list "zoneinfo${tab}b a${tab}-${tab}why"
refuses 'a name said twice' safe.list "zoneinfo${tab}z z${tab}-${tab}why"
refuses 'a pair said twice' safe.list "zoneinfo${tab}zz ZoneInfo${tab}-${tab}why"
refuses 'a missing reason' safe.list "zoneinfo${tab}zz${tab}-"
refuses 'an empty reason' safe.list "zoneinfo${tab}zz${tab}-${tab}"
refuses 'a blank reason' safe.list "zoneinfo${tab}zz${tab}-${tab} "
refuses 'an unknown restriction' safe.list "zoneinfo${tab}zz${tab}maybe${tab}why"
refuses 'an unknown category' dangerous.list "zzz${tab}f${tab}fun${tab}high${tab}why"
refuses 'an unknown severity' dangerous.list "zope${tab}f${tab}exec${tab}huge${tab}why"
refuses 'a pair both safe and dangerous' safe.list "zoneinfo${tab}reset_tzpath${tab}-${tab}why"
refuses 'a module of no known library' safe.list "zzz${tab}f${tab}-${tab}why"
refuses 'a namespace in a dangerous module' namespaces.list "zmq.sub${tab}state${tab}why"
refuses 'a list nobody knows' more.list "x${tab}y"
exit $bad
