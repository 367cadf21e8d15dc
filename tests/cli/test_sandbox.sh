#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The walls as a user meets them; tests/sandbox/breakout.c tries to get out.
. "$(dirname "$0")/lib.sh"

without=$(dirname "$picket")/tests/without

the_doctor_says_what_stands() {
	run 0 doctor && says out 'every needed wall stands' &&
		says out 'system-calls  stands' && run 0 doctor --json &&
		json 'r["sandbox"]["complete"] and all(w["stands"]
			for w in r["sandbox"]["walls"] if w["needed"])'
}

the_doctor_says_what_is_missing() {
	"$without" landlock_create_ruleset "$picket" doctor >out
	[ $? = 3 ] && says out 'landlock      MISSING'
}

a_scan_goes_on_without_a_wall_and_says_so() {
	data model.pkl
	"$without" landlock_create_ruleset "$picket" scan model.pkl >out 2>err
	[ $? = 0 ] && says out '1 clean' &&
		says err 'warning: the sandbox lacks landlock'
}

a_scan_that_requires_all_walls_refuses() {
	data model.pkl
	"$without" landlock_create_ruleset "$picket" scan --sandbox=require \
		model.pkl >out 2>err
	[ $? = 2 ] && [ ! -s out ] && says err 'picket doctor'
}

a_scan_that_requires_all_walls_has_them() {
	attack model.pkl
	run 1 scan --sandbox=require model.pkl && [ ! -s err ]
}

nobody_asks_about_walls_that_are_off() {
	data model.pkl
	"$without" landlock_create_ruleset "$picket" scan --sandbox=off \
		model.pkl >out 2>err
	[ $? = 0 ] && [ ! -s err ]
}

every_file_has_a_process_of_its_own_when_asked() {
	mkdir t
	for i in 1 2 3 4 5; do
		data t/$i.pkl
		attack t/$i.x.pkl
	done
	run 1 scan --isolate -f ndjson --no-timestamps t && mv out isolated &&
		run 1 scan -f ndjson --no-timestamps t && cmp out isolated
}

# What the kernel says of a worker that waits for its first file.
a_worker_stands_behind_the_walls() {
	mkfifo input
	exec 9<>input
	data model.pkl
	SECRET=x "$picket" scan model.pkl - <input >out 2>err 9<&- &
	parent=$!
	for i in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.05
		worker=$(pgrep -P $parent) || continue
		grep -q '^Seccomp:[[:space:]]*2' /proc/$worker/status && break
	done
	grep -E '^(NoNewPrivs|Seccomp|CapEff|CapPrm):' /proc/$worker/status |
		tr -d '\t' | tr '\n' ' ' >status
	ls /proc/$worker/fd | sort -n | tr '\n' ' ' >fds
	tr '\0' '\n' </proc/$worker/environ >environ 2>/dev/null
	exec 9<&-
	wait $parent
	says status 'NoNewPrivs:1 Seccomp:2' &&
		says status 'CapEff:0000000000000000' &&
		[ "$(cat fds)" = '0 1 2 3 4 ' ] && ! grep -q SECRET environ
}

if grep -aq __asan_init "$picket"; then
	echo '1..0 # SKIP a sanitizer needs what the walls forbid'
	exit 0
fi
for t in the_doctor_says_what_stands the_doctor_says_what_is_missing \
	a_scan_goes_on_without_a_wall_and_says_so \
	a_scan_that_requires_all_walls_refuses \
	a_scan_that_requires_all_walls_has_them \
	nobody_asks_about_walls_that_are_off \
	every_file_has_a_process_of_its_own_when_asked \
	a_worker_stands_behind_the_walls; do
	check $t
done
finish
