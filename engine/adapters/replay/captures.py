"""Turns a file of lines into chunks of events: what is wrong is counted, the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from engine.adapters.replay import files
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listing import Listing
from engine.adapters.replay.recording import TIME_MAX_NS, YEAR_NS, Chunk, Malformed, Recording
from engine.adapters.texts import Unreadable
from engine.errors import FileDataError
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

CHUNK_LINES = 64
"""Lines turned into events at once: about half a millisecond of work."""
MALFORMED_RUN_MAX = 1000
"""More bad lines than this in a row, and the file is given up."""


class Decoder(Protocol):
    """Reads the lines of one kind of capture."""

    source: str

    def decode(self, line: bytes, events: list[object]) -> int:
        """Append a line's events and return when it was received, 0 for a line without data.

        Raises:
            Unreadable: says what is wrong with it.
        """


class LineReader:
    """Reads one text file through a decoder."""

    def __init__(self, path: Path, decoder: Decoder) -> None:
        self._path = path
        self._decoder = decoder
        self._latest = 0
        self._previous = 0
        self._malformed_run = 0

    def chunks(self) -> Iterator[Chunk]:
        """Iterate over the file from its start; what came before a break is handed on before it."""
        lines = files.lines(self._path)
        broken: FileDataError | None = None
        while broken is None:
            times: list[int] = []
            order: list[int] = []
            events: list[object] = []
            more = True
            try:
                more = self._gather(lines, times, order, events)
            except FileDataError as error:
                broken = error
            if events:
                yield _chunk(times, order, events)
            if not more:
                return
        raise broken

    def _gather(
        self,
        lines: Iterator[tuple[int, bytes | None]],
        times: list[int],
        order: list[int],
        events: list[object],
    ) -> bool:
        for _ in range(CHUNK_LINES):
            found = next(lines, None)
            if found is None:
                return False
            row, line = found
            before = len(events)
            try:
                self._read(line, events)
                if len(events) > before:
                    self._malformed_run = 0
            except Unreadable as error:
                del events[before:]
                self._count(row, error, events)
            except FileDataError:
                del events[before:]
                raise
            finally:
                count = len(events) - before
                times.extend([self._latest] * count)
                order.extend([row] * count)
        return True

    def _read(self, line: bytes | None, events: list[object]) -> None:
        if line is None:
            raise Unreadable("line_too_long", f"more than {files.LINE_BYTES_MAX:,} bytes")
        try:
            received = self._decoder.decode(line, events)
        except UNDECODABLE as error:
            raise Unreadable("bad_json", str(error)) from error
        if received:
            self._note(received)

    def _note(self, received: int) -> None:
        if not 0 < received < TIME_MAX_NS:
            raise Unreadable("absurd_time", str(received))
        previous, self._previous = self._previous or received, received
        if received > previous + YEAR_NS:
            raise Unreadable("absurd_time", f"{received}, a year after the line before")
        self._latest = max(self._latest, received)

    def _count(self, row: int, error: Unreadable, events: list[object]) -> None:
        self._malformed_run += 1
        events.append(Malformed(self._decoder.source, error.reason, clean(f"row {row:,}: {error.found}")))
        if self._malformed_run > MALFORMED_RUN_MAX:
            reason = f"{self._malformed_run:,} lines in a row can't be read, the last for {error.reason}"
            raise FileDataError(str(self._path), reason, row)


def _chunk(times: list[int], order: list[int], events: list[object]) -> Chunk:
    import numpy as np  # noqa: PLC0415

    return Chunk(np.array(times, np.int64), np.array(order, np.int64), events)


class MakesDecoder(Protocol):
    """Makes a fresh decoder for each time that a file is read."""

    def __call__(self, instruments: Instruments) -> Decoder:
        """Begin."""


def line_recording(
    path: Path,
    layout: str,
    listings: tuple[Listing, ...],
    span_ns: tuple[int, int] | None,
    make_decoder: MakesDecoder,
) -> Recording:
    """Describe a text file and how it is read."""
    read = partial(_read, path, make_decoder)
    return Recording(path, layout, listings, span_ns, read, read)


def _read(path: Path, make_decoder: MakesDecoder, instruments: Instruments) -> Iterator[Chunk]:
    return LineReader(path, make_decoder(instruments)).chunks()
