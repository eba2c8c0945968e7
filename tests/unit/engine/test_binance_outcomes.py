"""What is known of a request to Binance when something goes wrong with it: refused, not sent, or unknown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapter_contract.reported import subject
from engine.messages.circuits import CircuitState
from engine.messages.reports import (
    AcceptReport,
    CancelRejectReport,
    CancelReport,
    FillReport,
    LinkReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    StatusReport,
    TriggerReport,
)
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from engine.ports.secrets import Credential
from engine.transport import once
from engine.transport.skew import ClockSkew
from tests.binance_broker_bench import BTC, BinanceBench
from tests.venues.binance.floor import RestFault
from tests.venues.binance.stock import BTC as PAIR
from tests.venues.binance.venue import BinanceVenue

ORDER = "/api/v3/order"


@pytest.fixture
def bench() -> Iterator[BinanceBench]:
    with BinanceVenue([PAIR]) as venue:
        bench = BinanceBench(venue).begin()
        bench.quote(99, 101)
        yield bench
        bench.close()


def fault(
    bench: BinanceBench,
    kind: str,
    method: str,
    *,
    times: int = 1,
    done: bool = False,
    status: int = 500,
    code: int = -1000,
) -> None:
    each = RestFault(kind, method, ORDER, times, done, status, code)
    bench.venue.do(lambda: bench.venue.floor.faults.rest.append(each))


def sent(bench: BinanceBench, method: str) -> int:
    return list(bench.venue.floor.signed).count(f"{method} {ORDER}")


def asked(bench: BinanceBench, client_id: str) -> StatusReport | NotFoundReport:
    bench.broker.inquire(client_id, 1)
    bench.settle()
    last = bench.reports[-1]
    assert isinstance(last, StatusReport | NotFoundReport)
    return last


# Orders


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("error", 500, -1000), ("error", 503, -1008), ("error", 408, -1007), ("error", 400, -1006),
     ("drop", 0, 0), ("garbage", 0, 0)],
)  # fmt: skip
def test_an_order_without_a_good_answer_is_unknown_and_never_sent_again(
    bench: BinanceBench, kind: str, status: int, code: int, done: bool
) -> None:
    bench.venue.floor.faults.lose_events = 1
    fault(bench, kind, "POST", done=done, status=status, code=code)
    client_id = bench.send(Side.BUY, 10, 95)
    assert [type(each) for each in bench.reports if subject(each) == client_id] == [LostReport]
    assert sent(bench, "POST") == 1
    answer = asked(bench, client_id)
    if done:
        assert isinstance(answer, StatusReport)
        assert answer.order.status is OrderStatus.WORKING
    else:
        assert isinstance(answer, NotFoundReport)


def test_an_order_that_is_not_answered_in_time_is_unknown(
    bench: BinanceBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.requests._submits, "_total_s", 0.2)
    fault(bench, "hang", "POST", done=True)
    client_id = bench.send(Side.BUY, 10, 95)
    assert bench.wait_for_report(LostReport).client_id == client_id
    assert once.ONCE_S < 10.0


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"quantity": 10_000, "limit": 95}, "LOT_SIZE"),
        ({"quantity": 8_000_000, "limit": 95}, "LOT_SIZE"),
        ({"quantity": 2_000, "limit": 99_999}, "insufficient balance"),
        ({"quantity": 10, "limit": 101, "post_only": True}, "immediately match"),
        ({"quantity": 10, "limit": 90, "stop": 90, "type": OrderType.STOP_LIMIT}, "trigger immediately"),
    ],
)
def test_an_order_that_the_venue_does_not_take_is_rejected_with_a_sentence(
    bench: BinanceBench, terms: dict[str, int], words: str
) -> None:
    client_id = bench.send(Side.BUY, **terms)
    (rejected,) = [each for each in bench.reports if subject(each) == client_id]
    assert isinstance(rejected, RejectReport)
    assert words in rejected.reason


def test_an_order_with_the_wrong_time_was_not_taken_and_the_next_one_has_the_right_time(
    bench: BinanceBench,
) -> None:
    bench.requests.skew._trips.clear()
    bench.requests.skew.note(0, 10**11, 1)
    client_id = bench.send(Side.BUY, 10, 95)
    rejected = bench.wait_for_report(RejectReport)
    assert (rejected.client_id, sent(bench, "POST")) == (client_id, 1)
    assert "clock" in rejected.reason


def test_a_venue_whose_clock_is_ten_seconds_off_is_traded_at_its_time() -> None:
    with BinanceVenue([PAIR]) as venue:
        venue.floor.faults.skew_s = 10.0
        bench = BinanceBench(venue).begin()
        bench.quote(99, 101)
        bench.send(Side.BUY, 10)
        assert bench.wait_for_report(FillReport).fill.quantity == 10
        assert abs((bench.requests.skew.skew_ns or 0) / 1e9 - 10) < 1
        bench.close()


def test_where_nobody_listens_an_order_was_not_sent(bench: BinanceBench) -> None:
    bench.venue.close()
    bench.wait_for(lambda: not bench.binance.connected)
    bench.broker.submit(request := bench.request(Side.BUY, 10, 95))
    bench.turn()
    rejected = bench.wait_for_report(RejectReport)
    assert rejected.client_id == request.client_id
    assert rejected.reason.startswith("not sent")


def test_more_orders_than_binance_counts_are_not_sent(bench: BinanceBench) -> None:
    bench.requests.counts._limits = {86_400: 1}
    bench.send(Side.BUY, 10, 95)
    bench.send(Side.BUY, 10, 94)
    assert "takes 1 orders in 86,400 s" in bench.wait_for_report(RejectReport).reason
    assert sent(bench, "POST") == 1


def test_the_limits_are_those_that_the_venue_tells(bench: BinanceBench) -> None:
    assert bench.requests.counts._limits == {10: 100, 86_400: 200_000}
    bench.send(Side.BUY, 10, 95)
    assert bench.requests.weights.used > 0


def test_who_is_told_to_leave_the_venue_alone_does_so(bench: BinanceBench) -> None:
    def throttle() -> None:
        bench.venue.floor.faults.status, bench.venue.floor.faults.retry_after = 429, "60"

    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.do(throttle)
    bench.send(Side.BUY, 10, 94)
    assert "asked too often" in bench.wait_for_report(RejectReport).reason
    bench.broker.cancel(client_id)
    bench.settle()
    refused = bench.wait_for_report(CancelRejectReport)
    assert refused.unsent
    assert "left alone" in refused.reason
    assert sent(bench, "DELETE") == 0


def test_questions_leave_weight_for_orders_and_orders_for_cancels(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    weights = bench.requests.weights
    weights.limit = round(weights.used / 0.9)
    bench.broker.take_stock(0, 5)
    bench.settle()
    assert "kept for cancels" in bench.binance.questions.trouble
    bench.send(Side.BUY, 10, 94)
    assert not bench.of(RejectReport)
    weights.limit = weights.used
    bench.send(Side.BUY, 10, 93)
    assert "kept for cancels" in bench.wait_for_report(RejectReport).reason
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.of(CancelReport)


def test_orders_that_fail_leave_the_cancels_alone(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    fault(bench, "error", "POST", times=10)
    for _ in range(4):
        bench.send(Side.BUY, 1, 90)
    assert bench.requests.submit_circuit.state is not CircuitState.CLOSED
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.wait_for_report(CancelReport).client_id == client_id


# Cancels


@pytest.mark.parametrize("kind", ["error", "drop"])
def test_a_cancel_without_a_good_answer_is_unknown(bench: BinanceBench, kind: str) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    fault(bench, kind, "DELETE")
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.wait_for_report(LostReport).client_id == client_id


def test_a_cancel_with_the_wrong_time_is_sent_again_with_the_right_one(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    wrong = ClockSkew()
    wrong.note(0, 10**11, 10**9)
    bench.requests.skew._trips.clear()
    bench.requests.skew._trips.extend(wrong._trips)
    bench.broker.cancel(client_id)
    bench.settle()
    assert bench.wait_for_report(CancelReport).client_id == client_id
    assert sent(bench, "DELETE") == 2


def test_a_cancel_that_finds_nobody_is_still_wanted(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.close()
    bench.broker.cancel(client_id)
    bench.answered_requests()
    assert bench.wait_for_report(CancelRejectReport).unsent


def test_a_cancel_refused_since_the_order_ended_is_no_refusal(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    exchange = bench.venue.floor.exchange
    bench.venue.do(lambda: exchange.cancel(exchange.open[0], "by-hand"))
    bench.settle()
    bench.broker.cancel(client_id)
    bench.settle()
    assert not bench.of(CancelRejectReport)
    assert bench.wait_for_report(CancelReport).client_id == client_id


def test_a_cancel_asked_for_before_the_order_is_answered_follows_it(bench: BinanceBench) -> None:
    bench.broker.submit(request := bench.request(Side.BUY, 10, 95))
    bench.broker.cancel(request.client_id)
    bench.settle()
    kinds = [type(each) for each in bench.reports if subject(each) == request.client_id]
    assert kinds == [AcceptReport, CancelReport]


def test_an_order_of_an_earlier_desk_is_cancelled_by_its_id_alone(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    later = BinanceBench(bench.venue).begin()
    later.broker.cancel(client_id)
    later.settle()
    assert later.wait_for_report(CancelReport).client_id == client_id
    assert bench.venue.do(lambda: bench.venue.floor.exchange.open) == []
    later.close()
    bench.settle()


# The stream


def test_events_that_come_twice_make_one_order(bench: BinanceBench) -> None:
    bench.venue.floor.faults.duplicate_events = True
    client_id = bench.send(Side.BUY, 10)
    fills = [each.fill for each in bench.of(FillReport)]
    assert len({fill.fill_id for fill in fills}) == 1
    assert len([each for each in bench.of(AcceptReport) if each.client_id == client_id]) == 1


def test_a_stop_says_when_it_is_reached_and_fills(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 110, stop=105, type=OrderType.STOP_LIMIT)
    assert [type(each) for each in bench.reports if subject(each) == client_id] == [AcceptReport]
    bench.quote(104, 106)
    kinds = [type(each) for each in bench.reports if subject(each) == client_id]
    assert kinds == [AcceptReport, TriggerReport, FillReport]


def test_a_lost_stream_closes_the_way_and_what_it_lost_is_in_the_stock(bench: BinanceBench) -> None:
    client_id = bench.send(Side.BUY, 10, 95)
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_user", True))
    bench.venue.do(bench.venue.floor.kill_user)
    bench.wait_for(lambda: not bench.binance.connected)
    bench.venue.do(lambda: bench.venue.floor.quote("BTCUSDT", "94", "95", "100", "100"))
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "refuse_user", False))
    bench.wait_for(lambda: bench.binance.connected)
    assert bench.links() == [False, True]
    answer = asked_alone(bench, client_id)
    assert (answer.order.status, [fill.quantity for fill in answer.fills]) == (OrderStatus.FILLED, [10])


def asked_alone(bench: BinanceBench, client_id: str) -> StatusReport:
    bench.broker.inquire(client_id, 1)
    return bench.wait_for_report(StatusReport)


@pytest.mark.parametrize("kind", ["eventStreamTerminated", "serverShutdown"])
def test_a_stream_that_is_about_to_end_is_begun_anew(bench: BinanceBench, kind: str) -> None:
    connects = bench.admission.stream.connects
    bench.venue.do(lambda: bench.venue.floor.tell_account({"e": kind, "E": 1}))
    bench.wait_for(lambda: bench.admission.stream.connects > connects and bench.binance.connected)


def test_a_stream_that_says_nothing_is_given_up(bench: BinanceBench) -> None:
    bench.venue.do(lambda: setattr(bench.venue.floor.faults, "mute_user", True))
    bench.wait_for(lambda: not bench.binance.connected)
    assert "nothing came" in bench.of(LinkReport)[0].reason


@pytest.mark.parametrize("junk", ["{", '{"subscriptionId":0,"event":{"e":"executionReport"}}', "[1]"])
def test_what_can_not_be_read_is_counted_and_the_rest_lives(bench: BinanceBench, junk: str) -> None:
    sessions = bench.venue.floor.user_sessions
    (session,) = sessions
    bench.venue.do(lambda: session.say(junk))
    bench.wait_for(lambda: bench.binance.telling.unreadable == 1)
    bench.send(Side.BUY, 10)
    assert bench.of(FillReport)


def test_a_key_that_is_not_accepted_is_not_tried_again_and_again() -> None:
    with BinanceVenue([PAIR]) as venue:
        bench = BinanceBench(venue, Credential("NOBODY", "x")).begin_alone()
        bench.wait_for(lambda: bool(bench.alerts))
        assert "does not accept the key" in bench.alerts[0]
        assert not bench.binance.connected
        assert bench.requests.account_circuit.retry_after_s > 30
        bench.close()


def test_the_key_of_another_account_opens_nothing() -> None:
    with BinanceVenue([PAIR]) as venue:
        bench = BinanceBench(venue, uid="12").begin_alone()
        bench.wait_for(lambda: bool(bench.alerts))
        assert "venues.binance.account is 12" in bench.alerts[0]
        assert not bench.binance.connected
        bench.close()


# The stock


def test_more_fills_and_orders_than_a_page_holds_are_all_there(
    bench: BinanceBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.binance.pages.PAGE", 3)
    for _ in range(7):
        bench.send(Side.BUY, 1)
    for since_ns in (0, bench.clock.now_ns() - 60 * 10**9):
        bench.broker.take_stock(since_ns, 1)
        bench.settle()
        stock = bench.stock()
        assert (len(stock.orders), len(stock.fills), stock.complete) == (7, 7, True)


def test_a_stock_with_more_pages_than_are_read_is_not_whole(
    bench: BinanceBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.binance.pages.PAGE", 2)
    monkeypatch.setattr("engine.adapters.binance.pages.PAGES_MAX", 1)
    for _ in range(7):
        bench.send(Side.BUY, 1)
    bench.broker.take_stock(0, 1)
    bench.settle()
    assert not bench.stock().complete


def test_a_page_that_does_not_come_makes_no_stock(bench: BinanceBench) -> None:
    each = RestFault("error", "GET", "/api/v3/myTrades", times=20)
    bench.venue.do(lambda: bench.venue.floor.faults.rest.append(each))
    before = len(bench.reports)
    bench.broker.take_stock(0, 1)
    bench.wait_for(lambda: not bench.binance.questions.open)
    assert len(bench.reports) == before
    assert bench.binance.questions.trouble


def test_an_id_that_was_used_elsewhere_too_is_two_orders(bench: BinanceBench) -> None:
    body = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "1", "newClientOrderId": "bot"}
    for _ in range(2):
        bench.venue.do(lambda: bench.venue.floor.exchange.submit(body))
    bench.broker.take_stock(0, 1)
    bench.settle()
    ids = {order.client_id for order in bench.stock().orders}
    assert ids == {f"{BTC}-4000001", f"{BTC}-4000002"}
