"""Binance's public dumps are read in all their forms."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from engine.adapters.replay import check_files, describe
from engine.errors import FileDataError
from engine.model.bar import RecordedBar
from engine.model.quote import Quote
from engine.model.trade import Side, Trade
from tests.replay.counting_sink import replayed

MS = 1_723_075_200_123
AT = MS * 1_000_000
SPOT_AGGREGATE = f"3050,55000.01000000,0.00100000,1,2,{MS},True,True"
FUTURES_AGGREGATE = f"3050,55000.1,0.001,1,2,{MS},true"
FUTURES_HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"
KLINE_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore"
)
TICKER_HEADER = (
    "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time"
)


def _text(path: Path, *lines: str) -> Path:
    text = "\n".join(lines) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(path.stem + ".csv", text)
    else:
        path.write_text(text, encoding="ascii")
    return path


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "zip"])
def test_spot_aggregates_are_read_plain_and_packed(tmp_path: Path, ending: str) -> None:
    path = _text(tmp_path / f"BTCUSDT-aggTrades-2024-08-08.{ending}", SPOT_AGGREGATE)
    sink = replayed(path)
    (trade,) = sink.events
    assert isinstance(trade, Trade)
    instrument = sink.listed["BTCUSDT"]
    assert (trade.price * 100, trade.size * 1000) == (
        5_500_001 * instrument.price_scale,
        instrument.size_scale,
    )
    assert (trade.trade_id, trade.aggressor) == (3050, Side.SELL)
    assert (trade.source, trade.event_ns, trade.receive_ns) == ("binance-spot", AT, AT)


def test_microseconds_are_told_from_milliseconds(tmp_path: Path) -> None:
    line = f"1,55000.5,0.001,55.0005,{MS}456,False,True"
    (trade,) = replayed(_text(tmp_path / "BTCUSDT-trades-2025-01-01.csv", line)).events
    assert isinstance(trade, Trade)
    assert (trade.event_ns, trade.aggressor) == (AT + 456_000, Side.BUY)


@pytest.mark.parametrize("header", [[FUTURES_HEADER], []])
def test_futures_aggregates_are_read_with_and_without_header(tmp_path: Path, header: list[str]) -> None:
    path = _text(tmp_path / "BTCUSDT-aggTrades-2024-08-08.csv", *header, FUTURES_AGGREGATE)
    sink = replayed(path)
    assert sink.counts == {"trade": 1}
    assert "binance-usdm" in describe([path])[0]
    assert not sink.malformed


@pytest.mark.parametrize("header", [[TICKER_HEADER], []])
def test_book_tickers_are_quotes(tmp_path: Path, header: list[str]) -> None:
    line = f"77,61000.1,3,61000.2,4,{MS},{MS + 5}"
    path = _text(tmp_path / "BTCUSD_PERP-bookTicker-2024-08-08.csv", *header, line)
    (quote,) = replayed(path).events
    assert isinstance(quote, Quote)
    assert (quote.source, quote.sequence) == ("binance-coinm", 77)
    assert (quote.event_ns, quote.receive_ns) == (AT, AT + 5_000_000)
    assert quote.ask > quote.bid > 0


@pytest.mark.parametrize("header", [[KLINE_HEADER], []])
def test_klines_are_bars_that_are_known_when_they_end(tmp_path: Path, header: list[str]) -> None:
    line = "1723075200000,100,110,90,105,7,1723075259999,735,42,3,4,0"
    path = _text(tmp_path / "ETHUSDT-1m-2024-08-08.csv", *header, line)
    (recorded,) = replayed(path).events
    assert isinstance(recorded, RecordedBar)
    assert (recorded.bar.interval_ns, recorded.bar.trades) == (60 * 10**9, 42)
    assert recorded.receive_ns == 1_723_075_260 * 10**9


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2,3", "bad_line"),
        ("garbage", "bad_line"),
        (SPOT_AGGREGATE.replace("55000.01000000", "NaN"), "not_a_number"),
        (SPOT_AGGREGATE.replace("0.00100000", "-1"), "negative_value"),
        (SPOT_AGGREGATE.replace("55000.01000000", "0"), "zero_price"),
        (SPOT_AGGREGATE.replace("True,True", "maybe,True"), "bad_line"),
        (SPOT_AGGREGATE.replace(str(MS), "soon"), "not_a_number"),
        (SPOT_AGGREGATE.replace(str(MS), "9" * 19), "absurd_time"),
    ],
)
def test_a_bad_line_is_counted(tmp_path: Path, line: str, reason: str) -> None:
    path = _text(tmp_path / "BTCUSDT-aggTrades-2024-08-08.csv", SPOT_AGGREGATE, line, SPOT_AGGREGATE)
    sink = replayed(path)
    assert sink.counts == {"trade": 2}
    assert sink.reasons == [reason]


def test_a_dump_whose_name_has_no_symbol_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileDataError, match="expected a name like BTCUSDT-aggTrades"):
        check_files([_text(tmp_path / "trades.csv", SPOT_AGGREGATE)])


def test_a_dump_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = _text(
        tmp_path / "BTCUSDT-bookDepth-2024-08-08.csv", "timestamp,percentage,depth,notional", "x,1,2,3"
    )
    with pytest.raises(FileDataError, match="expected market data"):
        check_files([path])


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-trades-2024-08-08.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", SPOT_AGGREGATE)
        archive.writestr("b.csv", SPOT_AGGREGATE)
    with pytest.raises(FileDataError, match="expected one file in the archive, found 2"):
        check_files([path])
