"""The keyboard is waited for, not looked at; what is typed is told as it comes."""

from __future__ import annotations

import os
import pty
import tty
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest
from textual._xterm_parser import XTermParser
from textual.drivers.headless_driver import HeadlessDriver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key
from textual.message import Message

from terminal.listening import patient
from tests.waiting import wait_until


class Terminal:
    """What a driver is while it reads, at a terminal of this machine."""

    def __init__(self) -> None:
        self.hand, self.fileno = pty.openpty()
        tty.setraw(self.fileno)
        self.exit_event = Event()
        self._debug = False
        self.told: list[str] = []
        self.thread = Thread(target=self.run_input_thread)

    def run_input_thread(self) -> None:
        raise AssertionError("it is not read as Textual does")

    def process_message(self, message: Message) -> None:
        if isinstance(message, Key):
            self.told.append(message.key)

    def disable_input(self) -> None:
        self.exit_event.set()
        self.thread.join()

    def type(self, what: bytes) -> None:
        os.write(self.hand, what)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made: Terminal = patient(Terminal)()  # type: ignore[arg-type, assignment, call-arg]
    made.thread.start()
    try:
        yield made
    finally:
        made.disable_input()
        for each in (made.hand, made.fileno):
            with suppress(OSError):
                os.close(each)


@pytest.mark.parametrize(
    ("pieces", "keys"),
    [
        ([b"a"], ["a"]),
        ([b"\xc3", b"\xa9"], ["é"]),
        ([b"\x1b[A"], ["up"]),
        ([b"\x1b[", b"A"], ["up"]),
        ([b"b 100\r"], ["b", "space", "1", "0", "0", "enter"]),
        ([b"\x1b"], ["escape"]),
    ],
    ids=["letter", "letter-in-two", "sequence", "sequence-in-two", "line", "escape-alone"],
)
def test_what_is_typed_is_told(terminal: Terminal, pieces: list[bytes], keys: list[str]) -> None:
    for piece in pieces:
        terminal.type(piece)
    wait_until(lambda: len(terminal.told) >= len(keys))
    assert terminal.told == keys


def test_an_end_wakes_it(terminal: Terminal) -> None:
    terminal.type(b"a")
    wait_until(lambda: bool(terminal.told))
    terminal.disable_input()
    assert not terminal.thread.is_alive()


def test_it_can_begin_again_after_an_end(terminal: Terminal) -> None:
    terminal.disable_input()
    terminal.exit_event.clear()
    terminal.thread = Thread(target=terminal.run_input_thread)
    terminal.thread.start()
    terminal.type(b"z")
    wait_until(lambda: terminal.told == ["z"])


def test_a_driver_without_a_thread_for_keys_stays_as_it_is() -> None:
    assert patient(HeadlessDriver) is HeadlessDriver


def test_textual_has_what_is_relied_on() -> None:
    assert XTermParser(False)._timeout_time is None  # type: ignore[attr-defined, unused-ignore]
    assert {"fileno", "exit_event", "_debug"} <= {*LinuxDriver.run_input_thread.__code__.co_names}
    assert {"exit_event", "_key_thread"} <= {*LinuxDriver.disable_input.__code__.co_names}
