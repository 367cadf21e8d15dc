#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The commands of docs/guide.md, in its order and in one folder; and that
# whatever pages say of commands and options is so.
. "$(dirname "$0")/lib.sh"

# The blocks of a page, a command a line; here-documents and lines that go on
# stay together.  Each as "STATUS<TAB>FILE", the command in FILE.
commands_of() {
	python3 - "$1" <<'END'
import re, sys
text = open(sys.argv[1], encoding="utf-8").read()
n = 0
for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S):
    lines, command, end = block.splitlines(), [], None
    for line in lines:
        command.append(line)
        here = re.search(r"<<'(\w+)'", line)
        if here:
            end = here.group(1)
        elif line == end:
            end = None
        if end or line.endswith(("&&", "\\")):
            continue
        n += 1
        want = re.search(r"# status (\d+)$", line)
        with open("%d.sh" % n, "w") as f:
            f.write("\n".join(command) + "\n")
        print(want.group(1) if want else 0, "%d.sh" % n)
        command = []
END
}

every_command_of_the_guide_does_what_it_says() {
	mkdir bin run && ln -s "$picket" bin/picket && mkdir run/models || return 1
	"$(dirname "$picket")/tests/pka" "$root/tests/corpus/torch_zip/checkpoint.pka" \
		>run/models/model.pt || return 1
	commands_of "$root/docs/guide.md" >list
	[ "$(wc -l <list)" -gt 20 ] || return 1
	PATH=$PWD/bin:$PATH
	while read -r want script; do
		status=0
		(cd run && timeout 60 sh "../$script") >out 2>&1 </dev/null || status=$?
		[ "$status" = "$want" ] && continue
		echo "# status $status, not $want:"
		tail -n 5 "$script" out | sed 's/^/# /'
		return 1
	done <list
}

# "picket scan --baseline": each option that stands behind a command in a page
# is one of the command's.
pages_name_options_that_there_are() {
	python3 - "$picket" "$root" <<'END'
import glob, re, subprocess, sys
picket, root = sys.argv[1:]
helps = {}
def help_of(command):
    if command not in helps:
        r = subprocess.run([picket, command, "--help"], capture_output=True,
                           text=True)
        helps[command] = r.stdout if r.returncode == 0 else None
    return helps[command]
bad = 0
names = re.findall(r"^  ([a-z-]+) ", subprocess.run(
    [picket, "help"], capture_output=True, text=True).stdout, re.M)
pages = glob.glob(root + "/docs/*.md") + [root + "/README.md"]
for page in pages:
    text = open(page, encoding="utf-8").read().replace("\\\n", " ")
    for command, rest in re.findall(
            r"picket ([a-z-]+)([^\n`|#&]*)", text):
        other = re.match(r"config +([a-z-]+)", command + rest)
        command = other.group(1) if other else command
        if command not in names:
            continue
        for option in re.findall(r"(?<=\s)--([a-z0-9-]+)", rest):
            if "--" + option not in help_of(command):
                print("# %s: picket %s has no --%s" % (page, command, option))
                bad += 1
sys.exit(bad > 0)
END
}

links_between_pages_lead_somewhere() {
	python3 - "$root" <<'END'
import glob, os, re, sys
root = sys.argv[1]
bad = 0
for page in glob.glob(root + "/*.md") + glob.glob(root + "/docs/**/*.md",
                                                  recursive=True):
    text = open(page, encoding="utf-8").read()
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" in target:
            continue
        if not os.path.exists(os.path.join(os.path.dirname(page), target)):
            print("# %s: nothing at %s" % (page, target))
            bad += 1
sys.exit(bad > 0)
END
}

root=$(realpath "$(dirname "$0")/../..")
check every_command_of_the_guide_does_what_it_says
check links_between_pages_lead_somewhere
check pages_name_options_that_there_are
finish
