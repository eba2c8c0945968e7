"""What is known of an order whatever becomes of the connection: not sent, answered, or lost; never sent twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapters.bridge import broker as bridge
from engine.messages.reports import (
    CancelRejectReport,
    LinkReport,
    LostReport,
    Refusal,
    RejectReport,
)
from engine.model.instrument import Symbol
from engine.model.trade import Side
from tests.unit.engine.bridge_bench import HandBench
from tests.unit.engine.paper_bench import SYMBOL

NOT_SENT = "not sent: no connection to the broker"


@pytest.fixture
def bench() -> Iterator[HandBench]:
    bench = HandBench().open_gateway()
    yield bench
    bench.close()


def submitted(bench: HandBench) -> str:
    """Submit without waiting for anything."""
    request = bench.request(Side.BUY, 10, 95)
    bench.broker.submit(request)
    return request.client_id


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"kind": "duplicate_id"}, Refusal.DUPLICATE_ID),
        ({"kind": "unknown_order"}, Refusal.UNKNOWN_ORDER),
        ({"kind": "of the next version"}, Refusal.OTHER),
        ({}, Refusal.OTHER),
    ],
)
def test_a_refusal_is_of_the_kind_that_the_gateway_says(
    bench: HandBench, told: dict[str, str], kind: Refusal
) -> None:
    bench.begin()
    client_id = submitted(bench)
    bench.answer("rejected", client_id, reason="no", **told)
    bench.answer("cancel_rejected", client_id, reason="no", **told)
    bench.settle()
    assert [report.kind for report in bench.of(RejectReport)] == [kind]
    assert [report.kind for report in bench.of(CancelRejectReport)] == [kind]


def test_an_order_without_a_connection_is_known_not_to_be_sent(bench: HandBench) -> None:
    bench.begin()
    welcome, bench.gateway.welcome = bench.gateway.welcome, None
    assert welcome is not None
    bench.gateway.hang_up()
    bench.wait_for(lambda: bench.gateway.connections == 2)
    client_id = submitted(bench)
    assert not bench.of(RejectReport)
    bench.turn()
    assert [(r.client_id, r.reason) for r in bench.of(RejectReport)] == [(client_id, NOT_SENT)]
    bench.gateway.say(welcome)
    bench.wait_for(lambda: bench.bridge.connected)
    bench.settle()
    assert not bench.gateway.received


def test_what_is_asked_for_before_the_bridge_runs_is_answered_when_it_does(bench: HandBench) -> None:
    client_id = submitted(bench)
    bench.broker.cancel(client_id)
    bench.broker.inquire(client_id, 1)
    bench.broker.take_stock(0, 1)
    assert not bench.reports
    bench.begin_alone()
    assert [type(report) for report in bench.reports[:2]] == [RejectReport, CancelRejectReport]
    assert bench.bridge.counters.unsent == 4


def test_an_order_that_was_written_and_not_answered_is_lost_when_the_link_ends(bench: HandBench) -> None:
    bench.begin()
    ids = [submitted(bench), submitted(bench)]
    bench.settle()
    bench.gateway.hang_up()
    bench.wait_for_report(LostReport, 2)
    assert [report.client_id for report in bench.of(LostReport)] == ids
    assert bench.bridge.counters.lost == 2
    assert isinstance(bench.reports[0], LinkReport)


def test_an_answered_order_is_not_lost(bench: HandBench) -> None:
    bench.begin()
    client_id = submitted(bench)
    bench.answer("accepted", client_id, venue_id="7")
    bench.gateway.hang_up()
    bench.wait_for(lambda: bench.links()[:1] == [False])
    assert not bench.of(LostReport)


@pytest.mark.parametrize("change", ["cancel", "amend"])
def test_a_change_that_was_not_answered_is_lost_and_one_that_was_is_not(
    bench: HandBench, change: str
) -> None:
    bench.begin()
    answered, silent = submitted(bench), submitted(bench)
    for client_id in (answered, silent):
        bench.answer("accepted", client_id, venue_id="7")
        if change == "cancel":
            bench.broker.cancel(client_id)
        else:
            bench.broker.amend(client_id, 5, None, None)
    bench.answer("cancel_rejected", answered, reason="too late")
    bench.gateway.hang_up()
    bench.wait_for_report(LostReport)
    assert [report.client_id for report in bench.of(LostReport)] == [silent]


def test_two_changes_of_one_order_need_two_answers(bench: HandBench) -> None:
    bench.begin()
    client_id = submitted(bench)
    bench.answer("accepted", client_id, venue_id="7")
    for quantity in (5, 6):
        bench.broker.amend(client_id, quantity, None, None)
    bench.answer("replaced", client_id, symbol=SYMBOL, quantity="5", limit="0.95")
    bench.gateway.hang_up()
    bench.wait_for_report(LostReport)
    assert [report.client_id for report in bench.of(LostReport)] == [client_id]


@pytest.mark.parametrize("after", range(1, 8))
def test_wherever_the_connection_ends_an_order_is_lost_or_not_sent_and_none_goes_out_twice(
    bench: HandBench, after: int
) -> None:
    bench.gateway.hang_up_after = after
    bench.begin()
    ids = []
    for number in range(6):
        ids.append(submitted(bench))
        if number % 2:
            bench.broker.cancel(ids[-1])
        bench.turn(2)
    bench.wait_for(lambda: bench.gateway.connections == 2 and bench.bridge.connected)
    bench.settle()
    bench.gateway.hang_up()
    bench.wait_for(lambda: {report.client_id for report in bench.of_fate()} >= set(ids))
    sent = [message["client_id"] for message in bench.gateway.of("submit")]
    refused = {report.client_id for report in bench.of(RejectReport)}
    assert len(sent) == len(set(sent))
    assert not refused & set(sent)
    assert set(sent) <= {report.client_id for report in bench.of(LostReport)}


def test_a_gateway_that_does_not_read_gets_no_new_orders_but_cancels(bench: HandBench) -> None:
    bench.bridge.way.ping_s = 60.0  # what is sent takes a while, and is no silence
    bench.begin()
    bench.gateway.stop_reading()
    while not bench.of(RejectReport):
        submitted(bench)
        bench.turn(1)
        assert len(bench.reports) < 20_000
    assert "takes nothing" in bench.of(RejectReport)[0].reason
    waiting = bench.bridge.way.waiting_bytes
    assert waiting > bridge.BUFFER_BYTES_MAX
    bench.broker.cancel("one")
    assert bench.bridge.way.waiting_bytes > waiting
    assert not bench.of(CancelRejectReport)
    bench.gateway.go_on_reading()
    bench.wait_for(lambda: bool(bench.gateway.of("cancel")))
    refused = {report.client_id for report in bench.of(RejectReport)}
    assert not refused & {message["client_id"] for message in bench.gateway.of("submit")}


def test_too_many_unanswered_requests_stop_new_orders_but_not_cancels(
    bench: HandBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "OUTSTANDING_MAX", 3)
    bench.begin()
    ids = [submitted(bench) for _ in range(4)]
    bench.broker.cancel(ids[0])
    bench.settle()
    assert [report.client_id for report in bench.of(RejectReport)] == ids[3:]
    assert [message["client_id"] for message in bench.gateway.of("submit")] == ids[:3]
    assert bench.gateway.of("cancel")


def test_a_symbol_that_is_not_listed_is_not_sent(bench: HandBench) -> None:
    bench.begin()
    bench.broker.submit(bench.request(Side.BUY, 10, 95, symbol=Symbol("NONE")))
    bench.settle()
    assert bench.of(RejectReport)[0].reason == "not sent: NONE is not listed here"
    assert not bench.gateway.received


def test_an_amendment_of_an_order_that_only_a_status_told_of_is_sent_in_its_units(bench: HandBench) -> None:
    bench.begin()
    order = {"client_id": "old-1", "symbol": SYMBOL, "side": "buy", "quantity": "10", "filled": "0"}
    bench.gateway.say({"type": "status", "id": 1, "order": {**order, "status": "working"}})
    bench.settle()
    bench.broker.amend("old-1", 12, 96, None)
    bench.settle()
    assert bench.gateway.of("amend") == [
        {"type": "amend", "client_id": "old-1", "quantity": "12", "limit": "0.96"}
    ]


def test_an_end_of_the_bridge_claims_nothing_of_any_order(bench: HandBench) -> None:
    bench.begin()
    client_id = submitted(bench)
    bench.settle()
    before = list(bench.reports)
    assert bench._task is not None
    bench._task.cancel()
    bench.turn(10)
    assert bench.reports == before
    assert bench.gateway.of("submit")[0]["client_id"] == client_id


def test_what_is_written_is_written_in_the_same_call(bench: HandBench) -> None:
    bench.begin()
    sent = bench.bridge.counters.sent
    submitted(bench)
    assert bench.bridge.counters.sent == sent + 1
    assert bench.bridge.way.waiting_bytes == 0
