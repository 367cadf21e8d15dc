#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Completion: what bash offers is what picket takes; the others are scripts
# that their shells can read.
. "$(dirname "$0")/lib.sh"

# offers LINE...: what bash offers for the last word of a command line,
# whose words are the arguments.
offers() {
	"$picket" completion bash >picket.bash || return 1
	bash -c '. ./picket.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_picket
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" >out
}

offered() {
	grep -qxF -e "$1" out && return 0
	echo "# not offered: $1"
	sed 's/^/# /' out
	return 1
}

commands_are_offered() {
	"$picket" help >help
	sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' help >commands
	[ -s commands ] && offers picket '' || return 1
	while read -r c; do
		offered "$c" || return 1
	done <commands
}

each_option_is_offered_with_its_command() {
	sed -n 's/^CLI_COMMAND(\(.*\))/\1/p' "$here/../../src/cli/commands.def" | tr _ - |
		while read -r c; do
			"$picket" "$c" --help | sed -n 's/^  ...\{0,1\} *\(--[a-z0-9-]*\).*/\1/p' >options
			offers picket "$c" - || exit 1
			while read -r o; do
				offered "$o" || exit 1
			done <options
		done
}

# values COMMAND OPTION
values() {
	offers picket "$1" "$2" '' && mv out words && [ -s words ] || return 1
	while read -r w; do
		run 0 "$1" "$2" "$w" --help || return 1
	done <words
}

values_that_are_offered_are_taken() {
	values scan --policy && values scan -p && values scan --format &&
		values scan --severity && values scan --fail-on && values scan --color &&
		values scan --sandbox && values sign --hash
}

what_is_begun_is_ended() {
	offers picket scan --pol && offered --policy && ! grep -q deep out &&
		offers picket scan --policy = str && offered strict &&
		offers picket scan --policy = && offered standard &&
		offers picket rules pickle.dangerous-c && offered pickle.dangerous-call &&
		offers picket help manif && offered manifest &&
		offers picket manifest v && offered verify
}

files_are_offered_where_they_fit() {
	data model.pkl
	data 'm * $(x).pkl'
	offers picket scan m && offered 'm * $(x).pkl' && offered model.pkl &&
		offers picket scan mod && offered model.pkl &&
		offers picket mod && offered model.pkl &&
		offers picket scan --policy mod && offered model.pkl &&
		offers picket scan --color mod && ! grep -q model out
}

other_shells_read_theirs() {
	for shell in bash zsh fish; do
		"$picket" completion $shell >script && [ -s script ] || return 1
		command -v $shell >/dev/null || continue
		HOME=. $shell -n script || return 1
	done
	if command -v fish >/dev/null; then
		"$picket" completion fish >picket.fish
		HOME=. fish -c 'source picket.fish; complete -C "picket scan --policy "' | cut -f1 >out &&
			offered strict || return 1
	fi
	if command -v zsh >/dev/null; then
		"$picket" completion zsh >_picket
		zsh -fc '. ./_picket; (($+functions[_picket_scan]))' || return 1
	fi
}

mistakes_are_told() {
	run 2 completion bsah && says err "did you mean 'bash'" && run 2 completion &&
		run 2 completion bash zsh && run 0 completion --help
}

here=$(realpath "$(dirname "$0")")
check commands_are_offered
check each_option_is_offered_with_its_command
check values_that_are_offered_are_taken
check what_is_begun_is_ended
check files_are_offered_where_they_fit
check other_shells_read_theirs
check mistakes_are_told
finish
