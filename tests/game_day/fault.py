"""One fault of the day, and what may differ from: red, told by one alert, both within five seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from tests.game_day.stage import Stage

WITHIN_S: Final = 5.0
"""From the fault until its row and its alert told it; a case that takes longer says why that is right."""

Play = Callable[["Stage"], None]


class Fault(Struct, frozen=True, kw_only=True):
    """One fault, and the play of it."""

    name: str
    """Stable: what a run is asked for by."""
    what: str
    """What happens, in words."""
    play: Play
    runbook: str
    """The page that says what to do."""
    alert: str = ""
    """The cause of the one alert that tells it."""
    quiet: str = ""
    """Why the row alone is right, where there is no alert."""
    yellow: str = ""
    """Why its row is yellow and not red."""
    late: str = ""
    """Why more than five seconds are right."""
    also: tuple[str, ...] = ()
    """Causes of other alerts that follow from it."""
    sampled: bool = False
    """Whether the suite plays it: not those that take long."""
    is_shared: bool = False
    """Whether it needs a Redis."""
