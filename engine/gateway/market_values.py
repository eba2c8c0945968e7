"""What programs are told of a market, over REST and over the stream alike.

Prices, sizes and money are decimals in texts; times are nanoseconds since the epoch, UTC. What there is none of is null.
"""

from __future__ import annotations

from msgspec import Struct

from engine.gateway.decimals import decimal
from engine.messages.views import DepthView, QuoteView
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session


class Quote(Struct, frozen=True, gc=False):
    """One symbol as it stands."""

    symbol: Symbol
    bid: str | None
    ask: str | None
    bid_size: str
    ask_size: str
    last: str | None
    last_at_ns: int
    prior_close: str | None
    day_open: str | None
    day_high: str | None
    day_low: str | None
    day_volume: str
    vwap: str | None
    session: Session
    session_reason: str
    source: str
    trust: Trust
    """Whether it may be acted on."""
    trust_reason: str
    received_ns: int


class Depth(Struct, frozen=True, gc=False):
    """The best levels of one book, each a price and a size, the best first."""

    symbol: Symbol
    bids: tuple[tuple[str, str], ...]
    asks: tuple[tuple[str, str], ...]
    synced: bool
    source: str
    status: str
    """Why it is not synced."""


def quote_of(view: QuoteView, instrument: Instrument) -> Quote:
    """Tell a quote."""
    prices, sizes = instrument.price_scale, instrument.size_scale

    def price(units: int) -> str | None:
        return decimal(units, prices) if units else None

    return Quote(
        symbol=view.symbol,
        bid=price(view.bid),
        ask=price(view.ask),
        bid_size=decimal(view.bid_size, sizes),
        ask_size=decimal(view.ask_size, sizes),
        last=price(view.last),
        last_at_ns=view.last_trade_ns,
        prior_close=price(view.prior_close),
        day_open=price(view.day_open),
        day_high=price(view.day_high),
        day_low=price(view.day_low),
        day_volume=decimal(view.volume, sizes),
        vwap=price(view.vwap),
        session=view.session,
        session_reason=view.session_reason,
        source=view.source,
        trust=view.trust,
        trust_reason=view.trust_reason,
        received_ns=view.receive_ns,
    )


def depth_of(view: DepthView, instrument: Instrument) -> Depth:
    """Tell a book."""
    prices, sizes = instrument.price_scale, instrument.size_scale

    def levels(side: tuple[tuple[int, int], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((decimal(price, prices), decimal(size, sizes)) for price, size in side)

    return Depth(view.symbol, levels(view.bids), levels(view.asks), view.synced, view.source, view.status)
