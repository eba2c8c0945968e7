"""What every reader hands on: chunks of events in the order they were recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from engine.adapters.replay.listing import Listing
from engine.errors import FileDataError
from engine.model.bar import RecordedBar
from engine.model.instrument import Symbol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.adapters.replay.instruments import Instruments

TIME_MAX_NS = 4_102_444_800 * 10**9
"""Times from 2100 on are not believed, nor those before 1970."""


YEAR_NS = 366 * 86_400 * 10**9
"""A step this long between two ticks is not believed either."""


class Malformed(Struct, frozen=True, gc=False):
    """A row or a line that could not be read."""

    source: str
    reason: str
    detail: str
    symbol: Symbol | None = None
    """Whose it was, where that could be read."""


class Doubtful(Struct, frozen=True, gc=False):
    """An event that can be read, and something of its row that speaks against it; only where rows are checked."""

    event: RecordedBar
    reason: str
    detail: str


class Disconnected(Struct, frozen=True):
    """The recorder lost its connection here."""

    source: str
    symbols: tuple[Symbol, ...]
    reason: str


class Broken(Struct, frozen=True):
    """The file can't be read beyond this point."""

    error: FileDataError


class Chunk(NamedTuple):
    """Some events of one recording, oldest first."""

    times: NDArray[np.int64]
    """When each is due, ns UTC; never falls within a recording."""
    order: NDArray[np.int64]
    """The recording's own numbering, which settles equal times."""
    events: list[object]


@dataclass(frozen=True, slots=True)
class Recording:
    """One file that was recognised."""

    path: Path
    layout: str
    """What it holds, in words."""
    listings: tuple[Listing, ...]
    span_ns: tuple[int, int] | None
    """First and last receive time, where it is known without reading everything."""
    read: Callable[[Instruments], Iterator[Chunk]]
    """Begin to read it from the start."""
    read_stored: Callable[[Instruments], Iterator[Chunk]]
    """The same, with rows in the order they are stored in, and their numbers, from 1, as their order."""
    zoneless: bool = False
    """Whether its times say nothing of a zone, so that UTC was assumed."""

    @property
    def group(self) -> tuple[tuple[str, str], ...]:
        """What it was recorded of: files of the same group share their message numbers."""
        return tuple(sorted((listing.symbol, listing.venue) for listing in self.listings))
