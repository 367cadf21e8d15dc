#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `picket inspect` shows.
. "$(dirname "$0")/lib.sh"

# model FILE TENSORS: so many tensors of four F32 each.
model() {
	python3 - "$1" "$2" <<-'END'
		import json, struct, sys
		n = int(sys.argv[2])
		h = {"__metadata__": {"format": "pt", "esc": "\x1b[31m"}}
		for i in range(n):
		    h["w%d" % i] = {"dtype": "F32", "shape": [2, 2],
		                    "data_offsets": [16 * i, 16 * i + 16]}
		b = json.dumps(h).encode()
		b += b" " * (-len(b) % 8)
		open(sys.argv[1], "wb").write(struct.pack("<Q", len(b)) + b
		                              + bytes(16 * n))
	END
}

tensors_are_listed() {
	model m.safetensors 3
	run 0 inspect m.safetensors && says out 'SafeTensors' &&
		says out 'metadata.format' && says out 'Tensors (3)' &&
		says out '2 x 2' && says out 'parameters' &&
		run 0 inspect - <m.safetensors && says out 'Tensors (3)'
}

long_lists_are_folded_on_the_page_only() {
	model m.safetensors 100
	run 0 inspect m.safetensors && says out '80 more; --all shows them' &&
		run 0 inspect --all m.safetensors && says out w99 &&
		run 0 inspect --json m.safetensors &&
		json 'len(r["tensors"]) == 100 and r["tensors"][99]["shape"] == [2, 2]' &&
		json 'r["totals"]["parameters"] == 400 and r["complete"]' &&
		json 'r["schema"] == "picket.inspect/1"'
}

arrays_and_checkpoints_are_listed() {
	python3 - <<-'END'
		import struct, zipfile
		def npy(descr, shape, size):
		    h = ("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n"
		         % (descr, shape)).encode()
		    return (b"\x93NUMPY\x01\x00" + struct.pack("<H", len(h)) + h
		            + bytes(size))
		open("a.npy", "wb").write(npy("<f4", "(2, 3)", 24))
		with zipfile.ZipFile("b.npz", "w") as z:
		    z.writestr("w.npy", npy("<i8", "(4,)", 32))
		    z.writestr("c.npy", npy("<f8", "(2,)", 16))
	END
	run 0 inspect --json a.npy &&
		json 'r["tensors"][0]["dtype"] == "F32" and r["tensors"][0]["shape"] == [2, 3]' &&
		run 0 inspect --json b.npz &&
		json 'sorted(t["name"] for t in r["tensors"]) == ["c", "w"]' &&
		json 'len(r["members"]) == 2'
}

nothing_reaches_the_terminal() {
	model m.safetensors 1
	run 0 inspect --color never m.safetensors && ! grep -q "$(printf '\033')" out
}

imports_are_listed() {
	attack a.pkl
	run 0 inspect a.pkl && says out 'os.system()' && says out malicious
}

what_is_no_model_is_said() {
	echo 'just words' >README
	run 0 inspect README && says out 'none that is known'
}

mistakes_are_told() {
	run 2 inspect && says err 'needs one FILE' &&
		run 2 inspect nothing.pt && says err nothing.pt &&
		run 2 inspect . && says err 'not a regular file' &&
		run 0 inspect --help && says out 'usage: picket inspect'
}

check tensors_are_listed
check long_lists_are_folded_on_the_page_only
check arrays_and_checkpoints_are_listed
check nothing_reaches_the_terminal
check imports_are_listed
check what_is_no_model_is_said
check mistakes_are_told
finish
