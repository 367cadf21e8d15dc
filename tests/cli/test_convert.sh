#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `picket convert` promises.
. "$(dirname "$0")/lib.sh"

# checkpoint FILE [EXTRA]: a state dict of one float tensor "w" and one
# number; EXTRA: opcodes of one more value, under the key "x".
checkpoint() {
	python3 - "$@" <<'END'
import sys, zipfile
text = lambda s: b"X" + len(s).to_bytes(4, "little") + s
extra = sys.argv[2].encode().decode("unicode_escape").encode("latin1") \
    if len(sys.argv) > 2 else b"K\x03"
storage = b"(" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(b"0") \
    + text(b"cpu") + b"K\x02tQ"
tensor = b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage \
    + b"K\x00K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"
pickle = b"\x80\x02}(" + text(b"w") + tensor + text(b"x") + extra + b"u."
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("a/data.pkl", pickle)
    z.writestr("a/data/0", bytes.fromhex("0000803f00000040"))
    z.writestr("a/version", "3\n")
END
}

# The names in a SafeTensors file, one a line.
names() {
	python3 -c '
import json, struct, sys
b = open(sys.argv[1], "rb").read()
n, = struct.unpack("<Q", b[:8])
h = json.loads(b[8:8 + n])
assert n % 8 == 0 and h.pop("__metadata__")["format"] == "pt"
assert len(b) == 8 + n + max(t["data_offsets"][1] for t in h.values())
print("\n".join(h))' "$1"
}

a_checkpoint_becomes_safetensors() {
	checkpoint a.pt
	run 0 convert a.pt a.safetensors && says out '1 tensors' &&
		says out 'skipped x: int 3' && [ "$(names a.safetensors)" = w ] &&
		[ "$(ls)" = "a.pt
a.safetensors
err
out" ]
}

what_is_no_weights_is_refused_by_name() {
	checkpoint a.pt 'cbuiltins\nprint\n(tR'
	run 1 convert a.pt a.safetensors && says err builtins.print &&
		says err --salvage && [ ! -e a.safetensors ]
}

salvage_drops_it_and_says_so() {
	checkpoint a.pt 'cbuiltins\nprint\n(tR'
	run 0 convert --salvage a.pt a.safetensors &&
		says out 'skipped x: builtins.print' &&
		[ "$(names a.safetensors)" = w ]
}

nothing_is_replaced_without_force() {
	checkpoint a.pt
	echo old >a.safetensors
	run 2 convert a.pt a.safetensors && says err --force &&
		[ "$(cat a.safetensors)" = old ] &&
		run 0 convert --force a.pt a.safetensors &&
		[ "$(names a.safetensors)" = w ]
}

a_folder_converts_in_one_call() {
	mkdir -p in/sub
	checkpoint in/pytorch_model.bin
	checkpoint in/sub/b.ckpt
	echo '{}' >in/config.json
	run 0 convert in new &&
		[ "$(names new/model.safetensors)" = w ] &&
		[ "$(names new/sub/b.safetensors)" = w ]
}

shards_get_an_index() {
	mkdir in
	checkpoint in/pytorch_model-00001-of-00002.bin
	checkpoint in/pytorch_model-00002-of-00002.bin
	run 0 convert in new && python3 -c '
import json
i = json.load(open("new/model.safetensors.index.json"))
assert i["metadata"]["total_size"] == 16, i
assert list(i["weight_map"]) == ["w"], i
assert i["weight_map"]["w"] == "model-00002-of-00002.safetensors", i'
}

a_missing_shard_gets_none() {
	mkdir in
	checkpoint in/pytorch_model-00001-of-00002.bin
	run 3 convert in new && says err '1 of 2 shards' &&
		[ ! -e new/model.safetensors.index.json ]
}

a_receipt_tells_what_became_of_what() {
	checkpoint a.pt
	run 0 convert --receipt r.json a.pt a.safetensors && python3 -c '
import hashlib, json
r = json.load(open("r.json"))
sha = lambda p: hashlib.sha256(open(p, "rb").read()).hexdigest()
assert r["schema"] == "picket.receipt/1"
assert r["input"]["sha256"] == sha("a.pt")
assert r["output"]["sha256"] == sha("a.safetensors")
assert r["tensors"][0]["name"] == "w"
assert r["tensors"][0]["sha256"] == hashlib.sha256(
    bytes.fromhex("0000803f00000040")).hexdigest()
assert r["skipped"][0]["name"] == "x"'
}

a_truncated_file_is_told_apart() {
	checkpoint a.pt
	head -c 200 a.pt >b.pt
	run 3 convert b.pt b.safetensors && [ ! -e b.safetensors ]
}

what_is_no_weights_at_all_is_a_mistake() {
	echo hello >readme.txt
	run 2 convert readme.txt x.safetensors && run 2 convert missing.pt y &&
		run 2 convert readme.txt
}

a_full_disk_leaves_nothing() {
	mkdir disk
	mount -t tmpfs -o size=64k none disk 2>/dev/null || return 0
	python3 -c '
import sys; sys.stdout.buffer.write(b"\x93NUMPY\x01\0\x76\0" + ("{%r: %r, %r: %r, %r: (%d,)}" % (
    "descr", "<f4", "fortran_order", False, "shape", 65536)).ljust(117).encode() + b"\n" + bytes(262144))' >a.npy
	ok=0
	run 2 convert a.npy disk/a.safetensors && says err 'No space' &&
		[ -z "$(ls -A disk)" ] || ok=1
	umount disk
	return $ok
}

check a_checkpoint_becomes_safetensors
check what_is_no_weights_is_refused_by_name
check salvage_drops_it_and_says_so
check nothing_is_replaced_without_force
check a_folder_converts_in_one_call
check shards_get_an_index
check a_missing_shard_gets_none
check a_receipt_tells_what_became_of_what
check a_truncated_file_is_told_apart
check what_is_no_weights_at_all_is_a_mistake
check a_full_disk_leaves_nothing
finish
