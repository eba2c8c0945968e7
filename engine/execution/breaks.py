"""Differences between our book and the broker's that no report explains: each locks its symbol."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec import Struct

from engine.clock import Clock
from engine.execution.hands import Lock
from engine.execution.movement import Movement
from engine.messages.commands import BreakAction, TradingState
from engine.messages.comparison_views import BreakKind, BreakState, BreakView
from engine.messages.state import DecisionState
from engine.model.instrument import Symbol

STUBBORN = 4
"""In how many stocks in a row the same difference is believed although its symbol moves all the time."""
POSITION_ID, ORDER_ID = "position:", "order:"


class Difference(Struct, frozen=True, gc=False):
    """What one stock leaves unexplained."""

    id: str
    """Stable: its kind, and the order or the symbol it is about."""
    kind: BreakKind
    symbol: Symbol
    ours: int
    theirs: int
    text: str
    sure: bool = False
    """Whether no report on its way could explain it."""

    @property
    def gap(self) -> int:
        """How far apart the two are; never 0."""
        return (self.theirs - self.ours) or 1


class _Sighting(Struct, gc=False):
    gap: int
    count: int
    moment: int


class BreakBoard:
    """Makes a break of what was seen in two stocks with nothing about its symbol in between."""

    def __init__(
        self, decisions: Mapping[str, DecisionState], movement: Movement, clock: Clock, lock: Lock
    ) -> None:
        self._decisions = decisions
        self._movement = movement
        self._clock = clock
        self._lock = lock
        self._sightings: dict[str, _Sighting] = {}
        self._breaks: dict[str, BreakView] = {}
        self.on_opened: Callable[[BreakView], None] = _nobody
        """What is called with each break that needs a person."""
        self.on_healed: Callable[[str], None] = _nobody
        """What is called with the id of a decision whose difference is gone."""

    @property
    def all(self) -> tuple[BreakView, ...]:
        """Every break, oldest first."""
        return tuple(self._breaks.values())

    @property
    def open(self) -> tuple[BreakView, ...]:
        """The breaks that wait for a person."""
        return tuple(each for each in self._breaks.values() if each.state is BreakState.OPEN)

    @property
    def unsure(self) -> int:
        """How many differences have yet to be seen again."""
        return len(self._sightings)

    def get(self, break_id: str) -> BreakView | None:
        """Return a break by its id."""
        return self._breaks.get(break_id)

    def take(self, found: Iterable[Difference], unjudged: Callable[[str, Symbol], bool]) -> None:
        """Take in all that one whole stock leaves unexplained; the ids that it can't judge stay as they are."""
        seen = {each.id: each for each in found}
        for difference in seen.values():
            self._see(difference)
        for each in list(self._breaks.values()):
            if each.id not in seen and not unjudged(each.id, each.symbol):
                self._heal(each)
        for break_id in [each for each in self._sightings if each not in seen]:
            del self._sightings[break_id]
        for break_id in self._outlived(seen, unjudged):
            self.on_healed(break_id)

    def show(self, difference: Difference) -> None:
        """Make a break of a difference that needs no second look."""
        known, decision = self._breaks.get(difference.id), self._decisions.get(difference.id)
        state = BreakState.OPEN
        if (
            decision is not None
            and decision.action is BreakAction.IGNORE
            and decision.difference == difference.gap
        ):
            state = BreakState.IGNORED
        fresh = BreakView(
            id=difference.id,
            kind=difference.kind,
            symbol=difference.symbol,
            ours=difference.ours,
            theirs=difference.theirs,
            text=difference.text,
            since_ns=known.since_ns if known is not None else self._clock.now_ns(),
            state=state,
        )
        self._breaks[difference.id] = fresh
        self._relock(difference.symbol)
        if state is BreakState.OPEN and (known is None or known.state is not state):
            self.on_opened(fresh)

    def ignore(self, break_id: str) -> None:
        """Let a break be, until it changes; its symbol is unlocked if it was the last."""
        each = self._breaks[break_id]
        self._breaks[break_id] = msgspec.structs.replace(each, state=BreakState.IGNORED)
        self._relock(each.symbol)

    def close(self, break_id: str) -> None:
        """Take a break off the board; its symbol is unlocked if it was the last."""
        gone = self._breaks.pop(break_id, None)
        if gone is not None:
            self._relock(gone.symbol)

    def _see(self, difference: Difference) -> None:
        if difference.sure or difference.id in self._breaks or self._seen_before(difference):
            self._sightings.pop(difference.id, None)
            self.show(difference)

    def _seen_before(self, difference: Difference) -> bool:
        before, now = self._sightings.get(difference.id), self._movement.now
        if before is None or before.gap != difference.gap:
            self._sightings[difference.id] = _Sighting(difference.gap, 1, now)
            return False
        moved = self._movement.since(difference.symbol, before.moment)
        before.count, before.moment = before.count + 1, now
        return not moved or before.count >= STUBBORN

    def _heal(self, each: BreakView) -> None:
        self.close(each.id)
        if each.id in self._decisions:
            self.on_healed(each.id)

    def _outlived(self, seen: Mapping[str, Difference], unjudged: Callable[[str, Symbol], bool]) -> list[str]:
        """Return the decisions about positions that agree by now: they healed while the desk was gone."""
        return [
            name
            for name in self._decisions
            if name.startswith(POSITION_ID)
            and name not in seen
            and not unjudged(name, Symbol(name.removeprefix(POSITION_ID)))
        ]

    def _relock(self, symbol: Symbol) -> None:
        if not symbol:
            return
        texts = [each.text for each in self.open if each.symbol == symbol]
        state = TradingState.REDUCING if texts else TradingState.ACTIVE
        self._lock(state, "; ".join(texts), symbol, self._clock.now_ns())


def _nobody(_: object) -> None:
    pass
