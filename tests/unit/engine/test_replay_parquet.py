"""Every parquet layout is read, and what is wrong in one is counted by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.adapters.replay import check_files, describe
from engine.errors import FileDataError
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot
from engine.model.quote import UNPUBLISHED_SIZE, Quote
from engine.model.trade import Side, Trade
from tests.replay.counting_sink import as_quotes, replayed

NOW = 1_723_161_254_000_000_000
SECOND = 10**9
DAY = 86_400 * SECOND
NAN = float("nan")
Rows = dict[str, list[Any]]


def _write(path: Path, columns: Rows, **types: pa.DataType) -> Path:
    arrays = {name: pa.array(values, types.get(name)) for name, values in columns.items()}
    pq.write_table(pa.table(arrays), path)
    return path


def _quotes(count: int = 3, **changed: list[Any]) -> Rows:
    rows: Rows = {
        "ts": [NOW + i * SECOND for i in range(count)],
        "symbol": ["EURUSD"] * count,
        "venue": ["oanda"] * count,
        "bid": [1.1] * count,
        "bid_size": [10.0] * count,
        "ask": [1.2] * count,
        "ask_size": [20.0] * count,
    }
    return rows | changed


def test_quotes_become_units_of_their_instrument(tmp_path: Path) -> None:
    sink = replayed(_write(tmp_path / "q.parquet", _quotes(1)))
    instrument = sink.listed["EURUSD"]
    scale = instrument.price_scale
    assert sink.events == [
        Quote(instrument.symbol, "oanda", 11 * scale // 10, 12 * scale // 10, 10, 20, NOW, NOW)
    ]


def test_the_receive_time_rules_and_an_event_without_time_says_so(tmp_path: Path) -> None:
    path = _write(tmp_path / "q.parquet", _quotes(1, ts=[None], ts_recv=[NOW + 5]), ts=pa.int64())
    (quote,) = as_quotes(replayed(path).events)
    assert (quote.event_ns, quote.receive_ns) == (0, NOW + 5)


def test_sizes_that_are_not_published_say_so(tmp_path: Path) -> None:
    rows = _quotes(2, bid_size=[None, None], ask_size=[None, None])
    path = _write(tmp_path / "q.parquet", rows, bid_size=pa.float64(), ask_size=pa.float64())
    quotes = as_quotes(replayed(path).events)
    assert {(q.bid_size, q.ask_size) for q in quotes} == {(UNPUBLISHED_SIZE, UNPUBLISHED_SIZE)}


def test_a_side_without_price_is_empty(tmp_path: Path) -> None:
    rows = _quotes(2, bid=[None, 0.0], bid_size=[0.0, 0.0])
    quotes = as_quotes(replayed(_write(tmp_path / "q.parquet", rows, bid=pa.float64())).events)
    assert [q.bid for q in quotes] == [0, 0]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("bid", NAN, "not_a_number"),
        ("bid", float("inf"), "absurd_value"),
        ("bid", -1.1, "negative_price"),
        ("ask", 0.0, "zero_price"),
        ("ask_size", -5.0, "negative_size"),
        ("ask_size", NAN, "not_a_number"),
        ("ts", 0, "absurd_time"),
        ("ts", -5, "absurd_time"),
        ("ts", 9 * 10**18, "absurd_time"),
        ("ts", NOW + 30 * DAY, "absurd_time"),
    ],
)
def test_a_bad_row_is_counted_and_the_others_go_on(
    tmp_path: Path, column: str, value: float, reason: str
) -> None:
    rows = _quotes(4)
    rows[column][1] = value
    sink = replayed(_write(tmp_path / "q.parquet", rows))
    assert sink.counts["quote"] == 3
    assert sink.malformed == [("oanda", reason, f"row 2, column {column}")]


def test_a_value_finer_than_the_first_ones_is_never_rounded(tmp_path: Path) -> None:
    count = 70_000
    rows = _quotes(count)
    rows["bid"][-1] = 1.123456789
    sink = replayed(_write(tmp_path / "q.parquet", rows))
    assert sink.reasons == ["off_grid"]
    assert sink.counts["quote"] == count - 1


def test_times_that_go_back_lose_nothing(tmp_path: Path) -> None:
    rows = _quotes(3, ts=[NOW + 5, NOW, NOW + 9])
    quotes = as_quotes(replayed(_write(tmp_path / "q.parquet", rows)).events)
    assert [q.receive_ns - NOW for q in quotes] == [5, 0, 9]


def test_several_symbols_in_one_file_come_in_order_of_time(tmp_path: Path) -> None:
    rows = _quotes(4, symbol=["EURUSD", "EURUSD", "USDJPY", "USDJPY"], bid=[1.1, 1.1, 101.123, 101.124])
    rows["ts"] = [NOW, NOW + 2, NOW + 1, NOW + 3]
    rows["ask"] = [1.2, 1.2, 101.2, -1.0]
    sink = replayed(_write(tmp_path / "q.parquet", rows))
    assert [q.symbol for q in as_quotes(sink.events)] == ["EURUSD", "USDJPY", "EURUSD"]
    assert sink.malformed == [("oanda", "negative_price", "row 4, column ask")]


def test_trades_know_their_aggressor_and_whether_they_set_the_last_price(tmp_path: Path) -> None:
    rows: Rows = {
        "ts": [NOW, NOW],
        "ts_recv": [NOW + 1, NOW + 2],
        "symbol": ["BTCUSDT"] * 2,
        "venue": ["binance-usdm"] * 2,
        "msg": [1, 2],
        "trade_id": [7, 8],
        "price": [100.5, 100.6],
        "size": [0.002, 0.0],
        "aggressor": ["buy", "sell"],
        "conditions": ["MARKET", "INSURANCE_FUND"],
    }
    first, second = replayed(_write(tmp_path / "t.parquet", rows)).events
    assert isinstance(first, Trade)
    assert isinstance(second, Trade)
    assert (first.price, first.size, first.aggressor, first.trade_id) == (1005, 2, Side.BUY, 7)
    assert (first.sets_last, second.sets_last, second.size) == (True, False, 0)


def _depth(**changed: list[Any]) -> Rows:
    rows: Rows = {
        "ts": [None, None, None, NOW, NOW],
        "ts_recv": [NOW, NOW, NOW, NOW + 1, NOW + 1],
        "symbol": ["BTCUSDT"] * 5,
        "venue": ["binance-spot"] * 5,
        "msg": [3, 3, 3, 4, 4],
        "kind": ["snapshot"] * 3 + ["delta"] * 2,
        "first_id": [10, 10, 10, 11, 11],
        "last_id": [10, 10, 10, 12, 12],
        "prev_id": [None] * 3 + [9, 9],
        "side": ["b", "b", "a", "a", "b"],
        "price": [100.0, 99.5, 101.0, 101.0, 100.0],
        "size": [1.0, 2.0, 3.0, 0.0, 5.0],
    }
    return rows | changed


def test_levels_are_put_together_by_message(tmp_path: Path) -> None:
    sink = replayed(_write(tmp_path / "d.parquet", _depth()))
    snapshot, delta = sink.events
    size = sink.listed["BTCUSDT"].size_scale
    assert isinstance(snapshot, DepthSnapshot)
    assert isinstance(delta, DepthDelta)
    assert snapshot.bids == ((10_000, size), (9_950, 2 * size))
    assert snapshot.asks == ((10_100, 3 * size),)
    assert (snapshot.last_id, snapshot.event_ns, snapshot.receive_ns) == (10, 0, NOW)
    assert (delta.bids, delta.asks) == (((10_000, 5 * size),), ((10_100, 0),))
    assert (delta.first_id, delta.last_id, delta.previous_id) == (11, 12, 9)


def test_a_message_longer_than_a_batch_stays_whole(tmp_path: Path) -> None:
    count = 5000
    rows: Rows = {
        "ts_recv": [NOW] * count,
        "symbol": ["BTCUSDT"] * count,
        "msg": [1] * count,
        "kind": ["snapshot"] * count,
        "first_id": [1] * count,
        "last_id": [1] * count,
        "side": ["b", "a"] * (count // 2),
        "price": [float(i + 1) for i in range(count)],
        "size": [1.0] * count,
    }
    (snapshot,) = replayed(_write(tmp_path / "d.parquet", rows)).events
    assert isinstance(snapshot, DepthSnapshot)
    assert (len(snapshot.bids), len(snapshot.asks)) == (count // 2, count // 2)
    assert snapshot.bids[:2] == ((1, 10**8), (3, 10**8))


def test_books_of_several_symbols_in_one_file_are_kept_apart(tmp_path: Path) -> None:
    rows = _depth(symbol=["BTCUSDT"] * 3 + ["ETHUSDT"] * 2, msg=[3] * 5, ts_recv=[NOW] * 5)
    sink = replayed(_write(tmp_path / "d.parquet", rows))
    books = [event for event in sink.events if isinstance(event, DepthSnapshot | DepthDelta)]
    assert [(type(book), book.symbol) for book in books] == [
        (DepthSnapshot, "BTCUSDT"),
        (DepthDelta, "ETHUSDT"),
    ]


def test_a_book_of_absurd_time_is_refused(tmp_path: Path) -> None:
    sink = replayed(_write(tmp_path / "d.parquet", _depth(ts_recv=[NOW, NOW, NOW, -1, -1])))
    assert (dict(sink.counts), sink.reasons) == ({"snapshot": 1}, ["absurd_time"])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"price": [100.0, 99.5, 101.0, 0.0, 100.0]}, "zero_price"),
        ({"size": [1.0, 2.0, 3.0, 0.0, -5.0]}, "negative_size"),
        ({"side": ["b", "b", "a", "x", "b"]}, "unknown_side"),
        ({"kind": ["snapshot"] * 3 + ["odd"] * 2}, "unknown_kind"),
    ],
)
def test_a_book_message_with_one_bad_level_is_refused_whole(
    tmp_path: Path, changed: dict[str, list[Any]], reason: str
) -> None:
    sink = replayed(_write(tmp_path / "d.parquet", _depth(**changed)))
    assert sink.counts == {"snapshot": 1}
    assert sink.reasons == [reason]


def _bars(symbols: list[str], starts: list[int], **columns: list[Any]) -> Rows:
    rows: Rows = {"ts": starts, "symbol": symbols}
    return rows | columns


def test_bars_are_known_when_they_end(tmp_path: Path) -> None:
    minutes = [NOW, NOW + 60 * SECOND]
    prices = {edge: [10.0, 11.0] for edge in ("open", "high", "low", "close")}
    rows = _bars(["AAPL"] * 2, minutes, **prices, volume=[100.0, 200.0])
    first, second = replayed(_write(tmp_path / "b.parquet", rows)).events
    assert isinstance(first, RecordedBar)
    assert isinstance(second, RecordedBar)
    assert (first.receive_ns, second.receive_ns) == (minutes[1], minutes[1] + 60 * SECOND)
    assert (first.bar.interval_ns, first.bar.volume, first.bar.turnover) == (60 * SECOND, 100, 100 * 100_000)


def test_bars_of_bid_and_ask_become_bars_of_the_middle(tmp_path: Path) -> None:
    bids = {f"bid_{edge}": [1.10001] for edge in ("open", "high", "low", "close")}
    asks = {f"ask_{edge}": [1.10002] for edge in ("open", "high", "low", "close")}
    sink = replayed(_write(tmp_path / "b.parquet", _bars(["EURUSD"], [NOW], **bids, **asks)))
    (recorded,) = sink.events
    assert isinstance(recorded, RecordedBar)
    assert (recorded.bar.close, recorded.bar.volume) == (1_100_015, 0)


@pytest.mark.parametrize("column", ["close", "adj_close"])
def test_closes_alone_become_bars_that_begin_and_end_there(tmp_path: Path, column: str) -> None:
    rows = _bars(["AAPL", "AAPL", "IBM"], [DAY, 2 * DAY, DAY], **{column: [1.5, None, 2.5]})
    sink = replayed(_write(tmp_path / "c.parquet", rows))
    bars = [event.bar for event in sink.events if isinstance(event, RecordedBar)]
    assert [(bar.symbol, bar.open, bar.high, bar.low, bar.close) for bar in bars] == [
        ("AAPL", 15_000, 15_000, 15_000, 15_000),
        ("IBM", 25_000, 25_000, 25_000, 25_000),
    ]
    assert sink.malformed == [("recording", "missing_price", f"row 2, column {column}")]


def test_times_of_any_precision_are_read(tmp_path: Path) -> None:
    rows = _quotes(1, ts=[NOW // 1000])
    path = _write(tmp_path / "q.parquet", rows, ts=pa.timestamp("us", tz="UTC"))
    assert as_quotes(replayed(path).events)[0].receive_ns == NOW


def test_a_missing_column_is_named_with_those_found(tmp_path: Path) -> None:
    rows = _quotes()
    del rows["ask"]
    path = _write(tmp_path / "q.parquet", rows)
    with pytest.raises(FileDataError, match=r"column ask is missing; found columns ts, symbol, venue, bid"):
        check_files([path])


def test_a_missing_time_is_named(tmp_path: Path) -> None:
    rows = _quotes()
    del rows["ts"]
    with pytest.raises(FileDataError, match="column ts is missing"):
        check_files([_write(tmp_path / "q.parquet", rows)])


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"bid": ["x", "y", "z"]}, "column bid: expected numbers, found"),
        ({"symbol": [1, 2, 3]}, "column symbol: expected text, found"),
        ({"ts": ["a", "b", "c"]}, "column ts: expected numbers, found"),
    ],
)
def test_a_column_of_another_type_is_named(
    tmp_path: Path, changed: dict[str, list[Any]], sentence: str
) -> None:
    with pytest.raises(FileDataError, match=sentence):
        check_files([_write(tmp_path / "q.parquet", _quotes(3, **changed))])


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "q.parquet"
    pq.write_table(pa.table(_quotes(1)).slice(0, 0), path)
    with pytest.raises(FileDataError, match="expected rows, found none"):
        check_files([path])


def test_a_truncated_parquet_file_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "q.parquet", _quotes(1000))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FileDataError, match="expected a whole parquet file"):
        check_files([path])


def test_a_parquet_file_with_a_damaged_middle_breaks_at_its_row(tmp_path: Path) -> None:
    path = tmp_path / "q.parquet"
    pq.write_table(pa.table(_quotes(200_000)), path, row_group_size=100_000, use_dictionary=False)
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(3).data_page_offset
    data[start : start + 400] = b"\xff" * 400
    path.write_bytes(data)
    with pytest.raises(FileDataError, match="row") as broken:
        replayed(path)
    assert broken.value.row is not None


def test_a_symbol_with_escapes_is_shown_harmless(tmp_path: Path) -> None:
    rows = _quotes(1, symbol=["\x1b[2J[red]X"], venue=["\x1b]0;v\x07"])
    path = _write(tmp_path / "q.parquet", rows)
    assert "\x1b" not in describe([path])[0]
    sink = replayed(path)
    assert all("\x1b" not in q.symbol + q.source for q in as_quotes(sink.events))
