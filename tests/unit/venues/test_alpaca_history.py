"""Bars and the latest of everything at the local Alpaca venue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from tests.unit.venues.alpaca_hands import Hands, alpaca, refused
from tests.venues.alpaca.assets import ASSETS
from tests.venues.alpaca.history import Frame, History
from tests.venues.alpaca.refusal import Refusal
from tests.venues.alpaca.texts import moment, stamp

D = Decimal
AAPL, BTC = ASSETS[0], next(each for each in ASSETS if each.symbol == "BTC/USD")
BEGAN = moment("2026-11-25T15:00:30Z")


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def times(frame: str, asset: Any, start: str, end: str) -> list[str | None]:
    bars = History(BEGAN).bars(asset, Frame.read(frame), moment(start), moment(end))
    return [stamp(bar.from_ns) for bar in bars]


def test_the_past_of_a_share_has_the_minutes_of_its_sessions() -> None:
    found = times("1Min", AAPL, "2026-11-24T20:58:00Z", "2026-11-25T14:31:00Z")
    assert [each[:16] for each in found if each] == [
        "2026-11-24T20:58",
        "2026-11-24T20:59",
        "2026-11-25T14:30",
        "2026-11-25T14:31",
    ]


def test_bars_of_days_begin_at_midnight_in_new_york_and_leave_out_holidays() -> None:
    found = times("1Day", AAPL, "2026-11-20", "2026-11-30")
    assert [each[:13] for each in found if each] == [
        "2026-11-20T05",
        "2026-11-23T05",
        "2026-11-24T05",
        "2026-11-25T05",
    ]
    assert len(times("1Week", AAPL, "2026-11-02T05:00:00Z", "2026-11-24")) == 4
    assert len(times("1Month", AAPL, "2026-01-01T05:00:00Z", "2026-06-30")) == 6


def test_longer_bars_are_made_of_the_shorter_ones() -> None:
    past = History(BEGAN)
    start, end = moment("2026-11-24T15:00:00Z"), moment("2026-11-24T15:04:00Z")
    minutes = list(past.bars(BTC, Frame.read("1Min"), start, end))
    (whole,) = past.bars(BTC, Frame.read("5Min"), start, end)
    assert (whole.open, whole.close) == (minutes[0].open, minutes[-1].close)
    assert (whole.high, whole.low) == (max(m.high for m in minutes), min(m.low for m in minutes))
    assert whole.volume == sum(m.volume for m in minutes)
    assert all(before.close == after.open for before, after in pairwise(minutes))
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in minutes)


def test_the_past_ends_where_the_market_began() -> None:
    last = list(History(BEGAN).bars(AAPL, Frame.read("1Min"), BEGAN - 120 * 10**9, BEGAN))[-1]
    assert last.close == AAPL.mid


def test_trades_make_the_bars_since_then() -> None:
    past = History(BEGAN)
    for price, second in (("190", 1), ("192", 20), ("191", 40)):
        past.add(AAPL, D(price), D(10), BEGAN + second * 10**9)
    bars = list(past.bars(AAPL, Frame.read("1Min"), BEGAN - 30 * 10**9, BEGAN + 60 * 10**9))
    assert [(b.open, b.high, b.low, b.close, b.volume, b.trades) for b in bars] == [
        (D(190), D(192), D(190), D(192), D(20), 2),
        (D(191), D(191), D(191), D(191), D(10), 1),
    ]
    assert bars[0].json()["vw"] == 191


@pytest.mark.parametrize("frame", ["60Min", "24Hour", "2Day", "13Month", "Min", "5Sec", "0Min"])
def test_there_are_no_bars_of(frame: str) -> None:
    with pytest.raises(Refusal, match="invalid timeframe"):
        Frame.read(frame)


def test_pages_hold_as_many_bars_as_the_limit_for_all_symbols_together(hands: Hands) -> None:
    query = {"symbols": "SPY,AAPL", "timeframe": "1Min", "start": "2026-11-24T14:30:00Z", "limit": "50"}
    query["end"] = "2026-11-24T15:34:00Z"
    pages: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        pages.append(hands.get("/v2/stocks/bars", page_token=token, **query))
        token = pages[-1]["next_page_token"]
    counts = [{symbol: len(bars) for symbol, bars in page["bars"].items()} for page in pages]
    assert counts == [{"AAPL": 50}, {"AAPL": 15, "SPY": 35}, {"SPY": 30}]
    told = [bar["t"] for page in pages for bar in page["bars"].get("AAPL", [])]
    assert told == sorted(set(told))
    whole = hands.get("/v2/stocks/bars", **{**query, "limit": "1000", "sort": "desc"})
    assert [bar["t"] for bar in whole["bars"]["AAPL"]] == told[::-1]


def test_the_newest_consolidated_data_needs_a_subscription(hands: Hands) -> None:
    now = datetime.now(UTC)
    query = {
        "symbols": "AAPL",
        "timeframe": "1Min",
        "feed": "sip",
        "start": f"{now - timedelta(days=7):%FT%TZ}",
    }
    recent = hands.client.get("/v2/stocks/bars", params={**query, "end": f"{now:%FT%TZ}"})
    assert refused(recent) == (403, 42210000, "subscription does not permit querying recent SIP data")
    assert hands.get("/v2/stocks/bars", **query)["bars"]["AAPL"]
    assert hands.get("/v2/stocks/bars", **{**query, "feed": "iex", "end": f"{now:%FT%TZ}"})["bars"]["AAPL"]


def test_the_latest_of_everything_is_in_a_snapshot(hands: Hands) -> None:
    hands.submit(qty="3")
    found = hands.get("/v2/stocks/snapshots", symbols="AAPL")["AAPL"]
    assert (found["latestTrade"]["p"], found["latestTrade"]["s"]) == (190.01, 3)
    assert found["latestQuote"]["ap"] == 190.01
    assert found["minuteBar"]["v"] == 3
    assert found["prevDailyBar"]["t"] < found["dailyBar"]["t"]
    pair = hands.get("/v1beta3/crypto/us/snapshots", symbols="BTC/USD")["snapshots"]["BTC/USD"]
    assert pair["latestQuote"]["bp"] == 60999.5
    book = hands.get("/v1beta3/crypto/us/latest/orderbooks", symbols="BTC/USD")["orderbooks"]["BTC/USD"]
    assert book["b"] == [{"p": 60999.5, "s": 2}]


def test_unknown_symbols_and_those_of_the_other_class_are_not_told(hands: Hands) -> None:
    assert hands.get("/v2/stocks/quotes/latest", symbols="AAPL,NONE")["quotes"].keys() == {"AAPL"}
    assert hands.client.get("/v2/stocks/bars", params={"symbols": "BTC/USD"}).status_code == 400
    assert hands.client.get("/v2/stocks/bars").status_code == 400
    assert hands.client.get("/v2/stocks/bars", params={"symbols": "AAPL", "start": "soon"}).status_code == 400
