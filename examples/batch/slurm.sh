#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Scans on a Slurm cluster: a job array, one task a unit, and a job that puts
# the results together (docs/batches.md).
#
#   slurm.sh submit DIR PATH...   plans, submits both, prints their numbers
#   slurm.sh again DIR            the same for units that are missing
#
# DIR (plan, results, report) and the paths lie on a file system that all
# nodes have, under the same names.  From the environment: PICKET, the
# program; PICKET_PLAN, PICKET_WORK, PICKET_REPORT, more options of
# the three commands; PICKET_SBATCH, more options of sbatch, such as
# "--partition=cpu --time=4:00:00"; PICKET_TASKS, how many run at once.
#
#SBATCH --job-name=picket
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@60
set -u
picket=${PICKET:-picket}
restarts_max=3

fail() {
	echo "slurm.sh: $*" >&2
	exit 2
}

# submit_both DIR UNITS: the array, and the merge behind it, whatever becomes
# of the tasks
submit_both() {
	local self array merge
	self=$(realpath "$0") || exit 2
	# shellcheck disable=SC2086 # several options
	array=$(sbatch --parsable --array="$2${PICKET_TASKS:+%$PICKET_TASKS}" \
		--output="$1/log/%a.log" ${PICKET_SBATCH:-} "$self" work "$1") || exit 2
	# shellcheck disable=SC2086
	merge=$(sbatch --parsable --dependency="afterany:$array" \
		--output="$1/log/merge.log" ${PICKET_SBATCH:-} "$self" merge "$1") || exit 2
	echo "$array $merge"
}

submit() {
	local dir=$1 units
	shift
	mkdir -p "$dir/log" || exit 2
	dir=$(realpath "$dir") || exit 2
	# shellcheck disable=SC2086
	units=$("$picket" plan ${PICKET_PLAN:-} -o "$dir/plan" -- "$@") || exit
	submit_both "$dir" "$units"
}

again() {
	local dir units status=0
	dir=$(realpath "$1") || exit 2
	# shellcheck disable=SC2086
	units=$("$picket" report ${PICKET_REPORT:-} --plan "$dir/plan" -o "$dir/report.json" \
		--format json "$dir/results") || status=$?
	[ "$status" = 3 ] || exit "$status"
	submit_both "$dir" "$units"
}

# A task that was killed, or that found no memory or no file system, may do
# better on the next node; one that somebody cancelled is to stay so.
once_more() {
	local task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
	[ "${SLURM_RESTART_COUNT:-0}" -lt $restarts_max ] || return 0
	[ "$(squeue -h -j "$task" -o %T)" = RUNNING ] || return 0
	echo "status $1: once more" >&2
	scontrol requeue "$task"
}

# Findings are no failure.  USR1 comes a minute before the time is up.
work() {
	local dir=$1 status=0 child
	# shellcheck disable=SC2086
	"$picket" work "$dir/plan" --unit "$SLURM_ARRAY_TASK_ID" --results "$dir/results" \
		--jobs "${SLURM_CPUS_PER_TASK:-1}" ${PICKET_WORK:-} &
	child=$!
	trap 'kill -TERM $child 2>/dev/null' USR1
	wait $child || status=$?
	while kill -0 $child 2>/dev/null; do # only the waiting was ended
		status=0
		wait $child || status=$?
	done
	case $status in
	75 | 13[0-9] | 14[0-9]) once_more "$status" ;;
	esac
	exit "$status"
}

merge() {
	local dir=$1 status=0
	# shellcheck disable=SC2086
	"$picket" report --format json ${PICKET_REPORT:-} --plan "$dir/plan" -o "$dir/report.json" \
		"$dir/results" || status=$?
	[ "$status" != 3 ] || echo "then: slurm.sh again $dir" >&2
	exit "$status"
}

[ $# -ge 2 ] || fail "slurm.sh submit DIR PATH... | again DIR"
case $1 in
submit) [ $# -ge 3 ] || fail "submit needs a PATH" ;;
again | work | merge) [ $# = 2 ] || fail "$1 needs one DIR" ;;
*) fail "no such action: $1" ;;
esac
"$@"
