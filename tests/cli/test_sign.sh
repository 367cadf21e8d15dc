#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signatures over trees; what is signed is checked with openssl, too.
. "$(dirname "$0")/lib.sh"

tree() {
	mkdir -p m/sub m/.git
	echo one >m/one.bin
	echo two >m/sub/two
	echo not >m/.git/config
}

key() { # key CURVE: k.pem and k.pub
	openssl ecparam -name "$1" -genkey -noout -out k.pem 2>/dev/null
	openssl pkey -in k.pem -pubout -out k.pub
}

chain() { # root.pem, leaf.pem with k.pem; further arguments: the leaf's use
	openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem \
		-subj /CN=root -days 2 2>/dev/null
	openssl ecparam -name prime256v1 -genkey -noout -out k.pem
	openssl req -new -key k.pem -subj /CN=leaf -out leaf.csr
	echo "keyUsage=critical,$1" >ext
	openssl x509 -req -in leaf.csr -CA root.pem -CAkey root.key \
		-CAcreateserial -days 1 -extfile ext -out leaf.pem 2>/dev/null
}

verify() { # verify WANTED ARGS...
	wanted=$1
	shift
	run "$wanted" verify-signature m --signature sig "$@"
}

each_curve_signs_and_verifies() {
	tree
	for curve in prime256v1 secp384r1 secp521r1; do
		key $curve
		run 0 sign m --key k.pem -o sig --force || return 1
		verify 0 --key k.pub && says out 'all 2' || return 1
	done
}

ed25519_signs_with_a_note() {
	tree
	openssl genpkey -algorithm ed25519 -out k.pem
	openssl pkey -in k.pem -pubout -out k.pub
	run 0 sign m --key k.pem -o sig && says err 'only picket' && verify 0 --key k.pub
}

# The recipe of the format's own documentation, without picket.
openssl_verifies_what_was_signed() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o sig
	python3 - <<-'END'
	import base64, json
	e = json.load(open("sig"))["dsseEnvelope"]
	p = base64.b64decode(e["payload"], validate=True)
	open("s", "wb").write(base64.b64decode(e["signatures"][0]["sig"]))
	open("pae", "wb").write(b"DSSEv1 28 application/vnd.in-toto+json %d " % len(p) + p)
	names = [r["name"] for r in json.loads(p)["predicate"]["resources"]]
	assert names == ["one.bin", "sub/two"], names
	END
	openssl dgst -sha256 -verify k.pub -signature s pae >/dev/null
}

a_changed_tree_is_named_and_refused() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o sig
	echo x >>m/one.bin
	verify 5 --key k.pub && says out 'changed   one.bin'
	echo one >m/one.bin
	echo x >m/more
	verify 5 --key k.pub && says out 'extra     more' &&
		verify 0 --key k.pub --allow-extra && rm m/more m/sub/two &&
		verify 5 --key k.pub && says out 'missing   sub/two'
}

another_key_is_refused() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o sig
	key prime256v1
	verify 5 --key k.pub && says err 'another key'
}

a_changed_signature_is_refused() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o good
	python3 - <<-'END'
	import json
	b = json.load(open("good"))
	p = b["dsseEnvelope"]["payload"]
	b["dsseEnvelope"]["payload"] = ("f" if p[0] == "e" else "e") + p[1:]
	json.dump(b, open("sig", "w"))
	END
	verify 5 --key k.pub && says err 'no good signature' &&
		echo '{}' >sig && verify 5 --key k.pub && head -c 100 good >sig &&
		verify 5 --key k.pub
}

a_chain_leads_to_its_root_alone() {
	tree
	chain digitalSignature
	run 0 sign m --key k.pem --cert leaf.pem -o sig && verify 0 --chain root.pem &&
		says out 'certificate CN=leaf' && verify 5 --chain leaf.pem &&
		cp root.pem old.pem && chain digitalSignature && verify 5 --chain root.pem &&
		verify 0 --chain old.pem --require-valid-now
}

a_certificate_for_something_else_is_refused() {
	tree
	chain keyEncipherment
	run 0 sign m --key k.pem --cert leaf.pem -o sig &&
		verify 5 --chain root.pem && says err 'not for signing'
}

a_certificate_of_another_key_does_not_sign() {
	tree
	chain digitalSignature
	openssl ecparam -name prime256v1 -genkey -noout -out k.pem
	run 2 sign m --key k.pem --cert leaf.pem -o sig && [ ! -e sig ]
}

what_a_signer_left_out_is_told() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o sig --ignore one.bin
	verify 5 --key k.pub && says err 'one.bin is not signed' &&
		verify 0 --key k.pub --ignore one.bin
	echo text >m/NOTES
	run 0 sign m --key k.pem -o sig --force --ignore NOTES &&
		verify 0 --key k.pub && says err NOTES && verify 5 --key k.pub --strict
}

parts_are_hashed_apart() {
	tree
	key prime256v1
	run 0 sign m --key k.pem -o sig --shard-size 2 --hash blake2b &&
		verify 0 --key k.pub && says out 'all 4' && echo ONE >m/one.bin && verify 5 --key k.pub
}

an_encrypted_key_wants_its_password() {
	tree
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 \
		-pass pass:word -out k.pem 2>/dev/null
	openssl pkey -in k.pem -passin pass:word -pubout -out k.pub
	run 2 sign m --key k.pem -o sig </dev/null && says err password || return 1
	PICKET_KEY_PASSWORD=word
	export PICKET_KEY_PASSWORD
	run 0 sign m --key k.pem -o sig && verify 0 --key k.pub
}

links_are_not_signed_unasked() {
	tree
	key prime256v1
	ln -s one.bin m/link
	run 3 sign m --key k.pem -o sig && [ ! -e sig ] &&
		run 0 sign m --key k.pem -o sig --follow-links && verify 0 --key k.pub && says out 'all 3'
}

a_single_file_is_signed_too() {
	echo x >m
	key prime256v1
	run 0 sign m --key k.pem -o sig && verify 0 --key k.pub && echo y >m && verify 5 --key k.pub
}

slips_are_named() {
	tree
	key prime256v1
	run 2 sign m -o sig && run 2 sign m --key k.pem && run 2 sign m --key k.pub -o sig &&
		run 2 verify-signature m --signature k.pub && run 2 verify-signature m --key k.pub &&
		run 2 sign m --key k.pem -o sig --hash sha1
}

command -v openssl >/dev/null || {
	echo '1..0 # SKIP no openssl command'
	exit 0
}
check each_curve_signs_and_verifies
check ed25519_signs_with_a_note
check openssl_verifies_what_was_signed
check a_changed_tree_is_named_and_refused
check another_key_is_refused
check a_changed_signature_is_refused
check a_chain_leads_to_its_root_alone
check a_certificate_for_something_else_is_refused
check a_certificate_of_another_key_does_not_sign
check what_a_signer_left_out_is_told
check parts_are_hashed_apart
check an_encrypted_key_wants_its_password
check links_are_not_signed_unasked
check a_single_file_is_signed_too
check slips_are_named
finish
