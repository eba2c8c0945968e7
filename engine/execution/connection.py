"""The way to the broker: whether it is open, and what leaves first when it opens."""

from __future__ import annotations

from engine.execution.hands import Hands
from engine.execution.watch import AnswerWatch
from engine.messages.events import Severity
from engine.model.order import Order, OrderStatus
from engine.model.working_orders import WorkingOrders


class Connection:
    """Says when the way closes and opens, and keeps cancels until they can leave."""

    def __init__(self, hands: Hands, working: WorkingOrders, watch: AnswerWatch) -> None:
        self._hands = hands
        self._working = working
        self._watch = watch
        self.is_open = True
        """True until a broker says otherwise: most have no way that could close."""
        self.reason = ""
        """Why it is closed."""
        self.cancels_alone = False
        """Whether the broker promised to cancel by itself once the desk is gone."""

    def closed(self, reason: str) -> None:
        """Say that the broker can't be reached, once; the reason may change while that lasts."""
        if self.is_open:
            text = f"no connection to the broker ({reason}): no order leaves, and cancels wait for it"
            self._hands.alert(Severity.CRITICAL, text)
        self.is_open, self.reason = False, reason

    def opened(self, after_s: int, *, cancels_alone: bool) -> None:
        """Let every wanted cancel out, before anything else leaves; it was closed for so long."""
        self.cancels_alone = cancels_alone
        asked = self._ask_again()
        if not self.is_open:
            first = f"; cancels that left first: {asked}" if asked else ""
            self._hands.alert(Severity.INFO, f"the broker is back after {after_s} s{first}")
        self.is_open, self.reason = True, ""

    def _ask_again(self) -> int:
        """Ask for every cancel that has no answer: what was written before can't be answered any more."""
        wanted = [order for order in self._working if order.cancel_wanted]
        for order in wanted:
            self._hands.cancel_there(order.client_id, "chase")
            self._watch.anew(order)
        return len(wanted)

    def waits_for(self, order: Order) -> bool:
        """Tell whether an order has no answer because its cancel has not left."""
        return not self.is_open and order.status is OrderStatus.PENDING_CANCEL
