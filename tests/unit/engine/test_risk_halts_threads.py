"""The brake is pulled from several threads: what holds afterwards is what was said."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from engine.messages.commands import TradingState
from engine.model.instrument import Symbol
from engine.risk.halt import TradingHalts


@pytest.fixture(autouse=True)
def _busy_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_a_halt_from_another_thread_is_whole_while_the_engine_locks_and_unlocks() -> None:
    halts, done = TradingHalts(), threading.Event()
    faults: list[Exception] = []

    def engine() -> None:
        try:
            while not done.is_set():
                halts.lock(TradingState.HALTED, "comparing", owner="comparison")
                halts.lock(TradingState.ACTIVE, "", owner="comparison")
                halts.set(TradingState.ACTIVE, "", Symbol("ABC"))
        except Exception as error:  # noqa: BLE001  # told below
            faults.append(error)

    thread = threading.Thread(target=engine)
    thread.start()
    for _ in range(3_000):
        halts.set(TradingState.HALTED, "fire")
        assert not halts.all_active
        halts.set(TradingState.ACTIVE, "out")
    done.set()
    thread.join()
    assert not faults
    assert halts.all_active
