#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `picket scan` promises to shells and pipelines.
. "$(dirname "$0")/lib.sh"

a_clean_file_passes() {
	data a.pkl
	run 0 scan a.pkl && says out '1 clean' &&
		says out '1 file seen: 1 read whole, 0 read in part, 0 skipped'
}

an_attack_is_blocked() {
	attack a.pkl
	run 1 scan a.pkl && says out malicious && says out 'blocks 1 file'
}

a_bare_path_is_scanned_too() {
	attack a.pkl
	run 1 a.pkl && run 1 -q a.pkl
}

a_missing_path_is_an_error() {
	run 2 scan nothing.pt && says out nothing.pt &&
		run 2 scan -f json nothing.pt && says err nothing.pt &&
		json 'not r["pass"] and r["errors"][0]["path"] == "nothing.pt"'
}

malware_wins_over_errors() {
	attack a.pkl
	run 1 scan nothing.pt a.pkl && says out nothing.pt
}

what_is_cut_short_is_not_read_whole() {
	printf '\200\002]q\000(K\001' >a.pkl
	run 3 scan a.pkl && run 7 scan --exit-code incomplete=7 a.pkl &&
		run 0 scan -p warn a.pkl
}

an_exit_code_can_be_changed() {
	attack a.pkl
	run 42 scan --exit-code blocked=42 a.pkl
}

policies_decide() {
	attack a.pkl
	data b.pkl
	run 0 scan -p warn a.pkl && says out 'policy warn blocks nothing' &&
		run 1 scan -p strict b.pkl &&
		run 0 scan --fail-on never a.pkl &&
		run 1 scan -p warn --fail-on high a.pkl
}

what_a_model_names_is_looked_for() {
	mkdir m && echo '{"weight_map": {"a": "x.safetensors"}}' >m/i.json
	run 0 scan m && says out 'x.safetensors, which the file names (shard)'
	ln -s /etc/passwd m/x.safetensors
	run 1 scan m/i.json && says out 'is a link out of the folder' &&
		run 0 scan - <m/i.json
}

mistakes_are_told_in_one_line() {
	run 2 scan --formt json x && says err 'did you mean --format?' &&
		[ "$(wc -l <err)" = 1 ] && [ ! -s out ] &&
		run 2 scan --format jsn x && says err "did you mean 'json'" &&
		run 2 scan --format && says err 'needs a value' &&
		run 2 scan && says err 'needs a PATH' &&
		run 2 scna x && says err "did you mean 'picket scan'" &&
		run 2 scan --shard 3/2 x && run 2 scan --max-memory lots x &&
		run 2 scan -o xml=y x && run 2
}

options_come_from_the_environment() {
	attack a.pkl
	PICKET_POLICY=warn run 0 scan a.pkl &&
		PICKET_POLICY=warn run 1 scan -p standard a.pkl &&
		PICKET_POLICY=wrn run 2 scan a.pkl
}

a_model_comes_on_standard_input() {
	attack a.pkl
	run 1 scan - <a.pkl && says out 'malicious    -' || return 1
	# and through a pipe, which cannot be read twice
	status=0
	cat a.pkl | "$picket" scan - >out || status=$?
	[ "$status" = 1 ] || return 1
	status=0
	cat a.pkl | "$picket" scan --max-input 8 - >out 2>err || status=$?
	[ "$status" = 2 ] && says err --max-input
}

a_tree_is_walked_in_a_stable_order() {
	mkdir -p t/b t/a
	data t/b/1.pkl
	data t/a/2.pkl
	data t/a/10.pkl
	run 0 scan -f json t/ && json '[f["path"] for f in r["files"]] == \
		["t/a/10.pkl", "t/a/2.pkl", "t/b/1.pkl"]'
}

special_files_are_never_opened() {
	mkfifo fifo
	data a.pkl
	run 0 scan . && says out 'a FIFO, never opened' && run 2 scan fifo
}

links_that_leave_the_tree_are_told() {
	mkdir t
	ln -s /etc/passwd t/m.pt
	run 1 scan t && says out repo.link-escape
}

what_needs_no_scan_may_come_first() {
	mkdir t
	ln -s /etc/passwd t/a.pt
	for i in $(seq 40); do data "t/b$i.pkl"; done
	run 1 scan -j 1 t && says out '40 read whole'
}

an_unreadable_file_is_not_clean() {
	[ "$(id -u)" = 0 ] && return 0
	mkdir t
	data t/a.pkl
	chmod 0 t/a.pkl
	run 3 scan t && says out file.unreadable
}

json_is_json_whatever_files_are_called() {
	mkdir t
	attack "$(printf 't/a\033[31m\377\342\200\256.pkl')"
	data "$(printf 't/new\nline.pkl')"
	for format in text json ndjson; do
		run 1 scan -v -f $format t || return 1
		LC_ALL=C tr -d '\n\040-\176' <out | LC_ALL=C grep -q . &&
			return 1
	done
	run 1 scan -f json t && json 'len(r["files"]) == 2 and \
		r["files"][0]["path_hex"].startswith("742f611b")'
}

reports_are_reproducible() {
	mkdir t
	attack t/a.pkl
	data t/b.pkl
	for format in text json ndjson; do
		run 1 scan --no-timestamps -f $format -j 1 t &&
			cp out once && run 1 scan --no-timestamps -f $format t &&
			cmp out once || return 1
	done
}

ndjson_ends_with_a_summary() {
	mkdir t
	attack t/a.pkl
	data t/b.pkl
	run 1 scan -f ndjson t && [ "$(wc -l <out)" = 3 ] &&
		python3 -c '
import json
lines = [json.loads(l) for l in open("out")]
assert lines[0]["verdict"] == "malicious"
assert lines[2]["summary"]["files"] == 2'
}

several_reports_come_from_one_scan() {
	attack a.pkl
	run 1 scan -o json=r.json -o ndjson=r.nd a.pkl &&
		says out malicious && says r.json picket.report/1 &&
		[ "$(wc -l <r.nd)" = 2 ] &&
		run 1 scan -o r2.json a.pkl && [ ! -s out ] &&
		says r2.json picket.report/1 &&
		run 1 scan -f text -o r3.json a.pkl && says r3.json malicious
}

a_report_is_there_whole_or_not_at_all() {
	data a.pkl
	echo before >r.json
	run 2 scan -o json=missing/r.json a.pkl && [ ! -e missing ] &&
		run 2 scan -o json=. a.pkl &&
		run 0 scan -o json=r.json a.pkl && says r.json schema &&
		[ "$(ls -A | tr '\n' ' ')" = 'a.pkl err out r.json ' ]
}

paths_come_from_a_list() {
	attack 'a b.pkl'
	data c.pkl
	printf 'a b.pkl\nc.pkl\n' >list
	run 1 scan --files-from list && says out '2 files seen' || return 1
	printf 'a b.pkl\0c.pkl\0' >list
	run 1 scan --files-from - <list && says out '2 files seen' &&
		run 2 scan --files-from nothing
}

patterns_choose_files() {
	mkdir -p t/x t/y
	attack t/x/a.pkl
	data t/y/b.pkl
	run 0 scan --exclude x/ t && says out '1 excluded' &&
		run 0 scan --include 'y/**' t && run 1 scan --include '*.pkl' t
}

shards_together_are_everything() {
	mkdir t
	for i in 1 2 3 4 5 6 7 8 9; do data t/$i.pkl; done
	for i in 1 2 3; do
		run 0 scan -f ndjson --shard $i/3 t || return 1
		grep '"path"' out >>all
	done
	[ "$(wc -l <all)" = 9 ] && [ "$(sort -u all | wc -l)" = 9 ]
}

colours_only_where_wanted() {
	attack a.pkl
	run 1 scan a.pkl && ! grep -q "$(printf '\033')" out &&
		run 1 scan --color always a.pkl &&
		grep -q "$(printf '\033')" out
}

help_is_there() {
	run 0 help && says out scan && run 0 scan --help &&
		says out --max-memory && run 0 help rules && run 0 --help &&
		run 2 help scn && says err "'scan'" && run 0 --version &&
		says out 'picket '
}

rules_are_explained() {
	run 0 rules && says out file.empty && run 0 rules file.empty &&
		says out 'what to do' && run 2 rules file.emty &&
		says err "'file.empty'" && run 0 rules --json &&
		json 'any(x["id"] == "file.empty" for x in r["rules"])' &&
		run 0 formats && says out pickle && run 0 formats --json &&
		json 'r["formats"][0]["name"]'
}

for t in a_clean_file_passes an_attack_is_blocked a_bare_path_is_scanned_too \
	a_missing_path_is_an_error malware_wins_over_errors \
	what_is_cut_short_is_not_read_whole an_exit_code_can_be_changed \
	policies_decide mistakes_are_told_in_one_line \
	what_a_model_names_is_looked_for \
	options_come_from_the_environment a_model_comes_on_standard_input \
	a_tree_is_walked_in_a_stable_order special_files_are_never_opened \
	links_that_leave_the_tree_are_told what_needs_no_scan_may_come_first \
	an_unreadable_file_is_not_clean \
	json_is_json_whatever_files_are_called reports_are_reproducible \
	ndjson_ends_with_a_summary several_reports_come_from_one_scan \
	a_report_is_there_whole_or_not_at_all paths_come_from_a_list \
	patterns_choose_files shards_together_are_everything \
	colours_only_where_wanted help_is_there rules_are_explained; do
	check $t
done
finish
