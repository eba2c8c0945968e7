"""The day at the local Alpaca venue: its calendar, its phases and its auctions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.venues.alpaca_hands import Hands, alpaca
from tests.venues.alpaca.hours import FIRST, LAST, calendar_json, clock_json, trading_days
from tests.venues.alpaca.texts import moment


@pytest.fixture
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def phase(hands: Hands, name: str) -> None:
    hands.do(lambda: hands.venue.floor.set_phase(name))


@pytest.mark.filterwarnings("ignore:Series.values returning")
def test_the_calendar_is_that_of_new_york() -> None:
    from exchange_calendars import get_calendar  # noqa: PLC0415

    known = get_calendar("XNYS", start=f"{FIRST}", end=f"{LAST}").schedule
    closes = {
        f"{day.date()}": f"{row['close'].tz_convert('America/New_York'):%H:%M}"
        for day, row in known.iterrows()
    }
    ours = {day["date"]: day["close"] for day in map(calendar_json, trading_days(FIRST, LAST))}
    assert ours == closes


@pytest.mark.parametrize(
    ("now", "phase", "opens", "closes"),
    [
        ("2026-11-25T15:00:00Z", "regular", "2026-11-27T09:30:00-05:00", "2026-11-25T16:00:00-05:00"),
        ("2026-11-25T23:00:00Z", "closed", "2026-11-27T09:30:00-05:00", "2026-11-27T13:00:00-05:00"),
        ("2026-07-06T10:00:00Z", "pre", "2026-07-06T09:30:00-04:00", "2026-07-06T16:00:00-04:00"),
    ],
)
def test_the_clock_tells_the_next_open_and_close(now: str, phase: str, opens: str, closes: str) -> None:
    told = clock_json(moment(now), phase)
    assert (told["next_open"], told["next_close"]) == (opens, closes)
    assert told["is_open"] is (phase == "regular")
    assert moment(told["timestamp"]) == moment(now)
    assert len(told["timestamp"]) == len("2026-11-25T10:00:00.000000000-05:00")


def test_orders_sent_while_it_is_closed_wait_for_the_open(hands: Hands) -> None:
    phase(hands, "closed")
    taken = hands.submit()
    assert hands.events(taken["id"]) == ["pending_new", "accepted"]
    phase(hands, "regular")
    assert hands.events(taken["id"]) == ["pending_new", "accepted", "new", "fill"]


def test_only_limits_with_extended_hours_trade_before_the_open(hands: Hands) -> None:
    phase(hands, "pre")
    late = hands.submit(type="limit", limit_price="190.01")
    early = hands.submit(type="limit", limit_price="190.01", extended_hours=True)
    assert (hands.status(late["id"]), hands.status(early["id"])) == ("accepted", "filled")


def test_orders_for_the_open_trade_at_the_open_or_not_at_all(hands: Hands) -> None:
    phase(hands, "pre")
    filled = hands.submit(time_in_force="opg")
    missed = hands.submit(time_in_force="opg", type="limit", limit_price="180")
    phase(hands, "regular")
    assert (hands.status(filled["id"]), hands.status(missed["id"])) == ("filled", "canceled")
    late = hands.submit(time_in_force="opg")
    assert hands.events(late["id"]) == ["rejected"]


def test_orders_for_the_close_wait_for_it_and_are_not_taken_in_its_last_minutes(hands: Hands) -> None:
    taken = hands.submit(time_in_force="cls")
    assert hands.status(taken["id"]) == "accepted"
    phase(hands, "closing")
    assert hands.events(hands.submit(time_in_force="cls")["id"]) == ["rejected"]
    phase(hands, "post")
    assert hands.status(taken["id"]) == "filled"


def test_orders_for_the_day_expire_at_its_end_and_others_stay(hands: Hands) -> None:
    day = hands.submit(type="limit", limit_price="180")
    stays = hands.submit(type="limit", limit_price="181", time_in_force="gtc")
    longer = hands.submit(type="limit", limit_price="182", extended_hours=True)
    phase(hands, "post")
    assert [hands.status(each["id"]) for each in (day, stays, longer)] == ["expired", "new", "new"]
    phase(hands, "closed")
    assert [hands.status(each["id"]) for each in (stays, longer)] == ["new", "expired"]
    assert hands.order(day["id"])["expired_at"] is not None


def test_crypto_trades_at_all_hours(hands: Hands) -> None:
    phase(hands, "closed")
    taken = hands.submit(symbol="BTC/USD", qty="0.5", time_in_force="gtc")
    assert hands.status(taken["id"]) == "filled"
    assert hands.held("BTCUSD") == "0.5"


def test_nothing_trades_in_a_share_that_is_halted(hands: Hands) -> None:
    hands.do(lambda: hands.venue.floor.halt("AAPL"))
    taken = hands.submit()
    assert hands.status(taken["id"]) == "accepted"
    hands.do(lambda: hands.venue.floor.resume("AAPL"))
    assert hands.status(taken["id"]) == "filled"


def test_what_rests_for_the_session_is_not_there_before_and_after_it(hands: Hands) -> None:
    stays = hands.submit(type="limit", limit_price="189.00", time_in_force="gtc")
    phase(hands, "post")
    hands.quote("AAPL", "188.00", "188.02")
    assert hands.status(stays["id"]) == "new"
    phase(hands, "regular")
    assert hands.order(stays["id"])["filled_avg_price"] == "188.02"


def test_what_rests_while_a_share_is_halted_meets_the_market_when_it_trades_again(hands: Hands) -> None:
    stays = hands.submit(type="limit", limit_price="189.00")
    hands.do(lambda: hands.venue.floor.halt("AAPL"))
    hands.quote("AAPL", "188.00", "188.02")
    assert hands.status(stays["id"]) == "new"
    hands.do(lambda: hands.venue.floor.resume("AAPL"))
    assert hands.order(stays["id"])["filled_avg_price"] == "188.02"
