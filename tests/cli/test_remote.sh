#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `picket scan URI` promises: it is read where it lies, as far as it
# matters, from where the policy allows it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry.sh"

# Of all requests so far: whether the expression is true of the list, s.
seen() {
	python3 - "$HF_ENDPOINT/_seen" "$1" <<-'END' && return 0
		import json, sys, urllib.request
		s = json.load(urllib.request.urlopen(sys.argv[1]))
		sys.exit(not eval(sys.argv[2]))
	END
	echo "# not so: $1"
	return 1
}

forget_seen() {
	python3 -c '
import sys, urllib.request
urllib.request.urlopen(sys.argv[1]).read()' "$HF_ENDPOINT/_reset"
}

# One registry for all of them.
cd "$work" || exit 1
mkdir -p root/hf/org/good root/hf/org/bad root/s3/models/a root/web
data root/hf/org/good/model.pkl
echo '{"architectures": ["BertModel"]}' >root/hf/org/good/config.json
python3 - root/hf/org/good/large.pt <<-'END'
	import sys, zipfile
	with zipfile.ZipFile(sys.argv[1], "w") as z:
	    z.writestr("large/data.pkl", b"\x80\x02}q\x00.")
	    z.writestr("large/version", "3\n")
	    for i in range(4):
	        z.writestr(f"large/data/{i}", bytes([i + 1]) * 5000000)
END
cp root/hf/org/good/large.pt root/web
attack root/hf/org/bad/pytorch_model.bin
data root/s3/models/a/one.pkl
attack root/s3/models/a/two.pkl
attack root/web/m.pkl
registry
AWS_ENDPOINT_URL=$HF_ENDPOINT/s3
export AWS_ENDPOINT_URL
network=$(sed -n 2p registry.ports)
web=http://127.0.0.1:$network/web
control '{"repo": "org/good"}'
good=$(sha)

a_repository_is_scanned_where_it_lies() {
	run 0 scan -v hf://org/good@$good && says out "hf://org/good@$good/large.pt" &&
		says out 'fetched of 19.1 MiB' &&
		run 0 scan -f json hf://org/good@$good &&
		json 'r["summary"]["fetched"] < 300000' &&
		json '[f["verdict"] for f in r["files"] if f["size"] > 19e6] == ["clean"]' &&
		json 'all(f["source"]["commit"] == "'$good'" for f in r["files"])'
}

what_is_small_is_proven_by_its_digest() {
	run 0 scan -f json hf://org/good@$good &&
		json 'all(f["source"]["proven"] for f in r["files"] if f["size"] < 1000)'
}

an_attack_is_blocked_before_it_is_downloaded() {
	run 1 scan hf://org/bad && says out malicious && says out 'os.system'
}

a_branch_is_told_and_strict_refuses_it_unasked() {
	run 0 scan hf://org/good@main && says out source.unpinned &&
		forget_seen && run 4 scan -p strict hf://org/good@main &&
		seen 'not [x for x in s if "good" in x["path"]]'
}

what_is_not_approved_is_not_asked_for() {
	cat >p.yaml <<-'END'
		version: 1
		sources:
		  allow:
		    - {owner: trusted}
	END
	forget_seen && run 4 scan --policy p.yaml hf://org/good@$good &&
		says out source.not-approved &&
		seen 'not [x for x in s if "good" in x["path"]]' &&
		run 9 scan --policy p.yaml --exit-code source=9 hf://org/good@$good
}

all_of_it_is_fetched_and_proven_on_demand() {
	run 0 scan --full -f json hf://org/good@$good &&
		json 'all(f["source"]["proven"] for f in r["files"])' &&
		json 'r["summary"]["fetched"] >= r["summary"]["bytes"]'
}

other_bytes_than_the_registry_lists_are_found() {
	control '{"repo": "org/lied", "commit": {"a.pkl": "\u0080", "b.bin": {"base64": "AAAA"}}}' || return 1
	control '{"repo": "org/lied", "serve": {"b.bin": {"base64": "AAAB"}}}' || return 1
	run 4 scan -f json hf://org/lied &&
		json 'any(x["rule"] == "source.digest-mismatch" for f in r["files"] for x in f["findings"])' &&
		run 4 scan --full -f json hf://org/lied &&
		json 'any(x["rule"] == "source.digest-mismatch" for f in r["files"] for x in f["findings"])'
}

the_token_goes_to_the_registry_and_nowhere_else() {
	control '{"repo": "org/secret", "commit": {"m.pkl": {"base64": "gAJdLg=="}}, "private": true}' || return 1
	run 2 scan hf://org/secret && says out HF_TOKEN || return 1
	unset HF_HUB_DISABLE_IMPLICIT_TOKEN
	forget_seen
	HF_TOKEN=hf_all run 0 scan -v hf://org/secret &&
		! grep -q hf_all out err &&
		seen 'any(x["headers"].get("authorization") == "Bearer hf_all" for x in s)' &&
		seen 'not [x for x in s if x["port"] == '"$network"' and "authorization" in x["headers"]]' &&
		HF_TOKEN=hf_all run 2 scan --no-token hf://org/secret
}

what_is_not_there_is_an_error() {
	run 2 scan hf://org/none && says out 'no verdict' && says err org/none &&
		run 2 scan hf://org/good@nothing &&
		run 2 scan hf://org/good/../x && run 2 scan http://127.0.0.1:1/x &&
		run 2 scan http://192.0.2.1/m.pt && run 2 scan s3://
}

malware_is_found_among_what_cannot_be_had() {
	run 1 scan hf://org/none hf://org/bad
}

objects_of_a_store_are_scanned() {
	AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret/EXAMPLE+KEY \
		run 1 scan -f json s3://models/a &&
		json '[f["path"] for f in r["files"] if f["findings"]] == ["s3://models/a/two.pkl"]' &&
		json 'len(r["files"]) == 2'
}

a_file_of_the_web_is_scanned() {
	run 1 scan "$web/m.pkl" && says out "$web/m.pkl"
}

patterns_choose_among_the_files() {
	run 0 scan -f json --exclude '*.bin' --include '*.pkl' hf://org/good@$good &&
		json '[f["path"][-9:] for f in r["files"]] == ["model.pkl"]'
}

a_server_that_cuts_or_lies_leaves_no_verdict() {
	for fault in cut=100 more=10; do
		run 3 scan --retries 1 "$web/large.pt?$fault" &&
			says out source.unreachable || return 1
	done
	for fault in redirect=file:///etc/passwd redirect=ftp://127.0.0.1/ loop=1 crange=bytes+5-9/7; do
		run 2 scan "$web/large.pt?$fault" && says err 127.0.0.1 || return 1
	done
}

without_ranges_it_must_be_fetched_whole() {
	run 3 scan "$web/large.pt?noranges=1" && says out --full &&
		run 0 scan --full "$web/large.pt?noranges=1"
}

a_scan_of_files_here_opens_no_socket() {
	data a.pkl
	command -v strace >/dev/null || return 0
	strace -f -e trace=socket,connect -o trace "$picket" scan a.pkl >out 2>err
	! grep -E 'AF_INET|connect' trace
}

check a_repository_is_scanned_where_it_lies
check what_is_small_is_proven_by_its_digest
check an_attack_is_blocked_before_it_is_downloaded
check a_branch_is_told_and_strict_refuses_it_unasked
check what_is_not_approved_is_not_asked_for
check all_of_it_is_fetched_and_proven_on_demand
check other_bytes_than_the_registry_lists_are_found
check the_token_goes_to_the_registry_and_nowhere_else
check what_is_not_there_is_an_error
check malware_is_found_among_what_cannot_be_had
check objects_of_a_store_are_scanned
check a_file_of_the_web_is_scanned
check patterns_choose_among_the_files
check a_server_that_cuts_or_lies_leaves_no_verdict
check without_ranges_it_must_be_fetched_whole
check a_scan_of_files_here_opens_no_socket
finish
