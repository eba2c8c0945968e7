"""Whatever is asked of the local Alpaca venue, in whatever order: its books, its orders and its account agree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.venues.alpaca.assets import ASSETS
from tests.venues.alpaca.floor import CASH, Floor
from tests.venues.alpaca.hours import PHASES
from tests.venues.alpaca.orders import ENDED
from tests.venues.alpaca.pit import OURS
from tests.venues.alpaca.refusal import Refusal
from tests.venues.price_time import ZERO

prices = st.integers(185, 195).map(str)
sizes = st.integers(1, 20).map(str)
sides = st.sampled_from(["buy", "sell"])
EXITS = {"take_profit": {"limit_price": "197"}, "stop_loss": {"stop_price": "183"}}


class Quiet(Floor):
    """The venue without a loop: what is to happen later happens when it is let."""

    def __init__(self) -> None:
        super().__init__(ASSETS)
        self.waiting: list[Callable[[], None]] = []

    def later(self, _delay_s: float, what: Callable[[], None]) -> None:
        self.waiting.append(what)

    def settle(self) -> None:
        """Let everything happen that is to happen."""
        while self.waiting:
            self.waiting.pop(0)()


class AlpacaMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.floor = Quiet()
        self.floor.quote("AAPL", "189.99", "190.01", "50", "50")

    def ask(self, what: Callable[[], object]) -> None:
        """Ask for something that may be refused."""
        with suppress(Refusal):
            what()

    @rule(
        side=sides,
        size=sizes,
        kind=st.sampled_from(["market", "limit", "stop", "stop_limit", "trailing_stop"]),
        force=st.sampled_from(["day", "gtc", "ioc", "fok", "opg", "cls"]),
        limit=prices,
        stop=prices,
        extended=st.booleans(),
    )
    def submit(
        self, side: str, size: str, kind: str, force: str, limit: str, stop: str, extended: bool
    ) -> None:
        body: dict[str, Any] = {
            "symbol": "AAPL",
            "qty": size,
            "side": side,
            "type": kind,
            "time_in_force": force,
        }
        body |= {"limit_price": limit} if "limit" in kind else {}
        body |= {"stop_price": stop} if kind in {"stop", "stop_limit"} else {}
        body |= {"trail_price": "2"} if kind == "trailing_stop" else {}
        self.ask(lambda: self.floor.exchange.submit({**body, "extended_hours": extended}))

    @rule(size=sizes, limit=prices, order_class=st.sampled_from(["bracket", "oco"]))
    def submit_exits(self, size: str, limit: str, order_class: str) -> None:
        body = {"symbol": "AAPL", "qty": size, "type": "limit", "time_in_force": "gtc", **EXITS}
        side = "buy" if order_class == "bracket" else "sell"
        body |= {"side": side, "limit_price": limit, "order_class": order_class}
        self.ask(lambda: self.floor.exchange.submit(body))

    @rule(place=st.integers(0, 50))
    def cancel(self, place: int) -> None:
        ids = list(self.floor.exchange.orders)
        if ids:
            self.ask(lambda: self.floor.exchange.cancel(ids[place % len(ids)]))

    @rule(place=st.integers(0, 50), size=st.none() | sizes, limit=prices)
    def replace(self, place: int, size: str | None, limit: str) -> None:
        ids = list(self.floor.exchange.orders)
        if ids:
            terms = {"qty": size, "limit_price": limit}
            self.ask(lambda: self.floor.exchange.replace(ids[place % len(ids)], terms))

    @rule(bid=st.integers(184, 196), size=sizes)
    def quote(self, bid: int, size: str) -> None:
        self.floor.quote("AAPL", f"{bid}", f"{bid}.02", size, size)

    @rule(side=sides, size=sizes)
    def others_take(self, side: str, size: str) -> None:
        self.floor.others_take("AAPL", side, size)

    @rule(phase=st.sampled_from(PHASES))
    def change_phase(self, phase: str) -> None:
        self.floor.set_phase(phase)

    @rule()
    def halt(self) -> None:
        self.floor.halt("AAPL")

    @rule()
    def resume(self) -> None:
        self.floor.resume("AAPL")

    @rule()
    def settle(self) -> None:
        self.floor.settle()

    @invariant()
    def the_position_and_the_cash_are_what_the_fills_add_up_to(self) -> None:
        held, spent = ZERO, ZERO
        for fill in self.floor.account.activities:
            signed = Decimal(fill["qty"]) * (1 if fill["side"] == "buy" else -1)
            held, spent = held + signed, spent + signed * Decimal(fill["price"])
        assert self.floor.account.held(self.floor.listing.assets["AAPL"]) == held
        assert self.floor.account.cash == CASH - spent

    @invariant()
    def every_order_is_filled_as_far_as_its_fills_say_and_never_further_than_it_is_for(self) -> None:
        filled: dict[str, Decimal] = defaultdict(Decimal)
        for fill in self.floor.account.activities:
            filled[fill["order_id"]] += Decimal(fill["qty"])
        for order in self.floor.exchange.orders.values():
            assert order.filled == filled[order.id] <= order.size
            assert (order.status == "filled") == (order.leaves == 0)

    @invariant()
    def the_book_holds_what_is_left_of_the_orders_that_rest_and_nothing_of_those_that_ended(self) -> None:
        book = self.floor.book(self.floor.listing.assets["AAPL"])
        rests = {each.order_id: each for side in book._sides.values() for each in side if each.owner == OURS}
        for order in self.floor.exchange.orders.values():
            entry = rests.pop(order.id, None)
            assert entry is order.entry
            assert entry is None or (not order.ended and entry.quantity == order.leaves)
        assert rests == {}

    @invariant()
    def strangers_do_not_rest_across_each_other(self) -> None:
        bid, ask = self.floor.touch(self.floor.listing.assets["AAPL"])
        if not self.floor.halted and self.floor.phase == "regular" and bid is not None and ask is not None:
            assert bid[0] < ask[0]

    @invariant()
    def nothing_is_told_of_an_order_after_its_end_but_that_a_change_came_too_late(self) -> None:
        ended: set[str] = set()
        for update in self.floor.updates:
            order = update["order"]
            if order["id"] in ended:
                assert update["event"] in {"order_cancel_rejected", "order_replace_rejected"}
            if order["status"] in ENDED:
                ended.add(order["id"])

    @invariant()
    def the_exits_of_a_bracket_never_trade_more_than_its_entry(self) -> None:
        for order in self.floor.exchange.orders.values():
            if order.order_class == "bracket" and order.legs:
                assert sum(leg.filled for leg in order.legs) <= order.filled


TestAlpacaMachine = AlpacaMachine.TestCase
TestAlpacaMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
