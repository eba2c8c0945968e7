"""All opened recordings as one tape that can be wound back to its start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.layouts import open_recording
from engine.adapters.replay.merge import Block, Stream, merge
from engine.adapters.replay.recording import TIME_MAX_NS, Recording


class Tape:
    """Recordings, their instruments, and the blocks of events that come next."""

    def __init__(self, recordings: Sequence[Recording]) -> None:
        self._recordings = tuple(recordings)
        self.instruments = Instruments(())
        self.blocks: Iterator[Block] = iter(())
        self.start_ns = 0
        """When the first event is; 0 for a tape without any."""
        self.wind_back()

    @classmethod
    def open(cls, paths: Sequence[Path]) -> Tape:
        """Open files.

        Raises:
            FileDataError: one of them can't be replayed.
        """
        return cls([open_recording(path) for path in paths])

    @property
    def end_ns(self) -> int:
        """When the last event is; 0 if one of the files does not tell that beforehand."""
        if not all(recording.span_ns for recording in self._recordings):
            return 0
        ends = [recording.span_ns[1] for recording in self._recordings if recording.span_ns]
        return max((end for end in ends if end < TIME_MAX_NS), default=0)

    def wind_back(self) -> None:
        """Begin again, with instruments that nothing was learned about yet."""
        self.instruments = Instruments(chain.from_iterable(r.listings for r in self._recordings))
        groups = sorted({recording.group for recording in self._recordings})
        streams = [
            Stream(recording.read(self.instruments), groups.index(recording.group), rank)
            for rank, recording in enumerate(self._recordings)
        ]
        blocks = merge(streams)
        first = next(blocks, None)
        self.blocks = blocks if first is None else chain((first,), blocks)
        self.start_ns = 0 if first is None else next((time for time in first.times if time), 0)
