# SPDX-License-Identifier: Apache-2.0
"""A program that answers streams with imports, at the other end of a pipe."""

import os
import select
import subprocess
from typing import List, Optional

import wire
from wire import Imports

SECONDS_PER_STREAM = 20


class Peer:
    """Such a program, started again whenever it dies or dreams."""

    def __init__(self, command: List[str]) -> None:
        self.command = command
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.command, bufsize=0, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, stream: bytes) -> Optional[Imports]:
        """Its answer, or None when it gave none in time."""
        try:
            self._send(wire.frame(stream))
            return wire.decode_line(self._receive_line())
        except (BrokenPipeError, TimeoutError, EOFError):
            self.close()
            self.process = self._start()
            return None

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.process.stdin.write(view):]

    def _receive_line(self) -> bytes:
        pieces = [b""]
        while not pieces[-1].endswith(b"\n"):
            out = self.process.stdout
            if not select.select([out], [], [], SECONDS_PER_STREAM)[0]:
                raise TimeoutError
            pieces.append(os.read(out.fileno(), 1 << 16))
            if not pieces[-1]:
                raise EOFError
        return b"".join(pieces)

    def close(self) -> None:
        """Ends the program."""
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
