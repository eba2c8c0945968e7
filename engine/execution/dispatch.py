"""The last step before the broker: an order leaves once its intent is safe, and trading is not halted."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from engine.clock import NS_PER_S
from engine.execution import asked
from engine.execution.blotter import Blotter, label
from engine.execution.scribe import Scribe
from engine.execution.waiting import Waiting
from engine.messages.events import AmendAbandoned, Denial, OrderAbandoned, Severity
from engine.messages.order_path import Request
from engine.model.order import Order, OrderStatus
from engine.ports.broker import Broker, PairBroker
from engine.ports.fence import Fence
from engine.ports.gate import Gate
from engine.ports.journal import Journal

WAITING_MAX = 10_000
"""How many sends may wait for the disk."""
_PENDING_NEW = OrderStatus.PENDING_NEW
_PENDING_REPLACE = OrderStatus.PENDING_REPLACE
_SUBMIT = Request.SUBMIT


GIVEN_UP_AFTER_NS = 5 * NS_PER_S
"""How long an order waits for a disk before it is given up: by then its price is another."""


class Dispatch:
    """Holds sends back until the journal says that what announces them is durable.

    A cancel never waits, and passes the fence. An order that is taken back, or halted, while it waits never leaves.
    """

    __slots__ = ("_blotter", "_broker", "_gate", "_journal", "_scribe", "_waiting", "fence")

    def __init__(
        self, *, broker: Broker, journal: Journal, gate: Gate, scribe: Scribe, blotter: Blotter
    ) -> None:
        self._broker = broker
        self._journal = journal
        self._gate = gate
        self._scribe = scribe
        self._blotter = blotter
        self._waiting: deque[Waiting] = deque()
        self.fence: Fence | None = None
        """Says whether the account is ours; None where nobody else can have it."""

    def __len__(self) -> int:
        return len(self._waiting)

    def denied(self) -> tuple[Denial, ...]:
        """Return the denial of one more send, if the account is not ours or there is no room for it to wait."""
        if self.fence is not None and (refusal := self.fence.refusal()):
            return (Denial("lease", refusal),)
        if len(self._waiting) < WAITING_MAX:
            return ()
        return (Denial("journal", f"{WAITING_MAX:,} orders wait for the disk"),)

    def submit(self, order: Order) -> None:
        """Send an order whose intent was the last record written."""
        stamp = self._gate.stamp
        if self._is_safe():
            self._submit(order, stamp)
        else:
            self._wait((order,), lambda: self._submit(order, stamp))

    def submit_pair(self, stop: Order, target: Order) -> None:
        """Send two orders as one, whose intent was the last record written."""
        stamp = self._gate.stamp
        if self._is_safe():
            self._submit_pair(stop, target, stamp)
        else:
            self._wait((stop, target), lambda: self._submit_pair(stop, target, stamp))

    def amend(self, order: Order) -> None:
        """Send the terms on an order's way, which were the last record written."""
        stamp = self._gate.stamp
        if self._is_safe():
            self._amend(order, stamp)
        else:
            self._wait((order,), lambda: self._amend(order, stamp))

    def withdraw(self, order: Order) -> bool:
        """Abandon an order that has not left yet; return whether it had not."""
        for each in self._waiting:
            if order in each.orders and order.status is _PENDING_NEW:
                self._abandon(order, "cancelled before it left")
                return True
        return False

    def on_durable(self, durable: int) -> None:
        """Let out what the journal has made safe."""
        waiting = self._waiting
        while waiting and waiting[0].sequence <= durable:
            waiting.popleft().send()

    def give_up(self) -> None:
        """Abandon what has waited too long: nothing of it left, and nothing will."""
        late_ns = self._blotter.steady_ns() - GIVEN_UP_AFTER_NS
        while self._waiting and self._waiting[0].since_ns <= late_ns:
            for order in self._waiting.popleft().orders:
                self._give_up(order, "the disk did not keep it in time; it was not sent")

    def _give_up(self, order: Order, reason: str) -> None:
        if order.status is _PENDING_NEW:
            self._abandon(order, reason)
        elif order.status is _PENDING_REPLACE:
            self._abandon_amend(order, reason)
        self._blotter.alert(Severity.CRITICAL, f"{label(order)}: {reason}")

    def _wait(self, orders: tuple[Order, ...], send: Callable[[], None]) -> None:
        self._waiting.append(Waiting(self._scribe.sequence, orders, send, self._blotter.steady_ns()))

    def _is_safe(self) -> bool:
        return not self._waiting and self._scribe.sequence <= self._journal.durable

    def _fenced_off(self) -> str:
        """Return why the account is not ours, asked last, just before the send."""
        return self.fence.refusal() if self.fence is not None else ""

    def _submit(self, order: Order, stamp: int) -> None:
        if order.status is not _PENDING_NEW:
            return
        reason = self._fenced_off() or self._gate.held_back(order.request, stamp)
        if reason:
            self._abandon(order, reason)
        else:
            self._broker.submit(order.request)
            self._blotter.sent(order, _SUBMIT)

    def _submit_pair(self, stop: Order, target: Order, stamp: int) -> None:
        assert isinstance(self._broker, PairBroker)
        left = [order for order in (stop, target) if order.status is _PENDING_NEW]
        if len(left) < 2:  # one was taken back while they waited: the other goes alone
            for order in left:
                self._submit(order, stamp)
            return
        reason = (
            self._fenced_off()
            or self._gate.held_back(stop.request, stamp)
            or self._gate.held_back(target.request, stamp)
        )
        if reason:
            for order in left:
                self._abandon(order, reason)
        else:
            self._broker.submit_pair(stop.request, target.request)
            for order in left:
                self._blotter.sent(order, _SUBMIT)

    def _amend(self, order: Order, stamp: int) -> None:
        quantity = order.amend_quantity
        if order.status is not _PENDING_REPLACE or quantity is None:
            return
        reason = self._fenced_off() or self._gate.held_back(order.request, stamp)
        if reason:
            self._abandon_amend(order, reason)
            self._blotter.alert(Severity.WARNING, f"{label(order)} was not changed: {reason}")
        else:
            self._broker.amend(order.client_id, quantity, order.amend_limit, order.amend_stop)
            self._blotter.sent(order, Request.AMEND)

    def _abandon_amend(self, order: Order, reason: str) -> None:
        self._scribe.note(AmendAbandoned(order.client_id, reason, self._blotter.now_ns))
        asked.amend_abandoned(self._blotter, order)

    def _abandon(self, order: Order, reason: str) -> None:
        self._scribe.note(OrderAbandoned(order.client_id, reason, self._blotter.now_ns))
        asked.abandoned(self._blotter, order, reason)
