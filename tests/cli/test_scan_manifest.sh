#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a scan leaves for later stages: manifests and signatures over what it
# read.
. "$(dirname "$0")/lib.sh"

tree() {
	mkdir -p m/sub m/.git
	data m/one.pkl
	data m/sub/two.pkl
	echo three >m/sub/three.txt
	: >m/empty
	echo kept >m/.git/config
}

key() {
	openssl ecparam -name prime256v1 -genkey -noout -out k.pem 2>/dev/null
	openssl pkey -in k.pem -pubout -out k.pub
}

# run, and then no file of that name
writes_not() { # FILE WANTED ARGS...
	file=$1
	shift
	run "$@" || return 1
	[ ! -e "$file" ] || { echo "# there is a $file"; return 1; }
}

a_manifest_is_what_manifest_create_writes() {
	tree
	run 0 scan m --manifest m.sha256 || return 1
	run 0 manifest create m -o other || return 1
	cmp m.sha256 other && (cd m && sha256sum --quiet -c ../m.sha256) &&
		run 0 manifest verify m --manifest m.sha256
}

spellings_of_the_folder_are_one() {
	tree
	run 0 scan m --manifest a && run 0 scan ./m// --manifest b && cmp a b &&
		(cd m && "$picket" scan . -o ../report --manifest ../c) && cmp a c
}

a_json_manifest_has_formats() {
	tree
	run 0 scan m --manifest m.json -q && run 0 manifest verify m --manifest m.json &&
		cp m.json out &&
		json '{f["path"]: f.get("format") for f in r["files"]}["sub/two.pkl"] == "pickle"' &&
		json 'all("size" in f for f in r["files"]) and len(r["files"]) == 5'
}

a_signature_verifies() {
	tree
	key
	run 0 scan m --sign k.pem --signature m/model.sig --manifest m.json || return 1
	run 0 verify-signature m --signature m/model.sig --key k.pub &&
		says out 'all 4' && run 0 scan m --sign k.pem --signature m/model.sig
}

it_is_over_what_sign_signs() {
	tree
	key
	run 0 scan m --sign k.pem --signature a && run 0 sign m --key k.pem -o b || return 1
	for f in a b; do
		python3 -c 'import base64, json, sys
print(base64.b64decode(json.load(open(sys.argv[1]))["dsseEnvelope"]["payload"]).decode())' $f >$f.json
	done
	cmp a.json b.json
}

a_changed_tree_or_another_key_is_refused() {
	tree
	key
	run 0 scan m --sign k.pem --signature sig || return 1
	cp k.pub old.pub
	key
	run 5 verify-signature m --signature sig --key k.pub || return 1
	echo more >>m/one.pkl
	run 5 verify-signature m --signature sig --key old.pub && says out changed
}

a_blocked_file_is_in_the_manifest_and_not_signed() {
	tree
	key
	attack m/bad.pkl
	writes_not sig 1 scan m --sign k.pem --signature sig --manifest m.sha256 &&
		says err 'the policy blocks a file' && says m.sha256 bad.pkl || return 1
	# also when a pipeline is told that it does not matter
	writes_not sig 0 scan m --sign k.pem --signature sig --exit-code blocked=0
}

what_cannot_be_read_leaves_nothing() {
	tree
	key
	mkfifo m/pipe
	writes_not m.sha256 3 scan m --manifest m.sha256 && says err pipe || return 1
	rm m/pipe
	ln -s one.pkl m/link
	writes_not sig 3 scan m --sign k.pem --signature sig && says err 'link: a symbolic link' || return 1
	rm m/link
	mkdir m/shut && data m/shut/x && chmod 0 m/shut
	[ -r m/shut ] || writes_not x 2 scan m --manifest x || return 1
	chmod 700 m/shut
	ln m/one.pkl m/twin
	run 0 scan m --manifest m.sha256 && says m.sha256 twin
}

options_that_do_not_go_together_are_refused() {
	tree
	key
	writes_not x 2 scan m m --manifest x && says err 'of one folder' &&
		writes_not x 2 scan m --include '*.pkl' --manifest x &&
		says err '--include leaves files out' &&
		writes_not x 2 scan m --shard 1/2 --manifest x &&
		writes_not x 2 scan m --sign k.pem && says err '--signature' &&
		writes_not x 2 scan m --signature x && says err '--sign' &&
		writes_not x 2 scan m --sign no.pem --signature x && says err 'no.pem' &&
		writes_not x 2 scan m --sign k.pub --signature x && says err 'k.pub'
}

a_tree_that_is_not_there_leaves_nothing() {
	writes_not x 2 scan m --manifest x
}

reports_in_the_tree_are_left_out() {
	tree
	run 0 scan m --manifest m/sums -o json=m/report.json || return 1
	run 0 scan m --manifest m/sums -o json=m/report.json || return 1
	! grep -q 'report\|sums' m/sums
}

a_full_disk_leaves_the_old_manifest() {
	tree
	run 0 scan m --manifest sums || return 1
	cp sums before
	mkdir -p d && chmod a-w d
	[ -w d ] || run 2 scan m --manifest d/sums || return 1
	run 2 scan m --manifest /dev/full || return 1
	cmp sums before
}

attest() { # of m, into att
	tree
	key
	run "${1:-0}" scan m --attest att --sign k.pem
}

verify() { # WANTED ARGS...
	wanted=$1
	shift
	run "$wanted" verify-attestation m --attestation att --key k.pub "$@"
}

an_attestation_stands_for_a_scan() {
	attest && verify 0 && says out 'policy standard' && says out 'all 4' &&
		verify 0 --policy standard --max-age 1 --json && json 'r["pass"]'
}

it_says_what_was_found() {
	attest || return 1
	python3 - <<-'END'
	import base64, json
	p = json.loads(base64.b64decode(json.load(open("att"))["dsseEnvelope"]["payload"]))
	assert p["predicateType"] == "https://picket.dev/attestation/scan/v1", p
	p = p["predicate"]
	assert p["tool"]["rules"].startswith("sha256:") and p["passed"] is True, p
	assert p["policy"] == {"name": "standard", "fail_on": "high"}, p
	assert [f["path"] for f in p["files"]] == ["empty", "one.pkl", "sub/three.txt", "sub/two.pkl"], p
	assert sum(p["verdicts"].values()) == 4, p
	END
}

a_tree_that_changed_was_not_scanned() {
	attest || return 1
	echo more >m/more
	verify 5 && says out extra || return 1
	rm m/more
	data m/new && mv m/new m/one.pkl && verify 0 || return 1
	attack m/one.pkl
	verify 5 && says out changed
}

what_was_blocked_does_not_pass() {
	tree
	key
	attack m/bad.pkl
	run 1 scan m --attest att --sign k.pem || return 1
	verify 5 && says err 'the scan blocked bad.pkl' || return 1
	run 0 scan m --attest att --sign k.pem --policy warn || return 1
	verify 0 && verify 5 --policy standard && says err 'policy was warn'
}

another_key_did_not_attest() {
	attest || return 1
	key
	verify 5 && says err 'another key'
}

# forge CODE: att with a statement s that CODE changed, signed with k.pem again
forge() {
	python3 - "$1" <<-'END'
	import base64, json, subprocess, sys
	b = json.load(open("att"))
	e = b["dsseEnvelope"]
	s = json.loads(base64.b64decode(e["payload"]))
	p = s["predicate"]
	exec(sys.argv[1])
	text = (s if isinstance(s, str) else json.dumps(s)).encode()
	open("pae", "wb").write(b"DSSEv1 28 application/vnd.in-toto+json %d " % len(text) + text)
	sig = subprocess.run(["openssl", "dgst", "-sha256", "-sign", "k.pem", "pae"], capture_output=True).stdout
	e["payload"] = base64.b64encode(text).decode()
	e["signatures"][0]["sig"] = base64.b64encode(sig).decode()
	json.dump(b, open("att", "w"))
	END
}

what_a_signer_makes_up_is_refused() {
	attest || return 1
	cp att good
	for change in 's["predicateType"] = "https://model_signing/signature/v1.0"' \
		'p["files"][0]["path"] = "../x"' \
		'p["files"].reverse()' \
		'p["files"][0]["verdict"] = "fine"' \
		'p["files"].append(p["files"][0])' \
		'del p["passed"]' \
		'p["passed"] = False' \
		'p["files"][1]["action"] = "block"' \
		'p["time"] = "yesterday"' \
		'p["time"] = "2999-01-01T00:00:00Z"' \
		's = json.dumps(s).replace("{", "{\"_type\": 1, ", 1)'; do
		cp good att
		forge "$change" || return 1
		verify 5 || { echo "# after $change"; return 1; }
	done
	cp good att
	forge 'pass' && verify 0
}

an_old_scan_is_none() {
	attest || return 1
	forge 'import time; p["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3 * 86400 - 60))' || return 1
	verify 0 && verify 0 --max-age 4 && verify 5 --max-age 3 && says err '3 days old'
}

# A signer may leave things out; the verifier is told.
what_the_scan_left_out_is_told() {
	attest || return 1
	data m/model.pkl
	forge 'p["ignore_paths"] = ["model.pkl"]' || return 1
	verify 5 && says err 'model.pkl is one that a loader opens' && verify 0 --ignore model.pkl
}

signatures_and_attestations_are_not_one() {
	tree
	key
	run 0 scan m --sign k.pem --signature sig --attest att || return 1
	run 0 verify-signature m --signature sig --key k.pub && verify 0 || return 1
	run 5 verify-signature m --signature att --key k.pub || return 1
	mv sig att
	verify 5 && says err 'not an attestation'
}

check_together a_manifest_is_what_manifest_create_writes \
	spellings_of_the_folder_are_one \
	a_json_manifest_has_formats \
	a_signature_verifies \
	it_is_over_what_sign_signs \
	a_changed_tree_or_another_key_is_refused \
	a_blocked_file_is_in_the_manifest_and_not_signed \
	what_cannot_be_read_leaves_nothing \
	options_that_do_not_go_together_are_refused \
	a_tree_that_is_not_there_leaves_nothing \
	reports_in_the_tree_are_left_out \
	a_full_disk_leaves_the_old_manifest \
	an_attestation_stands_for_a_scan \
	it_says_what_was_found \
	a_tree_that_changed_was_not_scanned \
	what_was_blocked_does_not_pass \
	an_old_scan_is_none \
	another_key_did_not_attest \
	what_a_signer_makes_up_is_refused \
	what_the_scan_left_out_is_told \
	signatures_and_attestations_are_not_one
finish
