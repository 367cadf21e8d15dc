#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the compiler and the linker were to build in: hardening.sh ELF...
# For an optimised build without a sanitizer; others are skipped.
LC_ALL=C
export LC_ALL
n=0
bad=0
tell() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		bad=1
	fi
}

for f in "$@"; do
	name=$(basename "$f")
	if readelf -Ws "$f" | grep -q __asan_init; then
		echo "1..0 # SKIP built with a sanitizer"
		exit 0
	fi
	readelf -Wh "$f" | grep -q 'Type:.*DYN'
	tell $? "$name: position-independent"
	readelf -Wl "$f" | grep -q GNU_RELRO
	tell $? "$name: relocations become read-only"
	readelf -Wd "$f" | grep -Eq 'BIND_NOW|FLAGS.* NOW'
	tell $? "$name: and are all made at the start"
	readelf -Wl "$f" | grep GNU_STACK | grep -q 'RW '
	tell $? "$name: the stack is not executable"
	! readelf -Wl "$f" | grep LOAD | grep -q 'RWE'
	tell $? "$name: nothing is writable and executable"
	readelf -Ws "$f" | grep -q __stack_chk_fail
	tell $? "$name: stack protector"
	readelf -Ws "$f" | grep -Eq '__(memcpy|snprintf|printf|fprintf|read|vsnprintf|pread64)_chk'
	tell $? "$name: FORTIFY"
	case $(uname -m) in
	x86_64)
		[ "$(objdump -d --no-show-raw-insn "$f" | grep -c endbr64)" \
			-gt 100 ]
		tell $? "$name: indirect jumps have landing places (CET)"
		;;
	esac
	! readelf -Wd "$f" | grep -Eq 'RPATH|TEXTREL'
	tell $? "$name: no paths and no relocations in its text"
done
echo "1..$n"
exit $bad
