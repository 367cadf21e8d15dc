# SPDX-License-Identifier: Apache-2.0
# The front door; the build itself is meson.build.
#
#   make          build/picket
#   make demo     see it work on specimens that do nothing
#   make install  PREFIX=/usr/local, DESTDIR
#   make static   build-static/picket, one file that needs no other
#   make package  Debian packages, beside this folder
#   make test     every test; the last line says how many passed
#   make lint     clang-tidy over the sources
#   make fuzz     SECONDS=60 for each target
#   make soundness  a million hostile pickles: is any import missed?
#   make hostile  bombs and forged lengths at full size: time and memory
#   make valgrind  the parsers' tests under valgrind
#   make bench    a table of speed and memory, against a reference
#
# Missing Debian packages are installed when make runs as root.

PREFIX = /usr/local
SECONDS = 60

all: build
build:
	@tools/packages.sh build
	@tools/setup.sh build --prefix=$(PREFIX)
	@ninja -C build

demo: build
	@tools/demo.sh build/picket

install: build
	@meson install -C build --no-rebuild

static:
	@tools/packages.sh build static
	@tools/setup.sh build-static --buildtype=release --prefer-static \
		-Dtests=disabled -Dc_link_args=-static-pie
	@ninja -C build-static picket

package:
	@tools/packages.sh build package
	@dpkg-buildpackage -us -uc -b

test:
	@tools/packages.sh build test
	@/usr/bin/python3 tests/run.py

lint:
	@tools/packages.sh build test lint
	@tools/lint.sh

fuzz:
	@tools/packages.sh build test
	@tools/fuzz.sh $(SECONDS)

soundness: build
	@/usr/bin/python3 tests/soundness/run.py --keep build/soundness \
		--program build/tests/pickle_imports

hostile: build
	@/usr/bin/python3 tests/hostile/run.py build/picket --table

valgrind:
	@tools/packages.sh build test lint
	@tools/setup.sh build -Dtests=enabled
	@ninja -C build
	@tools/valgrind.sh

bench: build
	@tools/packages.sh bench
	@/usr/bin/python3 tests/bench/bench.py
	@/usr/bin/python3 tests/bench/convert.py

clean:
	rm -rf build build-*

.PHONY: all build demo install static package test lint fuzz soundness hostile valgrind bench clean
