"""A venue that drops, delays, repeats, reorders and takes back: afterwards both sides can be brought to agree."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from random import Random

import pytest

from engine.messages.reports import (
    BustReport,
    FillReport,
    LostReport,
    NotFoundReport,
    RejectReport,
    StatusReport,
    StockReport,
)
from engine.messages.stock import BrokerStock
from engine.model.trade import Side
from tests.architecture.sources import ROOT
from tests.unit.engine.bridge_bench import BridgeBench, VenueProcess
from tests.unit.engine.paper_bench import SYMBOL

VENUE_FILES = ("bridge_venue", "matching", "truth", "faults", "hand_gateway")
CALM = dict.fromkeys(("drop_before", "drop_after", "duplicate", "reorder", "silent", "delay_ms", "bust"), 0.0)


Meet = Callable[..., tuple[VenueProcess, BridgeBench]]


@pytest.fixture
def meet() -> Iterator[Meet]:
    """Start a venue and a bridge to it; both end with the test, however it ends."""
    with ExitStack() as stack:

        def start(
            faults: str = "", *, seed: int = 1, drift_ms: float = 0
        ) -> tuple[VenueProcess, BridgeBench]:
            venue = VenueProcess(seed)
            stack.callback(venue.remove)
            venue.start(faults, drift_ms)
            bench = BridgeBench(venue.address, venue)
            stack.callback(bench.close)
            return venue, bench.begin()

        yield start


@pytest.mark.parametrize("name", VENUE_FILES)
def test_the_venue_shares_no_code_with_the_program(name: str) -> None:
    tree = ast.parse((ROOT / "tests" / "venues" / f"{name}.py").read_text(encoding="utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert not [each for each in modules + names if each.split(".")[0] in {"engine", "terminal"}]


def trade_for_a_while(bench: BridgeBench, random: Random, orders: int) -> list[str]:
    """Send, cancel and amend at random, without waiting for answers."""
    ids: list[str] = []
    for _ in range(orders):
        request = bench.request(random.choice(list(Side)), random.randint(1, 50), random.randint(90, 110))
        bench.broker.submit(request)
        ids.append(request.client_id)
        if random.random() < 0.3:
            bench.broker.cancel(random.choice(ids))
        if random.random() < 0.2:
            bench.broker.amend(random.choice(ids), random.randint(1, 60), random.randint(90, 110), None)
        bench.turn(random.randint(0, 4))
        if random.random() < 0.1:
            bench.wait_for(lambda: bench.bridge.connected)
    return ids


def stock_of(bench: BridgeBench) -> BrokerStock:
    """Ask for the stock; a link that ends takes the question along, and it is asked again."""
    before = len(bench.of(StockReport))
    while len(bench.of(StockReport)) == before:
        bench.wait_for(lambda: bench.bridge.connected)
        links = bench.bridge.counters.links
        bench.broker.take_stock(0, 1)
        bench.wait_for(
            lambda links=links: len(bench.of(StockReport)) > before or bench.bridge.counters.links > links  # type: ignore[misc]
        )
    return bench.of(StockReport)[-1].stock


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_through_drops_repeats_and_silence_no_order_is_doubled_and_every_fate_can_be_learnt(
    meet: Meet, seed: int
) -> None:
    venue, bench = meet(
        "drop_before=0.02,drop_after=0.04,duplicate=0.1,reorder=0.1,silent=0.05,delay_ms=0.2,bust=0.05",
        seed=seed,
    )
    ids = trade_for_a_while(bench, Random(seed), 150)
    bench.wait_for(lambda: bench.bridge.connected)
    venue.ask("faults", **CALM)
    stock = stock_of(bench)
    evidence = venue.evidence()
    counts = evidence.submits()
    told = {order.client_id: order for order in stock.orders}
    refused = {report.client_id for report in bench.of(RejectReport) if "not sent" in report.reason}
    assert bench.of(LostReport)
    assert set(counts.values()) == {1}
    assert not refused & set(counts)
    assert set(told) <= set(counts)
    assert {f.fill_id for f in stock.fills} == set(evidence.fills())
    position = evidence.positions().get(SYMBOL, 0)
    assert stock.positions.get(SYMBOL, 0) == position
    assert stock.complete
    for client_id in set(ids) - set(told):
        bench.broker.inquire(client_id, 1)
    bench.settle()
    assert {report.client_id for report in bench.of(NotFoundReport)} == set(ids) - set(told)


def test_fills_that_were_repeated_have_one_id_and_say_the_same(meet: Meet) -> None:
    _venue, bench = meet("duplicate=1")
    bench.quote(99, 101)
    bench.send(Side.BUY, 30)
    fills = [(r.fill.fill_id, r.fill.price, r.fill.quantity, r.fill.event_ns) for r in bench.of(FillReport)]
    assert list(Counter(fills).values()) == [2]


def test_a_bust_and_a_late_fill_are_heard_and_counted_in_the_stock(meet: Meet) -> None:
    venue, bench = meet("late_fill=1")
    bench.quote(99, 101)
    client_id = bench.send(Side.BUY, 30, 95)
    bench.broker.cancel(client_id)
    bench.settle()
    (late,) = bench.of(FillReport)
    taken = bench.send(Side.BUY, 20)
    venue.ask("bust", fill_id=bench.of(FillReport)[-1].fill.fill_id)
    assert bench.wait_for_report(BustReport).client_id == taken
    stock = stock_of(bench)
    assert [fill.fill_id for fill in stock.fills] == [late.fill.fill_id]
    assert stock.positions == {SYMBOL: 30}


def test_an_answer_that_was_dropped_is_lost_and_an_inquiry_finds_the_order(meet: Meet) -> None:
    venue, bench = meet()
    bench.quote(99, 101)
    venue.ask("faults", drop_after=1)
    bench.broker.submit(request := bench.request(Side.BUY, 30, 95))
    assert bench.wait_for_report(LostReport).client_id == request.client_id
    venue.ask("faults", drop_after=0)
    questions = count(1)

    def is_told() -> bool:
        """Ask again, as the manager does: the next connection may have been made, and dropped, before."""
        bench.broker.inquire(request.client_id, next(questions))
        return bool(bench.of(StatusReport))

    bench.wait_for(is_told)
    assert bench.of(StatusReport)[-1].order.client_id == request.client_id
    assert venue.evidence().submits() == {request.client_id: 1}


def test_an_order_from_elsewhere_is_in_the_stock(meet: Meet) -> None:
    venue, bench = meet()
    bench.quote(99, 101)
    venue.ask("place", client_id="phone-1", symbol=SYMBOL, side="buy", quantity="7", limit="0.95")
    assert [order.client_id for order in stock_of(bench).orders] == ["phone-1"]


def test_a_large_stock_comes_in_parts(meet: Meet) -> None:
    _venue, bench = meet()
    bench.quote(99, 101)
    for number in range(450):
        bench.broker.submit(bench.request(Side.BUY, 1, 50, client_id=f"many-{number}"))
    bench.settle()
    stock = stock_of(bench)
    assert len(stock.orders) == 450
    assert stock.complete


def test_without_a_touch_what_rests_trades_in_time_by_chance(meet: Meet) -> None:
    _venue, bench = meet(drift_ms=1)
    ids = {bench.send(Side.BUY, 30, 95) for _ in range(5)}
    bench.wait_for(lambda: sum(report.fill.quantity for report in bench.of(FillReport)) == 150)
    assert {report.fill.client_id for report in bench.of(FillReport)} == ids
    assert stock_of(bench).positions == {SYMBOL: 150}
