"""What goes wrong at the local Alpaca venue when a test says so, and nothing besides that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.unit.venues.alpaca_hands import Hands, alpaca, data_line, order, refused, trade_line
from tests.venues.alpaca.faults import RestFault
from tests.venues.alpaca.refusal import TOO_MANY
from tests.venues.alpaca.texts import moment


@pytest.fixture
def hands() -> Iterator[Hands]:
    with alpaca() as each:
        yield each


def fault(hands: Hands, *faults: RestFault) -> None:
    hands.do(lambda: hands.venue.floor.faults.rest.extend(faults))


def named(hands: Hands) -> list[str]:
    return [each["client_order_id"] for each in hands.get("/v2/orders", status="all")]


@pytest.mark.parametrize("done", [False, True])
def test_an_order_may_be_taken_or_not_before_the_error(hands: Hands, done: bool) -> None:
    fault(hands, RestFault("error", method="POST", done=done))
    answer = hands.client.post("/v2/orders", json=order(client_order_id="mine"))
    assert refused(answer)[:2] == (500, 50010000)
    assert named(hands) == (["mine"] if done else [])


@pytest.mark.parametrize("done", [False, True])
def test_the_answer_to_an_order_may_be_lost(hands: Hands, done: bool) -> None:
    fault(hands, RestFault("drop", method="POST", path="/v2/orders", done=done))
    with pytest.raises(httpx.TransportError):
        hands.client.post("/v2/orders", json=order(client_order_id="mine"))
    assert named(hands) == (["mine"] if done else [])


def test_an_answer_may_come_late_with_the_order_taken_long_before(hands: Hands) -> None:
    fault(hands, RestFault("late", method="POST", done=True, late_s=60.0))
    with trade_line(hands.venue) as trades:
        with pytest.raises(httpx.ReadTimeout):
            hands.client.post("/v2/orders", json=order(), timeout=0.1)
        assert [trades.hear()["data"]["event"] for _ in range(3)] == ["pending_new", "new", "fill"]


def test_an_answer_may_never_come_and_the_next_request_is_served(hands: Hands) -> None:
    fault(hands, RestFault("hang"))
    with pytest.raises(httpx.ReadTimeout):
        hands.client.get("/v2/clock", timeout=0.1)
    assert hands.get("/v2/clock")["is_open"] is True


def test_an_answer_may_be_garbage_or_cut_off(hands: Hands) -> None:
    fault(hands, RestFault("garbage"), RestFault("cut"))
    assert hands.client.get("/v2/clock").text.startswith("<html>")
    with pytest.raises(httpx.TransportError):
        hands.client.get("/v2/clock")


def test_a_storm_of_429_tells_when_to_come_back_and_ends(hands: Hands) -> None:
    headers = {"Retry-After": "1", "X-RateLimit-Remaining": "0"}
    fault(hands, RestFault("error", path="/v2/positions", times=3, error=TOO_MANY, headers=headers))
    assert hands.client.get("/v2/clock").status_code == 200
    answers = [hands.client.get("/v2/positions") for _ in range(4)]
    assert [each.status_code for each in answers] == [429, 429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert refused(answers[0])[1] == 42910000


def test_connections_are_dropped_without_a_word(hands: Hands) -> None:
    with trade_line(hands.venue) as trades, data_line(hands.venue) as data:
        hands.do(lambda: hands.venue.floor.drop("trades"))
        with pytest.raises(ConnectionClosed):
            trades.hear()
        data.say(action="subscribe", bars=["AAPL"])
        assert data.hear()[0]["T"] == "subscription"


def test_a_mute_stream_is_connected_and_answers_pings_and_says_nothing(hands: Hands) -> None:
    with trade_line(hands.venue) as trades:
        hands.venue.floor.faults.mute.add("trades")
        hands.submit()
        assert trades.connection.ping().wait(30)
        with pytest.raises(TimeoutError):
            trades.connection.recv(timeout=0.1)
        hands.venue.floor.faults.mute.clear()
        taken = hands.submit(qty="1")
        assert trades.hear()["data"]["order"]["id"] == taken["id"]


def test_who_reads_too_slowly_is_dropped(hands: Hands) -> None:
    hands.venue.floor.outbox_max = 4
    with trade_line(hands.venue) as trades:
        hands.venue.floor.faults.stream_late_s = 60.0
        for _ in range(3):
            hands.submit(qty="1")
        with pytest.raises(ConnectionClosed):
            trades.hear()


def test_a_half_open_stream_does_not_even_answer_pings(hands: Hands) -> None:
    with trade_line(hands.venue) as trades:
        hands.do(hands.venue.floor.half_open)
        assert not trades.connection.ping().wait(0.2)
        hands.do(hands.venue.floor.drop)


def test_streams_may_refuse_everyone(hands: Hands) -> None:
    hands.venue.floor.faults.refuse_streams = 429
    with pytest.raises(InvalidStatus) as refusal, trade_line(hands.venue):
        pass
    assert refusal.value.response.status_code == 429


def test_frames_of_any_kind_are_sent_as_they_are(hands: Hands) -> None:
    with data_line(hands.venue) as data:
        hands.do(lambda: hands.venue.floor.say("{", "data"))
        hands.do(lambda: hands.venue.floor.say(b"\xff\x00", "data"))
        assert [data.connection.recv(timeout=30) for _ in range(2)] == ["{", b"\xff\x00"]


def test_updates_may_come_twice_in_another_order_or_never(hands: Hands) -> None:
    faults = hands.venue.floor.faults
    with trade_line(hands.venue) as trades:
        faults.duplicate_updates = True
        hands.submit()
        told = [trades.hear()["data"] for _ in range(6)]
        assert [each["event"] for each in told[::2]] == ["pending_new", "new", "fill"]
        assert told[::2] == told[1::2]
        faults.duplicate_updates, faults.reorder_updates = False, True
        resting = hands.submit(type="limit", limit_price="180")
        assert [trades.hear()["data"]["event"] for _ in range(2)] == ["new", "pending_new"]
        faults.reorder_updates, faults.lose_updates = False, 1
        hands.client.delete(f"/v2/orders/{resting['id']}")
        assert trades.hear()["data"]["event"] == "canceled"


def test_the_venues_clock_may_be_ahead_in_all_that_it_says(hands: Hands) -> None:
    hands.venue.floor.faults.skew_s = 3600.0
    answer = hands.client.get("/v2/clock")
    assert parsedate_to_datetime(answer.headers["Date"]).timestamp() - time.time() > 3000
    taken = hands.submit()
    assert moment(taken["submitted_at"]) / 1e9 - time.time() > 3000


def test_a_venue_that_was_closed_comes_back_on_its_ports_with_its_orders(hands: Hands) -> None:
    resting = hands.submit(type="limit", limit_price="180")
    hands.venue.close()
    with pytest.raises(httpx.TransportError):
        hands.client.get("/v2/clock")
    hands.venue.open()
    assert hands.status(resting["id"]) == "new"
