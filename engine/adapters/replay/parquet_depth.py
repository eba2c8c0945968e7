"""Order books from parquet: one row a level, put together by message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.adapters.replay.columns import Batch, Columns
from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.parquet_rows import absurd_times, number_listings
from engine.adapters.replay.recording import Chunk
from engine.adapters.replay.row_faults import RowFaults
from engine.errors import FileDataError
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.instrument import Instrument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVELS_MAX = 200_000
"""Levels one message may have; a file with more in one is refused."""


@dataclass(frozen=True, slots=True)
class DepthPlan:
    """How the levels of one file become book messages."""

    columns: Columns
    names: Sequence[str]
    listings: tuple[tuple[str, str], ...]

    def read(self, instruments: Instruments) -> Iterator[Chunk]:
        """Iterate over the file from its start; a message is whole before it is handed on."""
        import numpy as np  # noqa: PLC0415
        import pyarrow as pa  # noqa: PLC0415

        latest = 0
        carried: Batch | None = None
        for read in self.columns.batches(self.names):
            batch = (
                read if carried is None else Batch(pa.concat_batches([carried.data, read.data]), carried.row)
            )
            cut = int(_boundaries(batch)[-1])
            carried = Batch(batch.data.slice(cut), batch.row + cut)
            if len(carried) > LEVELS_MAX:
                reason = f"expected at most {LEVELS_MAX:,} levels in a message"
                raise FileDataError(str(self.columns.path), reason, batch.row)
            for whole in self._runs(Batch(batch.data.slice(0, cut), batch.row)):
                chunk = self._chunk(whole, instruments, latest)
                latest = int(np.max(chunk.times))
                yield chunk
        if carried is not None and len(carried):
            for whole in self._runs(carried):
                yield self._chunk(whole, instruments, latest)

    def _runs(self, batch: Batch) -> Iterator[Batch]:
        """Split into stretches of one symbol."""
        if not len(batch):
            return
        if len(self.listings) == 1:
            yield batch
            return
        codes = number_listings(batch, self.listings)
        edges = [0, *((codes[1:] != codes[:-1]).nonzero()[0] + 1).tolist(), len(codes)]
        for start, end in pairwise(edges):
            yield Batch(batch.data.slice(start, end - start), batch.row + start)

    def _chunk(self, batch: Batch, instruments: Instruments, latest: int) -> Chunk:
        import numpy as np  # noqa: PLC0415

        is_of_one = len(self.listings) == 1
        number = 0 if is_of_one else int(number_listings(batch.first(), self.listings)[0])
        instrument = instruments.get(*self.listings[number])
        assert instrument is not None
        starts = _boundaries(batch)
        received = (batch.wholes("ts_recv") if batch.has("ts_recv") else batch.wholes("ts"))[starts]
        absurd = absurd_times(received, latest)
        events = _messages(batch, instrument, starts, received, absurd)
        times = np.maximum.accumulate(np.maximum(np.where(absurd, 0, received), latest))
        return Chunk(times, batch.wholes("msg")[starts], events)


def _boundaries(batch: Batch) -> NDArray[np.int64]:
    """Return the rows at which a message starts."""
    import numpy as np  # noqa: PLC0415

    message, kind, symbol = batch.wholes("msg"), batch.codes("kind"), batch.codes("symbol")
    changed = message[1:] != message[:-1]
    changed |= kind[1:] != kind[:-1]
    changed |= symbol[1:] != symbol[:-1]
    return np.concatenate(([0], changed.nonzero()[0] + 1))


def _messages(
    batch: Batch,
    instrument: Instrument,
    starts: NDArray[np.int64],
    received: NDArray[np.int64],
    absurd: NDArray[np.bool_],
) -> list[object]:
    faults = RowFaults(batch)
    snapshot, bid = batch.equals("kind", "snapshot"), batch.equals("side", "b")
    faults.mark(~(snapshot | batch.equals("kind", "delta")), "unknown_kind", "kind")
    faults.mark(~(bid | batch.equals("side", "a")), "unknown_side", "side")
    prices = faults.prices("price", instrument.price_scale)
    sizes = faults.sizes("size", instrument.size_scale, 0)
    prices, sizes, bids = _bids_first(prices, sizes, bid, starts)
    levels = list(zip(prices.tolist(), sizes.tolist(), strict=True))
    events: list[object] = []
    make = _Maker(instrument, levels, events)
    ends = [*starts[1:].tolist(), len(batch)]
    columns = (batch.wholes(name)[starts].tolist() for name in ("first_id", "last_id", "prev_id", "ts"))
    rows = zip(
        starts.tolist(), bids, ends, snapshot[starts].tolist(), *columns, received.tolist(), strict=True
    )
    for row in rows:
        make.message(*row)
    _refuse(faults, events, instrument, starts, absurd)
    return events


def _bids_first(
    prices: NDArray[np.int64], sizes: NDArray[np.int64], bid: NDArray[np.bool_], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
    """Bring each message's bids before its asks; also return the row where its asks start."""
    import numpy as np  # noqa: PLC0415

    counts = np.add.reduceat(bid.astype(np.int64), starts)
    begins = np.zeros(len(bid), np.bool_)
    begins[starts] = True
    if (bid[1:] & ~bid[:-1] & ~begins[1:]).any():
        order = np.lexsort((~bid, np.cumsum(begins)))
        prices, sizes = prices[order], sizes[order]
    return prices, sizes, (starts + counts).tolist()


@dataclass(frozen=True, slots=True)
class _Maker:
    instrument: Instrument
    levels: list[tuple[int, int]]
    events: list[object]

    def message(
        self,
        start: int,
        middle: int,
        end: int,
        snapshot: bool,
        first: int,
        last: int,
        previous: int,
        event_ns: int,
        received_ns: int,
    ) -> None:
        symbol, source = self.instrument.symbol, self.instrument.venue
        bids, asks = tuple(self.levels[start:middle]), tuple(self.levels[middle:end])
        self.events.append(
            DepthSnapshot(symbol, source, bids, asks, last, event_ns, received_ns)
            if snapshot
            else DepthDelta(symbol, source, bids, asks, first, last, previous, event_ns, received_ns)
        )


def _refuse(
    faults: RowFaults,
    events: list[object],
    instrument: Instrument,
    starts: NDArray[np.int64],
    absurd: NDArray[np.bool_],
) -> None:
    """Refuse a message as a whole when one of its levels is bad: half a change is worse than none."""
    if absurd.any():
        of_rows = absurd.repeat([b - a for a, b in pairwise([*starts.tolist(), len(faults.batch)])])
        faults.mark(of_rows, "absurd_time", "ts_recv")
    if faults:
        faults.place_by_message(events, instrument.venue, instrument.symbol, starts)
