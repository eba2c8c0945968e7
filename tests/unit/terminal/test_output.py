"""What a terminal has not taken yet, with pipes in the place of terminals."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import IO

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.driver import Driver

from engine.clock import NS_PER_MS, NS_PER_S, SystemClock
from terminal.output import Output, counted

PIPE = 65_536
"""What a pipe holds on Linux."""


@contextmanager
def pipe() -> Iterator[tuple[int, IO[str]]]:
    """Give the end to read from, and the file that writes."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", encoding="ascii") as file:
        try:
            yield reader, file
        finally:
            os.close(reader)


def test_what_was_painted_is_on_its_way_until_it_is_written() -> None:
    output = Output(SystemClock())
    with pipe() as (_, file):
        output.hand(5)
        behind = output.is_behind
        output.put(file, "hello")
        assert (behind, output.is_behind) == (True, False)


def test_a_terminal_that_takes_nothing_keeps_the_desk_behind() -> None:
    output = Output(SystemClock())
    with pipe() as (reader, file):
        written = threading.Event()

        def write() -> None:
            output.put(file, "x" * 2 * PIPE)
            written.set()

        output.hand(2 * PIPE)
        threading.Thread(target=write, daemon=True).start()
        assert not written.wait(0.2)
        assert output.is_behind
        while not written.wait(0.01):
            os.read(reader, 4_096)
        assert not output.is_behind


def test_a_slow_terminal_is_given_less_than_it_takes_and_a_fast_one_is_not_held_back() -> None:
    output = Output(SystemClock())
    with pipe() as (reader, file):
        os.set_blocking(reader, False)
        output.hand(PIPE)
        output.put(file, "x" * PIPE)
        assert not output.is_behind
        stop = threading.Event()

        def read_slowly() -> None:
            while not stop.wait(0.02):
                os.read(reader, 4_096)

        slow = threading.Thread(target=read_slowly)
        slow.start()
        for _ in range(10):
            output.hand(4_096)
            output.put(file, "x" * 4_096)
        stop.set()
        slow.join()
        with Path(os.devnull).open("w", encoding="ascii") as taken:
            output.hand(4_000_000)
            output.put(
                taken, "x" * 4_000_000
            )  # nothing is on its way, but the terminal could not take so much
        assert output.is_behind


class _Hand(SystemClock):
    """Steady time that passes by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.monotonic_ns = lambda: self.now


class _ByTheBuffer(StringIO):
    """A terminal that reads for a while, then takes four writes at a time."""

    def __init__(self, clock: _Hand, full: int, empty: int) -> None:
        super().__init__()
        self.clock, self.full, self.empty, self.taken = clock, full, empty, 0

    def fileno(self) -> int:
        return self.empty if self.taken % 4 else self.full

    def write(self, text: str) -> int:
        self.clock.now += 0 if self.taken % 4 else 20 * NS_PER_MS
        self.taken += 1
        return len(text)


def test_a_terminal_that_takes_a_buffer_at_a_time_is_believed_to_take_all_of_it() -> None:
    clock = _Hand()
    output = Output(clock)
    with pipe() as (_, full), pipe() as (_, empty):
        os.set_blocking(full.fileno(), False)
        os.write(full.fileno(), b"x" * PIPE)
        terminal = _ByTheBuffer(clock, full.fileno(), empty.fileno())
        output.hand(80_000)
        for _ in range(80):
            output.put(terminal, "x" * 1_000)  # 4,000 characters in 20 ms
        clock.now += NS_PER_S
        terminal.taken = 1
        output.hand(1_000)
        output.put(terminal, "x" * 1_000)
        assert output.is_behind
        clock.now += 15 * NS_PER_MS  # half of what it takes would have been written after 10 ms
        assert not output.is_behind


class _StandsStill(StringIO):
    """A full terminal that takes a piece in no time, but for those that it is told to wait at."""

    def __init__(self, clock: _Hand, full: int, waits_s: dict[int, float]) -> None:
        super().__init__()
        self.clock, self.full, self.waits_s, self.taken = clock, full, waits_s, 0

    def fileno(self) -> int:
        return self.full

    def write(self, text: str) -> int:
        self.clock.now += NS_PER_MS // 10 + round(self.waits_s.get(self.taken, 0) * NS_PER_S)
        self.taken += 1
        return len(text)


def after_waits(waits_s: dict[int, float]) -> tuple[Output, _Hand]:
    """Return the output of a full terminal that took 16 pieces, and then was handed a frame of 20,000 characters that has left."""
    clock = _Hand()
    output = Output(clock)
    with pipe() as (_, full):
        os.set_blocking(full.fileno(), False)
        os.write(full.fileno(), b"x" * PIPE)
        output.hand(PIPE)
        output.put(_StandsStill(clock, full.fileno(), waits_s), "x" * PIPE)
    output.hand(20_000)
    with pipe() as (_, empty):
        output.put(empty, "x" * 20_000)
    return output, clock


def test_a_terminal_that_stood_still_once_is_not_taken_for_a_slow_one() -> None:
    output, _ = after_waits({5: 10.0})
    assert not output.is_behind


def test_a_terminal_that_stands_still_again_and_again_is_a_slow_one() -> None:
    output, _ = after_waits({1: 0.5, 5: 0.5, 9: 0.5, 13: 0.5})
    assert output.is_behind


def test_what_is_shown_is_no_older_than_a_second_on_the_slowest_line() -> None:
    output, clock = after_waits(dict.fromkeys(range(16), 60.0))
    assert output.is_behind
    clock.now += NS_PER_S
    assert not output.is_behind


class _Written(Driver):
    """Notes what it is to write."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def write(self, data: str) -> None:
        self.written.append(data)

    def start_application_mode(self) -> None:
        """It has no terminal."""

    def disable_input(self) -> None:
        """It reads nothing."""

    def stop_application_mode(self) -> None:
        """It has no terminal."""


def test_an_update_of_the_terminal_is_one_write_and_what_stands_alone_another() -> None:
    driver = counted(_Written, Output(SystemClock()))()  # type: ignore[call-arg]
    for data in ("bell", SYNC_START, "a row", "the cursor", SYNC_END, "title"):
        driver.write(data)
    assert driver.written == ["bell", f"{SYNC_START}a rowthe cursor{SYNC_END}", "title"]  # type: ignore[attr-defined]
