#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs fuzz targets: fuzz.sh SECONDS [TARGET]...   (a target: pickle, file)
# Inputs that break one are kept in tests/fuzz/regressions/<target>/, where
# make test replays them from then on.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
build=build-fuzz

CC=clang tools/setup.sh $build -Dfuzzers=true -Dtests=enabled \
	-Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 \
	-Dc_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=all' \
	>/dev/null
ninja -C $build >/dev/null

work=$build/corpus
mkdir -p "$work/seeds"
$build/tests/seeds tests/corpus "$work/seeds"
[ $# -gt 0 ] || set -- $(cd $build/tests && ls | sed -n 's/^fuzz_//p' |
	grep -v '\.p$')

broken=
for target in "$@"; do
	keep=tests/fuzz/regressions/$target
	mkdir -p "$work/$target" "$keep"
	echo "== $target, $seconds seconds"
	"$build/tests/fuzz_$target" -max_total_time="$seconds" -timeout=25 \
		-rss_limit_mb=1024 -max_len=65536 -print_final_stats=1 \
		-dict=tests/fuzz/models.dict -artifact_prefix="$keep/" \
		"$work/$target" "$work/seeds" >"$work/$target.log" 2>&1 ||
		broken="$broken $target"
	grep -E 'cov:|SUMMARY|executed_units' "$work/$target.log" | tail -n 2
	rmdir "$keep" 2>/dev/null || true
done
if [ -n "$broken" ]; then
	echo "broken:$broken (logs in $work)" >&2
	exit 1
fi
