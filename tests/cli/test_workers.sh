#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Workers that die, hang or are left behind.  Nothing in the program helps
# these tests: a worker is made to wait by not letting the next input come,
# and is then hit from outside.
. "$(dirname "$0")/lib.sh"

# State and processor time of the worker, and what it holds open.
doing() {
	cut -d' ' -f3,14,15 "/proc/$worker/stat" 2>/dev/null
	ls -l "/proc/$worker/fd" 2>/dev/null | grep -o 'big\.bin'
}

# Whether it has done nothing for a while: hit earlier, it costs big.bin.
idle() {
	before=$(doing)
	for i in 1 2 3; do
		sleep 0.1
		[ "$(doing)" = "$before" ] || return 1
	done
	case $before in S*big.bin*) return 1 ;; S*) return 0 ;; esac
	return 1
}

# Starts a scan that has one idle worker and waits for standard input; sets
# parent and worker.  What comes next goes to descriptor 9.
start() {
	mkfifo input
	exec 9<>input
	head -c 5000000 /dev/zero >big.bin # large enough to be sent at once
	"$picket" scan --no-timestamps "$@" big.bin - <input >out 2>err 9<&- &
	parent=$!
	worker=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		worker=$(pgrep -P $parent) && break
		sleep 0.1
	done
	[ -n "$worker" ] || return 1
	for i in 1 2 3 4 5 6 7 8 9 10; do
		idle && return 0
	done
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

for t in a_killed_worker_costs_one_file a_dead_worker_is_replaced \
	a_hanging_worker_is_stopped workers_do_not_outlive_their_parent \
	an_interrupted_scan_leaves_nothing many_files_come_back_in_order; do
	check $t
done
finish
