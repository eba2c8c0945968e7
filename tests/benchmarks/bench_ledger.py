"""What a fill costs the ledger: position at average cost, FIFO lots and fees, in one account's currency."""

from __future__ import annotations

import time
from decimal import Decimal

from engine.model.account import CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.trade import Side
from engine.portfolio.ledger import Ledger

SYMBOL = Symbol("ACME")
FILLS = 4_000
ROUNDS = 15
_QUANTITIES = (300, 200, -400, -350, 150, 400, -300)


def measure() -> dict[str, float]:
    """Return microseconds per fill, the quietest of several rounds: scaling in, out and through zero."""
    home, abroad = CurrencyRates("USD"), CurrencyRates("EUR")
    abroad.set("USD", 920_000_000)
    fills = [_fill(number) for number in range(FILLS)]
    return {"fill_us": _quietest(fills, home), "fill_other_currency_us": _quietest(fills, abroad)}


def _quietest(fills: list[Fill], rates: CurrencyRates) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        ledger = Ledger({SYMBOL: _INSTRUMENT}, rates)
        on_fill = ledger.on_fill
        start_ns = time.thread_time_ns()
        for fill in fills:
            on_fill(fill)
        best = min(best, (time.thread_time_ns() - start_ns) / len(fills) / 1_000)
        assert ledger.version == len(fills)
    return best


def _fill(number: int) -> Fill:
    signed = _QUANTITIES[number % len(_QUANTITIES)]
    return Fill(
        fill_id=f"fill-{number:06}",
        client_id="one",
        account="BENCH",
        symbol=SYMBOL,
        side=Side.BUY if signed > 0 else Side.SELL,
        price=10_000 + number * 7 % 500,
        quantity=abs(signed),
        fee_micros=500_000,
        fee_currency="USD",
        event_ns=number,
    )


_INSTRUMENT = Instrument(
    symbol=SYMBOL,
    venue="TEST",
    asset_class=AssetClass.EQUITY,
    currency="USD",
    price_unit=Decimal("0.01"),
    tick=Decimal("0.01"),
    size_unit=Decimal(1),
    lot=Decimal(1),
)

if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<28}{value:10.2f}")
