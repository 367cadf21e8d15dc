#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Batches: a plan, its units as processes that are killed and run again, and
# a merged report that is byte for byte that of one process.
. "$(dirname "$0")/lib.sh"

tree() {
	mkdir -p t/sub/deep t/left
	"$picket" specimen t/specimens >/dev/null 2>&1 || return 1
	for i in $(seq 30); do
		data "t/sub/$i.pkl"
		attack "t/sub/deep/$i b.pkl"
	done
	data "t/left/x.pkl"
	data "t/sub.odd"
	attack "$(printf 't/\377\n.pkl')"
	ln -s ../sub.odd t/sub/again
	ln -s /etc/passwd t/sub/out
	ln -s nothing t/sub/dangling
	mkfifo t/fifo
	: >t/empty.pt
}

# plan FILES ARGS...: units of so many files
plan() {
	files=$1
	shift
	run 0 plan --unit-files "$files" -o plan "$@" && last=$(sed 's/.*-//' out)
}

work() {
	"$picket" work plan --results res "$@" >>log 2>&1
}

# whole ARGS...: what one process says
whole() {
	"$picket" scan --no-timestamps -f ndjson "$@" >whole 2>/dev/null
	[ -s whole ]
}

merged() {
	run 0 report --no-timestamps -f ndjson --plan plan res && cmp out whole
}

units_together_are_the_whole() {
	tree && plan 7 --exclude left/ t || return 1
	[ "$last" -gt 9 ] && whole --exclude left/ t || return 1
	for k in $(seq 0 "$last"); do
		work --unit "$k" || return 1
	done
	merged && [ -z "$(ls -A res | grep -v '^unit-[0-9]*\.ndjson$')" ] || return 1
	for k in $(seq 0 "$last"); do
		work --unit "$k" || return 1
	done
	[ "$(grep -c 'is done$' log)" = $((last + 1)) ] && merged
}

# Every process is killed at some moment, again and again, until all are done;
# they go on where they were, so that they get there.
killed_units_are_done_in_the_end() {
	tree && mkdir t/many || return 1
	for i in $(seq 2000); do attack t/many/$i.pkl; done
	plan 700 t && whole t || return 1
	# How long a unit takes here, in milliseconds.
	began=$(date +%s%N)
	"$picket" work plan --results scratch --jobs 1 --unit 0 2>>log || return 1
	takes=$((($(date +%s%N) - began) / 1000000 + 20))
	seed=$$ rounds=0
	while :; do
		status=0
		"$picket" report --plan plan res >missing 2>err || status=$?
		[ "$status" = 0 ] && break
		[ "$status" = 3 ] && [ "$rounds" -lt 100 ] || return 1
		rounds=$((rounds + 1))
		for k in $(python3 -c '
for r in open("missing").read().strip().split(","):
    a, _, b = r.partition("-")
    print(*range(int(a), int(b or a) + 1))'); do
			"$picket" work plan --results res --jobs 1 --unit "$k" >>log 2>&1 &
			child=$! # the process itself, not a shell around it
			seed=$(((seed * 1103515245 + 12345) % 2147483648))
			delay=$((takes / 4 + seed / 65536 % takes + rounds * takes / 10))
			[ "$rounds" -gt 1 ] || delay=$((takes * 6 / 10))
			sleep "$(printf '%d.%03d' $((delay / 1000)) $((delay % 1000)))"
			kill -KILL $child 2>/dev/null
			wait $child 2>/dev/null
		done
	done
	[ "$rounds" -gt 1 ] && says log 'an earlier attempt had' && merged
}

# How the names of attempts at unit 0 begin, under settings as those of FILE.
part_of() {
	sed -n 's/.*"plan": "\([0-9a-f]\{16\}\).*"settings": "\([0-9a-f]\{16\}\).*/.unit-0.\1.\2/p' "$1"
}

an_attempt_goes_on_where_the_last_was_ended() {
	tree && plan 40 t && whole t && work --unit 0 || return 1
	# What a killed attempt leaves: lines, and one that was cut.
	part=$(part_of res/unit-0.ndjson).AAAAAA.part
	head -c 9000 res/unit-0.ndjson >"res/$part"
	lines=$(wc -l <"res/$part")
	rm res/unit-0.ndjson
	work --unit 0 && says log "an earlier attempt had $lines of its 40 files" || return 1
	[ ! -e "res/$part" ] || return 1
	for k in $(seq 1 "$last"); do work --unit "$k" || return 1; done
	merged
}

# Neither lines of another plan or of other settings, nor what is no line of this unit.
what_is_no_beginning_is_not_taken() {
	tree && plan 40 t && whole t && work --unit 0 && work --unit 1 || return 1
	part=$(part_of res/unit-0.ndjson)
	cp res/unit-0.ndjson "res/${part%.*}.0123456789abcdef.AAAAAA.part"
	cp res/unit-0.ndjson "res/.unit-0.0123456789abcdef.${part##*.}.AAAAAA.part"
	head -n 3 res/unit-1.ndjson >"res/$part.BBBBBB.part"
	ln -s /etc/passwd "res/$part.CCCCCC.part"
	rm res/unit-0.ndjson
	: >log
	work --unit 0 && ! grep -q 'earlier attempt' log || return 1
	for k in $(seq 2 "$last"); do work --unit "$k" || return 1; done
	merged
}

two_attempts_at_once_are_one() {
	tree && plan 40 t && whole t || return 1
	for k in $(seq 0 "$last"); do
		for try in 1 2 3; do
			work --jobs 1 --unit "$k" &
			eval "p$try=$!"
		done
		wait "$p1" && wait "$p2" && wait "$p3" || return 1
	done
	merged && [ -z "$(ls -A res | grep -v '^unit-[0-9]*\.ndjson$')" ]
}

a_signal_is_temporary_and_leaves_what_there_is() {
	mkdir t
	for i in $(seq 300); do attack t/$i.pkl; done
	plan 300 t && whole t || return 1
	status=0
	"$picket" work plan --unit 0 --results res --jobs 1 2>/dev/null &
	child=$!
	for try in $(seq 100); do
		[ -n "$(ls -A res 2>/dev/null)" ] && break
		sleep 0.01
	done
	kill -TERM $child
	wait $child || status=$?
	# It may have been done by then.
	[ "$status" = 75 ] || [ "$status" = 0 ] || return 1
	work --unit 0 && merged
}

missing_units_are_an_array() {
	tree && plan 7 t || return 1
	for k in 1 4 5 6; do work --unit $k || return 1; done
	run 3 report --plan plan res && says out "0,2-3,7-$last" && says err missing &&
		run 3 report --plan plan -o json=x nowhere && [ "$(cat out)" = "0-$last" ]
}

a_damaged_result_is_a_missing_unit() {
	tree && plan 40 t && whole t || return 1
	for k in $(seq 0 "$last"); do work --unit "$k" || return 1; done
	head -n 3 res/unit-1.ndjson >x && mv x res/unit-1.ndjson
	cp res/unit-1.ndjson res/unit-0.ndjson
	grep -v '"path": "t/sub/2' res/unit-2.ndjson >x && mv x res/unit-2.ndjson
	run 3 report --plan plan res && [ "$(cat out)" = 0-2 ] || return 1
	for k in 0 1 2; do work --unit "$k" || return 1; done
	merged
}

other_settings_are_another_scan() {
	tree && plan 40 t || return 1
	for k in $(seq 0 "$last"); do work --unit "$k" || return 1; done
	work --unit 1 --policy strict || return 1
	run 3 report --plan plan res && [ "$(cat out)" = 1 ] && says err 'other settings' || return 1
	printf 'version: 1\nextends: strict\n' >p.yaml
	for k in $(seq 0 "$last"); do work --unit "$k" --policy p.yaml || return 1; done
	run 0 report --plan plan res && whole --policy p.yaml t && merged || return 1
	printf 'version: 1\nextends: warn\n' >p.yaml
	: >log
	work --unit 0 --policy p.yaml --jobs 3 && ! grep -q 'is done' log
}

# Files that are gone or changed are said; the rest of the unit is done.
what_happens_after_the_plan_is_said() {
	mkdir t
	for i in 1 2 3 4; do data t/$i.pkl; done
	plan 10 t || return 1
	attack t/2.pkl
	rm t/3.pkl
	mkfifo t/3.pkl
	rm t/4.pkl
	data t/5.pkl
	work --unit 0 && run 0 report -f json --plan plan res && json '
[f["verdict"] for f in r["files"]] == ["clean", "malicious", "error", "error"]' &&
		json '[x["rule"] for x in r["files"][1]["findings"]][-1] == "plan.changed"' &&
		json '"gone" in r["files"][3]["findings"][0]["message"]'
}

a_machine_without_the_files_does_not_call_them_gone() {
	mkdir t
	for i in 1 2 3 4; do data t/$i.pkl; done
	plan 10 t && cp -a t keep || return 1
	rm -r t
	run 75 work plan --unit 0 --results res && says err 'mounted?' || return 1
	mkdir t
	run 75 work plan --unit 0 --results res && [ ! -e res/unit-0.ndjson ] || return 1
	rmdir t && mv keep t
	whole t && work --unit 0 && merged
}

what_cannot_be_is_refused() {
	mkdir t
	data t/a.pkl
	plan 1 t && run 2 plan -o plan t && run 0 plan --force -o plan t &&
		run 2 plan -o p2 t nothing && [ ! -e p2 ] && run 2 plan t &&
		run 2 plan -o p2 - && run 2 plan -o p2 --unit-files 0 t &&
		run 2 work plan --unit 1 --results res && says err '0 to 0' &&
		run 2 work plan --results res && run 2 work plan --unit 0 &&
		run 2 work t/a.pkl --unit 0 --results res &&
		run 2 work plan --unit 0 --results t/a.pkl &&
		head -c 40 plan >cut && run 2 work cut --unit 0 --results res &&
		run 2 report --plan cut res && run 2 report --plan plan
}

a_scheduler_says_which_unit() {
	mkdir t
	for i in 1 2 3; do data t/$i.pkl; done
	plan 1 t && whole t || return 1
	SLURM_ARRAY_TASK_ID=2 work && JOB_COMPLETION_INDEX=0 work &&
		AWS_BATCH_JOB_ARRAY_INDEX=1 work && merged || return 1
	SLURM_ARRAY_TASK_ID=x run 2 work plan --results res &&
		SLURM_ARRAY_TASK_ID=7 run 0 work plan --results res --unit 0
}

a_plan_of_nothing_has_one_unit() {
	mkdir t
	plan 5 t && [ "$(cat out)" = 0-0 ] && whole t && work --unit 0 && merged
}

a_full_disk_is_temporary() {
	[ -w /dev/full ] && [ "$(id -u)" = 0 ] && mkdir t res || return 0
	data t/a.pkl
	plan 1 t || return 1
	mount -t tmpfs -o size=4k,nr_inodes=10 none res 2>/dev/null || return 0
	head -c 4096 /dev/zero >res/full
	status=0
	"$picket" work plan --unit 0 --results res >out 2>err || status=$?
	umount res
	[ "$status" = 75 ]
}

every_file_for_a_cluster_is_well_formed() {
	bash -n "$root/examples/batch/slurm.sh" || return 1
	python3 - "$root/examples/batch/kubernetes.yaml" "$picket" <<'END'
import subprocess, sys
try:
    import yaml
except ImportError:
    sys.exit(0)
units, merge = yaml.safe_load_all(open(sys.argv[1]))
assert units["spec"]["completionMode"] == "Indexed"
for job in units, merge:
    pod = job["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"
    assert pod["securityContext"]["runAsNonRoot"]
    command, *args = pod["containers"][0]["args"]
    help = subprocess.run([sys.argv[2], command, "--help"],
                          capture_output=True, text=True).stdout
    for a in args:
        assert not a.startswith("-") or a.split("=")[0] in help, a
END
}

root=$(realpath "$(dirname "$0")/../..")
check_together units_together_are_the_whole killed_units_are_done_in_the_end \
	an_attempt_goes_on_where_the_last_was_ended what_is_no_beginning_is_not_taken \
	two_attempts_at_once_are_one a_signal_is_temporary_and_leaves_what_there_is
check_together missing_units_are_an_array a_damaged_result_is_a_missing_unit \
	other_settings_are_another_scan what_happens_after_the_plan_is_said \
	a_machine_without_the_files_does_not_call_them_gone what_cannot_be_is_refused \
	a_scheduler_says_which_unit a_plan_of_nothing_has_one_unit a_full_disk_is_temporary \
	every_file_for_a_cluster_is_well_formed
finish
