#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is in force, and which of flag, environment and file decides.
. "$(dirname "$0")/lib.sh"

# config LINES...: a configuration of these lines
config() {
	printf '%s\n' "$@" >c.yaml
}

the_order_is_flag_environment_file() {
	attack a.pkl
	config 'policy: warn'
	run 1 scan a.pkl && run 0 scan --config c.yaml a.pkl && run 0 scan --config=c.yaml a.pkl &&
		PICKET_POLICY=standard run 1 scan --config c.yaml a.pkl &&
		PICKET_POLICY=standard run 0 scan --config c.yaml --policy warn a.pkl &&
		run 1 scan --config c.yaml -p standard a.pkl
}

the_file_is_the_named_one_or_the_users() {
	attack a.pkl
	mkdir -p x/picket .config/picket
	config 'policy: warn'
	cp c.yaml x/picket/config.yaml
	PICKET_CONFIG=c.yaml run 0 scan a.pkl && XDG_CONFIG_HOME=$PWD/x run 0 scan a.pkl &&
		XDG_CONFIG_HOME=x run 1 scan a.pkl && mv x/picket/config.yaml .config/picket &&
		XDG_CONFIG_HOME='' HOME=$PWD run 0 scan a.pkl &&
		echo 'policy: standard' >s.yaml &&
		PICKET_CONFIG=s.yaml run 0 scan --config c.yaml a.pkl &&
		run 2 scan --config missing.yaml a.pkl && says err missing.yaml
}

nothing_is_read_from_the_scanned_tree() {
	mkdir -p tree/picket tree/.config/picket
	attack tree/a.pkl
	for f in tree/config.yaml tree/picket/config.yaml tree/.config/picket/config.yaml tree/.picket.yaml; do
		echo 'policy: warn' >$f
	done
	run 1 scan tree && cd tree && run 1 scan . && run 1 scan a.pkl
}

what_is_in_force_is_shown_with_its_origin() {
	config 'jobs: 2' 'exclude: ["*.txt", "#odd"]' 'deep: true' 'sandbox: off' 'quiet: no'
	PICKET_MAX_MEMORY=64M run 0 config --config c.yaml scan --policy strict &&
		says out 'policy: "strict"  # --policy' &&
		says out 'max-memory: "64M"  # PICKET_MAX_MEMORY' &&
		says out 'jobs: "2"  # c.yaml:1' && says out '  - "#odd"  # c.yaml:2' &&
		says out 'sandbox: "off"  # c.yaml:4' && says out 'deep: true  # c.yaml:3' &&
		says out 'quiet: false  # c.yaml:5' &&
		says out '# timeout: default' && cp out again.yaml &&
		run 0 config --config again.yaml && says out 'policy: "strict"  # again.yaml' &&
		says out '  - "*.txt"  # again.yaml' && says out 'quiet: false' &&
		run 0 config --json --config c.yaml &&
		json '{"name": "jobs", "value": "2", "from": "file", "where": "c.yaml:1"} in r' &&
		json '{"name": "timeout", "from": "default"} in r'
}

other_commands_have_theirs() {
	config 'all: true' 'policy: strict'
	run 0 config --config c.yaml inspect && says out 'all: true  # c.yaml:1' &&
		! grep -q policy: out && run 2 config nothing && run 0 config --help
}

mistakes_come_with_file_and_line() {
	data a.pkl
	config 'polciy: strict' 'jobs: 1' 'max-memory: 1M' 'jobs: 2'
	run 2 scan --config c.yaml a.pkl && says err "c.yaml:1: no option is called 'polciy'" &&
		says err "'policy'" && says err 'c.yaml:4: ' &&
		config 'jobs: 1' 'fail-on: hihg' && run 2 scan --config c.yaml a.pkl &&
		says err 'c.yaml:2: ' && says err "'high'" &&
		config 'deep: perhaps' && run 2 scan --config c.yaml a.pkl && says err 'c.yaml:1: ' &&
		config 'jobs: {a: b}' && run 2 scan --config c.yaml a.pkl && says err 'c.yaml:1: ' &&
		config '- jobs' && run 2 scan --config c.yaml a.pkl && says err 'c.yaml:1: ' &&
		config 'jobs: [1' && run 2 scan --config c.yaml a.pkl && says err 'c.yaml:' &&
		config 'jobs: !!python/name:os.system 1' && run 2 scan --config c.yaml a.pkl &&
		PICKET_JOBS=many run 2 scan a.pkl && says err 'PICKET_JOBS: '
}

an_empty_file_sets_nothing() {
	data a.pkl
	: >c.yaml
	run 0 scan --config c.yaml a.pkl && config '# nothing' && run 0 scan --config c.yaml a.pkl
}

the_example_of_the_page_is_one() {
	page=$root/docs/configuration.md
	sed -n '/^```yaml/,/^```/p' "$page" | grep -v '^```' >c.yaml
	run 0 config --config c.yaml && says out 'jobs: "4"  # c.yaml:2' &&
		says out 'no-progress: true'
}

a_switch_can_be_kept_off() {
	config 'quiet: true'
	PICKET_QUIET=no run 0 config --config c.yaml && says out 'quiet: false  # PICKET_QUIET'
}

root=$(realpath "$(dirname "$0")/../..")
check the_order_is_flag_environment_file
check the_file_is_the_named_one_or_the_users
check nothing_is_read_from_the_scanned_tree
check what_is_in_force_is_shown_with_its_origin
check other_commands_have_theirs
check mistakes_come_with_file_and_line
check the_example_of_the_page_is_one
check a_switch_can_be_kept_off
check an_empty_file_sets_nothing
finish
