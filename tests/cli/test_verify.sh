#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `picket verify` promises.
. "$(dirname "$0")/lib.sh"

# st FILE DATA NAME...: a SafeTensors file of tensors of four bytes each, with
# so many bytes of data.
st() {
	python3 - "$@" <<-'END'
		import json, struct, sys
		h = {n: {"dtype": "F32", "shape": [1],
		         "data_offsets": [4 * i, 4 * i + 4]}
		     for i, n in enumerate(sys.argv[3:])}
		b = json.dumps(h).encode()
		b += b" " * (-len(b) % 8)
		open(sys.argv[1], "wb").write(struct.pack("<Q", len(b)) + b
		                              + bytes(int(sys.argv[2])))
	END
}

index() {
	printf '{"metadata": {"total_size": %s}, "weight_map": %s}' "$1" "$2" \
		>i.safetensors.index.json
}

a_sound_file_holds() {
	st m.safetensors 8 a b
	run 0 verify m.safetensors && says out ok && says out 'Tensors (2)' &&
		run 0 verify - <m.safetensors &&
		run 0 verify --json m.safetensors &&
		json 'r["pass"] and len(r["files"][0]["tensors"]) == 2'
}

what_the_reader_refuses_fails() {
	st short.safetensors 7 a b
	st long.safetensors 9 a b
	run 5 verify short.safetensors && says out MetadataIncompleteBuffer &&
		says out safetensors.truncated &&
		run 5 verify long.safetensors && says out safetensors.trailing &&
		run 5 verify --json long.safetensors &&
		json 'not r["pass"] and r["files"][0]["errors"]'
}

code_is_not_vouched_for() {
	data a.pkl
	echo words >README
	run 5 verify a.pkl && says out 'can carry code' &&
		run 5 verify README && says out 'no format'
}

shards_are_held_against_their_index() {
	st 1.safetensors 8 a b
	st 2.safetensors 4 c
	index 12 '{"a": "1.safetensors", "b": "1.safetensors", "c": "2.safetensors"}'
	run 0 verify i.safetensors.index.json || return 1
	index 12 '{"a": "1.safetensors", "b": "2.safetensors", "c": "2.safetensors"}'
	run 5 verify i.safetensors.index.json &&
		says out "'b' lies in another shard" || return 1
	index 12 '{"a": "1.safetensors", "x": "1.safetensors", "c": "2.safetensors"}'
	run 5 verify i.safetensors.index.json &&
		says out "'x' is not in the shard" &&
		says out "'b' is not in the index" || return 1
	index 13 '{"a": "1.safetensors", "b": "1.safetensors", "c": "2.safetensors"}'
	run 0 verify i.safetensors.index.json && says out repo.shard-total
}

missing_and_broken_shards_fail() {
	st 1.safetensors 4 a
	index 8 '{"a": "1.safetensors", "b": "2.safetensors"}'
	run 5 verify i.safetensors.index.json && says out 'is not there' ||
		return 1
	st 2.safetensors 3 b
	run 5 verify i.safetensors.index.json && says err 2.safetensors ||
		return 1
	rm 2.safetensors
	ln -s /etc/passwd 2.safetensors
	run 5 verify i.safetensors.index.json && says out 'link out'
}

a_conversion_is_held_against_its_receipt() {
	python3 -c 'import numpy' 2>/dev/null || return 0
	python3 -c 'import numpy as n; n.savez("a.npz", a=n.arange(4.0), b=n.zeros(3))'
	run 0 convert --receipt r.json a.npz a.safetensors &&
		run 0 verify --receipt r.json a.safetensors || return 1
	printf '\001' | dd of=a.safetensors bs=1 seek=200 conv=notrunc 2>/dev/null
	run 5 verify --receipt r.json a.safetensors && says err a.safetensors &&
		echo '{}' >r.json && run 5 verify --receipt r.json a.safetensors &&
		run 2 verify --receipt nothing.json a.npz
}

values_that_are_no_numbers_are_counted() {
	python3 - <<-'END'
		import json, struct
		d = struct.pack("<4f", 1, float("nan"), float("-inf"), float("nan"))
		d += struct.pack("<2H", 0x7f80, 0x3f80) + struct.pack("<i", -1)
		h = {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
		     "b": {"dtype": "BF16", "shape": [2], "data_offsets": [16, 20]},
		     "i": {"dtype": "I32", "shape": [1], "data_offsets": [20, 24]}}
		b = json.dumps(h).encode()
		b += b" " * (-len(b) % 8)
		open("v.safetensors", "wb").write(struct.pack("<Q", len(b)) + b + d)
	END
	st zero.safetensors 8 a b
	run 0 verify --values v.safetensors && says out '2 NaN, 1 Inf' &&
		says out 'total  2 NaN, 2 Inf' &&
		run 0 verify --values zero.safetensors &&
		says out 'total  0 NaN, 0 Inf' &&
		run 0 verify --values - <v.safetensors &&
		says out 'total  2 NaN, 2 Inf' &&
		run 0 verify --json --values v.safetensors zero.safetensors &&
		json '(r["files"][0]["values"] == {"tensors": 2, "nan": 2, "inf": 2}
and [t.get("nan") for t in r["files"][0]["tensors"]] == [2, 0, None]
and r["files"][1]["values"]["nan"] == 0)' &&
		run 0 verify v.safetensors && ! grep -q NaN out
}

mistakes_are_told() {
	st m.safetensors 4 a
	run 2 verify && says err 'needs a FILE' &&
		run 2 verify nothing m.safetensors && says err nothing &&
		says out m.safetensors
}

check a_sound_file_holds
check what_the_reader_refuses_fails
check code_is_not_vouched_for
check shards_are_held_against_their_index
check missing_and_broken_shards_fail
check a_conversion_is_held_against_its_receipt
check values_that_are_no_numbers_are_counted
check mistakes_are_told
finish
