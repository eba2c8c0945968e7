"""What a quote, a print and a level of a book cost the market room, in nanoseconds."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from engine.clock import SimulatedClock
from engine.config import FilterSettings, MarketSettings
from engine.market.market import Market
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.quote import Quote
from engine.model.trade import Side, Trade
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row, limited

SYMBOL = Symbol("BTCUSDT")
COUNT = 10_000
REPEATS = 9
START_NS = 1_723_161_600_000_000_000
STEP_NS = 2_000_000
LEVELS_A_SIDE = 2_000
MID = 6_160_000


def _market(*, filters: bool = True) -> Market:
    settings = FilterSettings()
    if not filters:
        settings = FilterSettings(*[False] * 8)
    market = Market(MarketSettings(filters=settings), SimulatedClock(START_NS))
    unit = Decimal("0.01")
    market.on_listed(
        Instrument(
            symbol=SYMBOL,
            venue="binance",
            asset_class=AssetClass.CRYPTO,
            currency="USDT",
            price_unit=unit,
            tick=unit,
            size_unit=Decimal("0.00001"),
            lot=Decimal("0.00001"),
        ),
        SequenceRule.BINANCE_SPOT,
    )
    return market


def _quotes(first: int, count: int) -> list[Quote]:
    rng, bid, quotes = random.Random(1), MID, []
    for number in range(first, first + count):
        bid += rng.choice((-1, 0, 0, 0, 1))
        time_ns = START_NS + number * STEP_NS
        sizes = (rng.randint(1, 10**6), rng.randint(1, 10**6))
        quotes.append(Quote(SYMBOL, "binance", bid, bid + 1, *sizes, time_ns + 1_000_000, time_ns, number))
    return quotes


def _trades(first: int, count: int) -> list[Trade]:
    rng, price, trades = random.Random(2), MID, []
    for number in range(first, first + count):
        price += rng.choice((-1, 0, 0, 0, 1))
        time_ns = START_NS + number * STEP_NS
        size = rng.randint(1, 10**6)
        trades.append(Trade(SYMBOL, "binance", price, size, Side.BUY, time_ns, time_ns, number))
    return trades


def _deltas(first: int, count: int, levels: int) -> list[DepthDelta]:
    rng, deltas = random.Random(3), []

    def side(sign: int) -> tuple[Level, ...]:
        """Return changes that crowd near the best price; a third of them remove a level."""
        offsets = [1 + int(rng.expovariate(1 / 150)) for _ in range(levels)]
        return tuple((MID - sign * offset, rng.choice((0, 1, 2)) * offset) for offset in offsets)

    for number in range(first, first + count):
        time_ns = START_NS + number * STEP_NS
        deltas.append(DepthDelta(SYMBOL, "binance", side(1), side(-1), number, number, 0, time_ns, time_ns))
    return deltas


def _snapshot() -> DepthSnapshot:
    bids = tuple((MID - offset, 5) for offset in range(1, LEVELS_A_SIDE + 1))
    asks = tuple((MID + offset, 5) for offset in range(1, LEVELS_A_SIDE + 1))
    return DepthSnapshot(SYMBOL, "binance", bids, asks, 0, START_NS, START_NS)


def _deliver(handle: Callable[[object], None], messages: Sequence[object]) -> int:
    start_ns = time.perf_counter_ns()
    for message in messages:
        handle(message)
    return time.perf_counter_ns() - start_ns


def _least(prepare: Callable[[], tuple[Callable[..., None], Sequence[object]]], per: int) -> float:
    best = None
    for _ in range(REPEATS):
        handle, messages = prepare()
        gc.disable()
        took = _deliver(handle, messages)
        gc.enable()
        best = took if best is None else min(best, took)
    return (best or 0) / per


def _ignore(state: MarketState) -> None:
    assert state.bid


def _prepare_quotes(
    quotes: list[Quote], *, filters: bool = True, traded: bool = True, listening: bool = False
) -> tuple[Callable[..., None], Sequence[object]]:
    market = _market(filters=filters)
    if traded:
        market.on_trade(_trades(1, 1)[0])
    if listening:
        market.listen(on_quote=_ignore)
    for quote in quotes[:600]:
        market.on_quote(quote)
    return market.on_quote, quotes[600:]


def _prepare_trades(trades: list[Trade]) -> tuple[Callable[..., None], Sequence[object]]:
    return _market().on_trade, trades


def _prepare_deltas(
    deltas: list[DepthDelta], *, quoted: bool = True
) -> tuple[Callable[..., None], Sequence[object]]:
    """Feed a book; beside quotes it is for depth only, without them its top is the quote."""
    market = _market()
    if quoted:
        market.on_quote(_quotes(len(deltas), 1)[0])
    market.on_snapshot(_snapshot())
    return market.on_delta, deltas


def _nothing() -> tuple[Callable[..., None], Sequence[object]]:
    return lambda message: None, range(COUNT)  # noqa: ARG005


def rows(options: Options) -> list[Row]:
    """Return a quote's row and a level's, against their budgets."""
    if options.quick:
        return [
            limited("market, quote", _least(partial(_prepare_quotes, _quotes(1, 1_600)), 1_000), "ns", 600)
        ]
    found = measure()
    return [
        limited("market, quote", found["quote"], "ns", 600),
        limited("market, quote that makes bars", found["quote that makes bars"], "ns", 800),
        limited("market, level of depth", found["delta level, 20 a delta"], "ns", 400),
    ]


def measure() -> dict[str, float]:
    """Return nanoseconds per quote, per print and per level, the least of several repeats."""
    quotes, trades = _quotes(1, COUNT + 600), _trades(1, COUNT)
    deltas = _deltas(1, COUNT // 20, 10)
    single = _deltas(1, COUNT // 4, 1)
    quote = partial(_prepare_quotes, quotes)
    return {
        "quote": _least(quote, COUNT),
        "quote, no filters": _least(partial(quote, filters=False), COUNT),
        "quote that makes bars": _least(partial(quote, traded=False), COUNT),
        "quote with a listener": _least(partial(quote, listening=True), COUNT),
        "trade": _least(partial(_prepare_trades, trades), COUNT),
        "delta level, 20 a delta": _least(partial(_prepare_deltas, deltas), COUNT // 20 * 20),
        "delta of 2 levels": _least(partial(_prepare_deltas, single), COUNT // 4),
        "delta that makes the quote": _least(partial(_prepare_deltas, single, quoted=False), COUNT // 4),
        "empty call": _least(_nothing, COUNT),
    }


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:28} {value:8.0f} ns")
