"""A signal that comes at any moment ends the wait for it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from threading import Thread

import pytest

from terminal.shell.told_to_end import HEARD, ToldToEnd


@pytest.fixture
def told() -> Iterator[ToldToEnd]:
    before = {number: signal.getsignal(number) for number in HEARD}
    yield ToldToEnd()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_signal_is_the_one_that_ends_it(told: ToldToEnd) -> None:
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGHUP)
    assert told.wait() is signal.SIGTERM


def test_a_signal_that_comes_as_the_wait_begins_is_heard(told: ToldToEnd) -> None:
    """The wait holds its lock for a moment, and the handler runs in the thread that holds it."""

    def interrupted() -> None:
        with told.told._cond:  # type: ignore[attr-defined]
            told._hear(signal.SIGTERM, None)

    thread = Thread(target=interrupted, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive(), "the handler waits for the lock of the thread that it interrupted"
    assert told.wait() is signal.SIGTERM
