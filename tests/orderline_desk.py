"""A small desk for tests of the order line: three instruments, quotes, a position, an order."""

from __future__ import annotations

from decimal import Decimal

from engine.messages.views import AccountView, OrderView, PositionView, QuoteView
from engine.model.account import AccountMode
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.order import OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side
from terminal.desk import Desk

AAPL, BTC, USDJPY, DAY = Symbol("AAPL"), Symbol("BTC-USD"), Symbol("USDJPY"), Symbol("DAY")


def instrument(
    symbol: Symbol, asset_class: AssetClass, tick: str, lot: str, currency: str = "USD"
) -> Instrument:
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=asset_class,
        currency=currency,
        price_unit=Decimal(tick) / 10,
        tick=Decimal(tick),
        size_unit=min(Decimal(lot), Decimal(1)),
        lot=Decimal(lot),
    )


def quote(symbol: Symbol, bid: int, ask: int, last: int) -> QuoteView:
    return QuoteView(
        symbol,
        bid,
        ask,
        5,
        5,
        last,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        Session.OPEN,
        "",
        "TEST",
        Trust.GOOD,
        "",
        0,
        0,
        0,
        (),
    )


def position(symbol: Symbol, quantity: int) -> PositionView:
    return PositionView(symbol, quantity, "", 0, 0, 0, 0, 0, 0, Trust.GOOD, True)


def order(number: int, **changes: object) -> OrderView:
    values: dict[str, object] = {
        "client_id": f"id-{number}",
        "number": number,
        "symbol": AAPL,
        "side": Side.BUY,
        "type": OrderType.LIMIT,
        "tif": TimeInForce.DAY,
        "quantity": 100,
        "filled": 40,
        "leaves": 60,
        "limit": 180_500,
        "stop": None,
        "trail": None,
        "average_price": 0,
        "status": OrderStatus.WORKING,
        "reason": "",
        "post_only": False,
        "reduce_only": False,
        "triggered": False,
        "queue_ahead": None,
        "fees_micros": 0,
        "origin": "line",
        "venue_id": "",
        "correlation": "",
        "created_ns": 0,
        "updated_ns": 0,
        "fills": (),
    }
    return OrderView(**{**values, **changes})  # type: ignore[arg-type]


def desk(*, held: int = 0) -> Desk:
    """AAPL 189.33 bid, 189.36 ask, in tenths of a cent; BTC and USDJPY beside it; AAPL in focus."""
    made = Desk()
    for listed in (
        instrument(AAPL, AssetClass.EQUITY, "0.01", "1"),
        instrument(BTC, AssetClass.CRYPTO, "0.5", "0.001"),
        instrument(USDJPY, AssetClass.FX, "0.001", "1000", "JPY"),
        instrument(DAY, AssetClass.EQUITY, "0.01", "1"),
    ):
        made.instruments[listed.symbol] = listed
    made.quotes[AAPL] = quote(AAPL, 189_330, 189_360, 189_340)
    made.quotes[BTC] = quote(BTC, 1_000_000, 1_000_010, 1_000_000)
    made.quotes[USDJPY] = quote(USDJPY, 1_500_000, 1_500_010, 1_500_000)
    if held:
        made.positions[AAPL] = position(AAPL, held)
    made.orders["id-12"] = order(12)
    made.account = AccountView(
        "PAPER-1", AccountMode.SIMULATED, "USD", 0, 0, 0, 0, 0, 0, 0, 0, 1_000_000_000_000, 0.0
    )
    made.focus = AAPL
    return made
