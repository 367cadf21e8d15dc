#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `picket diff`: what changed between two models for security.
. "$(dirname "$0")/lib.sh"

# tensors FILE NAME=BYTE...: a SafeTensors file of one-byte tensors.
tensors() {
	python3 -c '
import json, struct, sys
pairs = [a.split("=") for a in sys.argv[2:]]
head = {n: {"dtype": "U8", "shape": [1], "data_offsets": [i, i + 1]}
        for i, (n, _) in enumerate(pairs)}
head["__metadata__"] = {"format": "pt"}
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text)
    f.write(bytes(int(v) for _, v in pairs))' "$@"
}

what_is_gained_is_said() {
	data a.pkl
	attack b.pkl
	run 1 diff a.pkl b.pkl && says out '+ os.system  dangerous, called' &&
		says out 'pickle.dangerous-call' && says out malicious &&
		run 0 diff b.pkl a.pkl && says out '- os.system'
}

tensors_are_compared_by_their_bytes() {
	tensors a.safetensors x=1 y=2 z=3
	tensors b.safetensors x=1 y=9 w=4
	run 0 diff a.safetensors b.safetensors &&
		says out '~ y: other content, U8 (1)' && says out '+ w  U8 (1)' &&
		says out '- z  U8 (1)' && ! grep -q ' x' out &&
		run 0 diff --json a.safetensors b.safetensors &&
		json '[t["name"] for t in r["tensors"]["changed"]] == ["y"] and \
[t["name"] for t in r["tensors"]["added"]] == ["w"] and not r["same"]'
}

the_same_is_the_same() {
	attack a.pkl
	run 0 diff a.pkl a.pkl && says out 'nothing of it changed' &&
		run 0 diff --json a.pkl a.pkl && json 'r["same"]'
}

mistakes_are_told() {
	data a.pkl
	run 2 diff && run 2 diff a.pkl && run 2 diff a.pkl nothing &&
		run 2 diff a.pkl . && run 2 diff a.pkl a.pkl a.pkl
}

for t in what_is_gained_is_said tensors_are_compared_by_their_bytes \
	the_same_is_the_same mistakes_are_told; do
	check $t
done
finish
