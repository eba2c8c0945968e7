"""The health board: one row a component, sampled once a second.

The course of a row is drawn over the market's time: while the market is held it stands, so that a desk on which
nothing happens has nothing to paint. State, value and detail are of now, whatever the market does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from msgspec import Struct

from engine.messages.health_views import TROUBLES, HealthState, HealthView
from engine.messages.remedies import Remedy
from engine.model.instrument import Symbol

HISTORY = 60
"""How many samples a row keeps: a minute of them."""

Act = Callable[[Symbol | None], str]
"""Does something about a component and says what, in a sentence; raises EngineError where that can't be."""
Remedies = Mapping[Remedy, Act]
NO_REMEDIES: Remedies = MappingProxyType({})


class Reading(Struct, frozen=True, gc=False):
    """How one component is right now."""

    state: HealthState
    value: str
    detail: str = ""
    number: float = 0.0
    """What the sparkline draws; its unit is the row's own."""


@dataclass(slots=True)
class _Row:
    name: str
    label: str
    read: Callable[[], Reading]
    latest: Reading
    history: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))
    since_ns: int = 0
    trouble: str = ""
    trouble_ns: int = 0
    needs: tuple[str, ...] = ()
    remedies: Remedies = field(default_factory=lambda: NO_REMEDIES)
    view: HealthView | None = None

    def take(self, reading: Reading, now_ns: int) -> None:
        """Note how it is now, since when, and what was wrong last."""
        changed = reading.state is not self.latest.state or not self.since_ns
        if changed:
            self.since_ns = now_ns
        if reading.state in TROUBLES:
            self.trouble = " · ".join(part for part in (reading.value, reading.detail) if part)
            self.trouble_ns = now_ns if changed else self.trouble_ns
        self.latest = reading


class HealthBoard:
    """Asks each component how it is, and remembers the last minute."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self.views: tuple[HealthView, ...] = ()
        """The rows as they are; another tuple only once something in them differs."""
        self.stands: Callable[[], bool] = lambda: False
        """Whether the market is held."""
        self.now_ns: Callable[[], int] = lambda: 0
        """What time it is in the market."""
        self.turned: Callable[[str, str, HealthState, Reading], None] = lambda *_: None
        """Told of a row that came into another state: its name and label, the state before, how it is now."""

    def register(
        self,
        name: str,
        label: str,
        read: Callable[[], Reading],
        *,
        needs: tuple[str, ...] = (),
        remedies: Remedies = NO_REMEDIES,
    ) -> None:
        """Add a row; `name` is stable and also the exporter's. `read` must be quick and must not raise.

        `needs` names the rows without which it can't be well, the likeliest cause first; `remedies` what a person can do about it.
        """
        starting = Reading(HealthState.OFF, "starting")
        self._rows[name] = _Row(name, label, read, starting, needs=needs, remedies=remedies)

    def has(self, name: str) -> bool:
        """Tell whether there is such a row."""
        return name in self._rows

    def sample(self) -> None:
        """Ask every component now; what is to be shown is news only where it differs."""
        stands, now_ns = self.stands(), self.now_ns()
        for row in self._rows.values():
            before = row.latest.state
            row.take(row.read(), now_ns)
            if row.latest.state is not before:
                self.turned(row.name, row.label, before, row.latest)
            if not stands or not row.history:
                row.history.append(row.latest.number)
        shown = tuple(_view(row) for row in self._rows.values())
        if shown != self.views:
            self.views = shown

    def reading(self, name: str) -> Reading:
        """Return a row's latest reading."""
        return self._rows[name].latest

    def readings(self) -> dict[str, Reading]:
        """Return the latest reading of every row by name."""
        return {name: row.latest for name, row in self._rows.items()}

    def remedies(self, name: str) -> Remedies | None:
        """Return what can be done about a row; None where there is no such row."""
        row = self._rows.get(name)
        return row.remedies if row is not None else None


def _view(row: _Row) -> HealthView:
    """Return how a row is; the very view of before where nothing in it differs."""
    latest = row.latest
    view = HealthView(
        name=row.name,
        label=row.label,
        state=latest.state,
        value=latest.value,
        detail=latest.detail,
        history=tuple(row.history),
        since_ns=row.since_ns,
        trouble=row.trouble,
        trouble_ns=row.trouble_ns,
        needs=row.needs,
        remedies=tuple(row.remedies),
    )
    if view != row.view:
        row.view = view
    assert row.view is not None
    return row.view
