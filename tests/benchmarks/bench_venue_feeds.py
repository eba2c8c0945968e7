"""Market data of local venues through the sources that trade: the whole path against other clients' streams.

Only the processor time of the thread that reads counts, so that a venue that makes events slower than they are taken
is not what is measured. Binance's are few: after some thousands that come faster than it takes them ccxt.pro reads no
more.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any
from urllib.request import urlopen

from engine.adapters.alpaca.market_data import AlpacaSource
from engine.adapters.binance.market_data import BinanceSource
from engine.clock import NS_PER_S, SystemClock
from engine.market.counters import MarketCounters
from engine.market.market import Market
from engine.model.instrument import Symbol
from engine.settings.venues import AlpacaSettings, BinanceSettings
from tests.alpaca_bench import CREDENTIAL
from tests.benchmarks.composed import rooms
from tests.benchmarks.options import Against, Options, against
from tests.benchmarks.row import Row
from tests.benchmarks.venue_process import SHARES
from tests.benchmarks.venues_there import Addresses, running
from tests.waiting import until

_ROUNDS = 5
_QUOTES, _QUICK_QUOTES = 20_000, 400
_BURSTS = 3
_BURST = 500
_PATIENCE_S = 120.0
_BTC = Symbol("BTCUSDT")
_MINUTE_NS = 60 * NS_PER_S
Source = AlpacaSource | BinanceSource


def rows(options: Options) -> list[Row]:
    """Return a row for each stream."""
    rounds, bursts = options.rounds(_ROUNDS), options.rounds(_BURSTS)
    quotes = _QUICK_QUOTES if options.quick else _QUOTES
    found: list[Row] = []
    with running("alpaca") as there:
        for a_frame in (20, 1)[: options.rounds(2)]:
            ours, theirs = (
                partial(time_alpaca, there, a_frame),
                partial(_time_alpaca_py, options, there, a_frame),
            )
            pair = against(rounds, partial(ours, quotes), partial(theirs, quotes))
            found.append(_row(f"Alpaca's quotes x{a_frame}", pair, "quotes/s", "alpaca-py", ">= 10"))
    with running("binance") as there:
        for kind in ("touch", "book")[: options.rounds(2)]:
            ours, theirs = partial(time_binance, there, kind), partial(_time_ccxt, options, there, kind)
            pair = against(rounds, partial(ours, bursts), partial(theirs, bursts))
            found.append(_row(f"Binance's {kind}", pair, "events/s", "ccxt.pro", ">= 1"))
    return found


def time_alpaca(there: Addresses, a_frame: int, count: int) -> float:
    """Return nanoseconds a quote, from the stream to every room that is told of it."""
    addresses: dict[str, Any] = {
        name: there[name] for name in ("trading_url", "data_url", "stream_url", "trades_url")
    }
    source = AlpacaSource(AlpacaSettings(**addresses), CREDENTIAL, [*map(Symbol, SHARES)], SystemClock())
    return _followed(source, _quotes_of(there, a_frame, count), count, 1)


def time_binance(there: Addresses, kind: str, bursts: int) -> float:
    """Return nanoseconds an event of this kind."""
    addresses = {name: there[name] for name in ("stream_url", "api_url")}
    source = BinanceSource(BinanceSettings(**addresses), [_BTC], SystemClock())
    return _followed(source, f"{there['burst_url']}?kind={kind}&count={_BURST}", _BURST, bursts)


def _followed(source: Source, burst_url: str, count: int, bursts: int) -> float:
    with rooms(SystemClock(), ()) as made:
        return asyncio.run(_spent(source, made.market, burst_url, count, bursts)) / (count * bursts)


async def _spent(source: Source, market: Market, burst_url: str, count: int, bursts: int) -> int:
    """Return the nanoseconds of this thread from asking for events until the last was taken."""
    counters = market.counters
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(source.run(market))
        await until(lambda: _is_ready(source, market), _PATIENCE_S)
        start_ns = time.thread_time_ns()
        for _ in range(bursts):
            wanted = counters.quotes + counters.deltas + count
            await asyncio.to_thread(lambda: urlopen(burst_url).read())
            await until(partial(_has, counters, wanted), _PATIENCE_S)
        spent_ns = time.thread_time_ns() - start_ns
        following.cancel()
    assert not counters.refused, market.summary()
    return spent_ns


def _has(counters: MarketCounters, wanted: int) -> bool:
    return counters.quotes + counters.deltas >= wanted


def _is_ready(source: Source, market: Market) -> bool:
    """Tell whether everything is subscribed, and the books and minutes from before have come."""
    minutes = (market.bars.series(symbol, _MINUTE_NS).last(1) for symbol in source.wanted)
    if source.rows()[0].read().value != "connected" or not all(minutes):
        return False
    return not isinstance(source, BinanceSource) or all(book.synced for book in market.books.values())


def _quotes_of(there: Addresses, a_frame: int, count: int) -> str:
    return f"{there['burst_url']}?kind=quotes&count={count}&a_frame={a_frame}"


def _time_alpaca_py(options: Options, there: Addresses, a_frame: int, count: int) -> float | None:
    stream, burst_url = f"{there['stream_url']}/v2/iex", _quotes_of(there, a_frame, count)
    key, symbols = (CREDENTIAL.key, CREDENTIAL.secret), ",".join(SHARES)
    told = options.peer("alpaca_stream.py", stream, *key, symbols, str(count), burst_url)
    return None if told is None else told["ns"]


def _time_ccxt(options: Options, there: Addresses, kind: str, bursts: int) -> float | None:
    burst_url, counts = f"{there['burst_url']}?kind={kind}", (str(_BURST), str(bursts))
    told = options.peer("ccxt_stream.py", there["api_url"], there["stream_url"], kind, *counts, burst_url)
    return None if told is None else told["ns"]


def _row(name: str, pair: Against, unit: str, peer: str, goal: str) -> Row:
    ratio = None if pair.ratio is None else 1 / pair.ratio
    return Row(name=name, value=1e9 / pair.ours, unit=unit, against=peer, ratio=ratio, goal=goal)
