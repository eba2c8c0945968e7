"""The books rebuilt from recordings equal what the exchanges said their books were."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from engine.clock import SimulatedClock
from engine.config import MarketSettings
from engine.market.book import OrderBook
from engine.market.market import Market
from engine.model.depth import DepthDelta, DepthSnapshot, Level, SequenceRule
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.quote import Quote
from engine.model.trade import Trade
from tests.shared_data import shared

Message = DepthSnapshot | DepthDelta | Quote | Trade


@dataclass(frozen=True)
class Recording:
    """One recorded symbol and its units."""

    name: str
    rule: SequenceRule
    price_unit: str
    size_unit: str

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.name)

    @property
    def instrument(self) -> Instrument:
        return _instrument(self.name, Decimal(self.price_unit), Decimal(self.size_unit))


RECORDINGS = [
    Recording("binance-spot_BTCUSDT_20240808-09", SequenceRule.BINANCE_SPOT, "0.01", "0.00001"),
    Recording("binance-spot_ETHUSDT_20240808-09", SequenceRule.BINANCE_SPOT, "0.01", "0.0001"),
    Recording("binance-usdm_BTCUSDT_20240808", SequenceRule.BINANCE_FUTURES, "0.1", "0.001"),
    Recording("binance-coinm_BTCUSD_PERP_20240808", SequenceRule.BINANCE_FUTURES, "0.1", "1"),
]
CHECKPOINTS = {
    "binance-spot_BTCUSDT_20240808-09": 1000,
    "binance-spot_ETHUSDT_20240808-09": 1000,
    "binance-usdm_BTCUSDT_20240808": 200,
    "binance-coinm_BTCUSD_PERP_20240808": 1000,
}
"""Fewer would mean that the comparison hardly took place."""


def _instrument(name: str, price_unit: Decimal, size_unit: Decimal) -> Instrument:
    return Instrument(
        symbol=Symbol(name),
        venue="test",
        asset_class=AssetClass.CRYPTO,
        currency="USD",
        price_unit=price_unit,
        tick=price_unit,
        size_unit=size_unit,
        lot=size_unit,
    )


def _rows(kind: str, recording: Recording) -> dict[str, list[Any]]:
    import pyarrow.parquet as pq  # noqa: PLC0415  only this test reads parquet

    folder = "crypto_depth" if kind == "depth" else "crypto_ticks"
    table = pq.read_table(shared(f"data/{folder}/{recording.name}_{kind}.parquet"))
    return {name: column.to_pylist() for name, column in zip(table.column_names, table.columns, strict=True)}


def _units(values: list[Any], scale: int) -> list[int]:
    return [round(value * scale) for value in values]


def _depth(recording: Recording) -> Iterator[tuple[int, Message]]:
    rows, units = _rows("depth", recording), recording.instrument
    prices, sizes = _units(rows["price"], units.price_scale), _units(rows["size"], units.size_scale)
    messages, sides = rows["msg"], rows["side"]
    start = 0
    for end in range(1, len(messages) + 1):
        if end < len(messages) and messages[end] == messages[start]:
            continue
        found: dict[str, list[Level]] = {"b": [], "a": []}
        for row in range(start, end):
            found[sides[row]].append((prices[row], sizes[row]))
        yield messages[start], _depth_message(recording, rows, start, tuple(found["b"]), tuple(found["a"]))
        start = end


def _depth_message(
    recording: Recording,
    rows: dict[str, list[Any]],
    row: int,
    bids: tuple[Level, ...],
    asks: tuple[Level, ...],
) -> Message:
    last_id, times = rows["last_id"][row], (rows["ts"][row] or 0, rows["ts_recv"][row])
    if rows["kind"][row] == "snapshot":
        return DepthSnapshot(recording.symbol, "binance", bids, asks, last_id, *times)
    first_id, previous_id = rows["first_id"][row], rows["prev_id"][row] or 0
    return DepthDelta(recording.symbol, "binance", bids, asks, first_id, last_id, previous_id, *times)


def _quotes(recording: Recording) -> Iterator[tuple[int, Message]]:
    rows, units = _rows("quotes", recording), recording.instrument
    bids, asks = _units(rows["bid"], units.price_scale), _units(rows["ask"], units.price_scale)
    bid_sizes = _units(rows["bid_size"], units.size_scale)
    ask_sizes = _units(rows["ask_size"], units.size_scale)
    times = zip(rows["ts"], rows["ts_recv"], rows["update_id"], strict=True)
    values = zip(bids, asks, bid_sizes, ask_sizes, strict=True)
    for number, value, (event_ns, receive_ns, update_id) in zip(rows["msg"], values, times, strict=True):
        yield number, Quote(recording.symbol, "binance", *value, event_ns or 0, receive_ns, update_id)


def _trades(recording: Recording) -> Iterator[tuple[int, Message]]:
    rows, units = _rows("trades", recording), recording.instrument
    prices, sizes = _units(rows["price"], units.price_scale), _units(rows["size"], units.size_scale)
    times = zip(rows["ts"], rows["ts_recv"], rows["trade_id"], strict=True)
    for number, price, size, time in zip(rows["msg"], prices, sizes, times, strict=True):
        yield number, Trade(recording.symbol, "binance", price, size, None, *time)


def _merged(recording: Recording) -> list[Message]:
    numbered = [*_depth(recording), *_quotes(recording), *_trades(recording)]
    numbered.sort(key=lambda pair: pair[0])
    return [message for _, message in numbered]


def _deliver(market: Market, message: Message) -> None:
    match message:
        case Quote():
            market.on_quote(message)
        case Trade():
            market.on_trade(message)
        case DepthSnapshot():
            market.on_snapshot(message)
        case DepthDelta():
            market.on_delta(message)


def _listing(recording: Recording) -> Market:
    market = Market(MarketSettings(), SimulatedClock(0))
    market.on_listed(recording.instrument, recording.rule)
    return market


class Comparison:
    """Compares the book's top with every quote that tells of the same moment."""

    def __init__(self, book: OrderBook) -> None:
        self.book = book
        self.by_id: dict[int, Quote] = {}
        self.compared = 0
        self.different: list[tuple[int, int, int, int]] = []
        self.crossed = 0

    def after_book(self) -> None:
        quote = self.by_id.get(self.book.last_id)
        self.crossed += self.book.crossed
        if quote is not None and self.book.synced:
            self.compared += 1
            top = (self.book.best_bid, self.book.best_ask)
            if top != (quote.bid, quote.ask):
                self.different.append((*top, quote.bid, quote.ask))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda r: r.name)
def test_a_recorded_book_has_the_recorded_best_prices_at_every_checkpoint(recording: Recording) -> None:
    market, messages = _listing(recording), _merged(recording)
    comparison = Comparison(market.books[recording.symbol])
    comparison.by_id = {m.sequence: m for m in messages if isinstance(m, Quote)}
    for message in messages:
        _deliver(market, message)
        if isinstance(message, DepthDelta | DepthSnapshot):
            comparison.after_book()
    assert comparison.different == []
    assert comparison.compared >= CHECKPOINTS[recording.name]
    assert comparison.crossed == 0
    assert comparison.book.resyncs == 0
    assert market.counters.refused == {}


KRAKEN = "data/crypto_ws_raw/kraken_book1000_crc32_20210417.txt.gz"


def _kraken_messages() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    with gzip.open(shared(KRAKEN), "rt") as lines:
        for line in lines:
            _, separator, text = line.partition(": ")
            if separator and text.startswith("["):
                _, *parts, _, pair = json.loads(text)
                yield pair, parts


def _kraken_instrument(pair: str, snapshot: dict[str, Any]) -> Instrument:
    price, size, *_ = snapshot["as"][0]
    units = (Decimal(1).scaleb(Decimal(text).as_tuple().exponent) for text in (price, size))  # type: ignore[arg-type]
    return _instrument(pair, *units)


def _levels(instrument: Instrument, levels: list[list[str]]) -> tuple[Level, ...]:
    return tuple(
        (instrument.price_units(Decimal(price)), instrument.size_units(Decimal(size)))
        for price, size, *_ in levels
    )


def _feed_kraken(market: Market) -> int:
    """Return how many messages carried a checksum."""
    instruments: dict[str, Instrument] = {}
    checksums = 0
    for pair, parts in _kraken_messages():
        values = {key: value for part in parts for key, value in part.items()}
        if "as" in values:
            instrument = instruments[pair] = _kraken_instrument(pair, values)
            market.on_listed(instrument, SequenceRule.KRAKEN_CHECKSUM)
            bids, asks = _levels(instrument, values["bs"]), _levels(instrument, values["as"])
            market.on_snapshot(DepthSnapshot(instrument.symbol, "kraken", bids, asks, 0, 0, 1))
            continue
        instrument = instruments[pair]
        bids = _levels(instrument, values.get("b", []))
        asks = _levels(instrument, values.get("a", []))
        checksum = int(values["c"])
        checksums += 1
        market.on_delta(DepthDelta(instrument.symbol, "kraken", bids, asks, 0, 0, 0, 0, 1, checksum))
    return checksums


def test_every_checksum_of_the_kraken_capture_matches() -> None:
    market = Market(MarketSettings(), SimulatedClock(0))
    assert _feed_kraken(market) == 4269
    assert market.counters.refused == {}
    assert len(market.books) == 10
    assert all(book.synced and not book.resyncs and not book.crossed for book in market.books.values())


def test_a_symbol_with_depth_only_quotes_the_top_of_its_book() -> None:
    market = Market(MarketSettings(), SimulatedClock(0))
    _feed_kraken(market)
    for symbol, state in market.states.items():
        book = market.books[symbol]
        assert (state.bid, state.ask) == (book.best_bid, book.best_ask)
        assert state.has_quote
        assert state.source == "kraken"
