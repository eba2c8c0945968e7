"""Merges recordings by receive time; within one recording by its own message numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.adapters.replay.recording import Broken, Chunk
from engine.errors import FileDataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Block(NamedTuple):
    """Events of all recordings in the order in which they are delivered."""

    times: list[int]
    events: list[object]


class Stream:
    """One recording on its way, and the group of files it was recorded together with."""

    __slots__ = ("_chunks", "_latest", "chunk", "group", "rank")

    def __init__(self, chunks: Iterator[Chunk], group: int, rank: int) -> None:
        self._chunks = chunks
        self._latest = 0
        self.group = group
        self.rank = rank
        self.chunk: Chunk | None = None

    def refill(self) -> bool:
        """Have events at hand; False once there are none left."""
        while self.chunk is None:
            try:
                chunk = next(self._chunks, None)
            except FileDataError as error:
                chunk = self._broken(error)
            if chunk is None:
                return False
            if chunk.events:
                self.chunk = chunk
                self._latest = int(chunk.times[-1])
        return True

    def _broken(self, error: FileDataError) -> Chunk:
        import numpy as np  # noqa: PLC0415

        last = np.array([self._latest], np.int64)
        return Chunk(last, np.array([np.iinfo(np.int64).max]), [Broken(error)])

    @property
    def end(self) -> tuple[int, int, int, int]:
        """The sort key of the last event at hand."""
        assert self.chunk is not None
        return int(self.chunk.times[-1]), self.group, int(self.chunk.order[-1]), self.rank

    def take(self, until: tuple[int, int, int, int]) -> Chunk:
        """Remove and return the events whose sort key is at most this."""
        assert self.chunk is not None
        times, order, events = self.chunk
        count = self._count(times, order, until)
        rest = Chunk(times[count:], order[count:], events[count:])
        self.chunk = rest if rest.events else None
        return Chunk(times[:count], order[:count], events[:count])

    def _count(
        self, times: NDArray[np.int64], order: NDArray[np.int64], until: tuple[int, int, int, int]
    ) -> int:
        time, group, number, rank = until
        if rank == self.rank:
            return len(times)
        if self.group != group:
            return int(times.searchsorted(time, "right" if self.group < group else "left"))
        low, high = (int(times.searchsorted(time, side)) for side in ("left", "right"))
        return low + int(order[low:high].searchsorted(number, "right" if self.rank < rank else "left"))


def merge(streams: Sequence[Stream]) -> Iterator[Block]:
    """Iterate over all events, ordered by time, group, message number and file."""
    alive = list(streams)
    while alive := [stream for stream in alive if stream.refill()]:
        if len(alive) == 1:
            chunk = alive[0].chunk
            assert chunk is not None
            alive[0].chunk = None
            yield Block(chunk.times.tolist(), chunk.events)
            continue
        until = min(stream.end for stream in alive)
        taken = [(stream, stream.take(until)) for stream in alive]
        yield _interleave([(stream, chunk) for stream, chunk in taken if chunk.events])


def _interleave(parts: Sequence[tuple[Stream, Chunk]]) -> Block:
    import numpy as np  # noqa: PLC0415

    if len(parts) == 1:
        chunk = parts[0][1]
        return Block(chunk.times.tolist(), chunk.events)
    parts = sorted(parts, key=lambda part: (part[0].group, part[0].rank))
    times = np.concatenate([chunk.times for _, chunk in parts])
    order = np.concatenate([chunk.order for _, chunk in parts])
    groups = np.repeat([stream.group for stream, _ in parts], [len(chunk.events) for _, chunk in parts])
    events = [event for _, chunk in parts for event in chunk.events]
    indices = np.lexsort((order, groups, times))
    return Block(times[indices].tolist(), [events[i] for i in indices.tolist()])
