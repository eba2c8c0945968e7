from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.messages.comparison_views import ReconcilePhase
from engine.messages.reports import LostReport, Report
from engine.model.fill import Fill
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.unit.engine.reconcile_bench import ABC, XYZ, World, settled

_ENDS = (OrderStatus.CANCELED, OrderStatus.EXPIRED)
_which = st.integers(0, 5)
_size = st.integers(1, 100)
_kinds = st.sampled_from(["submit", "cancel", "amend", "inquire", "take_stock"])
_sent = st.one_of(
    st.tuples(st.just("buy"), st.sampled_from([ABC, XYZ]), _size),
    st.tuples(st.just("sell"), st.sampled_from([ABC, XYZ]), _size),
)
_happens = st.one_of(
    st.tuples(st.just("cancel"), _which),
    st.tuples(st.just("amend"), _which, st.integers(1, 200)),
    st.tuples(st.just("venue_fill"), _which, _size),
    st.tuples(st.just("venue_end"), _which, st.sampled_from(_ENDS)),
    st.tuples(st.just("venue_terms"), _which, st.integers(1, 200)),
    st.tuples(st.just("elsewhere"), _size),
    st.tuples(st.just("lost"), _which),
    st.tuples(st.just("venue_busts"), _which),
    st.tuples(st.just("venue_corrects"), _which, st.integers(90, 110)),
)
_breaks = st.one_of(
    st.tuples(st.just("deaf"), st.sets(_kinds)),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("restart")),
)
_passes = st.tuples(st.just("passes"), st.sampled_from([0.0005, 0.1, 1, 11, 31]))
_rounds = st.lists(
    st.tuples(_sent, _passes, _happens, _passes, _happens, _passes, _breaks | _passes), max_size=6
)


class Play:
    """Does what was drawn, while reports get lost as drawn."""

    def __init__(self, fates: list[bool]) -> None:
        self.world = World()
        self.world.desk.begin()
        self.world.venue.loses = _by(fates)
        self._foreign = itertools.count(1)

    def do(self, rounds: list[tuple[tuple[Any, ...], ...]]) -> None:
        for deed, *terms in itertools.chain.from_iterable(rounds):
            getattr(self, deed)(*terms)

    def buy(self, symbol: Any, quantity: int) -> None:
        self.world.desk.buy(quantity, symbol)

    def sell(self, symbol: Any, quantity: int) -> None:
        self.world.desk.buy(quantity, symbol, side=Side.SELL)

    def cancel(self, which: int) -> None:
        self.world.desk.manager.cancel(self._ours(which))

    def amend(self, which: int, quantity: int) -> None:
        self.world.desk.manager.amend(self._ours(which), quantity=quantity)

    def venue_fill(self, which: int, quantity: int) -> None:
        name = self._open(which)
        if name:
            theirs = self.world.venue.orders[name]
            self.world.venue.fill(name, min(quantity, theirs.quantity - theirs.filled))

    def venue_end(self, which: int, how: OrderStatus) -> None:
        name = self._open(which)
        if name:
            self.world.venue.end(name, how)

    def venue_terms(self, which: int, quantity: int) -> None:
        name = self._open(which)
        if name:
            self.world.venue.replace(name, quantity, 99)

    def venue_busts(self, which: int) -> None:
        fills = self._our_fills()
        if fills:
            self.world.venue.bust(fills[-1 - which % len(fills)])

    def venue_corrects(self, which: int, price: int) -> None:
        fills = self._our_fills()
        if fills:
            fill = fills[-1 - which % len(fills)]
            self.world.venue.correct(fill, price, max(1, fill.quantity - 1))

    def elsewhere(self, quantity: int) -> None:
        self.world.venue.foreign(f"elsewhere-{next(self._foreign)}", quantity)

    def lost(self, which: int) -> None:
        self.world.venue.deliver(LostReport(self._ours(which), "reset", self.world.clock.now_ns()))

    def deaf(self, kinds: set[str]) -> None:
        self.world.venue.deaf = kinds

    def link(self, connected: bool) -> None:  # drawn
        self.world.venue.link(connected=connected)

    def restart(self) -> None:
        self.world.restart()

    def passes(self, seconds: float) -> None:
        self.world.desk.passes(seconds)

    def calms(self) -> None:
        """Let nothing be lost any more, and time pass."""
        self.world.venue.loses, self.world.venue.deaf = (lambda _: False), set()
        self.world.venue.link(connected=True)
        self.world.desk.passes(200)

    def _our_fills(self) -> list[Fill]:
        return [fill for fill in self.world.venue.fills if not fill.client_id.startswith("elsewhere")]

    def _ours(self, which: int) -> str:
        orders = list(self.world.desk.manager.orders)
        return orders[-1 - which % len(orders)]

    def _open(self, which: int) -> str:
        working = (OrderStatus.WORKING, OrderStatus.PARTIALLY_FILLED)
        names = [name for name, each in self.world.venue.orders.items() if each.status in working]
        return names[-1 - which % len(names)] if names else ""


def _by(fates: list[bool]) -> Callable[[Report], bool]:
    drawn = itertools.cycle(fates)
    return lambda _: next(drawn)


@settings(max_examples=200, deadline=None)
@given(rounds=_rounds, fates=st.lists(st.booleans(), min_size=1, max_size=12))
def test_whatever_is_lost_both_books_agree_in_the_end(
    rounds: list[tuple[tuple[Any, ...], ...]], fates: list[bool]
) -> None:
    play = Play(fates)
    play.do(rounds)
    play.calms()
    desk = play.world.desk
    assert list(settled(desk)) == []
    assert not [order for order in desk.working if order.status is OrderStatus.UNKNOWN]
    assert len(play.world.venue.times("submit")) == len(rounds), "no order is ever sent twice"
    assert desk.phase() in {ReconcilePhase.AGREED, ReconcilePhase.DIFFERS}
    assert {each.kind.value for each in desk.breaks} <= {"order", "fill"}, "only what is foreign waits"
    desk.assert_told_by_the_journal()
