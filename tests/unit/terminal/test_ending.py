from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import cast

import pytest
from textual.driver import Driver

from engine.face import EngineFace
from terminal.app import DeskApp
from terminal.ending import UNPROVEN, Ending
from terminal.gone import Terminal, _Outliving


class Told:
    """An engine and a screen that note what they are told."""

    def __init__(self, unproven: int = 0) -> None:
        self.driver_class = Driver
        self.said: list[str] = []
        self.over = threading.Event()
        self._unproven = unproven

    def end(self, reason: str) -> None:
        self.said.append(reason)

    def stop(self) -> int:
        self.said.append("stop")
        return self._unproven

    def exit(self) -> None:
        self.said.append("exit")

    def call_later(self, callback: Callable[[], None]) -> None:
        callback()
        self.over.set()


@pytest.fixture
def master(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal's far end; its near end is what the program reads. Signals are as before afterwards."""
    far, near = os.openpty()
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    with os.fdopen(near, "r+b", buffering=0) as file:
        monkeypatch.setattr(sys, "stdin", file)
        yield far
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


def ending(told: Told) -> Ending:
    return Ending(cast("EngineFace", told), cast("DeskApp", told))


def test_a_closed_terminal_ends_the_engine_then_the_screen(master: int) -> None:
    told = Told()
    with ending(told) as end:
        os.close(master)
        assert told.over.wait(30)
    assert (end.reason, end.code) == ("the terminal was closed", 128 + signal.SIGHUP)
    assert told.said == ["the terminal was closed", "exit", "stop"]


def test_a_signal_ends_it_and_what_is_left_unproven_is_in_the_exit_code(master: int) -> None:
    told = Told(unproven=2)
    with ending(told) as end:
        os.kill(os.getpid(), signal.SIGTERM)
        assert told.over.wait(30)
    os.close(master)
    assert (end.reason, end.code) == ("told to end (SIGTERM)", UNPROVEN)


def test_a_person_who_leaves_is_no_such_end(master: int) -> None:
    told = Told()
    with ending(told) as end:
        pass
    os.close(master)
    assert (end.reason, end.code, told.said) == ("", None, [])


def test_a_terminal_is_given_back_as_it_was_and_nothing_of_a_living_one_is_let_go(master: int) -> None:
    terminal = Terminal(sys.stdin.fileno())
    terminal.let_go_if_gone()
    terminal.restore()
    os.close(master)


def test_what_is_written_to_a_terminal_that_is_gone_is_lost() -> None:
    far, near = os.openpty()
    with suppress(OSError), os.fdopen(near, "w") as file:
        os.close(far)
        outliving = _Outliving(file)
        outliving.write("x" * io.DEFAULT_BUFFER_SIZE * 2)
        outliving.flush()
        assert outliving.fileno() == near
