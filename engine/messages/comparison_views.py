"""What the screen is told of the comparison with the broker, and of what a start found."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.model.instrument import Symbol


class BreakKind(StrEnum):
    """What our book and the broker's differ in."""

    ORDER = "order"
    FILL = "fill"
    POSITION = "position"
    CASH = "cash"


class BreakState(StrEnum):
    """Whether a difference still waits for a person."""

    OPEN = "open"
    """Its symbol is locked."""
    IGNORED = "ignored"


class BreakView(Struct, frozen=True, gc=False):
    """One difference between our book and the broker's."""

    id: str
    kind: BreakKind
    symbol: Symbol
    """Empty for cash."""
    ours: int
    """In size units, signed; cash in millionths."""
    theirs: int
    text: str
    since_ns: int
    state: BreakState


class ReconcilePhase(StrEnum):
    """Where the comparison with the broker is."""

    OFF = "off"
    COMPARING = "comparing"
    LATE = "late"
    """The broker was asked and has not answered for too long."""
    CUT = "cut"
    """The way to the broker is closed."""
    AGREED = "agreed"
    DIFFERS = "differs"


class ReconcileView(Struct, frozen=True, gc=False):
    """How our book and the broker's compare, and what was found since the start."""

    phase: ReconcilePhase
    since_ns: int
    """When this phase began."""
    compared_ns: int
    """When the last whole comparison was done; 0 before the first."""
    fills: int
    """Fills that were made up for."""
    ended: int
    """Orders that had ended without our knowing."""
    adopted: int
    """Orders that were taken in, ours and foreign ones."""
    unknown: int
    """Orders whose fate is unknown now."""
    lines: tuple[str, ...]
    """What was found, in sentences, oldest first."""
    breaks: tuple[BreakView, ...]
    age_s: int = 0
    """For how many seconds the broker has been cut off or late, by steady time; 0 while it is neither."""

    @property
    def standing(self) -> ReconcilePhase:
        """The phase; while a comparison is only repeated, what was found last."""
        if self.phase is not ReconcilePhase.COMPARING or not self.compared_ns:
            return self.phase
        return ReconcilePhase.DIFFERS if self.open_breaks else ReconcilePhase.AGREED

    @property
    def open_breaks(self) -> int:
        """How many differences wait for a person."""
        return sum(each.state is BreakState.OPEN for each in self.breaks)


class RecoveryView(Struct, frozen=True, gc=False):
    """What the journal held when the engine started."""

    cut_short: bool
    """Whether the last session did not end on purpose."""
    records: int
    working: int
    unanswered: int
    torn_bytes: int
    last_ns: int
    """When the last record was written; 0 for a new journal."""
    flattens: tuple[Symbol, ...] = ()
    """The symbols whose flatten was not over; none of them is gone on with."""
    halts: tuple[str, ...] = ()
    """What was halted or reduced, and why, as "NVDA is halted: news"."""
    restored: str = ""
    """When the journal was restored from a backup, if this is the first start on it."""
