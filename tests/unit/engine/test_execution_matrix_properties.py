"""What a run of reports comes to, whatever order they arrive in, and however often."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
)
from engine.model.fill import Fill
from engine.model.order import OrderType
from engine.model.trade import Side
from tests.unit.engine.life_bench import ID, LifeBench
from tests.unit.engine.paper_bench import SYMBOL

QUANTITY = 100


def _fill(fill_id: str, quantity: int, price: int, event_ns: int) -> Fill:
    return Fill(
        fill_id=fill_id,
        client_id=ID,
        account="PAPER-1",
        symbol=SYMBOL,
        side=Side.BUY,
        price=price,
        quantity=quantity,
        fee_micros=quantity,
        event_ns=event_ns,
    )


@st.composite
def runs(draw: st.DrawFn) -> list[Any]:
    """Draw what an honest venue says of an order: it never fills more than is open."""
    run: list[Any] = [AcceptReport(ID, "V1", 1)]
    standing: dict[str, int] = {}
    count = draw(st.integers(0, 6))
    for now_ns in range(2, 2 + count):
        what = draw(st.sampled_from(("fill", "fill", "fill", "bust", "correct")))
        leaves = QUANTITY - sum(standing.values())
        if what == "fill" and leaves:
            fill_id = f"F{now_ns}"
            standing[fill_id] = draw(st.integers(1, leaves))
            run.append(FillReport(_fill(fill_id, standing[fill_id], draw(st.integers(90, 110)), now_ns)))
        elif standing and what != "fill":
            fill_id = draw(st.sampled_from(sorted(standing)))
            if what == "bust":
                del standing[fill_id]
                run.append(BustReport(ID, fill_id, "erroneous", now_ns))
            else:
                standing[fill_id] = draw(st.integers(1, leaves + standing[fill_id]))
                corrected = _fill(fill_id, standing[fill_id], draw(st.integers(90, 110)), now_ns)
                run.append(CorrectReport(corrected))
    if sum(standing.values()) < QUANTITY:
        ends = (None, CancelReport(ID, "", 90), ExpireReport(ID, "the day ended", 90))
        end = draw(st.sampled_from(ends))
        if end is not None:
            run.append(end)
    return run


def _comes_to(reports: list[Any]) -> tuple[object, ...]:
    with tempfile.TemporaryDirectory() as folder:
        bench = LifeBench(Path(folder))
        order = bench.submit(ID, QUANTITY)
        bench.report(*reports)
        position = bench.ledger.positions.get(SYMBOL)
        held = position.quantity if position else 0
        assert bench.read_back().digest() == bench.live.digest()
        bench.journal.close()
        return (bench.terms, order.turnover, order.fees_micros, order.venue_id, held, bench.position.quantity)


@settings(deadline=None, max_examples=150)
@given(runs(), st.data())
def test_no_permutation_of_a_run_and_no_repetition_changes_what_it_comes_to(
    run: list[Any], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(run), max_size=4))
    shuffled = data.draw(st.permutations(run + again))
    assert _comes_to(shuffled) == _comes_to(run)


@settings(deadline=None, max_examples=100)
@given(runs(), st.data())
def test_the_last_reports_of_a_run_replayed_after_a_reconnect_change_nothing(
    run: list[Any], data: st.DataObject
) -> None:
    last = data.draw(st.integers(0, len(run)))
    with tempfile.TemporaryDirectory() as folder:
        bench = LifeBench(Path(folder))
        bench.submit(ID, QUANTITY)
        bench.report(*run)
        before = bench.live.digest()
        bench.clock.advance_to(bench.clock.now_ns() + 10**9)
        bench.report(*run[len(run) - last :])
        assert bench.live.digest() == before
        assert bench.read_back().digest() == before
        bench.journal.close()


STEPS = st.sampled_from(
    (
        "ack",
        "fill 10",
        "fill 25 a",
        "fill 90 b",
        "cancel",
        "canceled",
        "refused",
        "amend 120",
        "amend 60 99",
        "replaced 120",
        "replaced 60 99",
        "expired",
        "rejected",
        "lost",
        "missing",
        "bust a",
        "bust b",
        "correct a 30 101 6",
        "correct b 5 99 7",
        "fill 5 z 100 foreign-1",
        "bust z",
    )
)


@settings(deadline=None, max_examples=300)
@given(st.lists(STEPS, max_size=25))
def test_any_life_read_back_from_its_journal_is_the_same_life(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = LifeBench(Path(folder))
        bench.live_through("; ".join(["new 100", *steps]))
        order = bench.manager.orders[ID]
        assert order.request.type is OrderType.LIMIT
        assert order.leaves == (order.quantity - order.filled if order.is_open else 0)
        assert order.leaves >= 0
        copy = bench.read_back()
        assert copy.digest() == bench.live.digest()
        assert tuple(copy.capture())[1:] == tuple(bench.live.capture())[1:]
        bench.journal.close()
