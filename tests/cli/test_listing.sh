#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `picket disasm` and `picket trace`: pickles laid open.
. "$(dirname "$0")/lib.sh"

opcodes_are_shown_with_what_they_do() {
	attack a.pkl
	run 0 disasm a.pkl && says out 'GLOBAL             os system' &&
		says out 'imports os.system (dangerous)' &&
		says out "calls os.system('echo inert')" &&
		says out '  STRING' && says out 'MARK at 11'
}

steps_have_stack_and_memo() {
	data a.pkl
	run 0 trace a.pkl && says out 'stack 4: [] | MARK | 1 | 2' &&
		says out 'memo  1: [0] [1, 2]'
}

source_is_what_loading_does() {
	attack a.pkl
	run 0 decompile a.pkl && says out 'import os  # system (dangerous)' &&
		says out "v1 = os.system('echo inert')  # byte" &&
		says out 'result = v1' && data b.pkl &&
		run 0 decompile b.pkl && says out 'result = [1, 2]' &&
		run 0 decompile --json b.pkl &&
		json '"result = [1, 2]" in r["pickles"][0]["source"]'
}

code_by_value_is_explained() {
	run 0 specimen d && run 0 decompile d/pickle/code-by-value.pkl &&
		says out '# code <module> of specimen, line' &&
		says out 'names: print' && says out "constants: 'picket-canary'"
}

json_is_one_document() {
	attack a.pkl
	run 0 disasm --json a.pkl && json 'r["schema"] == "picket.disasm/1" \
		and [o["opcode"] for o in r["pickles"][0]["ops"]] == \
		["GLOBAL", "MARK", "STRING", "TUPLE", "REDUCE", "STOP"] and \
		r["pickles"][0]["ops"][0]["import"] == {"module": "os",
		"name": "system", "class": "dangerous"} and \
		r["pickles"][0]["complete"]' &&
		run 0 trace --json a.pkl && json 'r["schema"] == "picket.trace/1" \
		and r["pickles"][0]["ops"][2]["stack"] == ["os.system", "MARK",
		"\u0027echo inert\u0027"]'
}

a_break_is_shown_and_what_lies_behind_it() {
	printf '\200\002]q\000(K\001\377K\002e.' >a.pkl
	run 3 disasm a.pkl && says out 'every unpickler stops here' &&
		says out '1 byte that is no opcode: ff' && says out STOP &&
		run 3 disasm --json a.pkl && json 'not r["pickles"][0]["complete"]'
	printf 'R\200\002K\001.' >b.pkl
	run 3 disasm b.pkl && says out 'every unpickler stops here' || return 1
	printf '\200\004\214\004ab' >c.pkl
	run 3 disasm c.pkl && says out 'the data end before the STOP'
}

pickles_are_found_in_containers() {
	attack a.pkl
	data b.pkl
	python3 -c '
import zipfile
with zipfile.ZipFile("c.zip", "w") as z:
	z.write("a.pkl", "x/data.pkl")
	z.write("b.pkl", "x/other.pkl")'
	run 0 disasm c.zip && says out 'pickle 1 in x/data.pkl' &&
		says out 'pickle 2 in x/other.pkl' &&
		run 0 disasm --member other.pkl c.zip && says out APPENDS &&
		! grep -q system out &&
		run 2 disasm --member ther.pkl c.zip &&
		says err 'in 2 others'
}

what_holds_no_pickle_is_said() {
	echo hello >a.txt
	run 2 disasm a.txt && says err 'holds no pickle' && [ ! -s out ] &&
		run 2 disasm nothing && run 2 disasm . && run 2 disasm &&
		run 2 disasm a b && run 2 trace --membr x &&
		says err --member && mkfifo f && run 2 disasm f
}

standard_input_is_listed() {
	attack a.pkl
	run 0 disasm - <a.pkl && says out REDUCE
}

nothing_reaches_the_terminal() {
	printf 'cos\nsys\033[31m\342\200\256tem\n.' >a.pkl
	run 0 disasm a.pkl || return 1
	run 0 disasm a.pkl && ! grep -q "$(printf '\033')" out &&
		says out '\x1b' &&
		run 0 disasm --color always a.pkl &&
		grep -q "$(printf '\033')" out
}

a_reader_that_leaves_is_no_error() {
	python3 -c '
import pickle
pickle.dump(list(range(100000)), open("a.pkl", "wb"))'
	"$picket" disasm a.pkl 2>err | head -n 1 >out
	says out 'pickle 1' && [ ! -s err ]
}

for t in opcodes_are_shown_with_what_they_do steps_have_stack_and_memo \
	source_is_what_loading_does code_by_value_is_explained \
	json_is_one_document a_break_is_shown_and_what_lies_behind_it \
	pickles_are_found_in_containers what_holds_no_pickle_is_said \
	standard_input_is_listed nothing_reaches_the_terminal \
	a_reader_that_leaves_is_no_error; do
	check $t
done
finish
