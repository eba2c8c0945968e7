"""What the screen is told of how market time passes."""

from __future__ import annotations

from msgspec import Struct


class PlaybackView(Struct, frozen=True, gc=False):
    """Where a simulation or a replay is."""

    kind: str
    paused: bool
    finished: bool
    speed: float
    first_ns: int
    last_ns: int
    """When a recording ends, or as far as it was played where that is not known beforehand; 0 for a simulation."""
    events: int
    end_known: bool = False
    """Whether the files say beforehand when they end."""
    files: tuple[str, ...] = ()
    """The names of the files of a recording."""
    achieved: float = 0.0
    """How many seconds of market time passed in one second, to two figures; 0 before that was measured."""
    target_ns: int = 0
    """Where a jump that is underway goes to; 0 while none is."""
