#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Locks made of a registry, and what drifts from them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry.sh"

# A registry with one model, locked.
locked() {
	mkdir -p root/hf/org/m/sub
	echo '{"a": 1}' >root/hf/org/m/config.json
	data root/hf/org/m/sub/w.pkl
	registry
	control '{"repo": "org/m", "licence": "mit", "tag": {"v1": "main"}}'
	control '{"owner": "org", "verified": true}'
	control '{"repo": "org/m"}'
	run 0 lock "hf://org/m@${1:-main}"
}

drifts() {
	run 4 check --online --lock models.lock && says out "$1"
}

sources_are_pinned_and_scanned() {
	locked || return 1
	says models.lock 'source: hf://org/m@main' && says models.lock "commit: \"$(sha)\"" &&
		says models.lock 'licence: mit' && says models.lock 'publisher_verified: true' &&
		says models.lock 'gated: false' && says models.lock 'verdict: clean' &&
		says models.lock "sha256: \"$(sha256sum <root/hf/org/m/config.json | cut -d' ' -f1)\"" &&
		says models.lock "sha256: \"$(sha256sum <root/hf/org/m/sub/w.pkl | cut -d' ' -f1)\"" &&
		run 0 check --online --lock models.lock && run 0 check root/hf/org/m --lock models.lock
}

locks_are_the_same_each_time() {
	locked && cp models.lock once && run 2 lock hf://org/m@main && says err 'there already' &&
		run 0 lock --force hf://org/m@main && cmp models.lock once &&
		run 0 lock --full -o full hf://org/m@main && cmp full once
}

a_refused_file_is_not_locked() {
	mkdir -p root/hf/org/m
	attack root/hf/org/m/w.pkl
	registry
	run 1 lock hf://org/m && [ ! -e models.lock ] && says err 'was not written'
}

a_source_that_is_not_approved_is_not_asked() {
	mkdir -p root/hf/org/m
	data root/hf/org/m/w.pkl
	registry
	printf '%s\n' 'version: 1' 'sources:' '  allow:' '    - {owner: other}' >p.yaml
	run 0 policy check p.yaml && run 4 lock -p p.yaml hf://org/m && [ ! -e models.lock ] &&
		python3 -c '
import json, sys, urllib.request
sys.exit(bool(json.load(urllib.request.urlopen("http://127.0.0.1:%s/_seen" % sys.argv[1]))))' "$port"
}

what_cannot_be_had_is_not_locked() {
	locked && rm models.lock && control '{"repo": "org/m", "serve": {"config.json": "{\"a\": 2}"}}' || return 1
	status=0
	"$picket" lock hf://org/m@main >out 2>err || status=$?
	[ $status != 0 ] && [ ! -e models.lock ] && run 2 lock hf://org/gone && run 2 lock m &&
		run 2 lock && [ ! -e models.lock ]
}

a_moved_branch_is_drift() {
	locked && control '{"repo": "org/m", "commit": {"new.txt": "x", "config.json": "{}"}}' || return 1
	drifts drift.branch-moved && says out 'new.txt: is new' && says out 'drift.file-changed' &&
		run 0 lock --update && says err 'drift.branch-moved' && says models.lock "$(sha)" &&
		run 0 check --online --lock models.lock && run 0 lock --update && says err 'nothing'
}

a_moved_tag_is_worse() {
	locked v1 && control '{"repo": "org/m", "commit": {"config.json": "{}"}}' &&
		run 0 check --online --lock models.lock && control '{"repo": "org/m", "tag": {"v1": "main"}}' &&
		drifts drift.tag-moved
}

files_may_not_change_under_a_commit() {
	locked || return 1
	run 0 lock --force "hf://org/m@$(sha)" && run 0 check --online --lock models.lock || return 1
	sed -i 's/size: 9/size: 8/' models.lock
	drifts 'config.json: has 9 bytes, locked are 8'
}

facts_of_the_source_drift() {
	locked || return 1
	control '{"repo": "org/m", "licence": "gpl-3.0"}' && drifts 'the licence is gpl-3.0, locked is mit' &&
		control '{"repo": "org/m", "licence": "mit", "security": {"sub/w.pkl": "unsafe"}}' &&
		drifts drift.registry-verdict &&
		control '{"owner": "org", "verified": false}' && drifts drift.publisher &&
		control '{"repo": "org/m", "gated": "manual"}' && drifts drift.gated
}

what_is_gone_is_drift() {
	locked && control '{"repo": "org/m", "renamed": "new/m"}' && drifts drift.repository-renamed &&
		control '{"repo": "new/m", "gone": true}' && drifts drift.repository-gone
}

who_cannot_be_asked_proves_nothing() {
	locked || return 1
	HF_ENDPOINT=http://127.0.0.1:9 run 3 check --online --lock models.lock --retries 1 &&
		says out drift.unchecked && run 2 check --online
}

only_what_is_named_is_updated() {
	locked || return 1
	control '{"repo": "org/n", "commit": {"config.json": "{}"}}'
	run 0 lock --update hf://org/n@main && says models.lock 'repository: org/m' &&
		says models.lock 'repository: org/n' && control '{"repo": "org/m", "commit": {"x.txt": "x"}}' &&
		control '{"repo": "org/n", "commit": {"y.txt": "y"}}' && run 0 lock --update hf://org/n@main &&
		says models.lock 'path: y.txt' && ! grep -q 'path: x.txt' models.lock
}

editors_are_told_the_same() {
	python3 -c 'import jsonschema, yaml' 2>/dev/null || return 0
	locked && python3 - "$hub/../../docs/lock.schema.json" <<-'END'
	import json, jsonschema, sys, yaml
	jsonschema.validate(yaml.safe_load(open("models.lock")), json.load(open(sys.argv[1])))
	END
}

key() {
	openssl ecparam -name prime256v1 -genkey -noout -out "$1.pem" 2>/dev/null
	openssl pkey -in "$1.pem" -pubout -out "$1.pub"
}

signatures_are_held_against_digests() {
	mkdir -p root/hf/org/m root/hf/org/n
	data root/hf/org/m/w.pkl
	data root/hf/org/n/w.pkl
	echo '{}' >root/hf/org/m/config.json
	key a && key b && run 0 sign root/hf/org/m --key a.pem -o root/hf/org/m/model.sig
	registry
	run 0 lock hf://org/m@main && says models.lock 'verified: false' &&
		run 0 lock --force --key a.pub hf://org/m@main && says models.lock 'verified: true' &&
		says models.lock 'signer: "key P-256' && cp models.lock once &&
		run 5 lock --force --key b.pub hf://org/m@main && says err 'signature is not good' &&
		run 5 lock --force --key a.pub hf://org/m@main hf://org/n@main &&
		says err 'hf://org/n@main has no signature' && cmp models.lock once || return 1
	control '{"repo": "org/m", "commit": {"config.json": "{ }"}}'
	run 5 lock --force --key a.pub hf://org/m@main && says err 'config.json is not what was signed' || return 1
	control '{"repo": "org/m", "commit": {"config.json": "{}\n", "more.json": "{}"}}'
	run 5 lock --force --key a.pub hf://org/m@main && says err 'more.json is not signed' || return 1
	control '{"repo": "org/m", "commit": {"config.json": null, "more.json": null}}'
	run 5 lock --force --key a.pub hf://org/m@main && says err 'config.json is signed and not there'
}

check_together sources_are_pinned_and_scanned locks_are_the_same_each_time \
	a_refused_file_is_not_locked a_source_that_is_not_approved_is_not_asked
check_together what_cannot_be_had_is_not_locked a_moved_branch_is_drift a_moved_tag_is_worse \
	files_may_not_change_under_a_commit
check_together facts_of_the_source_drift what_is_gone_is_drift who_cannot_be_asked_proves_nothing \
	only_what_is_named_is_updated editors_are_told_the_same signatures_are_held_against_digests
finish
