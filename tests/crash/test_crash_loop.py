"""A few lives of the loop; `make crash-loop` runs hundreds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.loop import CrashLoop

LIVES = 2
ORDERS = 2
"""Something must be at stake."""


@pytest.mark.pty
def test_a_desk_that_is_killed_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    loop = CrashLoop(tmp_path, seed=7)
    try:
        while len(loop.venue.evidence().submits()) < ORDERS:
            loop.live_and_die(at_least_s=1.5)
        for _ in range(LIVES):
            loop.live_and_die()
        assert loop.settle() == []
    finally:
        loop.close()
