# SPDX-License-Identifier: Apache-2.0
# For the end-to-end tests: what they share.  Each test is a function whose
# name says what is true; `check` runs it in an empty folder.
picket=$(realpath "$1") # tests run in folders of their own
count=0
failed=0
LC_ALL=C.UTF-8
export LC_ALL
unset NO_COLOR
work=$(mktemp -d) || exit 1
XDG_CONFIG_HOME=$work/none # nobody's own settings
export XDG_CONFIG_HOME
trap 'rm -rf "$work"' EXIT

# An inert attack: what it would call only prints a word.
attack() {
	printf 'cos\nsystem\n(S'\''echo inert'\''\ntR.' >"$1"
}

# Nothing but numbers.
data() {
	printf '\200\002]q\000(K\001K\002e.' >"$1"
}

# run WANTED ARGS...: exit status as wanted; output in out and err.
run() {
	wanted=$1
	shift
	status=0
	timeout 60 "$picket" "$@" >out 2>err || status=$?
	[ "$status" = "$wanted" ] && return 0
	echo "# picket $*: status $status, not $wanted"
	sed 's/^/# /' err
	return 1
}

says() {
	grep -qF -e "$2" "$1" && return 0
	echo "# $1 does not say: $2"
	sed 's/^/# /' "$1"
	return 1
}

# json EXPRESSION: true of the report in out, which is called r.
json() {
	python3 -c '
import json, sys
r = json.load(open("out"))
sys.exit(not eval(sys.argv[1]))' "$1" && return 0
	echo "# not so: $1"
	return 1
}

# In a folder of its own; the TAP line without its number in $work/n.tap.
try() {
	mkdir "$work/$1"
	if (cd "$work/$1" && "$2") >"$work/$1.says" 2>&1; then
		echo "ok $1 - $2" >"$work/$1.tap"
	else
		echo "not ok $1 - $2" >"$work/$1.tap"
	fi
	chmod -R u+rwx "$work/$1"
	rm -rf "${work:?}/$1"
}

tell() {
	cat "$work/$1.says" "$work/$1.tap"
	grep -q '^ok' "$work/$1.tap" || failed=$((failed + 1))
}

check() {
	count=$((count + 1))
	try $count "$1"
	tell $count
}

# Those that mostly wait need not wait for one another.
check_together() {
	first=$((count + 1))
	for t in "$@"; do
		count=$((count + 1))
		try $count "$t" &
	done
	wait
	for n in $(seq $first $count); do
		tell $n
	done
}

finish() {
	echo "1..$count"
	[ "$failed" = 0 ]
}
