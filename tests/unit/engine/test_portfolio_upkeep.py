"""The engine keeps the risk numbers up to date while anything is held."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.bootstrap import simulated_engine
from engine.config import Settings
from engine.engine import Engine
from engine.folders import Folders
from engine.market.bars import MINUTE_NS
from engine.model.bar import Bar, RecordedBar
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.trade import Side
from engine.pace import Pace
from tests.unit.engine.portfolio_bench import instrument

ACME, SPY = Symbol("ACME"), Symbol("SPY")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    made = simulated_engine(Settings(), folders, seed=1, pace=Pace())
    yield made
    made._rooms.journal.close()


def list_with_history(engine: Engine, symbol: Symbol, listed: Instrument, bars: int) -> None:
    engine._rooms.market.on_listed(listed)
    draws, price = random.Random(symbol), 10_000
    for minute in range(bars):
        price = round(price * (1 + draws.gauss(0, 0.001)))
        bar = Bar(
            symbol=symbol,
            interval_ns=MINUTE_NS,
            start_ns=minute * MINUTE_NS,
            open=price,
            high=price,
            low=price,
            close=price,
            volume=1,
            turnover=price,
            trades=1,
            closed=True,
        )
        engine._rooms.market.bars.record(RecordedBar("test", bar, 0))


def book(engine: Engine, side: Side) -> None:
    fill = Fill(
        fill_id=f"fill-{side}",
        client_id="one",
        account="TEST",
        symbol=ACME,
        side=side,
        price=10_000,
        quantity=1_000,
    )
    engine._rooms.ledger.on_fill(fill)
    engine._rooms.valuation.revalue()


def shown(engine: Engine) -> dict[str, float | None]:
    asyncio.run(engine._upkeep._refresh_numbers())
    return {metric.name: metric.value for metric in engine._rooms.numbers.metrics}


def test_numbers_come_with_a_position_and_go_with_it(engine: Engine) -> None:
    for symbol in (ACME, SPY):
        list_with_history(engine, symbol, instrument(symbol), bars=200)
    assert shown(engine) == {}
    book(engine, Side.BUY)
    assert None not in shown(engine).values()
    book(engine, Side.SELL)
    assert shown(engine) == {}


def test_without_the_benchmark_the_rest_is_said(engine: Engine) -> None:
    list_with_history(engine, ACME, instrument(ACME), bars=200)
    book(engine, Side.BUY)
    assert [name for name, value in shown(engine).items() if value is None] == ["beta"]


def test_the_risk_view_carries_the_numbers(engine: Engine) -> None:
    list_with_history(engine, ACME, instrument(ACME), bars=200)
    book(engine, Side.BUY)
    asyncio.run(engine._upkeep._refresh_numbers())
    numbers = engine._rooms.numbers
    view = engine._rooms.gate.view(*numbers)
    assert (view.metrics, view.split) == numbers
    assert numbers.split is not None
