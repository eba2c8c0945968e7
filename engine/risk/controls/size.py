"""Is the order, or what it could make of the position, too large?"""

from __future__ import annotations

from engine.messages.events import Denial
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate


def order_size(candidate: Candidate) -> Denial | None:
    """Refuse a size that only a slip of the finger explains; an order may always be made smaller."""
    limit = candidate.bounds.order_size_max
    if candidate.quantity <= limit or candidate.reduces or candidate.side_worst <= candidate.side_before:
        return None
    instrument = candidate.instrument
    return Denial(
        "order_size",
        f"order size is {words.size(instrument, candidate.quantity)}, limit {words.size(instrument, limit)}",
    )


def order_notional(candidate: Candidate) -> Denial | None:
    """Refuse an order worth too much at its worst price."""
    notional, limit = candidate.notional, candidate.bounds.order_notional_max
    if notional <= limit or candidate.reduces:
        return None
    return Denial("order_notional", f"order is worth {words.money(notional)}, limit {words.money(limit)}")


def position_size(candidate: Candidate) -> Denial | None:
    """Refuse a position that could grow past its size limit, every working order counted as filled."""
    worst, limit = candidate.side_worst, candidate.bounds.position_size_max
    if worst <= limit or candidate.reduces or worst <= candidate.side_before:
        return None
    instrument = candidate.instrument
    return Denial(
        "position_limit",
        f"position would be {_signed(candidate, words.size(instrument, worst))}, "
        f"limit {words.size(instrument, limit)}",
    )


def position_notional(candidate: Candidate) -> Denial | None:
    """Refuse a position that could be worth too much, every working order counted as filled."""
    limit = candidate.bounds.position_notional_max
    worst = candidate.side_value
    if worst <= limit or candidate.reduces or candidate.side_worst <= candidate.side_before:
        return None
    return Denial(
        "position_notional",
        f"position would be worth {_signed(candidate, words.money(worst))}, limit {words.money(limit)}",
    )


def concentration(candidate: Candidate) -> Denial | None:
    """Refuse a position that could take too large a share of equity."""
    worst = candidate.side_value
    if worst <= candidate.caps.concentration or candidate.reduces:
        return None
    if candidate.side_worst <= candidate.side_before:
        return None
    equity = candidate.inputs.account.equity_micros
    part = words.percent(worst * PPM / equity) if equity > 0 else "more than everything"
    limit = words.percent(candidate.inputs.account_bounds.concentration_ppm)
    return Denial("concentration", f"position would be {part} of equity, limit {limit}")


def _signed(candidate: Candidate, text: str) -> str:
    return text if candidate.buying else f"-{text}"
