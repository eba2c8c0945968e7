"""Keeps what is known of a live market in the cache folder, so that the next start has something to show."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct

from engine.errors import InvalidValue
from engine.files import whole_file
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.messages.events import AlertRaised, Severity
from engine.model.bar import LONG, Bar
from engine.model.instrument import Instrument, Symbol
from engine.model.last_known import LastKnown
from engine.model.undecodable import UNDECODABLE
from engine.ports.venue import LiveVenue
from engine.rooms import Rooms
from engine.store.crc import crc32c

SAVE_S = 30.0
SUFFIX = ".tlm"
_VERSION = 1
_CHECKSUM = struct.Struct("<I")


class _Row(Struct, array_like=True, frozen=True, gc=False):
    start_ns: int
    open: int
    high: int
    low: int
    close: int
    volume: int | str
    turnover: int | str
    """Sums that are too long are texts."""
    trades: int


class _Page(Struct, frozen=True, gc=False):
    """One symbol as it lies on the disk; what has another version is as good as none."""

    version: int
    known: LastKnown
    rows: tuple[_Row, ...]
    """The minutes, by far the most of it, without what all have in common."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Page).decode


class MarketCache:
    """A file for each symbol of one source, written when something was heard of it.

    It may be removed at any time: what is missing or can't be read is not shown, and that is all.
    """

    def __init__(
        self,
        folder: Path,
        market: Market,
        symbols: Callable[[], Sequence[Symbol]],
        alert: Callable[[str], None],
    ) -> None:
        """Take the folder and what asks for the symbols; `alert` is called with a sentence once nothing can be written."""
        self._folder = folder
        self._market = market
        self._symbols = symbols
        self._alert = alert
        self._saved: dict[Symbol, int] = {}
        """The version of each symbol's state that is on the disk."""
        self._looked_up: LastKnown | None = None
        """What was read of a symbol that is about to be followed."""
        self._failing = False

    def recall(self) -> None:
        """Let the market show what it was, before its source speaks; terms that an account counts in others are left."""
        for symbol in self._symbols():
            self._recall(symbol, _read(self._path(symbol)))

    async def look_up(self, symbol: Symbol) -> None:
        """Read what is known of a symbol that is about to be followed; it is shown once its source has listed it."""
        self._looked_up = await asyncio.to_thread(_read, self._path(symbol))

    def _recall(self, symbol: Symbol, known: LastKnown | None) -> None:
        if known is not None and known.instrument.symbol == symbol:
            with suppress(InvalidValue):
                self._market.recall(known)
                self._saved[symbol] = self._market.states[symbol].version

    def known_to_ns(self, symbol: Symbol) -> int:
        """Return where the minutes end that need not be asked for again; 0 without any."""
        known, self._looked_up = self._looked_up, None
        self._recall(symbol, known)
        closed = self._market.bars.series(symbol, MINUTE_NS).closed
        return closed[-1].start_ns + MINUTE_NS if closed else 0

    async def run(self) -> None:
        """Write what changed, again and again, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(SAVE_S)
                changed = self._changed()
                self._wrote(changed, await asyncio.to_thread(self._write, changed))
        finally:
            changed = self._changed()
            self._wrote(changed, self._write(changed))

    def _changed(self) -> list[tuple[int, LastKnown]]:
        """Return what the disk has not, each with the version of its state."""
        states = [self._market.states[each] for each in self._symbols() if each in self._market.states]
        return [
            (state.version, self._market.last_known(state.symbol))
            for state in states
            if state.source and self._saved.get(state.symbol) != state.version
        ]

    def _write(self, changed: Sequence[tuple[int, LastKnown]]) -> str:
        """Write these; return why it could not be done, or nothing."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for _, known in changed:
                with whole_file(self._path(known.instrument.symbol)) as file:
                    file.write(_packed(known))
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def _wrote(self, changed: Sequence[tuple[int, LastKnown]], failure: str) -> None:
        if not failure:
            self._saved.update({known.instrument.symbol: version for version, known in changed})
        elif not self._failing:
            self._alert(f"what is known of the market can't be kept in {self._folder}: {failure}")
        self._failing = bool(failure)

    def _path(self, symbol: Symbol) -> Path:
        return self._folder / f"{quote(symbol, safe='')}{SUFFIX}"


def remember(rooms: Rooms, folder: Path, source: LiveVenue) -> MarketCache:
    """Keep what a source tells, and have it asked only for the minutes since."""
    cache = MarketCache(
        folder,
        rooms.market,
        lambda: source.wanted,
        lambda text: rooms.bus.publish(
            AlertRaised(Severity.WARNING, "market cache", text, rooms.clock.now_ns())
        ),
    )
    source.known_to_ns = cache.known_to_ns
    rooms.services.append(("market cache", cache.run))
    return cache


def _packed(known: LastKnown) -> bytes:
    rows = tuple(
        _Row(
            bar.start_ns,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume if bar.volume < LONG else str(bar.volume),
            bar.turnover if bar.turnover < LONG else str(bar.turnover),
            bar.trades,
        )
        for bar in known.minutes
    )
    page = _encode(_Page(_VERSION, msgspec.structs.replace(known, minutes=()), rows))
    return _CHECKSUM.pack(crc32c(page)) + page


def _read(path: Path) -> LastKnown | None:
    """Return what a file says; None for one that is not there, is damaged, or is of another version."""
    try:
        data = path.read_bytes()
        (checksum,), page = _CHECKSUM.unpack_from(data), data[_CHECKSUM.size :]
        if crc32c(page) != checksum or (read := _decode(page)).version != _VERSION:
            return None
    except (OSError, struct.error, *UNDECODABLE, InvalidValue):
        return None
    minutes = tuple(_bar(read.known.instrument, row) for row in read.rows)
    return msgspec.structs.replace(read.known, minutes=minutes)


def _bar(instrument: Instrument, row: _Row) -> Bar:
    return Bar(
        symbol=instrument.symbol,
        interval_ns=MINUTE_NS,
        start_ns=row.start_ns,
        open=row.open,
        high=row.high,
        low=row.low,
        close=row.close,
        volume=int(row.volume),
        turnover=int(row.turnover),
        trades=row.trades,
        closed=True,
    )
