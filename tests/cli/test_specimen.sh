#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `picket specimen`: harmless files of every attack class.
. "$(dirname "$0")/lib.sh"

specimens_are_written_with_their_list() {
	run 0 specimen d && [ -s d/pickle/protocol-0.pkl ] &&
		[ "$(head -n 1 d/specimens.csv)" = \
			path,sha256,expect,technique,attack ] &&
		cp d/specimens.json out && json '(r["canary"] == "picket-canary" and
all(s["expect"] in ("malicious", "suspicious", "error") and s["attack"]
    and s["technique"].startswith("AML.T") and s["what"]
    for s in r["specimens"]) and len(r["specimens"]) >= 40)' &&
		[ "$(find d -type f | wc -l)" = "$(($(wc -l <d/specimens.csv) + 1))" ]
}

nothing_is_overwritten_unasked() {
	mkdir -p d/pickle
	echo mine >d/pickle/inst.pkl
	run 2 specimen d && says err --force && [ ! -e d/specimens.json ] &&
		[ "$(cat d/pickle/inst.pkl)" = mine ] &&
		run 0 specimen --force d && run 2 specimen d
}

the_score_is_shown() {
	run 0 specimen --check d && says out 'ok      malicious' &&
		! grep -q MISSED out && run 0 specimen d --check --json &&
		json '(r["pass"] and r["total"] == r["blocked"] ==
r["as_expected"] == len(r["specimens"]))'
}

a_miss_is_a_failure() {
	run 0 specimen d || return 1
	data d/pickle/inst.pkl
	run 1 specimen --check d && says out 'MISSED  clean' &&
		rm d/pickle/inst.pkl && run 2 specimen --check d &&
		says err inst.pkl
}

every_one_is_blocked_by_a_scan() {
	run 0 specimen d && run 1 scan -f json d && json 'all(
f["action"] == "block" for f in r["files"]
if not f["path"].endswith((".csv", ".json")))'
}

mistakes_are_told() {
	run 2 specimen && run 2 specimen a b && echo >f && run 2 specimen f &&
		says err 'cannot make'
}

for t in specimens_are_written_with_their_list \
	nothing_is_overwritten_unasked the_score_is_shown a_miss_is_a_failure \
	every_one_is_blocked_by_a_scan mistakes_are_told; do
	check $t
done
finish
