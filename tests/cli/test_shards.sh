#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Parts of a tree, scanned on many machines: each file once, whatever becomes
# of their reports.
. "$(dirname "$0")/lib.sh"

tree() {
	mkdir -p t/sub t/left
	for i in 1 2 3 4 5 6 7 8; do
		data t/$i.pkl
		attack t/sub/$i.pkl
		data t/left/$i.pkl
	done
	ln -s ../1.pkl t/sub/again
	echo words >t/README
}

# shards N ARGS...: s1.ndjson to sN.ndjson
shards() {
	n=$1
	shift
	for i in $(seq "$n"); do
		"$picket" scan --no-timestamps --shard "$i/$n" -o ndjson=s"$i".ndjson "$@" \
			>/dev/null 2>&1
	done
}

# whole ARGS...: the same of one machine, sorted, in whole
whole() {
	"$picket" scan --no-timestamps -f ndjson "$@" >one.ndjson 2>/dev/null
	run 0 report --no-timestamps -f ndjson one.ndjson && mv out whole
}

merged() {
	run 0 report --no-timestamps -f ndjson "$@" && cmp out whole
}

shards_are_the_whole() {
	tree
	whole --exclude left/ t
	shards 4 --exclude left/ t
	[ "$(cat s?.ndjson | grep -c '"path"')" = "$(grep -c '"path"' whole)" ] &&
		merged s1.ndjson s2.ndjson s3.ndjson s4.ndjson
}

what_came_twice_counts_once() {
	tree
	whole --exclude left/ t
	shards 2 --exclude left/ t
	cp s1.ndjson again.ndjson
	merged s1.ndjson s2.ndjson again.ndjson && merged one.ndjson one.ndjson
}

a_whole_and_its_parts_are_one() {
	tree
	whole t
	shards 2 t
	merged one.ndjson s1.ndjson s2.ndjson
}

a_missing_path_is_an_error_once() {
	tree
	shards 3 t nothing
	run 0 report -f json s1.ndjson s2.ndjson s3.ndjson s2.ndjson &&
		json 'len(r["errors"]) == 1 and r["summary"]["errors"] == 1'
}

a_cut_report_is_refused() {
	tree
	shards 2 t
	head -c 3000 s1.ndjson >cut.ndjson
	run 2 report cut.ndjson s2.ndjson && head -n 3 s1.ndjson >cut.ndjson &&
		run 2 report cut.ndjson s2.ndjson && says err 'ends before the summary'
}

attempts_in_one_file_are_told_from_one() {
	tree
	shards 1 t
	whole t
	head -n 3 s1.ndjson >log
	cat s1.ndjson >>log
	run 2 report log && says err 'counts other files' || return 1
	cat s1.ndjson s1.ndjson >log
	run 0 report -f ndjson log && says out '"files": 26'
}

a_missing_shard_is_told() {
	tree
	shards 5 t
	run 0 report s2.ndjson && run 3 report s2.ndjson s5.ndjson &&
		says err 'of 5 shards there is no report on 1,3-4'
}

# What was made of one shard's report is still a shard's.
a_shard_stays_one() {
	tree
	shards 2 t
	run 0 report -f json -o s1.json s1.ndjson && run 3 report s1.json s1.ndjson &&
		run 0 report s1.json s2.ndjson
}

# Two machines may call different files the same.
other_content_is_another_file() {
	mkdir a b
	data a/m.pkl
	attack b/m.pkl
	for d in a b; do
		(cd $d && "$picket" scan -o json=r.json m.pkl >/dev/null)
	done
	run 0 report -f json a/r.json b/r.json &&
		json '[f["verdict"] for f in r["files"]] == ["clean", "malicious"]' &&
		run 0 report -f json b/r.json a/r.json b/r.json &&
		json '[f["verdict"] for f in r["files"]] == ["clean", "malicious"]'
}

# One attempt ran out of time: nobody calls clean what was half read.
the_same_file_is_told_at_its_worst() {
	data m.pkl
	run 0 scan -f json m.pkl && mv out good.json || return 1
	sed 's/"verdict": "clean"/"verdict": "error"/; s/"complete": true/"complete": false/' \
		good.json >bad.json
	for order in 'good.json bad.json' 'bad.json good.json'; do
		# shellcheck disable=SC2086 # two names
		run 0 report -f json $order &&
			json '[f["verdict"] for f in r["files"]] == ["error"]' || return 1
	done
}

standard_input_has_no_parts() {
	data a
	run 2 scan --shard 1/2 - <a && says err 'standard input has no parts'
}

check_together shards_are_the_whole what_came_twice_counts_once \
	a_whole_and_its_parts_are_one \
	a_missing_path_is_an_error_once a_cut_report_is_refused \
	attempts_in_one_file_are_told_from_one a_missing_shard_is_told \
	a_shard_stays_one other_content_is_another_file \
	the_same_file_is_told_at_its_worst standard_input_has_no_parts
finish
