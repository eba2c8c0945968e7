"""Short ways to make instruments, fills and a ledger that holds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

import msgspec

from engine.clock import SimulatedClock
from engine.messages.ledger_page import LedgerPage
from engine.messages.state import HoldingState, LotsState
from engine.model.account import Account, AccountMode, CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import MICROS, AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.portfolio.ledger import Ledger
from engine.portfolio.valuation import Valuation

ACME, SIEM, ES, EURUSD = Symbol("ACME"), Symbol("SIEM"), Symbol("ES"), Symbol("EURUSD")
NOON_NS = 1_723_118_400 * 10**9
"""2024-08-08, 12:00 UTC."""
CASH_MICROS = 1_000_000 * MICROS

_ids = count(1)


def instrument(
    symbol: Symbol = ACME,
    currency: str = "USD",
    *,
    kind: AssetClass = AssetClass.EQUITY,
    base: str = "",
    multiplier: int = 1,
    size_unit: str = "1",
) -> Instrument:
    return Instrument(
        symbol=symbol,
        venue="TEST",
        asset_class=kind,
        currency=currency,
        base=base,
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(size_unit),
        lot=Decimal(1),
        multiplier=Decimal(multiplier),
    )


INSTRUMENTS = {
    ACME: instrument(),
    SIEM: instrument(SIEM, "EUR"),
    ES: instrument(ES, kind=AssetClass.FUTURE, multiplier=50),
    EURUSD: instrument(EURUSD, kind=AssetClass.FX, base="EUR"),
}


def fill(
    signed: int,
    price: int,
    *,
    symbol: Symbol = ACME,
    fee_micros: int = 0,
    fee_currency: str = "",
    fill_id: str = "",
) -> Fill:
    """Make a fill with an id of its own; bought when `signed` is above 0."""
    return Fill(
        fill_id=fill_id or f"f{next(_ids)}",
        client_id="one",
        account="TEST",
        symbol=symbol,
        side=Side.BUY if signed > 0 else Side.SELL,
        price=price,
        quantity=abs(signed),
        fee_micros=fee_micros,
        fee_currency=fee_currency,
        event_ns=NOON_NS,
    )


def ledger_of(fills: Iterable[Fill], rates: CurrencyRates | None = None) -> Ledger:
    ledger = Ledger(INSTRUMENTS, rates or CurrencyRates("USD"))
    for each in fills:
        ledger.on_fill(each)
    return ledger


def order(signed: int, *, limit: int | None = None, symbol: Symbol = ACME) -> Order:
    number = next(_ids)
    request = OrderRequest(
        client_id=f"o{number}",
        number=number,
        account="TEST",
        symbol=symbol,
        side=Side.BUY if signed > 0 else Side.SELL,
        quantity=abs(signed),
        type=OrderType.MARKET if limit is None else OrderType.LIMIT,
        limit=limit,
    )
    return Order(request, INSTRUMENTS[symbol])


class Desk(NamedTuple):
    """An account with a market of its own."""

    account: Account
    ledger: Ledger
    states: dict[Symbol, MarketState]
    rates: CurrencyRates
    orders: WorkingOrders
    clock: SimulatedClock
    valuation: Valuation

    def trade(self, *fills: Fill) -> None:
        for each in fills:
            self.ledger.on_fill(each)
        self.valuation.revalue()

    def price(self, symbol: Symbol, price: int) -> None:
        self.states[symbol].last = price
        self.valuation.revalue()


def desk(orders: Sequence[Order] = (), *, leverage_max: str = "1") -> Desk:
    """Make an account of a million dollars; nothing has a price yet."""
    account = Account("TEST", AccountMode.SIMULATED, "USD", CASH_MICROS)
    rates, working, clock = CurrencyRates("USD"), WorkingOrders(), SimulatedClock(NOON_NS)
    for each in orders:
        working.add(each)
    ledger = Ledger(INSTRUMENTS, rates)
    states = {symbol: MarketState(listed) for symbol, listed in INSTRUMENTS.items()}
    valuation = Valuation(
        account, ledger, states, rates, clock, orders=working, leverage_max=Decimal(leverage_max)
    )
    valuation.revalue()
    return Desk(account, ledger, states, rates, working, clock, valuation)


def brought_back(ledger: Ledger) -> Ledger:
    """Return what a ledger's state makes, as a file keeps it: of the same instruments, at the same rates."""
    back = Ledger(ledger._instruments, ledger._rates)
    takes: dict[type, Callable[[Any], None]] = {
        HoldingState: back.restore,
        LotsState: back.restore_lots,
        LedgerPage: back.restore_page,
    }
    for record in ledger.capture():
        kind = type(record)
        takes[kind](msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=kind))
    return back
