"""A bracket against a venue that fills when it likes and answers late."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine.execution.protection import Cover
from engine.messages.reports import (
    AcceptReport,
    BustReport,
    CancelRejectReport,
    CancelReport,
    ReplaceReport,
)
from engine.model.fill import Fill
from engine.model.order import ExitPlan, Order
from engine.model.trade import Side
from tests.unit.engine.life_bench import LifeBench
from tests.unit.engine.paper_bench import SYMBOL

PICK = st.integers(0, 1_000)
SIZE = st.integers(1, 40)
ENTRIES = ("t-1", "t-2")


class AtVenue:
    """An order as the venue truly has it."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.quantity = order.request.quantity
        self.filled = 0
        self.done = False
        self.partner: AtVenue | None = None

    @property
    def leaves(self) -> int:
        return 0 if self.done else self.quantity - self.filled


class BracketMachine(RuleBasedStateMachine):
    """Two entries with plans; whatever is asked of the venue is answered later, in the order it was asked."""

    holds_pairs = False

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.bench = LifeBench(Path(self.folder.name))
        self.manager = self.bench.manager
        self.manager.brackets.connect(self.bench.bus)
        self.venue: dict[str, AtVenue] = {}
        self.seen = 0
        self.on_way: list[Any] = []
        self.fills: list[Fill] = []
        self.ends_partners = False

    @initialize(trail=st.booleans(), both=st.booleans(), ends_partners=st.booleans())
    def enter(self, trail: bool, both: bool, ends_partners: bool) -> None:
        self.bench.venue.holds_pairs, self.ends_partners = self.holds_pairs, ends_partners
        self.manager.brackets.check()
        stop = (
            ExitPlan(trail=5, target=120) if trail and not self.holds_pairs else ExitPlan(stop=90, target=120)
        )
        for name in ENTRIES if both else ENTRIES[:1]:
            self.bench.submit(name, 50, plan=stop)

    # The venue

    @precondition(lambda self: self.seen < len(self.bench.venue.sent))
    @rule()
    def read(self) -> None:
        what, client_id, *terms = self.bench.venue.sent[self.seen]
        self.seen += 1
        name = str(client_id)
        if what == "submit":
            self._take(name)
        elif what == "submit_pair":
            stop, target = self._take(name), self._take(str(terms[0]))
            stop.partner, target.partner = target, stop
        elif self.venue[name].done:
            self._too_late(self.venue[name])
        elif what == "cancel":
            self._end(self.venue[name])
        else:
            self._replace(self.venue[name], *terms)

    def _take(self, name: str) -> AtVenue:
        at_venue = self.venue[name] = AtVenue(self.manager.orders[name])
        self.on_way.append(AcceptReport(name, "V" + name, 1))
        return at_venue

    def _too_late(self, at_venue: AtVenue) -> None:
        """Refuse a cancel; one of what went with its partner is answered as done."""
        name = at_venue.order.client_id
        went = at_venue.partner is not None and at_venue.filled < at_venue.quantity
        self.on_way.append(CancelReport(name, "", 1) if went else CancelRejectReport(name, "too late", 1))

    def _end(self, at_venue: AtVenue) -> None:
        """End an order, and what it was sent together with."""
        for each in (at_venue, at_venue.partner):
            if each is not None and not each.done:
                each.done = True
                self.on_way.append(CancelReport(each.order.client_id, "", 1))

    def _replace(self, at_venue: AtVenue, quantity: Any, limit: Any, stop: Any) -> None:
        at_venue.quantity = max(quantity, at_venue.filled)
        at_venue.done = at_venue.filled == at_venue.quantity
        name = at_venue.order.client_id
        self.on_way.append(ReplaceReport(name, at_venue.quantity, limit, stop, 1))

    @precondition(lambda self: any(each.leaves for each in self.venue.values()))
    @rule(pick=PICK, size=SIZE)
    def trade(self, pick: int, size: int) -> None:
        live = [each for each in self.venue.values() if each.leaves]
        each = live[pick % len(live)]
        size = min(size, each.leaves)
        each.filled += size
        each.done = each.filled == each.quantity
        report = self.bench.fill(size, each.order.client_id, side=each.order.side)
        self.fills.append(report.fill)
        self.on_way.append(report)
        if each.partner is not None and not each.partner.done:
            self._traded(each, each.partner, size)

    def _traded(self, each: AtVenue, partner: AtVenue, size: int) -> None:
        """Let what was sent together with an order follow what that traded."""
        if each.done or self.ends_partners or partner.leaves <= size:
            partner.done = True
            self.on_way.append(CancelReport(partner.order.client_id, "", 1))
        else:
            terms = partner.quantity - size, partner.order.limit, partner.order.stop
            self._replace(partner, *terms)

    @precondition(lambda self: any(each.order.request.plan for each in self.venue.values() if each.leaves))
    @rule()
    def the_entry_is_cancelled(self) -> None:
        for name in ENTRIES:
            if name in self.venue and not self.venue[name].done:
                self.venue[name].done = True
                self.on_way.append(CancelReport(name, "day over", 1))

    @precondition(lambda self: self.fills)
    @rule(pick=PICK)
    def bust(self, pick: int) -> None:
        fill = self.fills.pop(pick % len(self.fills))
        at_venue = self.venue[fill.client_id]
        was_filled = at_venue.filled == at_venue.quantity
        at_venue.filled -= fill.quantity
        if was_filled:
            at_venue.done = False
        self.on_way.append(BustReport(fill.client_id, fill.fill_id, "erroneous", 1))

    # A person

    @precondition(lambda self: self.bench.position.quantity > 0)
    @rule(size=SIZE)
    def close_some_by_hand(self, size: int) -> None:
        if "t-900" not in self.manager.orders:
            size = min(size, self.bench.position.quantity)
            self.bench.submit("t-900", size, side=Side.SELL)

    # The wire

    @precondition(lambda self: self.on_way)
    @rule()
    def deliver(self) -> None:
        self.bench.report(self.on_way.pop(0))

    @rule()
    def time_passes(self) -> None:
        self.bench.clock.advance_to(self.bench.clock.now_ns() + 1_000)

    def teardown(self) -> None:
        for _ in range(1_000):
            if self.on_way:
                self.deliver()
            elif self.seen < len(self.bench.venue.sent):
                self.read()
            else:
                break
        else:
            raise AssertionError("the venue and the brackets never come to rest")
        try:
            self._at_rest()
            assert self.bench.read_back().digest() == self.bench.live.digest()
        finally:
            self.bench.journal.close()
            self.folder.cleanup()

    def _at_rest(self) -> None:
        held = self.bench.position.quantity
        assert self.manager.protection.orphans() == ()
        for kind in ("stop", "target"):
            legs = [order for order in self.bench.working if order.request.leg == kind]
            assert sum(order.leaves for order in legs) <= max(0, held)
        if held > 0 and not self.bench.alerts:
            assert self.manager.protection.of(SYMBOL).state is Cover.VENUE
        if not any("more than it" in text for text in self.bench.alerts):
            for name in ENTRIES:
                entry = self.manager.orders.get(name)
                if entry is not None:
                    assert self._closed_by_legs(name) <= entry.filled

    def _closed_by_legs(self, entry: str) -> int:
        return sum(order.filled for order in self.manager.orders.values() if order.request.parent == entry)

    # What always holds

    @invariant()
    def a_leg_is_never_sent_twice_nor_larger_than_its_entry(self) -> None:
        for order in self.manager.orders.values():
            if order.request.parent:
                entry = self.manager.orders[order.request.parent]
                assert order.request.quantity <= entry.quantity
        for name in ENTRIES:
            for kind in ("stop", "target"):
                working = [
                    order
                    for order in self.bench.working
                    if order.request.parent == name and order.request.leg == kind
                ]
                alone = [order for order in working if not order.request.is_paired]
                assert len(alone) <= 1 or any("took back" in text for text in self.bench.alerts)

    @invariant()
    def what_protects_is_never_more_than_what_is_held(self) -> None:
        protected = self.manager.protection.of(SYMBOL)
        assert protected.covered + protected.planned <= protected.held
        assert protected.held == abs(self.bench.position.quantity)


class PairMachine(BracketMachine):
    """The venue holds a stop and a target as one: a fill of one makes the other smaller, or ends it."""

    holds_pairs = True


BracketMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
PairMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestBracketMachine = BracketMachine.TestCase
TestPairMachine = PairMachine.TestCase
