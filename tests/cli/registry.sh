# SPDX-License-Identifier: Apache-2.0
# For tests against tests/hub/registry.py, after lib.sh.
hub=$(realpath "$(dirname "$0")/../hub")

# A registry over ./root, of this test alone, as HF_ENDPOINT; it ends with the
# test.
registry() {
	mkfifo registry.in
	python3 "$hub/registry.py" root <registry.in >registry.ports 2>registry.err &
	exec 9>registry.in
	for _ in $(seq 100); do
		[ "$(wc -l <registry.ports)" -ge 2 ] && break
		sleep 0.1
	done
	port=$(head -n 1 registry.ports)
	HF_ENDPOINT=http://127.0.0.1:$port
	HF_HUB_DISABLE_IMPLICIT_TOKEN=1
	export HF_ENDPOINT HF_HUB_DISABLE_IMPLICIT_TOKEN
	unset HF_TOKEN
}

# control JSON: a command to the registry; what it answers is in told.
control() {
	python3 - "$port" "$1" >told <<-'END'
	import sys, urllib.parse, urllib.request
	print(urllib.request.urlopen("http://127.0.0.1:%s/_control?do=%s" % (
	    sys.argv[1], urllib.parse.quote(sys.argv[2]))).read().decode())
	END
}

# fault PATH FAULTS: requests for that path, as it is spelled, go wrong.
fault() {
	python3 - "$port" "$1" "$2" <<-'END'
	import sys, urllib.parse, urllib.request
	urllib.request.urlopen("http://127.0.0.1:%s/_fault?path=%s&%s" % (
	    sys.argv[1], urllib.parse.quote(sys.argv[2], safe=""), sys.argv[3]))
	END
}

# The commit that main is, after control.
sha() {
	python3 -c 'import json; r = json.load(open("told")); print((r[0] if isinstance(r, list) else r)["sha"])'
}
