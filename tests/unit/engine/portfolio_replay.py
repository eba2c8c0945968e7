"""Plays the reference vectors' fills, splits and dividends through the real ledger."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from engine.model.account import RATE_SCALE, CurrencyRates
from engine.model.fill import Fill
from engine.model.instrument import MICROS, AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.position import COST_SCALE
from engine.model.trade import Side
from engine.portfolio.holding import Holding
from engine.portfolio.ledger import Ledger
from engine.portfolio.worth import worth_of

ACME = Symbol("ACME")
Case = Mapping[str, Any]


def instrument_of(currency: str, multiplier: int = 1) -> Instrument:
    return Instrument(
        symbol=ACME,
        venue="TEST",
        asset_class=AssetClass.EQUITY if multiplier == 1 else AssetClass.FUTURE,
        currency=currency,
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal("0.01"),
        lot=Decimal("0.01"),
        multiplier=Decimal(multiplier),
    )


def fill_of(instrument: Instrument, index: int, event: Mapping[str, str]) -> Fill:
    return Fill(
        fill_id=str(index),
        client_id="one",
        account="TEST",
        symbol=instrument.symbol,
        side=Side[event["side"]],
        price=instrument.price_units(Decimal(event["price"])),
        quantity=instrument.size_units(Decimal(event["qty"])),
        fee_micros=int(Decimal(event["fee"]) * MICROS),
        fee_currency=instrument.currency,
        event_ns=index,
    )


def money(holding: Holding, scaled: int) -> Fraction:
    """Return scaled units as an exact amount of the instrument's currency."""
    instrument = holding.position.instrument
    unit = Fraction(instrument.price_unit) * Fraction(instrument.size_unit) * Fraction(instrument.multiplier)
    return unit * scaled / COST_SCALE


def price(holding: Holding, cost: int, quantity: int) -> Fraction:
    return Fraction(cost, quantity * COST_SCALE) * Fraction(holding.position.instrument.price_unit)


def size(holding: Holding, quantity: int) -> Fraction:
    return quantity * Fraction(holding.position.instrument.size_unit)


def sequence(case: Case) -> dict[str, dict[str, object]]:
    """Play one case; return what the ledger says in the shape of the vectors."""
    instrument = instrument_of("USD", case["multiplier"])
    ledger = Ledger({ACME: instrument}, CurrencyRates("USD"))
    average: list[dict[str, object]] = []
    fifo: list[dict[str, object]] = []
    for index, event in enumerate(case["fills"]):
        _play(ledger, instrument, index, event)
        holding = ledger.holdings()[0]
        average.append(_average_step(holding))
        fifo.append(_fifo_step(holding))
    holding = ledger.holdings()[0]
    mark = Decimal(case["average_cost"]["mark"])
    units = instrument.price_units(mark)
    own = _end(holding, holding.position.realised, holding.position.unrealised(units))
    lots = _end(holding, holding.lots.realised, holding.lots.unrealised(units))
    return {
        "average_cost": {"steps": average, "mark": mark, **own},
        "fifo": {"steps": fifo, "mark": mark, "matches": _matches(holding), **lots},
    }


def _play(ledger: Ledger, instrument: Instrument, index: int, event: Mapping[str, str]) -> None:
    if event["type"] == "split":
        ledger.apply_split(ACME, Fraction(event["ratio"]))
    elif event["type"] == "dividend":
        ledger.apply_dividend(ACME, Decimal(event["per_share"]))
    else:
        ledger.on_fill(fill_of(instrument, index, event))


def _step(holding: Holding, realised: int) -> dict[str, object]:
    position = holding.position
    gross, fees = money(holding, realised), Fraction(position.fees_micros, MICROS)
    return {
        "position": size(holding, position.quantity),
        "realised_gross": gross,
        "fees": fees,
        "realised_net": gross - fees,
        "dividends": Fraction(position.dividends_micros, MICROS),
    }


def _average_step(holding: Holding) -> dict[str, object]:
    position = holding.position
    average = position.average_cost
    return _step(holding, position.realised) | {"avg_price": Fraction(0) if average is None else average}


def _fifo_step(holding: Holding) -> dict[str, object]:
    lots = [
        [size(holding, lot.quantity), price(holding, lot.cost, lot.quantity)] for lot in holding.lots.open
    ]
    return _step(holding, holding.lots.realised) | {"lots": lots}


def _matches(holding: Holding) -> list[dict[str, object]]:
    return [
        {
            "open_fill": int(match.open_fill_id),
            "close_fill": int(match.close_fill_id),
            "qty": abs(size(holding, match.quantity)),
            "pnl": money(holding, match.profit),
        }
        for match in holding.lots.matches
    ]


def _end(holding: Holding, realised: int, unrealised: int) -> dict[str, object]:
    position = holding.position
    cash = Fraction(position.dividends_micros - position.fees_micros, MICROS)
    return {
        "unrealised": money(holding, unrealised),
        "total_net": money(holding, realised + unrealised) + cash,
    }


def multicurrency(case: Case) -> dict[str, object]:
    """Play fills of one currency in an account of another, at the rate of each moment."""
    instrument, rates = instrument_of(case["local_currency"]), CurrencyRates(case["base"])
    ledger = Ledger({ACME: instrument}, rates)
    steps: list[dict[str, object]] = []
    for index, event in enumerate(case["fills"]):
        rates.set(instrument.currency, int(Decimal(event["fx"]) * RATE_SCALE))
        ledger.on_fill(fill_of(instrument, index, event))
        steps.append(_base_step(ledger.holdings()[0]))
    state = MarketState(instrument)
    state.last = instrument.price_units(Decimal(case["mark"]))
    rates.set(instrument.currency, int(Decimal(case["mark_fx"]) * RATE_SCALE))
    worth = worth_of(ledger.holdings()[0], state, rates)
    return {
        "steps": steps,
        "unrealised_base": Fraction(worth.unrealised, MICROS),
        "total_net_base": Fraction(worth.profit, MICROS),
    }


def _base_step(holding: Holding) -> dict[str, object]:
    average = holding.position.average_cost
    return {
        "position": size(holding, holding.position.quantity),
        "avg_price_local": Fraction(0) if average is None else average,
        "realised_base": Fraction(holding.realised_micros, MICROS),
        "fees_base": Fraction(holding.fees_micros, MICROS),
    }
