"""No good tick of the recorded FX days is refused: only crossed ones are; the bars of the others hold the day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import SimulatedClock
from engine.config import MarketSettings
from engine.market.bars import MINUTE_NS
from engine.market.market import Market
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from tests.shared_data import shared

DAYS = [
    ("fxcm_EURUSD_20140504", "0.00001"),
    ("fxcm_EURUSD_20140507", "0.00001"),
    ("fxcm_EURUSD_20140508", "0.00001"),
    ("fxcm_EURUSD_20140509", "0.00001"),
    ("fxcm_NZDUSD_20140507", "0.00001"),
    ("oanda_EURUSD_20140508", "0.000001"),
    ("oanda_XAUUSD_20140509", "0.001"),
]


def _instrument(name: str, unit: Decimal) -> Instrument:
    return Instrument(
        symbol=Symbol(name),
        venue="test",
        asset_class=AssetClass.FX,
        currency="USD",
        price_unit=unit,
        tick=unit,
        size_unit=Decimal(1),
        lot=Decimal(1),
        calendar="FX",
    )


def _columns(name: str) -> dict[str, list[Any]]:
    import pyarrow.parquet as pq  # noqa: PLC0415  only this test reads parquet

    table = pq.read_table(shared(f"data/fx_ticks/{name}.parquet"), columns=["ts", "bid", "ask"])
    return {column: table[column].to_pylist() for column in ("ts", "bid", "ask")}


def _quotes(instrument: Instrument) -> Iterator[Quote]:
    columns, scale = _columns(instrument.symbol), instrument.price_scale
    size = UNPUBLISHED_SIZE
    for ts, bid, ask in zip(columns["ts"], columns["bid"], columns["ask"], strict=True):
        units = round(bid * scale), round(ask * scale)
        yield Quote(instrument.symbol, "fx", *units, size, size, ts, ts)


@pytest.mark.parametrize(("name", "unit"), DAYS)
def test_of_a_recorded_fx_day_only_crossed_ticks_are_refused_and_bars_hold_its_extremes(
    name: str, unit: str
) -> None:
    instrument = _instrument(name, Decimal(unit))
    market = Market(MarketSettings(), SimulatedClock(0))
    market.on_listed(instrument)
    quotes = list(_quotes(instrument))
    for quote in quotes:
        market.on_quote(quote)
    crossed = sum(quote.bid > quote.ask for quote in quotes)
    locked = sum(quote.bid == quote.ask for quote in quotes)
    assert dict(market.counters.refused) == ({"crossed": crossed} if crossed else {})
    assert market.counters.noted["locked"] == locked
    assert market.states[instrument.symbol].accepted == len(quotes) - crossed
    bars = market.bars.series(instrument.symbol, MINUTE_NS).last(2000)
    good = [quote for quote in quotes if quote.bid <= quote.ask]
    mids = [(quote.bid + quote.ask) // 2 for quote in good]
    assert (min(bar.low for bar in bars), max(bar.high for bar in bars)) == (min(mids), max(mids))
    assert (bars[0].open, bars[-1].close) == (mids[0], mids[-1])
    assert len(bars) == len({quote.event_ns // MINUTE_NS for quote in good})
