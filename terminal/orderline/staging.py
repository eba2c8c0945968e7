"""When a line may be sent: nothing that can cost money goes out at the first Enter.

An order, an amendment, a flattening and what a company did are staged by one Enter and sent by a second, which must come after
the guard time and, for what has a price, before the market has moved too far, and which sends no order that flips
a position unless that was to be seen at the first. Cancels and halts go out at
once, unless the text arrived faster than hands type. All times are the machine's steady time in ns.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from engine.clock import NS_PER_MS
from engine.messages.commands import (
    AmendOrder,
    BookDividend,
    BookSplit,
    Flatten,
    SetTradingState,
    SubmitOrder,
    TradingState,
)
from terminal.orderline.intents import Action, Pair
from terminal.orderline.pegging import repriced

BURST_NS = 8 * NS_PER_MS
"""An Enter this soon after a character was not pressed by the hand that typed it."""

_BPS = 10_000


class Guard(StrEnum):
    """What an action needs before it goes out."""

    NONE = "none"
    """One Enter: getting out is never delayed."""
    TWICE = "twice"
    """A second Enter."""
    PRICED = "priced"
    """A second Enter, and a market that stayed where it was."""


def guard_of(action: Action) -> Guard:
    """Return what an action needs before it goes out."""
    if isinstance(action, SubmitOrder | AmendOrder | Pair):
        return Guard.PRICED
    if isinstance(action, Flatten | BookSplit | BookDividend):
        return Guard.TWICE
    if isinstance(action, SetTradingState) and action.state is TradingState.ACTIVE:
        return Guard.TWICE
    return Guard.NONE


class Outcome(StrEnum):
    """What an Enter came to."""

    SENT = "sent"
    STAGED = "staged"
    RESTAGED = "restaged"
    """The market moved too far since it was staged, or the order flips the position by now: look again."""
    IGNORED = "ignored"
    """Too soon after the Enter before it: a double tap, or a key held down."""


class Staged(Struct, frozen=True):
    """What a second Enter would send."""

    action: Action
    market: int | None
    """The market's price when it was staged, in price units; None when it had none."""
    flips: bool = False
    """Whether it turns what was held then into its opposite."""


class Staging:
    """Decides what each Enter does; knows nothing of text."""

    def __init__(self, guard_ms: int, tolerance_bps: float) -> None:
        self._guard_ns = guard_ms * NS_PER_MS
        self._tolerance_bps = tolerance_bps
        self._enter_ns: int | None = None
        self._edit_ns: int | None = None
        self.staged: Staged | None = None
        """What waits for its second Enter."""
        self.moved_bps = 0.0
        """How far the market had moved at the last Enter."""
        self.now_flips = False
        """Whether the position had changed by then so that the order flips it."""

    def edited(self, now_ns: int) -> None:
        """The text changed: what was staged no longer is."""
        self._edit_ns = now_ns
        self.staged = None

    def escaped(self) -> None:
        """Take back what was staged."""
        self.staged = None

    def stage(self, action: Action, now_ns: int, market: int | None, *, flips: bool = False) -> Outcome:
        """Stage an action whatever it is, for a repeated line or a hotkey; counts as an Enter."""
        self._enter_ns = now_ns
        self.staged = Staged(action, market, flips)
        return Outcome.STAGED

    def follow(self, now: Action) -> None:
        """Let what is staged have the prices that its line means now; the market it was reviewed at stays."""
        if self.staged is not None:
            self.staged = replace(self.staged, action=repriced(self.staged.action, now))

    def enter(self, action: Action, now_ns: int, market: int | None, *, flips: bool = False) -> Outcome:
        """Take an Enter; `action` is what the text means now, `market` its symbol's price.

        `flips` tells whether it would turn the position of now into its opposite.

        When the outcome is SENT, it is the staged action that goes out, if one was staged.
        """
        too_soon = self._enter_ns is not None and now_ns - self._enter_ns < self._guard_ns
        self._enter_ns = now_ns
        staged = self.staged
        if staged is None:
            return self._first(Staged(action, market, flips), now_ns, too_soon=too_soon)
        if too_soon:
            return Outcome.IGNORED
        moved = self._moved(staged.market, market)
        self.now_flips = flips and not staged.flips
        if guard_of(staged.action) is Guard.PRICED and (moved or self.now_flips):
            self.staged = Staged(staged.action, market, flips)
            return Outcome.RESTAGED
        self.staged = None
        return Outcome.SENT

    def _first(self, staged: Staged, now_ns: int, *, too_soon: bool) -> Outcome:
        burst = self._edit_ns is not None and now_ns - self._edit_ns < BURST_NS
        if guard_of(staged.action) is Guard.NONE and not burst:
            return Outcome.SENT
        if burst and too_soon:
            return Outcome.IGNORED
        self.staged = staged
        return Outcome.STAGED

    def _moved(self, before: int | None, now: int | None) -> bool:
        if before is None or now is None:
            self.moved_bps = 0.0
            return before is not now
        self.moved_bps = (now - before) / before * _BPS
        return abs(self.moved_bps) > self._tolerance_bps


class Twice:
    """A key that has to be pressed twice: not too fast, not too late."""

    def __init__(self, guard_ms: int, window_ms: int = 3000) -> None:
        self._guard_ns = guard_ms * NS_PER_MS
        self._window_ns = window_ms * NS_PER_MS
        self._last_ns: int | None = None
        self._armed = False

    def press(self, now_ns: int) -> bool:
        """Take a press; return whether it was the second one."""
        since = None if self._last_ns is None else now_ns - self._last_ns
        self._last_ns = now_ns
        if since is None or since > self._window_ns or not self._armed:
            self._armed = True
            return False
        if since < self._guard_ns:
            return False
        self._armed = False
        return True
