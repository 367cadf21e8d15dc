#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that a job needs, and touches nothing when all
# of them are there: packages.sh SET...   (sets: build static package test lint bench)
set -eu

build="gcc libc6-dev meson ninja-build pkg-config zlib1g-dev libbz2-dev
	liblzma-dev libzstd-dev liblz4-dev libarchive-dev libssl-dev
	libseccomp-dev libyaml-dev libexpat1-dev
	libcurl4-openssl-dev"
test="libcmocka-dev chromium openssl procps mandoc zsh fish clang clang-format libclang-rt-14-dev python3
	nginx-light python3-numpy python3-torch python3-joblib python3-sklearn python3-h5py python3-onnx python3-jsonschema python3-yaml
	python3-cryptography slurm-wlm munge"
static="libacl1-dev nettle-dev libxml2-dev"
package="debhelper dpkg-dev fakeroot"
lint="valgrind clang-tidy"
bench="python3 python3-torch unzip"

want=
for set in "$@"; do
	case $set in
	build) want="$want $build" ;;
	static) want="$want $static" ;;
	package) want="$want $package" ;;
	test) want="$want $test" ;;
	lint) want="$want $lint" ;;
	bench) want="$want $bench" ;;
	*)
		echo "packages.sh: no set is called '$set'" >&2
		exit 2
		;;
	esac
done

if ! command -v dpkg-query >/dev/null; then
	echo "packages.sh: not a Debian system; please provide:" $want >&2
	exit 0
fi

missing=
for p in $want; do
	case $(dpkg-query -W -f '${Status}' "$p" 2>/dev/null) in
	*"ok installed") ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "These Debian packages are missing. As root:" >&2
	echo "  apt-get install$missing" >&2
	exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
# Some of them are services, and what tests need of these they start.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod +x $policy
fi
apt-get update -q </dev/null
apt-get install -q -y --no-install-recommends $missing </dev/null
