#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the sanitizers do not see, reads of memory that nobody wrote: every case
# of the corpus, some with too little memory, and the tests of the parsers.
set -eu
cd "$(dirname "$0")/.."
build=build

check() {
	echo "== $*"
	valgrind -q --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=definite "$@" >"$build/valgrind.log" 2>&1 || {
		cat "$build/valgrind.log"
		exit 1
	}
}

check $build/tests/corpus tests/corpus
check $build/tests/starve -n 10 tests/corpus
for t in $build/tests/test_core_* $build/tests/test_codec_* \
	$build/tests/test_source_* $build/tests/test_formats_*; do
	case $t in *.p) ;; *) check "$t" ;; esac
done
echo "valgrind found nothing"
