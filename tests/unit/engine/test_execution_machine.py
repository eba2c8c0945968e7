"""The order manager against a venue that answers late, twice, out of order, or never."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from engine.execution.order_state import ENDED
from engine.messages.events import OrderFilled, OrderSubmitted
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    CorrectReport,
    ExpireReport,
    FillReport,
    LostReport,
    NotFoundReport,
    QueueReport,
    Refusal,
    RejectReport,
    ReplaceReport,
)
from engine.model.fill import Fill
from engine.model.order import Order, OrderStatus
from tests.unit.engine.life_bench import LifeBench

PICK = st.integers(0, 1_000)


class VenueOrder:
    """An order as the venue truly has it."""

    def __init__(self, client_id: str, quantity: int) -> None:
        self.client_id = client_id
        self.quantity = quantity
        self.filled = 0
        self.accepted = False
        self.done = False
        self.done_by_fills = False

    def trade(self, quantity: int) -> None:
        """Fill more of it, or less where a fill is taken back."""
        if quantity < 0 and self.done_by_fills:
            self.done = self.done_by_fills = False
        self.filled += quantity
        if self.filled == self.quantity and not self.done:
            self.done = self.done_by_fills = True


class OrderMachine(RuleBasedStateMachine):
    """Every rule is something the desk or the venue does; reports travel in any order, and again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.bench = LifeBench(Path(self.folder.name), "strict")
        self.numbers = itertools.count(1)
        self.at_venue: dict[str, VenueOrder] = {}
        self.intents: dict[str, int] = {}
        """The record that announced each order."""
        self.bench.bus.subscribe(OrderSubmitted, self._announced)
        self.seen = 0
        self.lost = False
        self.on_way: list[Any] = []
        self.delivered: list[Any] = []
        self.fills: list[Fill] = []
        """What stands at the venue."""
        self.corrections = itertools.count(10)
        self.claims: dict[str, Fill | None] = {}
        """What arrived of each fill: its latest terms, or None once it was busted."""
        self.ended: dict[str, OrderStatus] = {}

    def _announced(self, event: OrderSubmitted) -> None:
        self.intents[event.request.client_id] = self.bench.manager.scribe.sequence

    def teardown(self) -> None:
        self.bench.gate.halted = ""
        self.bench.journal.sync_now()
        while self.on_way or self.seen < len(self.bench.venue.sent):
            if self.on_way:
                self._deliver(self.on_way.pop(0))
            else:
                self._read(refuse=False)
            self.bench.journal.sync_now()
        for order in self._orders():
            truth = self.at_venue.get(order.client_id)
            assert order.filled == (truth.filled if truth else 0)
        assert self.bench.read_back().digest() == self.bench.live.digest()
        self.bench.journal.close()
        self.folder.cleanup()

    # The desk

    @initialize(quantities=st.lists(st.integers(5, 20), min_size=1, max_size=2))
    def begin_with_working_orders(self, quantities: list[int]) -> None:
        for quantity in quantities:
            self.submit(quantity)
            self.bench.journal.sync_now()
            self._read(refuse=False)
            self._deliver(self.on_way.pop())

    @precondition(lambda self: len(self.bench.manager.orders) < 4)
    @rule(quantity=st.integers(1, 20))
    def submit(self, quantity: int) -> None:
        self.bench.submit(f"t-{next(self.numbers)}", quantity)

    @precondition(lambda self: len(self.bench.working) > 0)
    @rule(pick=PICK)
    def cancel(self, pick: int) -> None:
        self.bench.manager.cancel(self._pick(pick, list(self.bench.working)).client_id)

    @precondition(lambda self: len(self.bench.working) > 0)
    @rule(pick=PICK, quantity=st.integers(1, 30))
    def amend(self, pick: int, quantity: int) -> None:
        self.bench.manager.amend(self._pick(pick, list(self.bench.working)).client_id, quantity)

    @precondition(lambda self: len(self.on_way) > 4)
    @rule()
    def flatten(self) -> None:
        self.bench.manager.flatten()

    @rule()
    def the_disk_has_synced(self) -> None:
        self.bench.journal.sync_now()

    @rule(halted=st.booleans())
    def halt_or_resume(self, halted: bool) -> None:
        self.bench.gate.halted = "halted" if halted else ""

    @precondition(lambda self: self._never_arrived())
    @rule(pick=PICK)
    def prove_that_the_venue_never_had_one(self, pick: int) -> None:
        order = self._pick(pick, self._never_arrived())
        self.bench.manager.believe(NotFoundReport(order.client_id, 1))
        assert order.status is OrderStatus.NOT_FOUND

    @precondition(lambda self: self._ended_and_fillable())
    @rule(pick=PICK)
    def find_that_one_works_after_all(self, pick: int) -> None:
        at_venue = self._pick(pick, self._ended_and_fillable())
        at_venue.accepted, at_venue.done = True, False
        order = self.bench.manager.orders[at_venue.client_id]
        self.bench.manager.believe(AcceptReport(order.client_id, "V", 1, again=True))
        assert order.is_open
        del self.ended[order.client_id]

    def _ended_and_fillable(self) -> list[VenueOrder]:
        ended = {order.client_id for order in self._orders() if order.status in ENDED}
        return [o for o in self.at_venue.values() if o.client_id in ended and o.filled < o.quantity]

    def _never_arrived(self) -> list[Order]:
        unread = {str(sent[1]) for sent in self.bench.venue.sent[self.seen :]}
        gone = self.at_venue.keys() | unread
        return [
            order
            for order in self._orders()
            if order.status is OrderStatus.UNKNOWN and order.client_id not in gone
        ]

    # The venue reads what was sent, and does as it likes

    @precondition(lambda self: self.seen < len(self.bench.venue.sent))
    @rule(refuse=st.booleans(), answer=st.integers(0, 5))
    def read_one(self, refuse: bool, answer: int) -> None:
        what, client_id = map(str, self.bench.venue.sent[self.seen][:2])
        if answer == 0:
            self.on_way.append(LostReport(client_id, "no answer", 1, to_order=what == "submit"))
        self._read(refuse)
        if answer == 1 and what == "submit":
            self.on_way.append(RejectReport(client_id, "sent twice on its way", 1, Refusal.DUPLICATE_ID))

    @precondition(lambda self: self.seen < len(self.bench.venue.sent) and not self.lost)
    @rule()
    def never_hear_one(self) -> None:
        self.on_way.append(LostReport(str(self.bench.venue.sent[self.seen][1]), "no answer", 1))
        self.seen += 1
        self.lost = True

    def _read(self, refuse: bool) -> None:
        what, client_id, *terms = self.bench.venue.sent[self.seen]
        self.seen += 1
        {"submit": self._read_submit, "cancel": self._read_cancel, "amend": self._read_amend}[str(what)](
            str(client_id), refuse, terms
        )

    def _read_submit(self, client_id: str, refuse: bool, _terms: list[object]) -> None:
        order = VenueOrder(client_id, self.bench.manager.orders[client_id].request.quantity)
        self.at_venue[client_id] = order
        order.accepted, order.done = not refuse, refuse
        report = RejectReport(client_id, "no", 1) if refuse else AcceptReport(client_id, "V" + client_id, 1)
        self.on_way.append(report)

    def _read_cancel(self, client_id: str, refuse: bool, _terms: list[object]) -> None:
        order = self.at_venue.get(client_id)
        if order is None:
            self.on_way.append(CancelRejectReport(client_id, "no such order", 1, Refusal.UNKNOWN_ORDER))
        elif order.done or refuse:
            self.on_way.append(CancelRejectReport(client_id, "too late", 1))
        else:
            order.done = True
            self.on_way.append(CancelReport(client_id, "", 1))

    def _read_amend(self, client_id: str, refuse: bool, terms: list[Any]) -> None:
        order = self.at_venue.get(client_id)
        if order is None or order.done or refuse:
            self.on_way.append(CancelRejectReport(client_id, "too late", 1))
            return
        order.quantity = max(terms[0], order.filled)
        order.trade(0)
        self.on_way.append(ReplaceReport(client_id, order.quantity, terms[1], terms[2], 1))

    @precondition(lambda self: self._live())
    @rule(pick=PICK, quantity=st.integers(1, 12))
    def trade(self, pick: int, quantity: int) -> None:
        order = self._pick(pick, self._live())
        quantity = min(quantity, order.quantity - order.filled)
        order.trade(quantity)
        side = self.bench.manager.orders[order.client_id].side
        self.fills.append(self.bench.fill(quantity, order.client_id, side=side).fill)
        self.on_way.append(FillReport(self.fills[-1]))

    @precondition(lambda self: self.fills)
    @rule(pick=PICK)
    def bust(self, pick: int) -> None:
        fill = self.fills.pop(pick % len(self.fills))
        self.at_venue[fill.client_id].trade(-fill.quantity)
        self.on_way.append(BustReport(fill.client_id, fill.fill_id, "erroneous", 1))

    @precondition(lambda self: self.fills)
    @rule(pick=PICK, quantity=st.integers(1, 12), price=st.integers(90, 110))
    def correct(self, pick: int, quantity: int, price: int) -> None:
        index = pick % len(self.fills)
        was = self.fills[index]
        order = self.at_venue[was.client_id]
        quantity = min(quantity, order.quantity - order.filled + was.quantity)
        order.trade(quantity - was.quantity)
        now = replace(was, quantity=quantity, price=price, event_ns=next(self.corrections))
        self.fills[index] = now
        self.on_way.append(CorrectReport(now))

    @precondition(lambda self: self._live())
    @rule(pick=PICK, expire=st.booleans())
    def end(self, pick: int, expire: bool) -> None:
        order = self._pick(pick, self._live())
        order.done = True
        self.on_way.append((ExpireReport if expire else CancelReport)(order.client_id, "the day ended", 1))

    @precondition(lambda self: self._live())
    @rule(pick=PICK, ahead=st.integers(0, 50))
    def queue(self, pick: int, ahead: int) -> None:
        self.on_way.append(QueueReport(self._pick(pick, self._live()).client_id, ahead))

    # The wire

    @precondition(lambda self: self.on_way)
    @rule(pick=PICK, in_order=st.booleans())
    def deliver(self, pick: int, in_order: bool) -> None:
        self._deliver(self.on_way.pop(0 if in_order else pick % len(self.on_way)))

    @precondition(lambda self: self.delivered)
    @rule(pick=PICK)
    def deliver_again(self, pick: int) -> None:
        self._deliver(self._pick(pick, self.delivered))

    def _deliver(self, report: Any) -> None:
        self.delivered.append(report)
        if isinstance(report, BustReport):
            self.claims[report.fill_id] = None
        elif isinstance(report, FillReport | CorrectReport):
            known = self.claims.get(report.fill.fill_id, report.fill)
            if known is not None and known.event_ns <= report.fill.event_ns:
                self.claims[report.fill.fill_id] = report.fill
        self.bench.report(report)

    # What always holds

    @invariant()
    def an_open_order_adds_up(self) -> None:
        for order in self._orders():
            assert order.leaves >= 0
            if order.is_open:
                assert order.filled + order.leaves == order.quantity
            else:
                assert order.leaves == 0

    @invariant()
    def every_fill_that_arrived_counts_once(self) -> None:
        for order in self._orders():
            arrived = [fill for fill in self.claims.values() if fill and fill.client_id == order.client_id]
            assert order.filled == sum(fill.quantity for fill in arrived)
            assert order.turnover == sum(fill.quantity * fill.price for fill in arrived)
            assert sorted(fill.fill_id for fill in order.fills) == sorted(fill.fill_id for fill in arrived)
        told = [event.fill.fill_id for event in self.bench.of(OrderFilled)]
        assert len(told) == len(set(told))

    @invariant()
    def the_position_is_the_sum_of_the_fills(self) -> None:
        fills = [fill for order in self._orders() for fill in order.fills]
        assert self.bench.position.quantity == sum(fill.side * fill.quantity for fill in fills)

    @invariant()
    def an_end_changes_only_by_fills_and_busts(self) -> None:
        for order in self._orders():
            before = self.ended.get(order.client_id)
            if before is not None and order.status is not before:
                late_fill = order.status is OrderStatus.FILLED and order.filled >= order.quantity
                fewer_fills = before is OrderStatus.FILLED and order.filled < order.quantity
                assert late_fill or fewer_fills
            if order.is_open:
                self.ended.pop(order.client_id, None)
            else:
                self.ended[order.client_id] = order.status

    @invariant()
    def a_flatten_that_is_underway_waits_for_an_open_order(self) -> None:
        underway = self.bench.manager.exits.view().flattening
        assert all(each.waits for each in underway)
        assert [each.symbol for each in underway] == list(self.bench.live.history.flattens)

    @invariant()
    def the_working_index_is_the_open_orders(self) -> None:
        opened = {order.client_id for order in self._orders() if order.is_open}
        assert {order.client_id for order in self.bench.working} == opened

    @invariant()
    def every_order_is_sent_at_most_once(self) -> None:
        submitted = [sent[1] for sent in self.bench.venue.sent if sent[0] == "submit"]
        assert len(submitted) == len(set(submitted))

    @invariant()
    def nothing_left_before_its_intent_was_durable(self) -> None:
        durable = self.bench.journal.durable
        for sent in self.bench.venue.sent:
            if sent[0] == "submit":
                assert self.intents[str(sent[1])] <= durable

    def _orders(self) -> list[Order]:
        return list(self.bench.manager.orders.values())

    def _live(self) -> list[VenueOrder]:
        return [order for order in self.at_venue.values() if order.accepted and not order.done]

    @staticmethod
    def _pick(pick: int, among: list[Any]) -> Any:
        return among[pick % len(among)]


TestOrderMachine = OrderMachine.TestCase
TestOrderMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
