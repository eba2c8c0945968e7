"""May this be traded at all, and in these steps?"""

from __future__ import annotations

from engine.messages.events import Denial
from engine.risk import words
from engine.risk.candidate import Candidate


def tradable(candidate: Candidate) -> Denial | None:
    """Refuse what can only be watched."""
    if candidate.instrument.tradable:
        return None
    return Denial("not_tradable", f"{candidate.instrument.symbol} can be watched but not traded")


def restricted(candidate: Candidate) -> Denial | None:
    """Refuse restricted symbols, except to close what is held."""
    if not candidate.bounds.restricted or candidate.reduces:
        return None
    return Denial(
        "restricted", f"{candidate.instrument.symbol} is on the restricted list, only closing is allowed"
    )


def tick_size(candidate: Candidate) -> Denial | None:
    """Refuse prices between ticks; nothing is rounded silently."""
    request, tick = candidate.request, candidate.instrument.tick_units
    if tick == 1:
        return None
    if not ((request.limit or 0) % tick or (request.stop or 0) % tick or (request.trail or 0) % tick):
        return None
    instrument = candidate.instrument
    prices = (request.limit, request.stop, request.trail)
    wrong = next(price for price in prices if price is not None and price % tick)
    return Denial(
        "tick_size", f"price {words.price(instrument, wrong)} is not a multiple of the tick {instrument.tick}"
    )


def lot_size(candidate: Candidate) -> Denial | None:
    """Refuse sizes that are not positive or lie between lots."""
    quantity, instrument = candidate.request.quantity, candidate.instrument
    if quantity > 0 and not quantity % instrument.lot_units:
        return None
    return Denial(
        "lot_size",
        f"size {words.size(instrument, quantity)} is not a positive multiple of the lot {instrument.lot}",
    )


def size_min(candidate: Candidate) -> Denial | None:
    """Refuse sizes below the venue's smallest."""
    if candidate.request.quantity >= candidate.bounds.size_min:
        return None
    instrument = candidate.instrument
    return Denial(
        "size_min",
        f"size is {words.size(instrument, candidate.request.quantity)}, minimum {instrument.size_min:f}",
    )


def notional_min(candidate: Candidate) -> Denial | None:
    """Refuse orders worth less than the venue's smallest, in the instrument's currency."""
    least = candidate.bounds.notional_min_micros
    if not least:
        return None
    request, instrument = candidate.request, candidate.instrument
    price = request.limit or request.stop or candidate.mark or candidate.price
    notional = instrument.notional_micros(price, request.quantity)
    if notional >= least or not price:
        return None
    return Denial(
        "notional_min",
        f"order is worth {words.money(notional)}, minimum {words.money(least)} {instrument.currency}",
    )
