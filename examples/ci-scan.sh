#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scans with picket, and with fickling and modelscan where they are
# installed, and joins the verdicts: ci-scan.sh PATH...
#
# The models pass when every scanner that ran passes them.  None that is
# missing passes anything, and one that could not do its work blocks: the exit
# status is the worst, 1 (blocked) before 3 (not read whole) before 2 (no
# verdict) before 0.  $PICKET names the program, $PICKET_ARGS more of its
# options.
set -u
[ $# -gt 0 ] || {
	echo "usage: ci-scan.sh PATH..." >&2
	exit 2
}

worst=0
rank() {
	case $1 in 1) echo 3 ;; 3) echo 2 ;; 2) echo 1 ;; *) echo 0 ;; esac
}

# join SCANNER WHAT STATUS
join() {
	case $3 in
	0) word=passes ;;
	1) word=BLOCKED ;;
	3) word="not read whole" ;;
	*) word="no verdict" ;;
	esac
	printf '%-10s %-15s %s\n' "$1" "$word" "$2"
	[ "$(rank "$3")" -le "$(rank "$worst")" ] || worst=$3
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# A status that a scanner does not promise is no verdict.
known() {
	case " $2 " in *" $1 "*) echo "$1" ;; *) echo 2 ;; esac
}

run_picket() {
	status=0
	# shellcheck disable=SC2086 # several options
	"${PICKET:-picket}" scan --quiet --no-progress ${PICKET_ARGS:-} -- "$@" >&2 || status=$?
	join picket "$*" "$(known "$status" '0 1 2 3')"
}

# 0: nothing found, 1: issues, 2: failed, 3: nothing it could scan, which is
# an answer of the one scanner that reads fewer formats.
run_modelscan() {
	for path in "$@"; do
		status=0
		modelscan -p "$path" >&2 || status=$?
		case $status in
		3) join modelscan "$path (nothing it reads)" 0 ;;
		*) join modelscan "$path" "$(known "$status" '0 1 2')" ;;
		esac
	done
}

# It takes one pickle at a time; 0: safe as far as it sees, 1: not.
run_fickling() {
	list=$(mktemp) || exit 2
	find "$@" -type f \( -iname '*.pkl' -o -iname '*.pickle' -o -iname '*.pt' \
		-o -iname '*.pth' -o -iname '*.joblib' \) -print >"$list"
	while IFS= read -r file; do
		status=0
		fickling --check-safety -- "$file" >&2 </dev/null || status=$?
		join fickling "$file" "$(known "$status" '0 1')"
	done <"$list"
	rm -f "$list"
}

if have "${PICKET:-picket}"; then
	run_picket "$@"
else
	join picket "is not installed" 2
fi
for scanner in fickling modelscan; do
	if have $scanner; then
		"run_$scanner" "$@"
	else
		printf '%-10s %s\n' $scanner "not installed"
	fi
done
exit "$worst"
