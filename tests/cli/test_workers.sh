#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Workers that die, hang or are left behind.  Nothing in the program helps
# these tests: a worker is made to wait by not letting the next input come,
# and is then hit from outside.
. "$(dirname "$0")/lib.sh"

# A sanitizer would turn the signal into an ordinary end.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0
export ASAN_OPTIONS

# State and processor time of the worker, and what it holds open.
doing() {
	cut -d' ' -f3,14,15 "/proc/$worker/stat" 2>/dev/null
	ls -l "/proc/$worker/fd" 2>/dev/null | grep -o 'big\.bin'
}

# Whether it has done nothing for a while: hit earlier, it costs big.bin.
idle() {
	before=$(doing)
	for i in 1 2; do
		sleep 0.1
		[ "$(doing)" = "$before" ] || return 1
	done
	case $before in S*big.bin*) return 1 ;; S*) return 0 ;; esac
	return 1
}

# Starts a scan that has one idle worker and waits for standard input; sets
# parent and worker.  What comes next goes to descriptor 9.  (The first child
# only tries the sandbox.)
start() {
	mkfifo input
	exec 9<>input
	head -c 5000000 /dev/zero >big.bin # large enough to be sent at once
	"$picket" scan --no-timestamps "$@" big.bin - <input >out 2>err 9<&- &
	parent=$!
	for try in $(seq 40); do
		sleep 0.05
		worker=$(pgrep -P $parent) && idle && return 0
	done
	echo "# no idle worker"
	return 1
}

# Gone, or dead and waiting for whoever inherits it to notice.
gone() {
	! grep -q '^State:[[:space:]]*[A-Ya-z]' "/proc/$1/status" 2>/dev/null
}

# The writer's end closes when fd 9, which can read too, is gone.
send() {
	"$1" model
	cat model >&9
	exec 9<&-
}

ends_with() {
	status=0
	wait $parent || status=$?
	[ "$status" = "$1" ] && return 0
	echo "# status $status, not $1"
	sed 's/^/# /' out err
	return 1
}

a_killed_worker_costs_one_file() {
	start && kill -STOP $worker && send attack && sleep 0.5 &&
		kill -KILL $worker && ends_with 3 &&
		says out worker.crashed && says out 'signal 9' &&
		says out '2 files seen: 0 read whole, 1 read in part, 1 skipped'
}

a_dead_worker_is_replaced() {
	start && kill -KILL $worker && sleep 0.2 && send attack &&
		ends_with 1 && says out malicious
}

a_hanging_worker_is_stopped() {
	start --timeout 1 && kill -STOP $worker && send data &&
		ends_with 3 && says out budget.time
}

a_worker_that_hits_itself_costs_one_file() {
	start && kill -STOP $worker && send attack && sleep 0.5 &&
		kill -SEGV $worker &&
		kill -CONT $worker && ends_with 3 && says out worker.crashed &&
		says out 'signal 11'
}

a_worker_that_calls_too_much_is_said_to() {
	start && kill -STOP $worker && send attack && sleep 0.5 &&
		kill -SYS $worker &&
		kill -CONT $worker && ends_with 3 &&
		says out 'what no analysis needs'
}

# As the kernel does it when processor time is used up.
a_worker_without_time_is_over_budget() {
	start && kill -STOP $worker && send data && sleep 0.5 &&
		kill -XCPU $worker &&
		kill -CONT $worker && ends_with 3 && says out budget.time
}

workers_do_not_outlive_their_parent() {
	start && kill -KILL $parent && sleep 0.3 && exec 9<&- &&
		gone $worker
}

an_interrupted_scan_leaves_nothing() {
	start -o json=r.json && kill -TERM $parent && exec 9<&- &&
		ends_with 143 && [ ! -e r.json ] &&
		[ "$(ls -A | tr '\n' ' ')" = 'big.bin err input out ' ] &&
		gone $worker
}

many_files_come_back_in_order() {
	mkdir t
	for i in 1 2 3 4 5; do
		for k in 0 1 2 3 4 5 6 7 8 9; do
			data t/$i$k.pkl
			attack t/$i$k.x.pkl
		done
	done
	run 1 scan -f ndjson -j 4 t && grep -o '"path": "[^"]*' out >paths &&
		[ "$(wc -l <paths)" = 100 ] && LC_ALL=C sort -c paths
}

# Killed again and again, at moments that nobody chose.
hit_at_any_moment_the_rest_is_whole() {
	mkdir t
	for i in $(seq 100); do
		data t/$i.a.pkl
		head -c 200000 /dev/zero | gzip >t/$i.gz
		attack t/$i.x.pkl
	done
	for signal in KILL SEGV ABRT BUS STOP; do
		"$picket" scan --timeout 1 -f ndjson -j 2 t >out 2>err &
		parent=$!
		for k in 1 2 3 4 5 6; do
			sleep 0.0$k
			for worker in $(pgrep -P $parent); do
				kill -$signal $worker 2>/dev/null
				break
			done
		done
		wait $parent
		[ $? = 1 ] || return 1
		python3 - <<-'END' || return 1
			import json
			files = [json.loads(l) for l in open("out")][:-1]
			paths = [f["path"] for f in files]
			assert len(paths) == 300 and paths == sorted(paths)
			for f in files:
			    rules = {x["rule"] for x in f["findings"]}
			    if rules & {"worker.crashed", "budget.time"}:
			        assert f["verdict"] == "error"
			    elif ".x." in f["path"]:
			        assert f["verdict"] == "malicious"
			    elif ".a." in f["path"]:
			        assert f["verdict"] == "clean"
		END
		! pgrep -P $parent || return 1
	done
}

check_together a_killed_worker_costs_one_file a_dead_worker_is_replaced \
	a_hanging_worker_is_stopped a_worker_that_hits_itself_costs_one_file \
	a_worker_that_calls_too_much_is_said_to \
	a_worker_without_time_is_over_budget \
	workers_do_not_outlive_their_parent \
	an_interrupted_scan_leaves_nothing many_files_come_back_in_order \
	hit_at_any_moment_the_rest_is_whole
finish
