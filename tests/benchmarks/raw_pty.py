"""A program in a pseudo-terminal whose output is only timed and counted, never drawn."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.clock import NS_PER_S
from tests.benchmarks.options import ROOT

COLUMNS, ROWS = 160, 48


class RawPty:
    """Starts a program; `until` says how long its output took to contain something."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.bytes_read = 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # pragma: no cover  # the child becomes the program
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.chdir(ROOT)
            os.execve(command[0], list(command), dict(env))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)

    def press(self, key: str) -> None:
        """Send a key."""
        os.write(self.fd, key.encode())

    def until(self, wanted: bytes, limit_s: float) -> float | None:
        """Read until the output contains `wanted`; return the seconds that took, None if it never came."""
        began, tail = time.perf_counter(), b""
        while (left := limit_s - (time.perf_counter() - began)) > 0:
            tail = tail[-64:] + self._read(left)
            if wanted in tail:
                return time.perf_counter() - began
        return None

    def drain(self, seconds: float) -> int:
        """Read for a while; return how many bytes came."""
        before, end = self.bytes_read, time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read(left)
        return self.bytes_read - before

    def cpu_s(self) -> float:
        """Return the processor time that the threads there are have used, to the nanosecond: a tick is 10 ms."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text("ascii").split()[0]) for task in tasks) / NS_PER_S

    def _read(self, limit_s: float) -> bytes:
        if not select.select([self.fd], [], [], limit_s)[0]:
            return b""
        try:
            data = os.read(self.fd, 65_536)
        except OSError as error:
            raise RuntimeError("the program ended before it was measured") from error
        self.bytes_read += len(data)
        if b"\x1b[?2026$p" in data:
            os.write(self.fd, b"\x1b[?2026;2$y")
        return data
