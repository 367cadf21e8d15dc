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
	a_full_disk_leaves_the_old_manifest
finish
