#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Policy files, exceptions and baselines, from the shell.
. "$(dirname "$0")/lib.sh"

# policy LINES...: a policy file of these lines
policy() {
	printf '%s\n' 'version: 1' "$@" >p.yaml
}

a_file_decides_instead_of_a_name() {
	attack a.pkl
	policy 'rules: {pickle.*: low}'
	run 1 scan a.pkl && run 0 scan -p p.yaml a.pkl && run 2 scan -p nothing.yaml a.pkl &&
		run 2 scan -p stritc a.pkl && says err "'strict'"
}

a_flag_outranks_the_file() {
	attack a.pkl
	policy 'fail_on: never' 'paths:' '  - {match: a.pkl, fail_on: never}'
	run 0 scan -p p.yaml a.pkl && run 1 scan -p p.yaml --fail-on high a.pkl
}

mistakes_come_with_file_and_line() {
	policy 'extends: standart' 'rules: {pickle.dangerous-cal: low}'
	run 2 policy check p.yaml && says err "p.yaml:2: " && says err "'standard'" &&
		says err "p.yaml:3: " && says err "'pickle.dangerous-call'" &&
		policy && run 0 policy check p.yaml
}

mistakes_about_sources_come_with_their_line() {
	policy 'sources:' '  allow:' '    - {host: huggingface.co, ownr: google}' \
		'    - {owner: google, revision: [main]}'
	run 2 policy check p.yaml && says err "p.yaml:4: " && says err "'owner'" &&
		says err "p.yaml:5: " && says err '40 hex digits' || return 1
	policy 'sources: {allow: [{owner: google}]}'
	run 0 policy check p.yaml && says out '1 approved source'
}

# adapter BASE: an adapter to that model
adapter() {
	printf '{"peft_type": "LORA", "base_model_name_or_path": "%s"}' "$1" >adapter_config.json
}

a_source_that_is_not_approved_has_its_own_status() {
	adapter evil/llama
	policy 'sources: {allow: [{owner: google}]}' 'rules: {source.indirect: high}'
	run 0 scan adapter_config.json && run 4 scan -p p.yaml adapter_config.json &&
		says out source.indirect && says out '1 only for where it comes from' &&
		run 9 scan --exit-code source=9 -p p.yaml adapter_config.json &&
		run 4 scan -p p.yaml -f json adapter_config.json &&
		json 'r["summary"]["blocked_for_source"] == 1 and not r["pass"]' || return 1
	cp out report.json
	run 0 report report.json && says out '1 only for where it comes from' || return 1
	attack a.pkl
	run 1 scan -p p.yaml adapter_config.json a.pkl || return 1
	data d.pkl && head -c 8 d.pkl >b.pkl
	run 4 scan -p p.yaml adapter_config.json b.pkl || return 1
	adapter google/gemma
	run 0 scan -p p.yaml adapter_config.json && run 3 scan -p p.yaml b.pkl
}

what_is_fetched_is_shown() {
	adapter org/base
	run 0 inspect adapter_config.json && says out 'org/base' && says out 'fetches from' &&
		run 0 inspect --json adapter_config.json &&
		json 'r["references"] == [{"kind": "base", "path": "org/base"}]'
}

what_is_printed_as_exceptions_is_accepted() {
	attack a.pkl
	run 1 scan --sha256 -f exceptions a.pkl
	{
		echo 'version: 1'
		sed 's/reason: ""/reason: a test/; s/owner: ""/owner: me/;
			s/expires: ""/expires: 2999-01-01/' out
	} >p.yaml
	run 0 policy check p.yaml && run 0 scan -p p.yaml -f json a.pkl &&
		json 'r["files"][0]["action"] == "warn"' &&
		json 'r["files"][0]["verdict"] == "malicious"' &&
		json 'all("a test" in f["accepted"] for f in r["files"][0]["findings"])' &&
		printf x >>a.pkl && run 1 scan -p p.yaml a.pkl
}

owners_of_exceptions_are_told() {
	attack a.pkl
	policy 'exceptions:' '  - {rule: zip.*, path: x, reason: r, owner: me, expires: 2999-01-01}' \
		'  - {rule: "*", path: a.pkl, reason: r, owner: you, expires: 2020-01-01}'
	run 1 scan -p p.yaml a.pkl && says err 'p.yaml: line 3: ' && says err 'matches nothing' &&
		says err 'expired on 2020-01-01 (you)'
}

what_is_known_does_not_block() {
	attack a.pkl
	run 1 scan -f json -o before.json a.pkl
	run 0 scan --baseline before.json a.pkl && says out known || return 1
	cp a.pkl b.pkl
	run 1 scan --baseline before.json a.pkl b.pkl && says out 'blocks 1 file' || return 1
	run 1 scan -f ndjson -o before.ndjson a.pkl
	run 0 scan --baseline before.ndjson a.pkl && run 2 scan --baseline a.pkl a.pkl
}

editors_are_told_the_same() {
	schema=$(dirname "$here")/../../docs/policy.schema.json
	python3 -c 'import jsonschema, yaml' 2>/dev/null || return 0
	sed -n '/^```yaml/,/^```/p' "$(dirname "$here")/../../docs/policy.md" | grep -v '^```' >p.yaml
	run 0 policy check p.yaml && python3 - "$schema" <<-'END'
	import copy, datetime, json, jsonschema, sys, yaml
	doc = yaml.load(open("p.yaml"), yaml.BaseLoader)
	doc["version"] = 1
	doc["sources"]["require_commit"] = True
	schema = json.load(open(sys.argv[1]))
	jsonschema.validate(doc, schema)
	def refuses(slip):
	    wrong = copy.deepcopy(doc)
	    slip(wrong)
	    try:
	        jsonschema.validate(wrong, schema)
	    except jsonschema.ValidationError:
	        return True
	    return False
	slips = [
	    lambda d: d.update(exceptoins=[]),
	    lambda d: d["sources"].update(alow=[]),
	    lambda d: d["sources"]["allow"].append({}),
	    lambda d: d["sources"]["allow"][0].update(revision=["main"]),
	    lambda d: d["sources"]["deny"][0].update(formats=["gguf"]),
	]
	sys.exit(not all(map(refuses, slips)))
	END
}

here=$(realpath "$0")
check a_file_decides_instead_of_a_name
check a_flag_outranks_the_file
check mistakes_come_with_file_and_line
check mistakes_about_sources_come_with_their_line
check a_source_that_is_not_approved_has_its_own_status
check what_is_fetched_is_shown
check what_is_printed_as_exceptions_is_accepted
check owners_of_exceptions_are_told
check what_is_known_does_not_block
check editors_are_told_the_same
finish
