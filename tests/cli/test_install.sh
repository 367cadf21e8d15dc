#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual, and what an installation leaves where.
. "$(dirname "$0")/lib.sh"

lint() {
	command -v mandoc >/dev/null || return 0
	mandoc -T lint -W warning "$1" >lint 2>&1 && return 0
	sed 's/^/# /' lint
	return 1
}

the_manual_is_well_formed() {
	run 0 help --mdoc && cp out picket.1 && lint picket.1 &&
		lint "$here/../../docs/man/picket-policy.5"
}

the_manual_has_every_command_and_option() {
	run 0 help --mdoc && cp out picket.1 || return 1
	sed -n 's/^CLI_COMMAND(\(.*\))/\1/p' "$here/../../src/cli/commands.def" | tr _ - |
		while read -r c; do
			grep -q "^.Ss picket $c\b" picket.1 || exit 1
			"$picket" "$c" --help | sed -n 's/^  ...\{0,1\} *--\([a-z0-9-]*\).*/\1/p' |
				grep -vx -e help -e config | while read -r o; do
				grep -q "^.It.* Fl -$o\b" picket.1 || exit 1
			done || exit 1
		done
}

# there PATH...: each is in the installation and not empty
there() {
	for p in "$@"; do
		[ -s "root$prefix/$p" ] && continue
		echo "# not installed: $p"
		(cd root && find . ! -type d | sed 's/^/# /')
		return 1
	done
}

everything_is_installed_below_destdir() {
	build=$(dirname "$picket")
	[ -f "$build/build.ninja" ] || return 0
	prefix=$(meson introspect "$build" --buildoptions | python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
	DESTDIR=$PWD/root meson install -C "$build" --no-rebuild --quiet >log 2>&1 || {
		sed 's/^/# /' log
		return 1
	}
	there bin/picket include/picket/picket.h share/man/man1/picket.1 \
		share/man/man5/picket-policy.5 share/picket/policy.schema.json \
		share/bash-completion/completions/picket.bash \
		share/fish/vendor_completions.d/picket.fish &&
		[ -s "$(find root -name _picket)" ] && [ -s "$(find root -name picket.pc)" ] &&
		[ -s "$(find root -name libpicket.so)" ] && [ -s "$(find root -name libpicket.a)" ] &&
		[ "$(ls root)" = "$(echo "$prefix" | cut -d/ -f2)" ] || return 1
	data a.pkl
	"root$prefix/bin/picket" scan a.pkl >out
}

programs_find_the_library_by_pkg_config() {
	build=$(dirname "$picket")
	[ -f "$build/build.ninja" ] && command -v pkg-config >/dev/null || return 0
	DESTDIR=$PWD/root meson install -C "$build" --no-rebuild --quiet >log 2>&1 || return 1
	pc=$(dirname "$(find "$PWD/root" -name picket.pc)")
	printf '%s\n' '#include <picket/picket.h>' '#include <stdio.h>' \
		'int main(void) { return puts(picket_version()) < 0; }' >a.c
	flags=$(PKG_CONFIG_PATH=$pc PKG_CONFIG_SYSROOT_DIR=$PWD/root pkg-config --cflags --libs picket)
	# A library under a sanitizer needs a program that is, too.
	nm -D "$(find root -name libpicket.so)" | grep -q __asan && return 0
	cc -o a a.c $flags && LD_LIBRARY_PATH=$(dirname "$pc") ./a
}

here=$(realpath "$(dirname "$0")")
check the_manual_is_well_formed
check the_manual_has_every_command_and_option
check everything_is_installed_below_destdir
check programs_find_the_library_by_pkg_config
finish
