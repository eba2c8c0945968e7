"""Is trading allowed right now?"""

from __future__ import annotations

from typing import Final

from engine.messages.commands import TradingState
from engine.messages.events import Denial
from engine.model.market_status import Session
from engine.model.order import EXIT_ORIGINS, OrderType
from engine.risk import words
from engine.risk.candidate import Candidate

_ACTIVE: Final = TradingState.ACTIVE
_OPEN: Final = Session.OPEN
_HALTED: Final = Session.HALTED


def trading_state(candidate: Candidate) -> Denial | None:
    """Refuse what the trading state does not allow; a deliberate flatten works even when halted."""
    halts, request = candidate.inputs.halts, candidate.request
    if halts.all_active:
        return None
    halt = halts.halt_of(request.symbol, request.strategy)
    if halt.state is _ACTIVE:
        return None
    of = f" of strategy {request.strategy}" if halts.strategies.get(request.strategy) is halt else ""
    if halt.state is TradingState.REDUCING:
        if _only_reduces(candidate):
            return None
        return Denial(
            "trading_reducing", f"only orders{of} that reduce are allowed: {halt.reason}{_working(candidate)}"
        )
    if _is_exit(candidate) and candidate.amends is None:
        return None
    return Denial("trading_halted", f"trading{of} is halted: {halt.reason}")


def armed(candidate: Candidate) -> Denial | None:
    """Refuse what could open or grow a position while nobody has armed the account."""
    arming = candidate.inputs.arming
    if arming.armed or _only_reduces(candidate):
        return None
    return Denial("disarmed", f"{arming.sentence}{_working(candidate)}")


def _is_exit(candidate: Candidate) -> bool:
    """Tell whether it is a deliberate flatten, or a stop or target of what is held."""
    request = candidate.request
    return candidate.reduces and request.reduce_only and request.origin in EXIT_ORIGINS


def _only_reduces(candidate: Candidate) -> bool:
    """Tell whether it can't open a position, with all that works on its side; exits may stand beside others."""
    return candidate.side_worst <= 0 or _is_exit(candidate)


def _working(candidate: Candidate) -> str:
    """Say that what works already stands in the way of what would reduce alone; else nothing."""
    if not candidate.reduces:
        return ""
    over = words.size(candidate.instrument, candidate.side_worst)
    return f"; with what works already it could open {over}, so cancel that first"


def session_now(candidate: Candidate) -> Session:
    """Return the symbol's session: the feed's word on a halt, else the calendar, else the feed."""
    said, hours = candidate.state.session, candidate.inputs.hours
    if hours is None or said is _HALTED:
        return said
    return hours(candidate.instrument, candidate.now_ns) or said


def session(candidate: Candidate) -> Denial | None:
    """Refuse orders while the market is shut, and market orders outside the main hours."""
    if candidate.inputs.hours is None and candidate.state.session is _OPEN:
        return None
    now = session_now(candidate)
    if now is _OPEN:
        return None
    symbol, bounds = candidate.instrument.symbol, candidate.bounds
    if now is _HALTED:
        reason = candidate.state.session_reason or "no reason given"
        return Denial("market_halted", f"{symbol} is halted by its market: {reason}")
    if now is Session.CLOSED:
        return Denial("market_closed", f"the market of {symbol} is closed")
    if candidate.request.type is OrderType.MARKET or not bounds.extended_hours:
        takes = "takes limit orders only" if bounds.extended_hours else "is not used"
        return Denial("extended_hours", f"{symbol} is in its {now} session, which {takes}")
    return None


def reduce_only(candidate: Candidate) -> Denial | None:
    """Refuse a reduce-only order that would not oppose the position, or would close more than there is."""
    if not candidate.request.reduce_only or candidate.quantity <= candidate.reducing_room:
        return None
    return Denial("reduce_only", _why_not_reducing(candidate))


def _why_not_reducing(candidate: Candidate) -> str:
    """Say what is in the way of an order that may only reduce: nothing held, other exits, or its own size."""
    instrument = candidate.instrument
    there = -candidate.held if candidate.buying else candidate.held
    if there <= 0:
        return f"it may only reduce, and no {'short' if candidate.buying else 'long'} position is held"
    wanted, held = words.size(instrument, candidate.quantity), words.size(instrument, there)
    taken = there - candidate.reducing_room
    if not taken:
        return f"order would close {wanted}, and {held} is held"
    working = words.size(instrument, taken)
    return f"order would close {wanted}, but what works closes {working} of {held} already: cancel that first"
