"""The real program on a terminal that takes little of what it is given."""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path

from tests.benchmarks.raw_pty import RawPty
from tests.pty_desk import environment

TAKES_PER_S = 100_000
"""Fewer bytes than the desk writes when it may, and enough for a frame a second."""
BUFFERS = 65_536
"""What the buffers of a terminal hold: a desk that does not wait for it keeps them full."""


def test_a_key_on_a_slow_line_does_not_wait_behind_full_buffers(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "terminal", "demo", "--seed", "1", "--speed", "10"]
    with RawPty(program, environment(tmp_path)) as desk:
        assert desk.until(b"AAPL", 120) is not None
        follow_slowly(desk, 6.0)
        desk.press(":")
        desk.press("zqxj")
        assert follow_slowly(desk, 60.0, b"zqxj") < BUFFERS


def follow_slowly(desk: RawPty, seconds: float, wanted: bytes | None = None) -> int:
    """Take no more than a slow line would, for a while or until something came; return how many bytes came."""
    began, count, tail = time.monotonic(), 0, b""
    while (spent_s := time.monotonic() - began) < seconds:
        if count > TAKES_PER_S * spent_s:
            time.sleep(0.002)
        elif select.select([desk.fd], [], [], 0.01)[0]:
            data = os.read(desk.fd, 1_024)
            count += len(data)
            tail = tail[-3_000:] + data
            if wanted is not None and wanted in tail:
                return count
    assert wanted is None, f"{wanted!r} never came"
    return count
