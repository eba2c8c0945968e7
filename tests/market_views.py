"""Hand-made views of a market, for tests of what is drawn from them."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.messages.tape_views import TapeView
from engine.messages.views import ChartView, DepthView, OrderView, QuoteView
from engine.model.bar import Bar
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side, Trade
from terminal.desk import Desk

NOW_NS = 1_764_079_331_638_000_000
"""2025-11-25 14:02:11.638 UTC."""
FIVE_MINUTES_NS = 300 * NS_PER_S


def instrument(
    symbol: str = "NVDA", *, tick: str = "0.01", unit: str = "0.01", lot: str = "1", size_unit: str = "1"
) -> Instrument:
    """Return an instrument with these steps."""
    return Instrument(
        symbol=Symbol(symbol),
        venue="XNAS",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal(unit),
        tick=Decimal(tick),
        size_unit=Decimal(size_unit),
        lot=Decimal(lot),
    )


def quote(symbol: str = "NVDA", last: int = 18_234, **changes: object) -> QuoteView:
    """Return a healthy quote a cent around its last price, and what is asked to be different."""
    view = QuoteView(
        symbol=Symbol(symbol),
        bid=last - 1,
        ask=last + 1,
        bid_size=300,
        ask_size=200,
        last=last,
        last_side=1,
        last_trade_ns=NOW_NS,
        prior_close=17_900,
        day_open=17_950,
        day_high=18_300,
        day_low=17_800,
        volume=17_400_000,
        vwap=18_175,
        session=Session.OPEN,
        session_reason="",
        source="sim",
        trust=Trust.GOOD,
        trust_reason="",
        receive_ns=NOW_NS - NS_PER_S // 5,
        accepted=1,
        refused=0,
        spark=(1, 2, 3, 4, 5, 6),
    )
    return replace(view, **changes)


def depth(symbol: str = "NVDA", bid: int = 18_233, *, step: int = 1, levels: int = 24) -> DepthView:
    """Return a synced book whose levels lie `step` units apart, sizes 100, 200, 300 and so on."""
    return DepthView(
        symbol=Symbol(symbol),
        bids=tuple((bid - step * level, 100 * (level + 1)) for level in range(levels)),
        asks=tuple((bid + 2 + step * level, 100 * (level + 1)) for level in range(levels)),
        synced=True,
        source="sim",
        status="",
    )


def bar(index: int = 0, prices: tuple[int, int, int, int] = (100, 110, 90, 105), volume: int = 1_000) -> Bar:
    """Return a five-minute bar: open, high, low, close; its average price is its close."""
    opened, high, low, close = prices
    return Bar(
        symbol=Symbol("NVDA"),
        interval_ns=FIVE_MINUTES_NS,
        start_ns=NOW_NS // FIVE_MINUTES_NS * FIVE_MINUTES_NS + index * FIVE_MINUTES_NS,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume,
        turnover=volume * close,
        trades=10,
        closed=index < 0,
    )


def chart(count: int = 60, last: int = 18_234) -> ChartView:
    """Return a chart whose bars zigzag up to the last price."""
    bars = []
    for index in range(1 - count, 1):
        close = last + 8 * index + (index % 5) * 4
        opened = close - 6 if index % 2 else close + 5
        prices = (opened, max(opened, close) + 4, min(opened, close) - 3, close)
        bars.append(bar(index, prices, 1_000 + 40 * (index % 7)))
    return ChartView(symbol=Symbol("NVDA"), interval_ns=FIVE_MINUTES_NS, bars=tuple(bars))


def order(number: int, side: Side, quantity: int, **changes: object) -> OrderView:
    """Return a working limit order, and what is asked to be different."""
    view = OrderView(
        client_id=f"test-{number}",
        number=number,
        symbol=Symbol("NVDA"),
        side=side,
        type=OrderType.LIMIT,
        tif=TimeInForce.DAY,
        quantity=quantity,
        filled=0,
        leaves=quantity,
        limit=18_230,
        stop=None,
        trail=None,
        average_price=0,
        status=OrderStatus.WORKING,
        reason="",
        post_only=False,
        reduce_only=False,
        triggered=False,
        queue_ahead=None,
        fees_micros=0,
        origin="desk",
        venue_id="",
        correlation="",
        created_ns=NOW_NS,
        updated_ns=NOW_NS,
        fills=(),
    )
    return replace(view, **changes)


def tape(sizes: tuple[int, ...], price: int = 18_234, source: str = "ARCA") -> TapeView:
    """Return prints of these sizes, newest first, bought and sold in turn."""
    prints = tuple(
        Trade(
            symbol=Symbol("NVDA"),
            source=source,
            price=price + place % 2,
            size=size,
            aggressor=Side.SELL if place % 2 else Side.BUY,
            event_ns=NOW_NS - place * 137_000_000,
            receive_ns=NOW_NS,
        )
        for place, size in enumerate(sizes)
    )
    return TapeView(symbol=Symbol("NVDA"), prints=prints)


def desk(*symbols: str) -> Desk:
    """Return a desk that looks at the first of these symbols and has a quote of each."""
    made = Desk()
    made.now_ns = NOW_NS
    for name in symbols or ("NVDA",):
        made.instruments[Symbol(name)] = instrument(name)
        made.quotes[Symbol(name)] = quote(name)
    made.focus = next(iter(made.quotes))
    return made
