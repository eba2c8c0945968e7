"""The streams of the local Alpaca venue: who may listen, what is told, and in which form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.unit.venues.alpaca_hands import KEY, SECRET, Hands, Line, alpaca, data_line, line, trade_line
from tests.venues.alpaca.floor import KEYS
from tests.venues.alpaca.texts import stamp

CRYPTO = "/v1beta3/crypto/us"


@pytest.fixture
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def updates(line: Line, count: int) -> list[dict[str, Any]]:
    """Return the next trade updates."""
    found = [line.hear() for _ in range(count)]
    assert all(each["stream"] == "trade_updates" for each in found)
    return [each["data"] for each in found]


def messages(line: Line, kind: str) -> list[dict[str, Any]]:
    """Return the messages of the next frame that has some of a kind."""
    while True:
        found = [each for each in line.hear() if each["T"] == kind]
        if found:
            return found


def error(line: Line) -> tuple[int, str]:
    (told,) = line.hear()
    assert told["T"] == "error"
    return told["code"], told["msg"]


def test_trade_updates_are_binary_frames_with_the_whole_order(hands: Hands) -> None:
    with trade_line(hands.venue) as trades:
        taken = hands.submit()
        frames = [trades.connection.recv(timeout=30) for _ in range(3)]
        assert all(isinstance(each, bytes) for each in frames)
        told = [json.loads(each)["data"] for each in frames]
    assert [each["event"] for each in told] == ["pending_new", "new", "fill"]
    assert (told[2]["price"], told[2]["qty"], told[2]["position_qty"]) == ("190.01", "10", "10")
    assert "price" not in told[1]
    assert told[2]["order"] == {**hands.order(taken["id"]), "legs": None}
    (fill,) = hands.get("/v2/account/activities/FILL")
    assert fill["id"].endswith(told[2]["execution_id"])


def test_trade_updates_come_in_messagepack_where_that_is_asked_for(hands: Hands) -> None:
    with trade_line(hands.venue, packed=True) as trades:
        hands.submit()
        assert [each["event"] for each in updates(trades, 3)] == ["pending_new", "new", "fill"]


def test_nobody_hears_of_trades_who_did_not_log_in_or_does_not_listen(hands: Hands) -> None:
    with line(hands.venue.trades_url) as trades:
        trades.say(action="listen", data={"streams": ["trade_updates"]})
        assert trades.hear()["data"]["status"] == "unauthorized"
        trades.say(action="authenticate", data={"key_id": KEY, "secret_key": "wrong"})
        assert trades.hear()["data"] == {"status": "unauthorized", "action": "authenticate"}
    with trade_line(hands.venue) as trades:
        trades.say(action="listen", data={"streams": []})
        assert trades.hear() == {"stream": "listening", "data": {"streams": []}}
        hands.submit()
        trades.say(action="listen", data={"streams": ["trade_updates", "account_updates"]})
        assert trades.hear() == {"stream": "listening", "data": {"streams": ["trade_updates"]}}


def test_who_does_not_log_in_in_time_is_dropped(hands: Hands) -> None:
    hands.venue.floor.login_s = 0.1
    with line(hands.venue.trades_url) as trades, pytest.raises(ConnectionClosed):
        trades.hear()
    with line(hands.venue.stream_url + "/v2/iex") as data:
        data.hear()
        assert error(data) == (404, "auth timeout")
        with pytest.raises(ConnectionClosed):
            data.hear()


def test_a_subscription_is_told_whole_and_grows_and_shrinks(hands: Hands) -> None:
    with data_line(hands.venue) as data:
        data.say(action="subscribe", trades=["AAPL"], quotes=["AAPL", "SPY"], bars=["*"])
        (told,) = data.hear()
        assert (told["T"], told["trades"], told["quotes"], told["bars"]) == (
            "subscription",
            ["AAPL"],
            ["AAPL", "SPY"],
            ["*"],
        )
        assert told["corrections"] == told["cancelErrors"] == ["AAPL"]
        data.say(action="unsubscribe", quotes=["AAPL"])
        assert data.hear()[0]["quotes"] == ["SPY"]


def test_quotes_and_trades_are_told_of_what_is_subscribed_and_of_nothing_else(hands: Hands) -> None:
    with data_line(hands.venue) as data:
        data.say(action="subscribe", trades=["AAPL"], quotes=["AAPL"])
        data.hear()
        hands.quote("SPY", "599.00", "599.02")
        hands.quote("AAPL", "190.05", "190.07", "300")
        (quote,) = data.hear()
        assert (quote["S"], quote["bp"], quote["bs"], quote["ap"], quote["as"]) == (
            "AAPL",
            190.05,
            300,
            190.07,
            300,
        )
        hands.submit(qty="4")
        (trade,) = data.hear()
        assert (trade["T"], trade["p"], trade["s"], trade["z"]) == ("t", 190.07, 4, "C")
        assert isinstance(trade["i"], int)
        assert len(trade["t"]) == len("2026-11-24T15:00:00.123456789Z")


def test_messagepack_has_times_as_timestamps_to_the_nanosecond(hands: Hands) -> None:
    with data_line(hands.venue, packed=True) as data:
        data.say(action="subscribe", trades=["AAPL"])
        data.hear()
        hands.submit(qty="4")
        frame = data.connection.recv(timeout=30)
    assert isinstance(frame, bytes)
    latest = hands.get("/v2/stocks/snapshots", symbols="AAPL")["AAPL"]["latestTrade"]
    word = int.from_bytes(frame[frame.index(b"\xd7\xff") + 2 :][:8], "big")
    assert stamp((word & (2**34 - 1)) * 10**9 + (word >> 34)) == latest["t"]


def test_a_crypto_book_is_told_whole_and_then_by_its_changes(hands: Hands) -> None:
    with data_line(hands.venue, CRYPTO) as data:
        data.say(action="subscribe", orderbooks=["BTC/USD"])
        data.hear()
        (whole,) = data.hear()
        assert (whole["r"], whole["b"], whole["a"]) == (
            True,
            [{"p": 60999.5, "s": 2}],
            [{"p": 61000.5, "s": 2}],
        )
        hands.quote("BTC/USD", "60999.50", "61001.50", "3")
        (change,) = data.hear()
        assert "r" not in change
        assert change["b"] == [{"p": 60999.5, "s": 3}]
        assert change["a"] == [{"p": 61000.5, "s": 0}, {"p": 61001.5, "s": 3}]


def test_a_crypto_trade_tells_who_took(hands: Hands) -> None:
    with data_line(hands.venue, CRYPTO) as data:
        data.say(action="subscribe", trades=["*"])
        data.hear()
        hands.do(lambda: hands.venue.floor.others_take("BTC/USD", "sell", "0.5"))
        assert [(each["p"], each["tks"]) for each in data.hear()] == [(60999.5, "S")]


def test_a_minute_that_is_over_is_told_as_a_bar_and_the_days_with_it(hands: Hands) -> None:
    with data_line(hands.venue) as data:
        data.say(action="subscribe", bars=["AAPL"], dailyBars=["AAPL"])
        data.hear()
        hands.submit(qty="4")
        hands.venue.floor.faults.skew_s = 61.0
        hands.do(hands.venue.floor.tape.close_minutes)
        (bar,) = messages(data, "b")
        assert (bar["S"], bar["o"], bar["c"], bar["v"], bar["n"]) == ("AAPL", 190.01, 190.01, 4, 1)
        (day,) = messages(data, "d")
        assert day["v"] >= 4


def test_a_halt_and_its_end_are_told(hands: Hands) -> None:
    with data_line(hands.venue) as data:
        data.say(action="subscribe", statuses=["*"])
        data.hear()
        hands.do(lambda: hands.venue.floor.halt("AAPL"))
        hands.do(lambda: hands.venue.floor.resume("AAPL"))
        assert [data.hear()[0]["sc"] for _ in range(2)] == ["H", "T"]


def test_each_mistake_has_its_code(hands: Hands) -> None:
    with line(hands.venue.stream_url + "/v2/iex") as data:
        data.hear()
        data.say(action="subscribe", trades=["AAPL"])
        assert error(data) == (401, "not authenticated")
        data.say(action="auth", key=KEY, secret="wrong")
        assert error(data) == (402, "auth failed")
        data.say(action="auth", key=KEY, secret=SECRET)
        data.hear()
        data.say(action="auth", key=KEY, secret=SECRET)
        assert error(data) == (403, "already authenticated")
        data.connection.send("{")
        assert error(data)[0] == 400
        data.say(action="dance")
        assert error(data)[0] == 400
        data.say(action="subscribe", trades="AAPL")
        assert error(data)[0] == 400
        data.say(action="subscribe", orderbooks=["AAPL"])
        assert error(data)[0] == 410
        data.say(action="subscribe", quotes=[f"S{n}" for n in range(31)])
        assert error(data) == (405, "symbol limit exceeded")
    with line(hands.venue.stream_url + "/v2/sip") as data:
        data.hear()
        data.say(action="auth", key=KEY, secret=SECRET)
        assert error(data) == (409, "insufficient subscription")


def test_one_key_has_one_connection_to_a_stream_and_another_key_has_its_own(hands: Hands) -> None:
    other, secret = list(KEYS.items())[1]
    with data_line(hands.venue), line(hands.venue.stream_url + "/v2/iex") as second:
        second.hear()
        second.say(action="auth", key=KEY, secret=SECRET)
        assert error(second) == (406, "connection limit exceeded")
        second.say(action="auth", key=other, secret=secret)
        assert second.hear()[0]["msg"] == "authenticated"
        with data_line(hands.venue, CRYPTO):
            pass


def test_a_request_in_many_frames_is_one_request(hands: Hands) -> None:
    with data_line(hands.venue, packed=True) as data:
        request = msgspec.msgpack.encode({"action": "subscribe", "bars": ["AAPL", "SPY"]})
        data.connection.send([request[:10], request[10:20], request[20:]])
        assert data.hear()[0]["bars"] == ["AAPL", "SPY"]


def test_there_are_no_other_streams(hands: Hands) -> None:
    with pytest.raises(InvalidStatus), line(hands.venue.stream_url + "/v3/iex"):
        pass


def test_trades_are_corrected_and_taken_back(hands: Hands) -> None:
    floor = hands.venue.floor
    share = floor.listing.assets["AAPL"]
    with data_line(hands.venue) as data:
        data.say(action="subscribe", trades=["AAPL"])
        data.hear()
        hands.submit(qty="4")
        first = data.hear()[0]["i"]
        hands.do(lambda: floor.tape.correct(share, first, Decimal("190.05")))
        (corrected,) = data.hear()
        hands.do(lambda: floor.tape.cancel(share, corrected["ci"]))
        (gone,) = data.hear()
    assert [corrected[name] for name in ("T", "oi", "op", "os", "cp", "cs")] == [
        "c",
        first,
        190.01,
        4,
        190.05,
        4,
    ]
    assert [gone[name] for name in ("T", "i", "p", "s", "a")] == ["x", corrected["ci"], 190.05, 4, "C"]
    assert floor.account.held(share) == 4


def test_a_fill_that_is_taken_back_is_told_and_gone_from_the_account(hands: Hands) -> None:
    taken = hands.submit(qty="4")
    with trade_line(hands.venue) as trades:
        fill = hands.venue.floor.updates[-1]
        hands.do(lambda: hands.venue.floor.pit.bust(fill["execution_id"]))
        (bust,) = updates(trades, 1)
    told = [bust[name] for name in ("event", "execution_id", "price", "qty", "position_qty", "reason")]
    assert told == ["trade_bust", fill["execution_id"], "190.01", "4", "0", "TRADE_BUST"]
    assert hands.order(taken["id"])["filled_qty"] == "0"
    assert (hands.held(), hands.get("/v2/account")["cash"]) == (None, "100000")
    assert hands.get("/v2/account/activities/FILL") == []
