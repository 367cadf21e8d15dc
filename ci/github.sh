#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What action.yml runs: everything comes by the environment.
set -u
: "${GITHUB_OUTPUT:=/dev/null}" "${RUNNER_TEMP:=/tmp}"
out=$(mktemp -d "$RUNNER_TEMP/picket.XXXXXX") || exit 2

# Downloads what $INPUT_URL names; it is run only with the digest it should
# have.
fetch() {
	if [ -z "${INPUT_SHA256:-}" ]; then
		echo "url needs sha256, the digest of what lies there" >&2
		exit 2
	fi
	curl --fail --silent --show-error --location --proto '=https,file' \
		--output "$out/picket" -- "$INPUT_URL" || exit 2
	if ! echo "$INPUT_SHA256  $out/picket" | sha256sum --check --status; then
		echo "what was downloaded does not have the digest that sha256 names" >&2
		exit 2
	fi
	chmod +x "$out/picket"
	picket=$out/picket
}

picket=picket
[ -z "${INPUT_URL:-}" ] || fetch

set -- --policy "${INPUT_POLICY:-standard}" --no-progress
[ -z "${INPUT_BASELINE:-}" ] || set -- "$@" --baseline "$INPUT_BASELINE"
# The form of report for GitHub escapes what a file's name could make a
# command of.
status=0
printf '%s\n' "${INPUT_PATH:-.}" |
	"$picket" scan "$@" --format github --output "sarif=$out/picket.sarif" \
		--output "json=$out/report.json" --files-from - || status=$?

blocked=$(sed -n 's/.*"blocked": *\([0-9]*\).*/\1/p' "$out/report.json" 2>/dev/null | head -n 1)
{
	echo "report=$out/report.json"
	echo "sarif=$out/picket.sarif"
	echo "findings=${blocked:-0}"
	echo "exit-code=$status"
} >>"$GITHUB_OUTPUT"
exit "$status"
