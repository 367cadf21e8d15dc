#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Manifests: what was written is what is there.
. "$(dirname "$0")/lib.sh"

tree() {
	mkdir -p m/sub
	echo one >m/one
	echo two >m/sub/two
	echo 'odd' >"m/o d\\d
d"
}

sha256sum_checks_what_is_created() {
	tree
	run 0 manifest create m -o list && (cd m && sha256sum --quiet -c ../list) &&
		run 0 manifest verify m --manifest list && says out 'all 3'
}

what_sha256sum_writes_is_verified() {
	tree
	(cd m && find . -type f -printf '%P\0' | xargs -0 sha256sum >../list)
	run 0 manifest verify m --manifest list
}

each_difference_is_named() {
	tree
	run 0 manifest create m -o list
	echo changed >m/one
	mv m/sub/two m/sub/deux
	echo new >m/new
	run 5 manifest verify m --manifest list
	says out 'changed   one' && says out 'extra     new' &&
		says out 'renamed   sub/deux (was sub/two)' &&
		run 5 manifest verify m --manifest list --json &&
		json 'not r["pass"] and len(r["differences"]) == 3' &&
		run 5 manifest verify m --manifest list --allow-extra
}

more_files_can_be_allowed() {
	tree
	run 0 manifest create m -o list
	echo new >m/new
	run 5 manifest verify m --manifest list &&
		run 0 manifest verify m --manifest list --allow-extra
}

a_manifest_in_its_tree_is_not_of_the_tree() {
	tree
	run 0 manifest create m -o m/MANIFEST &&
		run 0 manifest verify m --manifest m/MANIFEST
}

only_what_changed_is_hashed_again() {
	tree
	run 0 manifest create m --json -o list
	# A digest that is not true stays as long as its file is the same.
	sed -i 's/"sha256": "..../"sha256": "0000/' list
	run 0 manifest create m --json -o list --update
	[ "$(grep -c '"sha256": "0000' list)" = 3 ] || return 1
	echo changed >m/one
	run 0 manifest create m --json -o list --update
	[ "$(grep -c '"sha256": "0000' list)" = 2 ]
}

paths_out_of_the_tree_are_refused() {
	tree
	run 0 manifest create m -o list
	sed 's|  one|  ../one|' list >escaping
	run 5 manifest verify m --manifest escaping && says err "'../one'" &&
		sed 's|  one|  /etc/passwd|' list >absolute &&
		run 5 manifest verify m --manifest absolute
}

what_is_no_manifest_is_no_verdict() {
	tree
	run 2 manifest verify m --manifest m/one && says err 'line 1' &&
		run 2 manifest verify m && run 2 manifest verify nothing --manifest m/one &&
		run 2 manifest creat m && says err 'create' && run 2 manifest create nothing
}

what_cannot_be_read_is_not_written() {
	tree
	mkfifo m/pipe
	run 3 manifest create m -o list && says err 'm' && [ ! -e list ]
}

links_out_of_the_tree_are_followed_only_when_asked() {
	tree
	echo out >outside
	ln -s ../outside m/link
	ln -s one m/alias
	run 3 manifest create m && says err 'link out of the tree' &&
		run 0 manifest create m --follow-links && says out '  link' && says out '  alias'
}

nothing_is_replaced_unasked() {
	tree
	echo mine >list
	run 2 manifest create m -o list && [ "$(cat list)" = mine ] &&
		run 0 manifest create m -o list --force
}

a_full_disk_leaves_the_old_file() {
	tree
	run 2 manifest create m -o /dev/full --force && says err 'No space left'
}

check sha256sum_checks_what_is_created
check what_sha256sum_writes_is_verified
check each_difference_is_named
check more_files_can_be_allowed
check a_manifest_in_its_tree_is_not_of_the_tree
check only_what_changed_is_hashed_again
check paths_out_of_the_tree_are_refused
check what_is_no_manifest_is_no_verdict
check what_cannot_be_read_is_not_written
check links_out_of_the_tree_are_followed_only_when_asked
check nothing_is_replaced_unasked
check a_full_disk_leaves_the_old_file
finish
