"""A kind of line of the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class LineKind(NamedTuple):
    """Whose line it is and what it tells; its fields are worked out when it is written, and not while an order waits."""

    component: str
    event: str
    write: Callable[..., tuple[str, dict[str, object]]]
    """Returns the level and the fields of one, from what was kept of it."""
    is_critical: bool = False
    """Whether it is written in every storm."""
    also: LineKind | None = None
    """Another kind of line that the same is written in."""
