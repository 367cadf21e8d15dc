#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The static program in a root folder that holds nothing else, as in its
# container: static.sh build-static/picket.  test_pipelines.sh runs it where
# 'make static' has been.
. "$(dirname "$0")/lib.sh"

it_needs_no_other_file() {
	! readelf -l "$picket" | grep -q INTERP && ! readelf -d "$picket" | grep -q NEEDED
}

it_scans_where_nothing_else_is() {
	mkdir -p root/bin root/models
	cp "$picket" root/bin/picket
	attack root/models/a.pkl
	data root/models/b.pkl
	status=0
	chroot --userspec=65534:65534 root /bin/picket scan /models >out 2>err || status=$?
	[ "$status" = 1 ] && says out 'os.system' && says out '2 files seen: 2 read whole'
}

check it_needs_no_other_file
[ "$(id -u)" != 0 ] || check it_scans_where_nothing_else_is
finish
