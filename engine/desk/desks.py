"""The desks of the firm as this one knows them: what each said last, also where Redis lost it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_S
from engine.desk.redis_presence import Heard
from engine.messages.desk_views import DeskRow, DesksView, Standing
from engine.messages.firm import DeskPresence
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading

OLD_S: Final = 5.0
"""How long a desk may say nothing until it counts as silent."""


class Known(Struct, frozen=True, gc=False):
    """A desk, and when it last said something by our steady time."""

    presence: DeskPresence
    heard_ns: int


class Desks:
    """Remembers the others; belongs to the engine's loop."""

    def __init__(self, steady_ns: Callable[[], int]) -> None:
        self._steady_ns = steady_ns
        self._known: dict[str, Known] = {}
        self._asked_ns = steady_ns()
        self._strangers = self._unread = self._missing = 0
        self.ours: DeskPresence | None = None
        """What this desk says of itself."""
        self.view = DesksView()

    def take(self, found: Sequence[Heard], unread: int = 0) -> None:
        """Take in what all desks said last; who held something and is missing there is remembered."""
        now_ns, ours = self._steady_ns(), self.ours
        self._asked_ns = now_ns
        fresh = {each.presence.name: Known(each.presence, now_ns - each.age_ms * NS_PER_MS) for each in found}
        mine = fresh.pop(ours.name, None) if ours is not None else None
        is_other = mine is not None and ours is not None and mine.presence.run != ours.run
        self._strangers = self._strangers + 1 if is_other and self._age_s(mine) < OLD_S else 0
        self._missing = self._missing + 1 if mine is None and ours is not None else 0
        kept = {name: known for name, known in self._known.items() if known.presence.holds}
        self._known = {**kept, **fresh}
        self._unread = unread

    def look(self) -> None:
        """Make the view as it is now."""
        rows = [_row(self.ours, 0.0, is_ours=True)] if self.ours is not None else []
        rows += [_row(known.presence, self._age_s(known), is_ours=False) for known in self._known.values()]
        rows = [row for row in rows if is_shown(row)]
        view = DesksView(tuple(sorted(rows, key=lambda row: row.name)), self.trouble)
        if view != self.view:
            self.view = view

    @property
    def trouble(self) -> str:
        """Why the desks may not be as they are known; empty while they are."""
        if self._steady_ns() - self._asked_ns > OLD_S * NS_PER_S:
            return "the other desks can't be heard"
        if self._strangers > 1:
            return f"another desk is called {self.ours.name if self.ours is not None else ''} too"
        if self._missing > 2:
            return "there is no room for this desk among the others"
        return "what some desks said can't be read here" if self._unread else ""

    @property
    def others(self) -> Iterable[tuple[DeskPresence, bool]]:
        """What each other desk said last, and whether it may be different by now."""
        for known in self._known.values():
            yield known.presence, not known.presence.has_ended and self._age_s(known) > OLD_S

    def reading(self) -> VenueReading:
        """Tell how many there are, for a row of the health board."""
        rows = self.view.rows
        here, silent = (
            sum(row.standing is standing for row in rows) for standing in (Standing.HERE, Standing.SILENT)
        )
        state = HealthState.DEGRADED if silent or self.view.trouble else HealthState.OK
        detail = self.view.trouble or (f"{silent} silent" if silent else "")
        return VenueReading(state, f"{here} here", detail or "none silent", here)

    def _age_s(self, known: Known | None) -> float:
        return (self._steady_ns() - known.heard_ns) / NS_PER_S if known is not None else 0.0


def is_shown(row: DeskRow) -> bool:
    """Tell whether a desk matters to anybody: it is there, or it holds something."""
    return row.standing is Standing.HERE or bool(row.held)


def rows_of(found: Iterable[Heard]) -> Iterator[DeskRow]:
    """Yield each desk as it is known from outside."""
    for each in sorted(found, key=lambda each: each.presence.name):
        row = _row(each.presence, each.age_ms / 1_000, is_ours=False)
        if is_shown(row):
            yield row


def _row(presence: DeskPresence, age_s: float, *, is_ours: bool) -> DeskRow:
    standing = Standing.LEFT if presence.has_ended else Standing.SILENT if age_s > OLD_S else Standing.HERE
    return DeskRow(
        name=presence.name,
        standing=standing,
        is_ours=is_ours,
        age_s=0 if standing is Standing.HERE else int(age_s),
        host=presence.host,
        account=presence.account,
        mode=presence.mode,
        operator=presence.operator,
        state=presence.state.value,
        version=presence.version,
        held=tuple((each.symbol, each.size) for each in presence.held),
    )
