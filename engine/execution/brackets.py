"""Exits that follow an entry: a stop and a target, sized to what it filled, each cancelling the other."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bus import Bus
from engine.clock import Clock
from engine.execution.blotter import Blotter, in_words, label
from engine.execution.groups import Groups
from engine.execution.intake import Intake
from engine.execution.legs import Bracket, kinds_of, leg_request
from engine.execution.pairing import Pairing
from engine.execution.sizing import Sizing
from engine.ids import OrderIds
from engine.messages.events import (
    FillBusted,
    FillCorrected,
    OrderChanged,
    OrderFilled,
    OrderSubmitted,
    PositionAdjusted,
    Severity,
)
from engine.model.instrument import Symbol
from engine.model.order import Leg, Order, OrderRequest, OrderStatus
from engine.model.position import Position


class Brackets:
    """Sends, sizes and takes off the legs of entries that have a plan, and keeps plain groups.

    Nothing is remembered that the orders don't say: each time one of a symbol changes, what its legs should be
    is worked out again. They cover what the entry filled and nothing closed, and no more than the position; oldest
    entry first. A leg that was refused, or was taken away by anybody else, is told and sent again only once the
    entry has filled another size, or a person asks by `retry`. Where the broker holds a stop and a target as one, they
    are sent so; what can't be sent as a pair is sent leg by leg.
    """

    def __init__(
        self,
        *,
        intake: Intake,
        blotter: Blotter,
        positions: Mapping[Symbol, Position],
        ids: OrderIds,
        clock: Clock,
    ) -> None:
        self._intake = intake
        self._blotter = blotter
        self._positions = positions
        self._ids = ids
        self._clock = clock
        self._sizing = Sizing(intake, blotter)
        self._pairing = Pairing(self._sizing, blotter)
        self._groups = Groups(self._sizing, blotter)
        self._of: dict[Symbol, dict[str, Bracket]] = {}
        self._done: dict[str, Bracket] = {}
        """Those that only a bust can bring back, by their entries."""
        self._strays: dict[str, Order] = {}
        """Legs whose entry is not known."""
        self._dirty: dict[Symbol, None] = {}
        self._busy = False
        self._awake = False

    def connect(self, bus: Bus) -> None:
        """Hear of orders and fills from now on; the ledger must hear of them before."""
        bus.subscribe(OrderSubmitted, lambda event: self._submitted(event.request.client_id))
        bus.subscribe(OrderFilled, lambda event: self._reopened(event.order.client_id))
        bus.subscribe(OrderChanged, lambda event: self._on_order(event.order))
        bus.subscribe(FillBusted, lambda event: self._reopened(event.fill.client_id))
        bus.subscribe(FillCorrected, lambda event: self._reopened(event.fill.client_id))
        bus.subscribe(PositionAdjusted, lambda event: self._tend_soon(event.fill.symbol))

    def check(self) -> None:
        """Look at every order of the account, and send what is missing.

        Called once the account agrees with its broker; until then nothing is done.
        """
        first, self._awake = not self._awake, True
        for order in self._blotter.orders.values():
            self._index(order)
        if first:
            self._let_be_what_was_over()
        for symbol in dict.fromkeys([*self._of, *(order.symbol for order in self._strays.values())]):
            self._tend_soon(symbol)
        for group in self._groups.names():
            self._groups.tend(group)

    def _let_be_what_was_over(self) -> None:
        for brackets in self._of.values():
            for bracket in brackets.values():
                if bracket.was_over:
                    self._tell_of_bare(bracket)
                    bracket.settle_for(0)

    def _tell_of_bare(self, bracket: Bracket) -> None:
        """Say what may have no exits: nobody knows any more whether it was closed otherwise."""
        entry = bracket.entry
        bare = min(bracket.unmet, max(0, int(entry.side) * self._held(entry.symbol)))
        if bare:
            text = f"the exits of {label(entry)} ended before this start; up to {in_words(entry, bare)} are without"
            self._blotter.alert(Severity.WARNING, text)

    def retry(self, symbol: Symbol) -> None:
        """Send again, once, the legs of a symbol that were refused or taken away."""
        for bracket in self._of.get(symbol, {}).values():
            bracket.refused_at = dict.fromkeys(kinds_of_entry(bracket), -1)
        self._tend_soon(symbol)

    def of(self, symbol: Symbol) -> tuple[Bracket, ...]:
        """Return the brackets of a symbol that may still change, oldest first."""
        return tuple(self._of.get(symbol, {}).values())

    def _submitted(self, client_id: str) -> None:
        order = self._blotter.orders.get(client_id)
        if self._awake and order is not None:
            self._index(order)

    def _index(self, order: Order) -> None:
        request = order.request
        if request.plan is not None:
            self._bracket(order)
        elif request.parent:
            entry = self._blotter.orders.get(request.parent)
            if entry is None:
                self._strays[order.client_id] = order
            else:
                self._bracket(entry).legs[order.client_id] = order
        elif request.group:
            self._groups.take(order)

    def _bracket(self, entry: Order) -> Bracket:
        of_symbol = self._of.setdefault(entry.symbol, {})
        bracket = of_symbol.get(entry.client_id)
        if bracket is None:
            bracket = self._done.pop(entry.client_id, None) or Bracket(entry)
            of_symbol[entry.client_id] = bracket
        return bracket

    def _reopened(self, client_id: str) -> None:
        """Take up a bracket or a group again that seemed done: a fill may come after an end."""
        order = self._blotter.orders.get(client_id)
        if not self._awake or order is None:
            return
        self._index(order)
        group = "" if order.request.parent else order.request.group
        if group:
            for each in self._blotter.orders.values():
                if each.request.group == group:
                    self._groups.take(each)
        self._on_order(order)

    def _is_followed(self, order: Order) -> bool:
        request = order.request
        if request.plan is None and not request.parent:
            return not request.group or request.group in self._groups
        brackets = self._of.get(order.symbol, {})
        return (request.parent or order.client_id) in brackets or order.client_id in self._strays

    def _on_order(self, order: Order) -> None:
        if not self._awake:
            return
        if order.is_open and not self._is_followed(order):
            self._reopened(order.client_id)
            return
        request = order.request
        if request.group and not request.parent:
            self._groups.tend(request.group)
        if order.symbol in self._of or self._strays:
            self._tend_soon(order.symbol)

    def _tend_soon(self, symbol: Symbol) -> None:
        """Tend a symbol, unless that is what made the change; then once more, afterwards."""
        if not self._awake:
            return
        self._dirty[symbol] = None
        if self._busy:
            return
        self._busy = True
        try:
            while self._dirty:
                self._tend(self._dirty.popitem()[0])
        finally:
            self._busy = False

    def _tend(self, symbol: Symbol) -> None:
        held = self._held(symbol)
        rooms = {1: max(0, held), -1: max(0, -held)}
        brackets = self._of.get(symbol, {})
        for name, bracket in list(brackets.items()):
            side = int(bracket.entry.side)
            bracket.settle_for(min(bracket.unmet, rooms[side]))
            rooms[side] -= bracket.need
            self._tell_of_race(bracket)
            self._fit(bracket)
            if bracket.is_done:
                self._done[name] = brackets.pop(name)
        if not brackets:
            self._of.pop(symbol, None)
        self._tend_strays(symbol, rooms)

    def _held(self, symbol: Symbol) -> int:
        position = self._positions.get(symbol)
        return 0 if position is None else position.quantity

    def _fit(self, bracket: Bracket) -> None:
        size = self._pairing.left_by_pairs(bracket)
        if size is None:
            return
        if size and self._send_pair(bracket, size):
            return
        for leg in kinds_of_entry(bracket):
            self._fit_alone(bracket, leg, size)

    def _fit_alone(self, bracket: Bracket, leg: Leg, size: int) -> None:
        working = bracket.open_alone(leg)
        for extra in working[1:]:
            self._sizing.fit(extra, 0)
        if working:
            self._sizing.fit(working[0], size)
        elif size and self._is_wanted(bracket, leg, size):
            self._send(bracket, leg, size)

    def _is_wanted(self, bracket: Bracket, leg: Leg, size: int) -> bool:
        """Whether a leg is to be sent; one that was lost since it was looked at last is told, and is not."""
        last = bracket.last_leg(leg)
        if last is not None and leg not in bracket.refused_at and self._pairing.was_lost(bracket, last):
            self._refused(bracket, leg, last, size)
        return bracket.refused_at.get(leg) != bracket.entry.filled

    def _send(self, bracket: Bracket, leg: Leg, size: int) -> None:
        request = self._leg_request(bracket, leg, size, bracket.next_attempt(leg))
        bracket.refused_at.pop(leg, None)
        sent = self._intake.submit(request)
        order = self._blotter.orders.get(request.client_id)
        if order is not None:
            bracket.legs[request.client_id] = order
        if not sent and order is not None:
            self._refused(bracket, leg, order, size)

    def _send_pair(self, bracket: Bracket, size: int) -> bool:
        """Send a stop and a target as one, where both are wanted and the broker holds them so; return whether they went."""
        plan = bracket.entry.request.plan
        if plan is None or plan.stop is None or plan.target is None or bracket.has_alone:
            return False
        if not self._intake.holds_as_one(bracket.entry.symbol):
            return False
        wanted = [self._is_wanted(bracket, leg, size) for leg in (Leg.STOP, Leg.TARGET)]
        if not all(wanted):
            return False
        attempt = bracket.next_attempt(Leg.STOP, Leg.TARGET)
        stop, target = (
            self._leg_request(bracket, leg, size, attempt, paired=True) for leg in (Leg.STOP, Leg.TARGET)
        )
        went = self._intake.submit_pair(stop, target)
        if went:
            bracket.refused_at.clear()
            orders = self._blotter.orders
            bracket.legs.update({each.client_id: orders[each.client_id] for each in (stop, target)})
        return went

    def _leg_request(
        self, bracket: Bracket, leg: Leg, size: int, attempt: int, *, paired: bool = False
    ) -> OrderRequest:
        number, now_ns = self._ids.next()[1], self._clock.now_ns()
        return leg_request(bracket, leg, size, attempt, number=number, now_ns=now_ns, paired=paired)

    def _refused(self, bracket: Bracket, leg: Leg, order: Order, without: int) -> None:
        entry = bracket.entry
        bracket.refused_at[leg] = entry.filled
        size, reason = in_words(entry, without), order.reason or "no reason given"
        text = f"the {leg} of {label(entry)} was {order.status}: {reason}; {size} are without it"
        asked_for = order.status is OrderStatus.CANCELED and order.cancel_wanted
        self._blotter.alert(Severity.WARNING if asked_for else Severity.CRITICAL, text)

    def _tell_of_race(self, bracket: Bracket) -> None:
        over = bracket.overfilled
        if over > bracket.over:
            bracket.over = over
            size = in_words(bracket.entry, over)
            text = f"the legs of {label(bracket.entry)} filled {size} more than it; the position is real"
            self._blotter.alert(Severity.CRITICAL, text)

    def _tend_strays(self, symbol: Symbol, rooms: dict[int, int]) -> None:
        """Take off legs of entries that are not known, as far as there is nothing left for them to close."""
        for order in [each for each in self._strays.values() if each.symbol == symbol]:
            room = rooms[-int(order.side)]
            if not order.is_open:
                del self._strays[order.client_id]
            elif order.leaves > room:
                self._sizing.fit(order, 0 if order.request.is_paired else room)


def kinds_of_entry(bracket: Bracket) -> tuple[Leg, ...]:
    """Return which legs an entry's plan has."""
    plan = bracket.entry.request.plan
    return () if plan is None else kinds_of(plan)
