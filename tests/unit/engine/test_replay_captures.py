"""Raw captures of exchanges are read message by message, and bad lines are counted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from engine.adapters.replay import check_files, describe
from engine.errors import FileDataError
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.market_status import Session, StatusChange
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from engine.model.trade import Side, Trade
from tests.replay.counting_sink import CountingSink, replayed

NOW = 1_723_161_254_000_000_000
TICKER = {"u": 5, "s": "ETHUSDT", "b": "2683.80000000", "B": "3.0", "a": "2683.81000000", "A": "1.5"}


def _binance(data: object, at: int = NOW) -> str:
    return f"{at} {json.dumps({'stream': 'x', 'data': data})}"


def _file(path: Path, *lines: str | bytes) -> Path:
    data = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


GOOD = _binance(TICKER)


def test_binance_spot_messages_are_understood(tmp_path: Path) -> None:
    delta = {
        "e": "depthUpdate",
        "E": 1723161255308,
        "s": "ETHUSDT",
        "U": 1,
        "u": 4,
        "b": [["2683.8", "0"]],
        "a": [],
    }
    snapshot = json.dumps({"lastUpdateId": 4, "bids": [["2683.8", "1"]], "asks": [["2683.9", "2"]]})
    trade = {"e": "trade", "E": 2, "s": "ETHUSDT", "t": 9, "p": "2683.8", "q": "0.5", "T": 1, "m": True}
    aggregate = {
        "e": "aggTrade",
        "E": 2,
        "s": "ETHUSDT",
        "a": 9,
        "p": "2683.8",
        "q": "0.5",
        "T": 1,
        "m": True,
    }
    sink = replayed(
        _file(
            tmp_path / "capture.txt.gz",
            GOOD,
            _binance(delta),
            f"{NOW} {snapshot}",
            _binance(trade),
            _binance(aggregate),
            _binance({"e": "24hrMiniTicker", "s": "ETHUSDT"}),
        )
    )
    price, size = sink.listed["ETHUSDT"].price_scale, sink.listed["ETHUSDT"].size_scale
    assert sink.rules["ETHUSDT"] is SequenceRule.BINANCE_SPOT
    quote, change, book, printed = sink.events
    assert isinstance(quote, Quote)
    assert (quote.bid * 10, quote.bid_size, quote.sequence) == (26838 * price, 3 * size, 5)
    assert isinstance(change, DepthDelta)
    assert (change.first_id, change.last_id, change.event_ns) == (1, 4, 1723161255308 * 10**6)
    assert change.bids == ((26838 * price // 10, 0),)
    assert isinstance(book, DepthSnapshot)
    assert book.last_id == 4
    assert isinstance(printed, Trade)
    assert (printed.aggressor, printed.trade_id) == (Side.SELL, 9)


def test_binance_futures_are_told_by_their_previous_id(tmp_path: Path) -> None:
    delta = {"e": "depthUpdate", "s": "BTCUSDT", "U": 2, "u": 3, "pu": 1, "b": [["60000.1", "1"]], "a": []}
    path = _file(tmp_path / "c.txt", _binance(delta))
    sink = replayed(path)
    assert "binance-usdm" in describe([path])[0]
    assert sink.rules == {"BTCUSDT": SequenceRule.BINANCE_FUTURES}


CONNECT = "wss://ws.kraken.com <-> 1618678132.3858151"


def _kraken(payload: object, *more: object, channel: str = "book-1000") -> str:
    return f"1618678133.123: {json.dumps([1, payload, *more, channel, 'XMR/USD'])}"


BOOK = _kraken(
    {
        "as": [["354.20000000", "1.00000000", "1618678133.2"]],
        "bs": [["354.10000000", "2.00000000", "1618678133.1"]],
    }
)


def test_kraken_messages_are_understood(tmp_path: Path) -> None:
    asks = {"a": [["354.25000000", "3.00000000", "1618678133.5"]]}
    bids = {"b": [["354.10000000", "0.00000000", "1618678133.6"]], "c": "974947235"}
    trades = _kraken([["354.1", "0.5", "1618678133.7", "s", "l", ""]], channel="trade")
    spread = _kraken(["354.1", "354.2", "1618678133.8", "1.0", "2.0"], channel="spread")
    status = '1618678134.0: {"event":"systemStatus","status":"cancel_only"}'
    sink = replayed(_file(tmp_path / "k.txt", CONNECT, BOOK, _kraken(asks, bids), trades, spread, status))
    book, delta, trade, quote, halt = sink.events
    assert sink.listed["XMR/USD"].price_scale == 10**8
    assert isinstance(book, DepthSnapshot)
    assert book.asks == ((35_420_000_000, 10**8),)
    assert isinstance(delta, DepthDelta)
    assert delta.checksum == 974947235
    assert delta.event_ns == 1_618_678_133_600_000_000
    assert (len(delta.bids), len(delta.asks)) == (1, 1)
    assert isinstance(trade, Trade)
    assert trade.aggressor is Side.SELL
    assert isinstance(quote, Quote)
    assert quote.ask_size == 2 * 10**8
    assert isinstance(halt, StatusChange)
    assert halt.session is Session.HALTED


def test_a_second_connection_means_the_first_was_lost(tmp_path: Path) -> None:
    sink = replayed(_file(tmp_path / "k.txt", CONNECT, BOOK, CONNECT, BOOK))
    assert [(source, symbols) for source, symbols, _ in sink.disconnected] == [("kraken", ("XMR/USD",))]
    assert sink.counts == {"snapshot": 2}


def test_coinbase_messages_are_understood(tmp_path: Path) -> None:
    at = "2021-04-17T16:43:37.075687Z"
    messages: list[dict[str, object]] = [
        {"type": "snapshot", "bids": [["14.75", "1"]], "asks": [["14.80", "2.5"]]},
        {"type": "l2update", "changes": [["sell", "14.80", "0.0"], ["buy", "14.76", "3"]], "time": at},
        {"type": "match", "trade_id": 3, "side": "sell", "size": "1", "price": "14.80", "time": at},
        {"type": "ticker", "best_bid": "14.76", "best_ask": "14.81", "price": "14.80", "sequence": 8},
    ]
    lines = [f"1618677817.5: {json.dumps({'product_id': 'BAND-GBP'} | m)}" for m in messages]
    sink = replayed(_file(tmp_path / "c.txt", "wss://ws-feed.pro.coinbase.com <-> 1618677816.8", *lines))
    snapshot, update, match, ticker = sink.events
    scale = sink.listed["BAND-GBP"].price_scale
    assert isinstance(snapshot, DepthSnapshot)
    assert snapshot.asks[0][0] == 148 * scale // 10
    assert isinstance(update, DepthDelta)
    assert update.event_ns == 1_618_677_817_075_687_000
    assert (len(update.bids), update.asks[0][1]) == (1, 0)
    assert isinstance(match, Trade)
    assert match.aggressor is Side.BUY
    assert isinstance(ticker, Quote)
    assert (ticker.bid_size, ticker.sequence) == (UNPUBLISHED_SIZE, 8)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"{NOW} {{not json", "bad_json"),
        (f"{NOW} {'[' * 100_000}", "bad_json"),
        (b"\xff\xfe\x00garbage", "bad_line"),
        ("no time", "bad_line"),
        (_binance(TICKER | {"b": "NaN"}), "not_a_number"),
        (_binance(TICKER | {"b": "-5"}), "negative_value"),
        (_binance(TICKER | {"A": "-5"}), "negative_value"),
        (_binance(TICKER | {"a": "0.0"}), "zero_price"),
        (_binance(TICKER | {"a": "2683.8123456789"}), "off_grid"),
        (_binance(TICKER | {"b": [["1", "2"]]}), "bad_message"),
        (_binance(TICKER | {"s": ""}), "bad_message"),
        (_binance(TICKER, at=99_999_999_999_999_999_999), "absurd_time"),
        (_binance(TICKER, at=NOW + 10**18), "absurd_time"),
        (_binance({"e": "depthUpdate", "s": "ETHUSDT", "b": "1", "a": []}), "bad_message"),
        (_binance({"e": "depthUpdate", "s": "ETHUSDT", "b": [["0", "1"]], "a": []}), "zero_price"),
        (_binance({"e": "trade", "s": "ETHUSDT", "p": "5", "q": "1", "t": "x"}), "bad_json"),
    ],
)
def test_a_bad_line_is_counted_and_the_replay_goes_on(tmp_path: Path, line: str | bytes, reason: str) -> None:
    sink = replayed(_file(tmp_path / "c.txt", GOOD, line, GOOD))
    assert sink.counts == {"quote": 2}
    assert sink.reasons == [reason]
    assert sink.malformed[0][2].startswith("row 2")


@pytest.mark.parametrize(
    "payload",
    ['[1,{"b":[["1"]]},"book-10","XMR/USD"]', '[1,"x"]', '[1,{"b":[["1","1","x"]]},"book-10","XMR/USD"]'],
)
def test_a_bad_message_of_kraken_is_counted(tmp_path: Path, payload: str) -> None:
    sink = replayed(_file(tmp_path / "k.txt", CONNECT, BOOK, f"1618678133.9: {payload}"))
    assert len(sink.malformed) == 1
    assert sink.counts == {"snapshot": 1}


def test_a_line_of_ten_megabytes_is_refused_and_skipped(tmp_path: Path) -> None:
    sink = replayed(_file(tmp_path / "c.txt.gz", GOOD, b"x" * 10_000_000, GOOD))
    assert sink.counts == {"quote": 2}
    assert sink.reasons == ["line_too_long"]


def test_escapes_in_a_bad_line_are_not_passed_on(tmp_path: Path) -> None:
    sink = replayed(_file(tmp_path / "c.txt", GOOD, _binance(TICKER | {"b": "\x1b[2J[bold]"})))
    assert sink.reasons == ["not_a_number"]
    assert "\x1b" not in sink.malformed[0][2]


@pytest.mark.parametrize("count", [4_000, 20_000])
def test_a_truncated_gz_delivers_what_is_readable_and_then_says_where(tmp_path: Path, count: int) -> None:
    lines = [_binance(TICKER | {"u": n, "A": f"{n % 97}.{n}"}, at=NOW + n) for n in range(count)]
    path = _file(tmp_path / "c.txt.gz", *lines)
    path.write_bytes(path.read_bytes()[:-5000])
    sink = CountingSink()
    with pytest.raises(FileDataError, match="compressed data breaks off") as broken:
        replayed(path, sink=sink)
    assert broken.value.row is not None
    assert broken.value.row >= 1000
    assert sink.counts["quote"] == broken.value.row - 1


def test_a_thousand_bad_lines_in_a_row_are_too_many(tmp_path: Path) -> None:
    path = _file(tmp_path / "c.txt", GOOD, *["garbage"] * 1500)
    sink = CountingSink()
    with pytest.raises(FileDataError, match="1,001 lines in a row"):
        replayed(path, sink=sink)
    assert len(sink.malformed) == 1001


def test_an_unknown_symbol_is_listed_when_it_comes(tmp_path: Path) -> None:
    filler = [GOOD] * 20_000
    late = _binance(TICKER | {"s": "NEWUSDT"})
    sink = replayed(_file(tmp_path / "c.txt", *filler, late))
    assert set(sink.listed) == {"ETHUSDT", "NEWUSDT"}
    assert sink.counts["quote"] == 20_001


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "found an empty file"),
        (b"hello\nworld\n", "expected market data"),
        (b"\x00\x01\x02\x03" * 100, "expected market data"),
        (b"wss://stream.bybit.com <-> 1618678132.3\n", "found wss://stream.bybit.com"),
        (b"\x1f\x8bnot really", "breaks off|compressed"),
        (b"PK\x03\x04 not really", "breaks off"),
    ],
)
def test_a_file_of_something_else_is_refused_with_a_sentence(
    tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "thing.txt"
    path.write_bytes(content)
    with pytest.raises(FileDataError, match=sentence):
        check_files([path])


def test_what_is_no_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileDataError, match="found nothing"):
        check_files([tmp_path / "missing.parquet"])
    with pytest.raises(FileDataError, match="found a directory"):
        check_files([tmp_path])
