"""Reads a parquet recording of one row an event, of one or of many symbols."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.adapters.replay.columns import Batch, Columns
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.recording import TIME_MAX_NS, YEAR_NS, Chunk
from engine.adapters.replay.row_faults import RowFaults
from engine.model.instrument import Instrument, Symbol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows that are built together have in common, and whose each of them is."""

    symbols: Sequence[Symbol]
    """One a row."""
    venue: str
    price_scale: int
    size_scale: int


Builder = Callable[[RowFaults, Terms, "NDArray[np.int64]"], list[object]]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """How the rows of one file become events."""

    columns: Columns
    names: Sequence[str]
    listings: tuple[tuple[str, str], ...]
    time: str
    """The column that says when a row was received."""
    delay_ns: int
    """How long after that a row is known: a bar is, at its end."""
    in_order: bool
    build: Builder
    numbered: bool = False
    """Whether the order of its events is that of the rows, whatever numbers the file has."""

    def read(self, instruments: Instruments) -> Iterator[Chunk]:
        """Iterate over the file from its start."""
        latest = 0
        sort_by = "" if self.in_order else self.time
        for batch in self.columns.batches(self.names, sort_by=sort_by):
            chunk = self._chunk(batch, instruments, latest)
            latest = int(chunk.times[-1])
            yield chunk

    def _chunk(self, batch: Batch, instruments: Instruments, latest: int) -> Chunk:
        import numpy as np  # noqa: PLC0415

        received = batch.wholes(self.time) + self.delay_ns
        absurd = outside_times(received) if self.delay_ns else absurd_times(received, latest)
        events: list[object] = [None] * len(batch)
        for terms, rows in self._parts(batch, instruments):
            self._fill(events, batch, rows, terms, received, absurd)
        times = np.maximum.accumulate(np.maximum(np.where(absurd, 0, received), latest))
        by_message = batch.has("msg") and not self.numbered
        first = batch.row + self.numbered
        order = batch.wholes("msg") if by_message else np.arange(first, first + len(batch))
        return Chunk(times, order, events)

    def _parts(
        self, batch: Batch, instruments: Instruments
    ) -> Iterator[tuple[Terms, NDArray[np.int64] | None]]:
        """Iterate over the rows by venue and scales: symbols that share them are converted at once."""
        import numpy as np  # noqa: PLC0415

        if len(self.listings) == 1:
            instrument = _listed(instruments, self.listings[0])
            scales = instrument.venue, instrument.price_scale, instrument.size_scale
            yield Terms([instrument.symbol] * len(batch), *scales), None
            return
        codes = number_listings(batch, self.listings)
        symbols: dict[int, Symbol] = {}
        alike: dict[tuple[str, int, int], list[int]] = {}
        for code in np.unique(codes).tolist():
            instrument = _listed(instruments, self.listings[code])
            symbols[code] = instrument.symbol
            scales = instrument.venue, instrument.price_scale, instrument.size_scale
            alike.setdefault(scales, []).append(code)
        for scales, group in alike.items():
            rows = None if len(alike) == 1 else np.isin(codes, group).nonzero()[0]
            own = codes if rows is None else codes[rows]
            yield Terms(list(map(symbols.__getitem__, own.tolist())), *scales), rows

    def _fill(
        self,
        events: list[object],
        batch: Batch,
        rows: NDArray[np.int64] | None,
        terms: Terms,
        received: NDArray[np.int64],
        absurd: NDArray[np.bool_],
    ) -> None:
        part = batch if rows is None else batch.numbered().take(rows)
        faults = RowFaults(part)
        if absurd.any():
            faults.mark(absurd if rows is None else absurd[rows], "absurd_time", self.time)
        built = self.build(faults, terms, received if rows is None else received[rows])
        if faults:
            faults.place(built, terms.venue, terms.symbols)
        if rows is None:
            events[:] = built
            return
        for row, event in zip(rows.tolist(), built, strict=True):
            events[row] = event


def absurd_times(received: NDArray[np.int64], latest: int) -> NDArray[np.bool_]:
    """Tell which times of ticks can't be.

    Those outside 1970 to 2100, more than a year after the row before, or more than a day ahead of both
    neighbours.
    """
    import numpy as np  # noqa: PLC0415

    absurd = outside_times(received)
    steps = np.diff(received, prepend=latest or received[0])
    if steps.max() > YEAR_NS:
        absurd[1:] |= (steps[1:] > YEAR_NS) & ~absurd[:-1]
        absurd[0] |= steps[0] > YEAR_NS
    if steps.min() < -_DAY_NS:
        absurd[:-1] |= (steps[:-1] > _DAY_NS) & (steps[1:] < -_DAY_NS)
    return absurd


def outside_times(received: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which times are outside 1970 to 2100."""
    found: NDArray[np.bool_] = (received <= 0) | (received >= TIME_MAX_NS)
    return found


def split(
    batch: Batch, listings: Sequence[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], NDArray[np.int64] | None]]:
    """Iterate over the listings in a batch with their rows; None means all of them."""
    import numpy as np  # noqa: PLC0415

    if len(listings) == 1:
        yield listings[0], None
        return
    codes = number_listings(batch, listings)
    for code in np.unique(codes).tolist():
        yield listings[code], (codes == code).nonzero()[0]


def number_listings(batch: Batch, listings: Sequence[tuple[str, str]]) -> NDArray[np.int64]:
    """Return which of the listings each row is of."""
    import numpy as np  # noqa: PLC0415

    symbols, fallback = batch.values("symbol"), listings[0][1]
    venues = batch.values("venue") if batch.has("venue") else [fallback]
    codes = batch.codes("symbol") % len(symbols)
    if batch.has("venue"):
        codes = codes * len(venues) + batch.codes("venue") % len(venues)
    pairs, places = np.unique(codes, return_inverse=True)
    numbers = {key: number for number, key in enumerate(listings)}
    found = [
        numbers[symbols[pair // len(venues)], venues[pair % len(venues)] or fallback]
        for pair in pairs.tolist()
    ]
    return np.array(found, np.int64)[places]


def _listed(instruments: Instruments, listing: tuple[str, str]) -> Instrument:
    instrument = instruments.get(*listing)
    assert instrument is not None
    return instrument
