"""alpaca-py takes the local venue's market data for Alpaca's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from alpaca.common.exceptions import APIError
from alpaca.data.enums import DataFeed
from alpaca.data.requests import (
    CryptoBarsRequest,
    CryptoLatestOrderbookRequest,
    CryptoLatestQuoteRequest,
    CryptoSnapshotRequest,
    StockBarsRequest,
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
    StockSnapshotRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit

from tests.conformance.alpaca_client import Client, Heard, alpaca_py, running
from tests.waiting import wait_until

START, END = datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
FRAMES = {
    "1Min": (TimeFrame.Minute, 15 * 390),
    "5Min": (TimeFrame(5, TimeFrameUnit.Minute), 15 * 78),
    "1Hour": (TimeFrame.Hour, 15 * 7),
    "1Day": (TimeFrame.Day, 15),
    "1Week": (TimeFrame.Week, 3),
}


@pytest.fixture
def client() -> Iterator[Client]:
    with alpaca_py() as each:
        each.quote("AAPL", "189.99", "190.01")
        yield each


@pytest.mark.parametrize("frame", FRAMES)
def test_it_reads_bars_of_every_length(client: Client, frame: str) -> None:
    length, count = FRAMES[frame]
    request = StockBarsRequest(symbol_or_symbols=["AAPL", "SPY"], timeframe=length, start=START, end=END)
    found = client.stocks.get_stock_bars(request)
    assert {symbol: len(bars) for symbol, bars in found.data.items()} == {"AAPL": count, "SPY": count}
    times = [bar.timestamp for bar in found["AAPL"]]
    assert times == sorted(set(times))
    assert all(bar.low <= bar.vwap <= bar.high for bar in found["AAPL"])


def test_it_reads_more_than_a_page_of_a_pairs_minutes_and_none_twice(client: Client) -> None:
    end = START.replace(day=10)
    request = CryptoBarsRequest(symbol_or_symbols="BTC/USD", timeframe=TimeFrame.Minute, start=START, end=end)
    bars = client.crypto.get_crypto_bars(request)["BTC/USD"]
    assert len({bar.timestamp for bar in bars}) == len(bars) == 8 * 1440 + 1
    pages = [each for each in client.venue.floor.requests if each.endswith("/crypto/us/bars")]
    assert len(pages) == 2


def test_it_reads_the_latest_of_everything(client: Client) -> None:
    client.venue.do(lambda: client.venue.floor.others_take("AAPL", "buy", "7"))
    stocks = client.stocks
    quote = stocks.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert (quote.bid_price, quote.ask_price, quote.ask_size) == (189.99, 190.01, 993)
    trade = stocks.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert (trade.price, trade.size) == (190.01, 7)
    bar = stocks.get_stock_latest_bar(StockLatestBarRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert (bar.close, bar.volume) == (190.01, 7)
    snapshot = stocks.get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert snapshot.latest_quote == quote
    assert snapshot.previous_daily_bar.timestamp < snapshot.daily_bar.timestamp
    trades = StockTradesRequest(symbol_or_symbols="AAPL", start=START, feed=DataFeed.IEX)
    assert [each.size for each in stocks.get_stock_trades(trades)["AAPL"]] == [7]


def test_it_reads_the_latest_of_a_pair_without_a_key(client: Client) -> None:
    client.quote("BTC/USD", "60999.50", "61000.50", "2")
    quote = client.crypto.get_crypto_latest_quote(CryptoLatestQuoteRequest(symbol_or_symbols="BTC/USD"))
    assert quote["BTC/USD"].bid_price == 60999.5
    book = client.crypto.get_crypto_latest_orderbook(
        CryptoLatestOrderbookRequest(symbol_or_symbols="BTC/USD")
    )
    assert [(level.price, level.size) for level in book["BTC/USD"].asks] == [(61000.5, 2)]
    snapshot = client.crypto.get_crypto_snapshot(CryptoSnapshotRequest(symbol_or_symbols="BTC/USD"))
    assert snapshot["BTC/USD"].latest_quote.ask_price == 61000.5


def test_it_is_told_that_the_plan_has_no_recent_consolidated_data(client: Client) -> None:
    request = StockLatestQuoteRequest(symbol_or_symbols="AAPL", feed=DataFeed.SIP)
    with pytest.raises(APIError, match="subscription does not permit") as refused:
        client.stocks.get_stock_latest_quote(request)
    assert (refused.value.status_code, refused.value.code) == (403, 42210000)


def subscribed(client: Client, channel: str) -> Callable[[], bool]:
    def is_so() -> bool:
        return client.venue.do(lambda: any(s.channels.get(channel) for s in client.venue.floor.data_sessions))

    return is_so


def test_it_hears_quotes_trades_bars_and_halts_of_shares(client: Client) -> None:
    heard, stream, floor = Heard(), client.stock_data(), client.venue.floor
    stream.subscribe_quotes(heard.hear, "AAPL")
    stream.subscribe_trades(heard.hear, "*")
    stream.subscribe_bars(heard.hear, "AAPL")
    stream.subscribe_trading_statuses(heard.hear, "*")
    stream.register_trade_corrections(heard.hear)
    stream.register_trade_cancels(heard.hear)
    with running(stream):
        wait_until(subscribed(client, "statuses"))
        client.quote("AAPL", "190.05", "190.07", "300")
        client.venue.do(lambda: floor.others_take("AAPL", "sell", "40"))
        client.venue.do(lambda: floor.halt("SPY"))
        share = floor.listing.assets["AAPL"]
        number = floor.tape.prints["AAPL"][-1].number
        client.venue.do(lambda: floor.tape.correct(share, number, Decimal("190.04")))
        client.venue.do(lambda: floor.tape.cancel(share, number + 1))
        floor.faults.skew_s = 61.0
        client.venue.do(floor.tape.close_minutes)
        wait_until(lambda: bool(heard.has("Bar")))
    quote = heard.has("Quote")[0]
    assert (quote.symbol, quote.bid_price, quote.ask_price, quote.bid_size) == ("AAPL", 190.05, 190.07, 300)
    (trade,) = heard.has("Trade")
    assert (trade.price, trade.size, trade.tape) == (190.05, 40, "C")
    assert abs((trade.timestamp - quote.timestamp).total_seconds()) < 60
    (status,) = heard.has("TradingStatus")
    assert (status.symbol, status.status_code) == ("SPY", "H")
    (correction,), (gone,) = heard.has("TradeCorrection"), heard.has("TradeCancel")
    assert (correction.original_price, correction.corrected_price, gone.price) == (190.05, 190.04, 190.04)
    (bar,) = heard.has("Bar")
    assert (bar.close, bar.volume, bar.trade_count) == (190.05, 40, 1)


def test_it_hears_books_quotes_and_trades_of_pairs(client: Client) -> None:
    heard, stream = Heard(), client.crypto_data()
    client.quote("BTC/USD", "60999.50", "61000.50", "2")
    stream.subscribe_orderbooks(heard.hear, "BTC/USD")
    stream.subscribe_quotes(heard.hear, "BTC/USD")
    stream.subscribe_trades(heard.hear, "BTC/USD")
    with running(stream):
        wait_until(lambda: bool(heard.has("Orderbook")))
        client.venue.do(lambda: client.venue.floor.others_take("BTC/USD", "buy", "0.5"))
        wait_until(lambda: bool(heard.has("Trade")) and len(heard.has("Orderbook")) > 1)
        wait_until(lambda: bool(heard.has("Quote")))
    whole, change = heard.has("Orderbook")
    assert (whole.reset, whole.bids[0].price, whole.bids[0].size) == (True, 60999.5, 2)
    assert not change.reset
    assert change.asks[0].size == 1.5


def test_it_hears_more_after_it_subscribed_more_and_less_after_it_subscribed_less(client: Client) -> None:
    heard, stream = Heard(), client.stock_data()
    stream.subscribe_quotes(heard.hear, "AAPL")
    with running(stream):
        wait_until(subscribed(client, "quotes"))
        stream.subscribe_quotes(heard.hear, *(f"S{n}" for n in range(9)), "SPY")
        stream.unsubscribe_quotes("AAPL")
        wait_until(
            lambda: client.venue.do(
                lambda: all("AAPL" not in s.channels["quotes"] for s in client.venue.floor.data_sessions)
            )
        )
        client.quote("AAPL", "191.00", "191.02")
        client.quote("SPY", "601.00", "601.02")
        wait_until(lambda: bool(heard.all))
    assert {each.symbol for each in heard.all} == {"SPY"}
