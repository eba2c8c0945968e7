"""Can the market's price be believed, and is the order's price near it?"""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S
from engine.messages.events import Denial
from engine.model.market_state import Trust
from engine.model.order import OrderType
from engine.risk import words
from engine.risk.bounds import PPM
from engine.risk.candidate import Candidate

_GOOD: Final = Trust.GOOD
_MARKET: Final = OrderType.MARKET


def quote_trust(candidate: Candidate) -> Denial | None:
    """Refuse new risk against a quote that is missing, stale or distrusted; exits pass."""
    trust = candidate.trust
    if trust is _GOOD or candidate.reduces:
        return None
    state = candidate.state
    if trust is Trust.NONE:
        return Denial("quote_unavailable", f"{state.symbol} has no quote with both sides")
    if trust is Trust.DISTRUSTED:
        return Denial("quote_distrusted", f"quote is not trusted: {state.distrust_reason or state.doubt}")
    age, limit = state.age_ns(candidate.now_ns) / NS_PER_S, state.quote_age_max_ns / NS_PER_S
    return Denial("quote_stale", f"quote is {age:.1f} s old, limit {limit:g} s")


def price_known(candidate: Candidate) -> Denial | None:
    """Refuse what can't be judged: new risk without any price, or any price of one's own without a reference."""
    if candidate.twice_reference or (candidate.reduces and candidate.request.limit is None):
        return None
    return Denial(
        "price_unavailable",
        f"{candidate.state.symbol} has no price to judge by: no quote, no trade, no prior close",
    )


def rate_known(candidate: Candidate) -> Denial | None:
    """Refuse new risk in a currency whose worth is not known."""
    if candidate.unit_numerator or candidate.reduces or not candidate.mark:
        return None
    currency = candidate.instrument.currency
    return Denial(
        "rate_unavailable", f"there is no {currency} to {candidate.inputs.rates.base_currency} rate"
    )


def spread(candidate: Candidate) -> Denial | None:
    """Refuse market orders into a book that is one-sided or too wide; exits pass."""
    if candidate.request.type is not _MARKET or candidate.reduces or candidate.spread_is_sane:
        return None
    state = candidate.state
    if not state.has_quote:
        return Denial("spread", "a market order needs a bid and an offer")
    width_ppm = 2 * PPM * (state.ask - state.bid) / (state.ask + state.bid)
    return Denial(
        "spread",
        f"spread is {words.percent(width_ppm)}, limit {words.percent(candidate.bounds.spread_max_ppm)}"
        " for a market order",
    )


def price_collar(candidate: Candidate) -> Denial | None:
    """Refuse a limit that pays up past the collar, or rests outside the wide band."""
    limit, twice = candidate.request.limit, candidate.twice_reference
    if limit is None or not twice:
        return None
    worse = 2 * limit - twice if candidate.buying else twice - 2 * limit
    if worse > 0:
        bound = candidate.bounds.collar_ppm
        if worse * PPM > bound * twice:
            return _too_far(candidate, limit, "worse than", worse, bound)
    elif -worse * PPM > (bound := candidate.bounds.passive_ppm) * twice:
        return _too_far(candidate, limit, "away from", -worse, bound)
    return None


def stop_band(candidate: Candidate) -> Denial | None:
    """Refuse a stop, or a trailing distance, that lies outside the wide band."""
    request, twice = candidate.request, candidate.twice_reference
    bound = candidate.bounds.passive_ppm
    if not twice:
        return None
    if request.stop is not None and abs(2 * request.stop - twice) * PPM > bound * twice:
        return _too_far(candidate, request.stop, "away from", abs(2 * request.stop - twice), bound)
    if request.trail is not None and 2 * request.trail * PPM > bound * twice:
        return Denial(
            "price_collar",
            f"trail is {words.percent(2 * request.trail * PPM / twice)} of the market, limit {words.percent(bound)}",
        )
    return None


def _too_far(candidate: Candidate, price: int, how: str, twice_off: int, bound: int) -> Denial:
    instrument, twice = candidate.instrument, candidate.twice_reference
    return Denial(
        "price_collar",
        f"price {words.price(instrument, price)} is {words.percent(twice_off * PPM / twice)} {how} the market at "
        f"{words.price(instrument, twice // 2)}, limit {words.percent(bound)}",
    )
