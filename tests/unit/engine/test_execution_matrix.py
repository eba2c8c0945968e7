"""The order state change matrices of FIX, row by row, and each row's journal read back.

In C10 an order keeps its one id here: a gateway whose broker can't replace cancels and enters under ids of its
own, and tells of both as of one order.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.execution.fills import suspects
from engine.messages.events import AmendDenied
from engine.messages.reports import CorrectReport
from tests.unit.engine.life_bench import ID, LifeBench
from tests.unit.engine.paper_bench import SYMBOL

ROWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "A1": ("new 10000; ack; fill 2000; fill 8000", "filled/10000/10000/0", ()),
    "A2 done for the day": ("new 10000; ack; fill 2000; expired", "expired/10000/2000/0", ()),
    "A2 a GTC comes back the next day": (
        "begin; new 10000 gtc; ack; fill 2000; expired; ack; asks; tells partially_filled 2000",
        "partially_filled/10000/2000/8000",
        ("was expired here and works at the broker",),
    ),
    "A2 an order of the day does not come back": (
        "begin; new 10000; ack; fill 2000; expired; ack; asks; tells expired 2000",
        "expired/10000/2000/0",
        (),
    ),
    "A3": ("new 10000; fill 2000; ack", "partially_filled/10000/2000/8000", ()),
    "A4": ("new 10000; fill 10000; ack", "filled/10000/10000/0", ()),
    "B1": ("new 10000; ack; cancel; canceled", "canceled/10000/0/0", ()),
    "B2": ("new 10000; ack; fill 2000; cancel; fill 5000; canceled", "canceled/10000/7000/0", ()),
    "B3": ("new 10000; ack; cancel; fill 10000; refused", "filled/10000/10000/0", ()),
    "B4 of an id we don't know": (
        "new 10000; ack; cancel t-404",
        "working/10000/0/10000",
        ("order t-404 is not known",),
    ),
    "B4 of an order the venue does not know": (
        "begin; new 10000; ack; cancel; unheard; asks",
        "unknown/10000/0/10000",
        ("cancel of #1 ACME was refused: no such order", "is unknown: the broker does not know it"),
    ),
    "B4 proven": (
        "new 10000; ack; cancel; unheard; missing",
        "not_found/10000/0/0",
        ("cancel of #1 ACME was refused", "is unknown"),
    ),
    "B4 that was on its way: its cancel goes out again": (
        "begin; new 10000; cancel; unheard; asks; tells working",
        "pending_cancel/10000/0/10000",
        ("cancel of #1 ACME was refused", "is unknown"),
    ),
    "B4 of an amendment": (
        "new 10000; ack; amend 8000; unheard",
        "unknown/10000/0/10000",
        ("amendment of #1 ACME was refused", "is unknown"),
    ),
    "B4 whose gateway does not say why": (
        "begin; new 10000; ack; cancel; refused; asks",
        "working/10000/0/10000",
        ("cancel of #1 ACME was refused",),
    ),
    "B5": ("new 10000; ack; canceled", "canceled/10000/0/0", ("was cancelled by the venue",)),
    "B6": (
        "new 10000; ack; cancel; canceled; fill 3000",
        "canceled/10000/3000/0",
        ("after it was canceled",),
    ),
    "B7": (
        "new 10000; ack; cancel; cancel; refused; cancel; canceled",
        "canceled/10000/0/0",
        ("cancel of #1 ACME was refused",),
    ),
    "B8": ("new 10000; ack; cancel; lost", "unknown/10000/0/10000", ("it counts as live",)),
    "C1": ("new 10000; ack; amend 11000; replaced 11000", "working/11000/0/11000", ()),
    "C2": (
        "new 10000; ack; amend 11000; fill 100; replaced 11000",
        "partially_filled/11000/100/10900",
        (),
    ),
    "C3 accepted": (
        "new 10000; ack; amend 12000; fill 10000; replaced 12000",
        "partially_filled/12000/10000/2000",
        (),
    ),
    "C3 rejected": (
        "new 10000; ack; amend 12000; fill 10000; refused",
        "filled/10000/10000/0",
        ("amendment of #1 ACME was refused",),
    ),
    "C4": ("new 10000; ack; amend 10000 99; fill 10000; refused", "filled/10000/10000/0", ()),
    "C5": ("new 10000; ack; amend 8000; fill 1000; replaced 8000", "partially_filled/8000/1000/7000", ()),
    "C6": ("new 10000; ack; amend 7000; fill 7000; replaced 7000", "filled/7000/7000/0", ()),
    "C7": ("new 10000; ack; amend 5000; fill 7000; replaced 5000", "filled/7000/7000/0", ()),
    "C8": (
        "new 10000; ack; amend 5000 90; refused",
        "working/10000/0/10000",
        ("amendment of #1 ACME was refused",),
    ),
    "C9": ("new 10000; ack; amend 8000; replaced 8000; fill 1000", "partially_filled/8000/1000/7000", ()),
    "C10 the old one is cancelled and the new one refused": (
        "new 10000; ack; fill 2000; amend 8000; fill 1000; canceled",
        "canceled/10000/3000/0",
        ("was cancelled by the venue",),
    ),
    "C10 the new one has what the old one left": (
        "new 10000; ack; fill 2000; amend 8000; fill 1000; replaced 8000; fill 5000",
        "filled/8000/8000/0",
        (),
    ),
    "D1": (
        "new 10000; ack; amend 11000; replaced 11000; amend 12000; replaced 12000",
        "working/12000/0/12000",
        (),
    ),
    "D2": (
        "new 10000; ack; amend 11000; amend 12000; refused",
        "working/10000/0/10000",
        ("amendment of #1 ACME was refused",),
    ),
    "D3 not replaced": (
        "new 10000; ack; amend 8000; cancel; refused; canceled",
        "canceled/10000/0/0",
        ("amendment of #1 ACME was refused",),
    ),
    "D3 replaced": ("new 10000; ack; amend 8000; cancel; replaced 8000; canceled", "canceled/8000/0/0", ()),
    "E1": ("new 10000; ack; fill 1000; replaced 6000 99", "partially_filled/6000/1000/5000", ()),
    "F1 on entry": ("new 10000; rejected", "rejected/10000/0/0", ()),
    "F1 after the ack": ("new 10000; ack; rejected", "rejected/10000/0/0", ()),
    "F2 is not rejected, and is asked for": (
        "begin; new 10000; duplicate; asks",
        "unknown/10000/0/10000",
        ("is unknown: the broker has had its id before",),
    ),
    "F2 it is ours": (
        "begin; new 10000; duplicate; asks; tells working",
        "working/10000/0/10000",
        ("is unknown",),
    ),
    "F2 it is ours and has ended": (
        "begin; new 10000; duplicate; asks; tells canceled",
        "canceled/10000/0/0",
        ("is unknown",),
    ),
    "F2 after it was accepted": ("new 10000; ack; duplicate", "working/10000/0/10000", ()),
    "F2 whose gateway does not say why, after a fill": (
        "new 10000; fill 100; rejected",
        "partially_filled/10000/100/9900",
        ("was not believed",),
    ),
    "G1": ("new 10000; lost", "unknown/10000/0/10000", ("is unknown",)),
    "G1 turned up after all": (
        "new 10000; lost; missing; ack; fill 100",
        "partially_filled/10000/100/9900",
        ("is unknown",),
    ),
    "G1 never was": ("new 10000; lost; missing", "not_found/10000/0/0", ("is unknown",)),
    "G2 older than a fill": (
        "begin; new 10000; ack; cancel; lost; asks; fill 5000; tells working",
        "pending_cancel/10000/5000/5000",
        ("it counts as live",),
    ),
    "G2 older than the end": (
        "begin; new 10000; lost; asks; ack; fill 1000; canceled; tells partially_filled 1000",
        "canceled/10000/1000/0",
        ("it counts as live", "was cancelled by the venue"),
    ),
    "H1 split overnight": ("new 100 gtc; ack; replaced 200 50", "working/200/0/200", ()),
    "I1 immediate or cancel": ("new 10000 ioc; ack; fill 4000; canceled", "canceled/10000/4000/0", ()),
    "I1 fill or kill": ("new 10000 fok; ack; canceled", "canceled/10000/0/0", ()),
    "J1 (J.1.a)": (
        "new 10000; ack; fill 1000 a 100; fill 9000 b 110; bust a",
        "partially_filled/10000/9000/1000",
        ("the venue took back a fill of 1000",),
    ),
    "J1 of all there was": (
        "new 10000; ack; fill 1000 a; bust a",
        "working/10000/0/10000",
        ("the venue took back a fill of 1000",),
    ),
    "J2 (J.1.b)": (
        "new 10000; ack; fill 5000 a; cancel; canceled; bust a; fill 4000 f 51",
        "canceled/10000/4000/0",
        ("the venue took back", "after it was canceled"),
    ),
    "J2 of an order that late fills had completed": (
        "new 10000; ack; cancel; canceled; fill 10000 a; bust a",
        "canceled/10000/0/0",
        ("after it was canceled", "the venue took back"),
    ),
    "J3": (
        "new 10000; ack; fill 4000 a 100; correct a 3000 101 6; correct a 2500 102 7",
        "partially_filled/10000/2500/7500",
        ("was corrected", "was corrected"),
    ),
    "J3 in the other order": (
        "new 10000; ack; fill 4000 a 100; correct a 2500 102 7; correct a 3000 101 6",
        "partially_filled/10000/2500/7500",
        ("was corrected",),
    ),
    "J3 before its fill": (
        "new 10000; ack; correct a 2500 102; fill 4000 a 100",
        "partially_filled/10000/2500/7500",
        (),
    ),
    "J4 before its fill": (
        "new 10000; ack; bust a; fill 4000 a",
        "working/10000/0/10000",
        ("was busted before it came",),
    ),
    "J4 twice": ("new 10000; ack; fill 4000 a; bust a; bust a", "working/10000/0/10000", ("took back",)),
    "J4 of a corrected fill": (
        "new 10000; ack; fill 4000 a; correct a 3000 100; bust a; correct a 2000 100 9",
        "working/10000/0/10000",
        ("was corrected", "took back"),
    ),
    "K1 halted and resumed": (
        "new 10000; ack; halt; fill 1000; resume; fill 500",
        "partially_filled/10000/1500/8500",
        (),
    ),
    "L1": ("new 10000; ack; fill 4000 a; fill 4000 a", "partially_filled/10000/4000/6000", ()),
    "L2": (
        "new 10000; ack; fill 4000 a; fill 5000 a",
        "partially_filled/10000/4000/6000",
        ("came again with other terms",),
    ),
    "L3": (
        "new 5000; ack; fill 4000 a; fill 4000 b",
        "filled/5000/8000/0",
        ("unless fill b is a under another id",),
    ),
    "L6": ("new 100; ack; fill 25 z 100 foreign-1", "working/100/0/100", ("belongs to no order of ours",)),
}
"""What happens, what the order is then (status/quantity/filled/leaves), and what a person is told."""


@pytest.fixture
def bench(tmp_path: Path) -> LifeBench:
    return LifeBench(tmp_path)


@pytest.mark.parametrize(("life", "terms", "alerts"), ROWS.values(), ids=ROWS.keys())
def test_a_row_of_the_matrix(bench: LifeBench, life: str, terms: str, alerts: tuple[str, ...]) -> None:
    bench.live_through(life)
    assert bench.terms == terms
    assert len(bench.alerts) == len(alerts), bench.alerts
    for fragment, text in zip(alerts, bench.alerts, strict=True):
        assert fragment in text
    assert bench.read_back().digest() == bench.live.digest()


@pytest.mark.parametrize("life", [life for life, _, _ in ROWS.values()], ids=ROWS.keys())
def test_the_position_and_the_sums_of_an_order_are_those_of_its_fills(bench: LifeBench, life: str) -> None:
    bench.live_through(life)
    orders = list(bench.manager.orders.values())
    for order in orders:
        assert order.filled == sum(fill.quantity for fill in order.fills)
        assert order.turnover == sum(fill.quantity * fill.price for fill in order.fills)
        assert order.average_price == (order.turnover // order.filled if order.filled else 0)
    held = sum(order.filled for order in orders)
    position = bench.ledger.positions.get(SYMBOL)
    assert held == bench.position.quantity == (position.quantity if position else 0)


def test_a_bust_takes_its_fee_and_its_price_with_it(bench: LifeBench) -> None:
    bench.live_through("new 100; ack")
    bench.report(bench.fill(40, fill_id="a", price=100, fee_micros=7))
    bench.report(bench.fill(60, fill_id="b", price=110, fee_micros=9))
    bench.live_through("bust a")
    order = bench.manager.orders[ID]
    assert (order.fees_micros, order.average_price) == (9, 110)
    position = bench.ledger.positions[SYMBOL]
    assert (position.quantity, position.fees_micros) == (60, 9)


def test_a_second_amendment_is_denied_while_the_first_is_on_its_way(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; amend 110; amend 120")
    assert len(bench.of(AmendDenied)) == 1


def test_one_cancel_at_most_is_on_its_way(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; cancel; cancel; refused; cancel")
    assert [sent[0] for sent in bench.venue.sent] == ["submit", "cancel", "cancel"]


def test_a_halt_cancels_nothing_and_sends_nothing(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; halt; fill 10; resume; halt; fill 10; resume")
    assert [sent[0] for sent in bench.venue.sent] == ["submit"]


def test_an_order_that_waits_for_the_disk_during_a_halt_does_not_leave_after_it(tmp_path: Path) -> None:
    bench = LifeBench(tmp_path, "strict")
    bench.live_through("new 100; halt")
    bench.journal.sync_now()
    bench.live_through("resume")
    bench.journal.sync_now()
    assert bench.venue.sent == []
    assert bench.terms == "canceled/100/0/0"


def test_a_refused_cancel_of_an_order_that_is_not_known_keeps_the_wish(bench: LifeBench) -> None:
    bench.live_through("begin; new 100; ack; cancel; unheard; asks; tells working")
    assert [sent[0] for sent in bench.venue.sent if sent[0] != "take_stock"] == [
        "submit",
        "cancel",
        "inquire",
        "cancel",
    ]


def test_equal_fills_are_booked_and_can_be_told_apart_only_by_the_broker(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; fill 40 a; fill 40 b")
    order = bench.manager.orders[ID]
    assert order.filled == 80
    assert [(one.fill_id, other.fill_id) for one, other in suspects(order)] == [("a", "b")]


def test_a_correction_to_another_symbol_side_or_order_is_not_believed(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; fill 40 a")
    bench.report(CorrectReport(bench.fill(40, "t-2", fill_id="a").fill))
    assert bench.terms == "partially_filled/100/40/60"
    assert "was not believed" in bench.alerts[-1]


def test_the_bust_of_a_foreign_fill_leaves_nothing_open(bench: LifeBench) -> None:
    bench.live_through("new 100; ack; fill 25 z 100 foreign-1; bust z")
    foreign = bench.manager.orders["foreign-1"]
    assert (foreign.status, foreign.filled, bench.position.quantity) == ("canceled", 0, 0)
