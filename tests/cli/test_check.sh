#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lock files: what lies here is what was reviewed, and caches are what they
# say of themselves.
. "$(dirname "$0")/lib.sh"
commit=0123456789abcdef0123456789abcdef01234567

sha256() {
	sha256sum <"$1" | cut -d' ' -f1
}

git_blob() {
	{
		printf 'blob %d\0' "$(stat -c %s "$1")"
		cat "$1"
	} | sha1sum | cut -d' ' -f1
}

# model NAME: two files in a folder
model() {
	mkdir -p "$1/onnx"
	echo "config of $1" >"$1/config.json"
	echo "weights of $1" >"$1/onnx/model.onnx"
}

# entry FOLDER REPOSITORY: a model of the lock
entry() {
	printf '  - source: hf://%s@main\n    folder: %s\n    repository: %s\n' "$2" "$2" "$2"
	printf '    revision: main\n    commit: "%s"\n    files:\n' $commit
	(cd "$1" && find . -type f -printf '%P\n' | sort | while read -r f; do
		printf '      - path: %s\n        size: %d\n        sha256: "%s"\n' "$f" \
			"$(stat -c %s "$f")" "$(sha256 "$f")"
	done)
}

# lock FOLDER REPOSITORY...: models.lock
lock() {
	printf 'version: 1\nmodels:\n' >models.lock
	while [ $# -gt 0 ]; do
		entry "$1" "$2" >>models.lock
		shift 2
	done
}

# cached FOLDER ID: as huggingface_hub would have put it into hub/
cached() {
	r=hub/models--$(echo "$2" | sed 's|/|--|')
	mkdir -p "$r/blobs" "$r/refs"
	printf %s $commit >"$r/refs/main"
	(cd "$1" && find . -type f -printf '%P\n') | while read -r f; do
		case $f in
		*.json) blob=$(git_blob "$1/$f") up= ;;
		*) blob=$(sha256 "$1/$f") up=../ ;;
		esac
		cp "$1/$f" "$r/blobs/$blob"
		mkdir -p "$(dirname "$r/snapshots/$commit/$f")"
		ln -s "../../${up}blobs/$blob" "$r/snapshots/$commit/$f"
	done
}

a_folder_that_is_as_locked_passes() {
	model m
	lock m org/m
	run 0 check m --lock models.lock && says out 'as it should be; 1 model, 2 files, ' &&
		mv models.lock m && run 0 check m --lock m/models.lock
}

each_difference_is_a_violation() {
	model m
	lock m org/m
	echo tampered with >m/config.json
	rm m/onnx/model.onnx
	attack m/evil.pkl
	run 4 check m --lock models.lock && says out 'lock.file-changed' && says out 'lock.file-missing' &&
		says out 'lock.file-extra' && says out 'org/m/evil.pkl' &&
		run 4 check m --lock models.lock --json && json 'not r["pass"]' &&
		json 'r["schema"] == "picket.check/1" and len(r["differences"]) == 3' &&
		json 'all(d["violation"] and d["where"] == "org/m" for d in r["differences"])'
}

bytes_of_the_same_size_are_read() {
	model m
	lock m org/m
	echo 'config of n' >m/config.json
	run 4 check m --lock models.lock && says out 'org/m/config.json: SHA-256 is '
}

several_models_lie_in_their_folders() {
	model all/org/a
	model all/org/b
	lock all/org/a org/a all/org/b org/b
	run 0 check all --lock models.lock && says out '2 models, 4 files' || return 1
	echo stray >all/org/stray.bin
	rm -r all/org/b
	run 4 check all --lock models.lock && says out 'lies in no locked model' &&
		says out 'lock.model-missing' && says out 'org/b: none of its 2 files'
}

files_may_be_left_out() {
	model m
	lock m org/m
	rm m/config.json
	run 4 check m --lock models.lock && run 0 check m --lock models.lock --partial
}

links_do_not_hide_files() {
	model m
	mkdir outside
	attack outside/evil.pkl
	lock m org/m
	ln -s ../outside m/more
	run 4 check m --lock models.lock && says out 'org/m/more' && rm m/more || return 1
	mv m/config.json outside && ln -s ../outside/config.json m/config.json
	run 3 check m --lock models.lock && says out 'lock.file-unread'
}

what_other_programs_keep_is_no_model() {
	model m
	lock m org/m
	mkdir -p m/.git m/.cache/huggingface/download
	echo x >m/.git/config
	echo x >m/.cache/huggingface/download/config.json.metadata
	run 0 check m --lock models.lock
}

a_lock_is_read_strictly() {
	model m
	lock m org/m
	sed -i 's/repository:/repositry:/' models.lock
	run 2 check m --lock models.lock && says err "models.lock:5: " && says err "'repository'" &&
		run 2 check m && says err 'needs --lock' && run 2 check nothing --lock models.lock &&
		run 2 check m --lock nothing && run 2 check m n --lock models.lock
}

a_cache_is_held_against_itself() {
	model m
	cached m org/m
	HF_HUB_CACHE=$PWD/hub run 0 check && says out '1 snapshot, 2 files' && run 0 check hub &&
		run 0 check hub/models--org--m && run 0 check hub/models--org--m/snapshots/$commit &&
		(cd hub/models--org--m/snapshots/$commit && "$picket" check . >/dev/null) && mkdir home &&
		mv hub home && HF_HUB_CACHE='' HF_HOME=home run 0 check
}

a_cache_is_held_against_a_lock() {
	model m
	cached m org/m
	model n
	cached n org/n
	lock m org/m
	run 0 check hub --lock models.lock && says out '1 model, 2 files' && says out '1 snapshots that' ||
		return 1
	printf %s fedcba9876543210fedcba9876543210fedcba98 >hub/models--org--m/refs/main
	run 4 check hub --lock models.lock && says out 'lock.ref-moved' &&
		says out 'main leads to fedcba9876543210' || return 1
	printf %s $commit >hub/models--org--m/refs/main
	rm hub/models--org--m/snapshots/$commit/config.json
	run 4 check hub --lock models.lock && says out 'lock.file-missing' &&
		run 0 check hub --lock models.lock --partial || return 1
	rm -r hub/models--org--m/snapshots/$commit/*
	run 4 check hub --lock models.lock && says out 'lock.file-missing' || return 1
	rm -r hub/models--org--m
	run 4 check hub --lock models.lock && says out 'lock.model-missing'
}

# Another file of the same name, size and place, with the right links.
a_snapshot_is_held_against_a_lock_not_only_against_itself() {
	model m
	lock m org/m
	echo 'weights of n' >m/onnx/model.onnx
	cached m org/m
	run 0 check hub && run 4 check hub --lock models.lock && says out 'lock.file-changed'
}

blobs_are_what_their_names_say() {
	model m
	cached m org/m
	for b in hub/models--org--m/blobs/*; do
		cp "$b" kept
		echo more >>"$b"
		run 4 check hub && says out 'cache.blob-digest' || return 1
		[ "$(grep -c cache.blob-digest out)" = 1 ] || return 1
		cp kept "$b"
	done
	touch hub/models--org--m/blobs/x.incomplete
	run 0 check hub
}

# relinked TARGET WANTED SAYS: config.json leads there
relinked() {
	ln -sfn "$1" hub/models--org--m/snapshots/$commit/config.json
	run "$2" check hub && says out "$3"
}

links_lead_to_blobs_and_nowhere_else() {
	model m
	cached m org/m
	blob=$(git_blob m/config.json)
	blobs=hub/models--org--m/blobs
	relinked ../../blobs/$blob 0 'as it should be' && relinked "$PWD/$blobs/$blob" 4 cache.link &&
		relinked ../../../../m/config.json 4 cache.link &&
		relinked aa/bb/blobs/$blob 4 cache.link &&
		relinked ../../blobs/../blobs/$blob 4 cache.link &&
		relinked ../../blobs/0000000000000000000000000000000000000000 4 cache.blob-missing || return 1
	ln -s $blob $blobs/1111111111111111111111111111111111111111
	relinked ../../blobs/1111111111111111111111111111111111111111 4 'that is a link' || return 1
	cp m/config.json $blobs/config && relinked ../../blobs/config 4 cache.blob-name || return 1
	ln -sfn ../../blobs hub/models--org--m/snapshots/$commit/onnx2
	relinked ../../blobs/$blob 4 'onnx2: leads to ../../blobs'
}

snapshots_without_links_need_a_list_or_a_lock() {
	model m
	cached m org/m
	lock m org/m
	s=hub/models--org--m/snapshots/$commit
	rm $s/config.json && cp m/config.json $s/config.json
	run 3 check hub && says out 'cache.unproven' && run 0 check hub --lock models.lock || return 1
	mkdir hub/models--org--m/trees
	cat >hub/models--org--m/trees/$commit.json <<-END
	{"format_version": 1, "files": {"config.json": {"size": 12, "blob_id": "$(git_blob m/config.json)"},
	 "onnx/model.onnx": {"size": 13, "blob_id": "$commit", "lfs_size": 13,
	 "lfs_sha256": "$(sha256 m/onnx/model.onnx)"}, "absent": {"size": 1, "blob_id": "$commit"}}}
	END
	run 0 check hub || return 1
	echo 'config of n' >$s/config.json
	run 4 check hub && says out 'cache.file-differs' && cp m/config.json $s || return 1
	attack $s/evil.pkl
	run 4 check hub && says out 'evil.pkl: is not in the list' && rm $s/evil.pkl || return 1
	echo '{' >hub/models--org--m/trees/$commit.json
	run 3 check hub && says out 'cache.unread'
}

hostile_caches_are_survived() {
	model m
	cached m org/m
	s=hub/models--org--m/snapshots/$commit
	mkfifo $s/pipe
	run 3 check hub && says out 'pipe' && rm $s/pipe || return 1
	ln -s / hub/models--org--m/snapshots/1111111111111111111111111111111111111111
	run 4 check hub && rm hub/models--org--m/snapshots/1* || return 1
	mkfifo hub/models--org--m/refs/pipe
	run 3 check hub && rm hub/models--org--m/refs/pipe || return 1
	mkdir -p $s/$(seq -s / 100)
	run 3 check hub && says out 'too deep'
}

no_socket_is_opened() {
	command -v strace >/dev/null || return 0
	model m
	cached m org/m
	strace -f -e trace=network -o trace "$picket" check hub >/dev/null || return 0
	! grep -E 'socket\(|connect\(' trace
}

# The example in the manual, and a slip, by the schema.
editors_are_told_the_same() {
	docs=$(dirname "$here")/../../docs
	python3 -c 'import jsonschema, yaml' 2>/dev/null || return 0
	sed -n '/^```yaml/,/^```/p' "$docs/lock.md" | grep -v '^```' >models.lock
	mkdir m
	run 4 check m --lock models.lock && says out 'lock.model-missing' &&
		python3 - "$docs/lock.schema.json" <<-'END'
	import json, jsonschema, sys, yaml
	doc = yaml.safe_load(open("models.lock"))
	schema = json.load(open(sys.argv[1]))
	jsonschema.validate(doc, schema)
	doc["models"][0]["files"][0]["sha255"] = ""
	try:
	    jsonschema.validate(doc, schema)
	except jsonschema.ValidationError:
	    sys.exit(0)
	sys.exit("a slip passes the schema")
	END
}

here=$(realpath "$0")
check editors_are_told_the_same
check a_folder_that_is_as_locked_passes
check each_difference_is_a_violation
check bytes_of_the_same_size_are_read
check several_models_lie_in_their_folders
check files_may_be_left_out
check links_do_not_hide_files
check what_other_programs_keep_is_no_model
check a_lock_is_read_strictly
check a_cache_is_held_against_itself
check a_cache_is_held_against_a_lock
check a_snapshot_is_held_against_a_lock_not_only_against_itself
check blobs_are_what_their_names_say
check links_lead_to_blobs_and_nowhere_else
check snapshots_without_links_need_a_list_or_a_lock
check hostile_caches_are_survived
check no_socket_is_opened
finish
