"""Waits for what another thread or task does."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.adapter_contract.waiting import PATIENCE_S, until

__all__ = ("until", "wait_until")


def wait_until(
    is_so: Callable[[], bool], timeout_s: float = PATIENCE_S, *, found: Callable[[], object] = lambda: "it"
) -> None:
    """Return once it is so; fail when it never becomes so, with what was found in its place."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, f"it never happened: {found()}"
        time.sleep(0.01)
