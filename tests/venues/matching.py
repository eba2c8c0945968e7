"""How the venue decides: against the touch it was told of, or by chance where it was told of none."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from tests.venues.truth import Truth, VenueOrder

Message = dict[str, Any]
ZERO = Decimal(0)
_TYPES = {"market", "limit", "stop", "stop_limit", "trailing"}
_NEEDS_LIMIT = {"limit", "stop_limit"}
_NEEDS_STOP = {"stop", "stop_limit"}


class Exchange:
    """Takes what desks ask for, decides, and says what was decided."""

    def __init__(self, truth: Truth, random: Random, say: Callable[[Message], None]) -> None:
        self.truth = truth
        self.touches: dict[str, dict[str, Decimal]] = {}
        self.bust_share = 0.0
        self.late_fill_share = 0.0
        self._random = random
        self._say = say

    # What desks ask for

    def submit(self, message: Message) -> None:
        client_id = message["client_id"]
        reason = self._objection(message)
        if client_id in self.truth.orders:
            reason = f"duplicate client id {client_id}"
            self._tell("rejected", client_id, reason=reason, kind="duplicate_id")
            return
        self._enter(message, "rejected" if reason else "working", reason)
        order = self.truth.orders[client_id]
        if reason:
            self._tell("rejected", client_id, reason=reason)
        else:
            self._tell("accepted", client_id, venue_id=order.venue_id)
            self._work(order)

    def cancel(self, message: Message) -> None:
        order = self.truth.orders.get(message["client_id"])
        if order is None or order.ended:
            self._refuse_change(message["client_id"], order)
            return
        self._end(order, "canceled", "")
        if order.leaves > 0 and self._random.random() < self.late_fill_share:
            self._fill(order, order.limit or Decimal(1), order.leaves, "maker")

    def amend(self, message: Message) -> None:
        order = self.truth.orders.get(message["client_id"])
        if order is None or order.ended:
            self._refuse_change(message["client_id"], order)
            return
        quantity = max(Decimal(message["quantity"]), order.filled)
        limit = Decimal(message["limit"]) if message.get("limit") is not None else order.limit
        stop = Decimal(message["stop"]) if message.get("stop") is not None else order.stop
        now_ns = time.time_ns()
        self.truth.decide(
            "amend", now_ns, client_id=order.client_id, quantity=quantity, limit=limit, stop=stop
        )
        terms = {"quantity": order.quantity, "limit": order.limit, "stop": order.stop}
        self._tell("replaced", order.client_id, symbol=order.symbol, **terms)
        if order.leaves <= 0:
            self.truth.decide("end", now_ns, client_id=order.client_id, status="filled", reason="")
        else:
            self._work(order)

    def _refuse_change(self, client_id: str, order: VenueOrder | None) -> None:
        if order is None:
            self._tell("cancel_rejected", client_id, reason="no such order", kind="unknown_order")
        else:
            self._tell("cancel_rejected", client_id, reason=f"too late: it is {order.status}")

    # What the market does

    def quote(self, symbol: str, bid: Decimal, ask: Decimal, bid_size: Decimal, ask_size: Decimal) -> None:
        """Show this touch, and let what rests meet it."""
        self.touches[symbol] = {"bid": bid, "ask": ask, "bid_size": bid_size, "ask_size": ask_size}
        for order in list(self.truth.orders.values()):
            if order.symbol == symbol and not order.ended:
                self._work(order, resting=True)

    def drift(self) -> None:
        """Let something that rests trade by chance, where no touch says otherwise."""
        resting = [o for o in self.truth.orders.values() if not o.ended and o.triggered]
        free = [order for order in resting if order.symbol not in self.touches]
        if free:
            order = self._random.choice(free)
            self._fill(order, order.limit or Decimal(1), self._part(order), "maker")

    # Deciding

    def _objection(self, message: Message) -> str:
        kind = message.get("order_type", "limit")
        if kind not in _TYPES:
            return f"orders of type {kind} are not taken here"
        if Decimal(message["quantity"]) <= 0:
            return "the quantity must be above 0"
        if kind in _NEEDS_LIMIT and message.get("limit") is None:
            return "a limit is missing"
        needed = "stop" if kind in _NEEDS_STOP else "trail" if kind == "trailing" else "quantity"
        if Decimal(message.get(needed) or 0) <= 0:
            return f"a {needed} is missing"
        limit = message.get("limit")
        if message.get("post_only") and limit is not None and self._crosses(message, Decimal(limit)):
            return "it would take, and is post-only"
        return ""

    def _crosses(self, message: Message, limit: Decimal) -> bool:
        touch = self.touches.get(message["symbol"])
        if touch is None:
            return False
        return limit >= touch["ask"] if message["side"] == "buy" else limit <= touch["bid"]

    def _enter(self, message: Message, status: str, reason: str) -> None:
        self.truth.decide(
            "order",
            time.time_ns(),
            client_id=message["client_id"],
            venue_id=f"BV-{self.truth.decisions + 1}",
            symbol=message["symbol"],
            side=message["side"],
            quantity=message["quantity"],
            order_type=message.get("order_type", "limit"),
            tif=message.get("tif", "day"),
            limit=message.get("limit"),
            stop=message.get("stop"),
            trail=message.get("trail"),
            post_only=message.get("post_only", False),
            reduce_only=message.get("reduce_only", False),
            status=status,
            reason=reason,
        )

    def _work(self, order: VenueOrder, *, resting: bool = False) -> None:
        touch = self.touches.get(order.symbol)
        if touch is None:
            self._work_by_chance(order)
            return
        if not order.triggered and not self._trigger(order, touch):
            return
        self._match(order, touch, resting=resting)

    def _trail(self, order: VenueOrder, touch: dict[str, Decimal]) -> None:
        """Let a trailing stop follow the touch that it would meet."""
        assert order.trail is not None
        best = touch["ask"] if order.side == "buy" else touch["bid"]
        stop = best + order.sign * order.trail
        if order.stop is None or order.sign * (stop - order.stop) < 0:
            self.truth.decide("trailed", time.time_ns(), client_id=order.client_id, stop=stop)
            self._tell("trailed", order.client_id, symbol=order.symbol, stop=str(stop))

    def _trigger(self, order: VenueOrder, touch: dict[str, Decimal]) -> bool:
        if order.trail is not None:
            self._trail(order, touch)
        assert order.stop is not None
        reached = touch["ask"] >= order.stop if order.side == "buy" else touch["bid"] <= order.stop
        if reached:
            self.truth.decide("triggered", time.time_ns(), client_id=order.client_id)
            self._tell("triggered", order.client_id)
        return reached

    def _match(self, order: VenueOrder, touch: dict[str, Decimal], *, resting: bool) -> None:
        price, size = ("ask", "ask_size") if order.side == "buy" else ("bid", "bid_size")
        meets = order.limit is None or order.sign * (order.limit - touch[price]) >= 0
        quantity = min(order.leaves, touch[size]) if meets else ZERO
        if order.tif == "fok" and quantity < order.leaves:
            quantity = ZERO
        if quantity > 0:
            touch[size] -= quantity
            at = order.limit if resting and order.limit is not None else touch[price]
            self._fill(order, at, quantity, "maker" if resting else "taker")
        if not order.ended and (order.tif in {"ioc", "fok"} or order.limit is None):
            self._end(order, "canceled", "it could not be filled further at once")

    def _work_by_chance(self, order: VenueOrder) -> None:
        """Where no touch is known an order meets its own limit, or one, in a part of the cases."""
        if not order.triggered:
            return
        now = order.limit is None or self._random.random() < 0.5
        if now:
            whole = order.limit is None or order.tif == "fok" or self._random.random() < 0.5
            price = order.limit or Decimal(1)
            self._fill(order, price, order.leaves if whole else self._part(order), "taker")
        if not order.ended and order.tif in {"ioc", "fok"}:
            self._end(order, "canceled", "it could not be filled further at once")

    def _part(self, order: VenueOrder) -> Decimal:
        """Return some of what is left, on the grid on which the quantity lies."""
        step = Decimal((0, (1,), int(order.quantity.as_tuple().exponent)))
        return self._random.randint(1, int(order.leaves / step)) * step

    def _fill(self, order: VenueOrder, price: Decimal, quantity: Decimal, liquidity: str) -> None:
        now_ns = time.time_ns()
        fill = {
            "fill_id": f"BF-{self.truth.decisions + 1}",
            "client_id": order.client_id,
            "symbol": order.symbol,
            "side": order.side,
            "price": str(price),
            "quantity": str(quantity),
            "fee": "0.01",
            "fee_currency": "USD",
            "liquidity": liquidity,
            "time_ns": now_ns,
        }
        self.truth.decide("fill", now_ns, client_id=order.client_id, fill=fill)
        self._say({"type": "filled", "fill": fill})
        if self._random.random() < self.bust_share:
            self.bust(fill)

    def bust(self, fill: Message) -> None:
        """Take a fill back."""
        self.truth.decide("bust", time.time_ns(), client_id=fill["client_id"], fill=fill)
        self._tell("busted", fill["client_id"], fill_id=fill["fill_id"], reason="clearly erroneous")

    def _end(self, order: VenueOrder, status: str, reason: str) -> None:
        now_ns = time.time_ns()
        self.truth.decide("end", now_ns, client_id=order.client_id, status=status, reason=reason)
        self._tell(status, order.client_id, reason=reason, symbol=order.symbol, filled=str(order.filled))

    def _tell(self, kind: str, client_id: str, /, **facts: Any) -> None:
        self._say({"type": kind, "client_id": client_id, "time_ns": time.time_ns(), **facts})
