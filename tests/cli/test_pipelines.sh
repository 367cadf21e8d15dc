#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What stands in other people's pipelines: the action's script, the hook's
# command, and the script that joins several scanners.
. "$(dirname "$0")/lib.sh"

# tool NAME STATUS: a command of that name that ends so and notes its words
tool() {
	mkdir -p bin
	printf '#!/bin/sh\necho "$0 $*" >>"%s/calls"\nexit %s\n' "$PWD" "$2" >"bin/$1"
	chmod +x "bin/$1"
}

# joined WANTED PATH...
joined() {
	wanted=$1
	shift
	status=0
	PATH=$PWD/bin:/usr/bin:/bin PICKET=$picket sh "$root/examples/ci-scan.sh" "$@" >out 2>err || status=$?
	[ "$status" = "$wanted" ] && return 0
	echo "# ci-scan.sh: status $status, not $wanted"
	sed 's/^/# /' out err
	return 1
}

one_scanner_alone_decides_when_there_is_no_other() {
	data clean.pkl
	attack bad.pkl
	mkdir bin
	joined 0 clean.pkl && says out 'modelscan  not installed' && joined 1 bad.pkl &&
		joined 2 missing.pkl && joined 2
}

any_scanner_that_blocks_blocks() {
	data clean.pkl
	tool fickling 0
	tool modelscan 1
	joined 1 clean.pkl && says out 'modelscan  BLOCKED' && says out 'fickling   passes' &&
		tool fickling 1 && tool modelscan 0 && joined 1 clean.pkl
}

a_scanner_that_fails_passes_nothing() {
	data clean.pkl
	tool fickling 0
	tool modelscan 2
	joined 2 clean.pkl && tool modelscan 139 && joined 2 clean.pkl &&
		tool modelscan 3 && joined 0 clean.pkl && says out 'nothing it reads'
}

what_one_passes_another_blocks() {
	attack bad.pkl
	tool fickling 0
	tool modelscan 0
	joined 1 bad.pkl && says out 'picket     BLOCKED'
}

odd_names_are_names() {
	mkdir models
	data 'models/a b$(touch x).pkl'
	data 'models/-x.pkl'
	tool fickling 0
	joined 0 models && [ ! -e x ] && says calls 'a b$(touch x).pkl' && says calls 'models/-x.pkl'
}

# action WANTED [NAME=VALUE]...
action() {
	wanted=$1
	shift
	mkdir -p bin tmp
	ln -sf "$picket" bin/picket
	: >outputs
	status=0
	env PATH="$PWD/bin:$PATH" RUNNER_TEMP="$PWD/tmp" GITHUB_OUTPUT="$PWD/outputs" \
		GITHUB_ACTIONS=true "$@" "$root/ci/github.sh" >out 2>err || status=$?
	[ "$status" = "$wanted" ] && return 0
	echo "# ci/github.sh: status $status, not $wanted"
	sed 's/^/# /' out err
	return 1
}

the_action_tells_what_it_found() {
	mkdir models
	data models/a.pkl
	attack models/b.pkl
	action 1 INPUT_PATH=models && says outputs 'findings=1' && says outputs 'exit-code=1' &&
		[ -s "$(sed -n 's/^sarif=//p' outputs)" ] && says out 'b.pkl' &&
		cp "$(sed -n 's/^report=//p' outputs)" out && json 'r["pass"] is False' &&
		action 0 INPUT_PATH=models/a.pkl && says outputs 'findings=0' &&
		action 0 INPUT_PATH=models INPUT_POLICY=warn &&
		action 2 INPUT_PATH=nothing
}

the_action_takes_names_for_names() {
	data 'a b.pkl'
	data '$(touch x).pkl'
	attack '::error::y.pkl'
	action 1 INPUT_PATH="a b.pkl
\$(touch x).pkl
::error::y.pkl" && says outputs 'findings=1' && [ ! -e x ] || return 1
	grep -q '^::error ' out && ! grep -q '^::error::' out
}

what_is_downloaded_has_its_digest() {
	data a.pkl
	command -v curl >/dev/null || return 0
	sum=$(sha256sum "$picket" | cut -d' ' -f1)
	action 0 INPUT_PATH=a.pkl INPUT_URL="file://$picket" INPUT_SHA256="$sum" &&
		action 2 INPUT_PATH=a.pkl INPUT_URL="file://$picket" \
			INPUT_SHA256="$(echo | sha256sum | cut -d' ' -f1)" &&
		says err 'does not have the digest' &&
		action 2 INPUT_PATH=a.pkl INPUT_URL="file://$picket"
}

the_hook_blocks_a_commit() {
	data a.pkl
	attack ./-b.pkl
	entry=$(python3 -c '
import sys, yaml
print(yaml.safe_load(open(sys.argv[1]))[0]["entry"])' "$root/.pre-commit-hooks.yaml") || return 0
	# shellcheck disable=SC2086 # as the hook's runner splits it
	set -- ${entry#picket }
	run 0 "$@" a.pkl && run 1 "$@" a.pkl -b.pkl
}

every_file_for_a_pipeline_is_well_formed() {
	python3 - "$root" <<'END'
import re, sys
try:
    import yaml
except ImportError:
    sys.exit(0)
root = sys.argv[1]
action = yaml.safe_load(open(root + "/action.yml"))
assert action["runs"]["using"] == "composite"
for step in action["runs"]["steps"]:
    assert "${{" not in step["run"], "an input within a script"
    assert step["shell"] == "bash"
script = open(root + "/ci/github.sh").read()
for name in action["inputs"]:
    assert "INPUT_" + name.upper() in script, name
for name in action["outputs"]:
    assert '"%s=' % name in script, name
for hook in yaml.safe_load(open(root + "/.pre-commit-hooks.yaml")):
    assert hook["entry"].endswith(" --"), "names may begin with a hyphen"
    files = re.compile(hook["files"])
    assert files.search("a/model.PT") and not files.search("a/model.py")
yaml.safe_load(open(root + "/ci/gitlab.yml"))
END
	for f in examples/ci-scan.sh ci/github.sh; do
		sh -n "$root/$f" || return 1
	done
}

# A placeholder that nobody is told of would be published.
whoever_publishes_knows_what_to_set() {
	placeholders="picket\\.example|example/picket|localhost>|TODO|FIXME"
	(cd "$root" && grep -rlE "$placeholders" debian ci docs examples \
		action.yml .pre-commit-hooks.yaml Dockerfile README.md) >found
	while read -r file; do
		[ "$file" = docs/packaging.md ] && continue
		grep -qF "\`$file\`" "$root/docs/packaging.md" || {
			echo "# $file is not in docs/packaging.md"
			return 1
		}
	done <found
	by=$(sed -n 's/^Maintainer: //p' "$root/debian/control")
	[ -n "$by" ] && grep -qF -- " -- $by  " "$root/debian/changelog"
}

the_static_program_needs_nothing() {
	[ -x "$root/build-static/picket" ] || return 0
	"$root/tests/cli/static.sh" "$root/build-static/picket" >out && return 0
	sed 's/^/# /' out
	return 1
}

root=$(realpath "$(dirname "$0")/../..")
check one_scanner_alone_decides_when_there_is_no_other
check any_scanner_that_blocks_blocks
check a_scanner_that_fails_passes_nothing
check what_one_passes_another_blocks
check odd_names_are_names
check the_action_tells_what_it_found
check the_action_takes_names_for_names
check what_is_downloaded_has_its_digest
check the_hook_blocks_a_commit
check whoever_publishes_knows_what_to_set
check the_static_program_needs_nothing
check every_file_for_a_pipeline_is_well_formed
finish
