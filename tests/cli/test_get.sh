#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Models fetched: all of them proven and scanned, or nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/registry.sh"

model() {
	mkdir -p root/hf/org/m/sub
	echo '{"a": 1}' >root/hf/org/m/config.json
	data root/hf/org/m/sub/w.pkl
	: >root/hf/org/m/empty.txt
}

# A SafeTensors file of some size, for those that wait.
big() {
	python3 - "$1" <<-'END'
	import json, struct, sys
	n = 1 << 20
	h = json.dumps({"t": {"dtype": "U8", "shape": [n], "data_offsets": [0, n]}}).encode()
	with open(sys.argv[1], "wb") as f:
	    f.write(struct.pack("<Q", len(h)) + h + bytes(i * 31 & 255 for i in range(n)))
	END
}

nothing_is_left() {
	[ -z "$(find "$1" -type f ! -path '*/.picket-partial/*')" ] && return 0
	echo "# there are files:"
	find "$1" -type f | sed 's/^/# /'
	return 1
}

a_model_is_put_where_it_belongs() {
	model
	registry
	run 0 get hf://org/m@main new && diff -r root/hf/org/m new && [ ! -e new/.picket-partial ] &&
		run 2 get hf://org/m@main new && says err 'there already' &&
		run 0 get --force hf://org/m@main new && run 2 get hf://org/m && run 2 get m new &&
		run 0 get --exclude '*.pkl' hf://org/m@main some && [ ! -e some/sub ] &&
		run 0 get hf://org/m@main a/b//c/ && diff -r root/hf/org/m a/b/c &&
		: >file && run 2 get hf://org/m@main file/x && says err file
}

a_refused_file_refuses_all() {
	model
	attack root/hf/org/m/evil.pkl
	registry
	run 1 get hf://org/m@main new && nothing_is_left new && says err 'nothing was put' &&
		[ -z "$(find new -name evil.pkl)" ] && run 0 get --exclude evil.pkl hf://org/m@main new &&
		[ -e new/sub/w.pkl ] && [ ! -e new/.picket-partial ]
}

wrong_bytes_are_no_file() {
	model
	registry
	control '{"repo": "org/m", "serve": {"config.json": "{\"a\": 2}\n"}}'
	status=0
	"$picket" get -p warn hf://org/m@main new >out 2>err || status=$?
	[ $status != 0 ] && nothing_is_left new && [ -z "$(find new -name config.json)" ] || return 1
	control '{"repo": "org/m", "serve": {"config.json": null}}'
	run 0 get hf://org/m@main new && diff -r root/hf/org/m new
}

# Where the content network has a file, as it is spelled.
cdn() {
	control '{"repo": "org/m"}'
	echo "/cdn/models/org/m/$(sha)%2F$1"
}

a_killed_run_is_gone_on_with() {
	model
	big root/hf/org/m/big.safetensors
	registry
	where=$(cdn big.safetensors)
	fault "$where" stall=700000
	"$picket" get hf://org/m@main new >out 2>err &
	pid=$!
	for _ in $(seq 100); do
		[ "$(find new -name big.safetensors -size +600k 2>/dev/null)" ] && break
		sleep 0.1
	done
	kill -9 $pid
	wait $pid
	nothing_is_left new && [ "$(find new -name big.safetensors -size +600k)" ] || return 1
	fault "$where" etag=none
	run 0 get -f json hf://org/m@main new && diff -r root/hf/org/m new || return 1
	python3 - "$port" "$where" <<-'END'
	import json, sys, urllib.request
	seen = json.load(urllib.request.urlopen("http://127.0.0.1:%s/_seen" % sys.argv[1]))
	seen = [r for r in seen if r["path"].split("?")[0] == sys.argv[2]]
	sys.exit(0 if seen[-1]["headers"].get("range", "").startswith("bytes=7") or
	         seen[-1]["headers"].get("range", "").startswith("bytes=6") else str(seen))
	END
}

# What lies there from before is wrong: it is fetched anew.
a_wrong_part_is_not_gone_on_with() {
	model
	big root/hf/org/m/big.safetensors
	registry
	where=$(cdn big.safetensors)
	fault "$where" stall=700000
	timeout -s KILL 5 "$picket" get hf://org/m@main new >out 2>err
	part=$(find new -name big.safetensors)
	[ "$part" ] || return 1
	head -c 500000 /dev/zero >"$part"
	fault "$where" etag=none
	run 0 get hf://org/m@main new && diff -r root/hf/org/m new
}

links_are_not_followed() {
	model
	mkdir -p new outside
	ln -s ../outside new/sub
	registry
	run 2 get hf://org/m@main new && nothing_is_left new && nothing_is_left outside &&
		run 2 get --force hf://org/m@main new && nothing_is_left outside || return 1
	rm new/sub && ln -s ../outside/x new/config.json
	run 2 get --force hf://org/m@main new && nothing_is_left outside
}

places_that_others_obey_are_refused() {
	model
	registry
	control '{"repo": "org/m", "commit": {".git/hooks/pre-commit": "#!/bin/sh"}}'
	run 2 get hf://org/m@main new && says err 'no place for a file' && nothing_is_left new
}

what_was_locked_is_what_comes() {
	model
	registry
	run 0 lock hf://org/m@main
	control '{"repo": "org/m", "commit": {"config.json": "{}", "more.txt": "x"}}'
	run 0 get --lock models.lock hf://org/m@main new && diff -r root/hf/org/m new &&
		run 0 check new --lock models.lock || return 1
	sed -i 's/sha256: "e8/sha256: "e9/' models.lock
	run 4 get --lock models.lock hf://org/m@main other && nothing_is_left other &&
		says err 'config.json is not the file that was locked' &&
		run 4 get --lock models.lock hf://org/x@main other && says err 'is not in models.lock'
}

a_source_that_is_not_approved_is_not_fetched() {
	model
	registry
	printf '%s\n' 'version: 1' 'sources:' '  allow:' '    - {owner: other}' >p.yaml
	run 4 get -p p.yaml hf://org/m@main new && [ ! -e new ]
}

a_full_disk_is_told() {
	model
	big root/hf/org/m/big.safetensors
	registry
	mkdir new
	mount -t tmpfs -o size=512k none new 2>/dev/null || return 0
	run 2 get hf://org/m@main new && says err 'has room for' && nothing_is_left new
	status=$?
	umount new
	return $status
}

check_together a_model_is_put_where_it_belongs a_refused_file_refuses_all wrong_bytes_are_no_file \
	links_are_not_followed
check_together a_killed_run_is_gone_on_with a_wrong_part_is_not_gone_on_with \
	places_that_others_obey_are_refused what_was_locked_is_what_comes
check_together a_source_that_is_not_approved_is_not_fetched a_full_disk_is_told
finish
