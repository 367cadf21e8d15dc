#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes a folder of small models, some of which would run a command when
# they are loaded (it prints a word, nothing else), and scans it: demo.sh PICKET
set -eu
cd "$(dirname "$0")/.."
picket=$1
pka=$(dirname "$1")/tests/pka
dir=$(dirname "$1")/demo

rm -rf "$dir"
mkdir -p "$dir/models/old"
model() {
	"$pka" "tests/corpus/$1.pka" >"$dir/models/$2"
}
model pickle/state-dict state_dict.pkl
model torch_zip/checkpoint checkpoint.pt
model pickle/os-system-protocol-0 old/protocol-0.pkl
model pickle/os-system-protocol-4 protocol-4.pkl
model zip/pickle-behind-a-picture weights.safetensors
echo "# Our models" >"$dir/models/README.md"

echo "\$ picket scan $dir/models"
status=0
"$picket" scan -v "$dir/models" || status=$?
echo
echo "exit status $status: the policy blocks what would run code"

# The demonstration holds only if exactly the three hostile files are blocked.
blocked=$("$picket" scan -f json "$dir/models" 2>/dev/null |
	grep -o '"action": *"block"' | wc -l)
if [ "$status" != 1 ] || [ "$blocked" != 3 ]; then
	echo "demo: expected 3 blocked files and status 1," \
		"got $blocked and $status" >&2
	exit 1
fi
