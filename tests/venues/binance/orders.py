"""One order, as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.venues.binance.stock import padded
from tests.venues.price_time import ZERO, Resting

STOPS = ("STOP_LOSS", "STOP_LOSS_LIMIT")
LIMITS = ("LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT")
OPEN = ("NEW", "PARTIALLY_FILLED")


@dataclass(eq=False)
class Order:
    """One order of the account."""

    id: int
    symbol: str
    name: str
    side: str
    """`BUY` or `SELL`."""
    type: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    stop: Decimal
    time: int
    reserved: Decimal = ZERO
    """Of what it is paid with, how much is kept for it."""
    filled: Decimal = ZERO
    paid: Decimal = ZERO
    status: str = "NEW"
    update_time: int = 0
    triggered: bool = False
    entry: Resting | None = field(default=None, repr=False)
    list: OrderList | None = field(default=None, repr=False)
    """What it was sent in, together with another."""

    @property
    def leaves(self) -> Decimal:
        """What is still open of it."""
        return self.quantity - self.filled

    @property
    def ended(self) -> bool:
        """Whether it trades no more."""
        return self.status not in OPEN

    @property
    def way(self) -> str:
        """Its side as the book has it."""
        return self.side.lower()

    @property
    def limit(self) -> Decimal | None:
        """The worst price that it takes."""
        return self.price if self.type in LIMITS else None

    @property
    def waits(self) -> bool:
        """Whether it is a stop that was not reached."""
        return self.type in STOPS and not self.triggered

    @property
    def on_book(self) -> bool:
        """Whether it rests."""
        return self.entry is not None

    @property
    def list_id(self) -> int:
        """The number of its list, -1 for none."""
        return -1 if self.list is None else self.list.id

    def read(self) -> dict[str, Any]:
        """Return it as it is read over HTTP."""
        return {
            "symbol": self.symbol,
            "orderId": self.id,
            "orderListId": self.list_id,
            "clientOrderId": self.name,
            "price": _text(self.price),
            "origQty": _text(self.quantity),
            "executedQty": _text(self.filled),
            "cummulativeQuoteQty": _text(self.paid),
            "status": self.status,
            "timeInForce": self.time_in_force,
            "type": self.type,
            "side": self.side,
            "stopPrice": _text(self.stop),
            "icebergQty": _text(ZERO),
            "time": self.time,
            "updateTime": self.update_time or self.time,
            "isWorking": not self.waits,
            "workingTime": self.time,
            "origQuoteOrderQty": _text(ZERO),
            "selfTradePreventionMode": "NONE",
        }

    def told(self, what: str, now_ms: int, **more: Any) -> dict[str, Any]:
        """Return an event about it."""
        event = {
            "e": "executionReport", "E": now_ms, "s": self.symbol, "c": self.name, "S": self.side, "o": self.type,
            "f": self.time_in_force, "q": _text(self.quantity), "p": _text(self.price), "P": _text(self.stop),
            "F": _text(ZERO), "g": self.list_id, "C": "", "x": what, "X": self.status, "r": "NONE", "i": self.id,
            "l": _text(ZERO), "z": _text(self.filled), "L": _text(ZERO), "n": "0", "N": None,
            "T": self.update_time or self.time, "t": -1, "v": 1, "I": now_ms, "w": self.on_book, "m": False, "M": False,
            "O": self.time, "Z": _text(self.paid), "Y": _text(ZERO), "Q": _text(ZERO), "W": self.time, "V": "NONE",
        }  # fmt: skip
        return event | more


@dataclass(eq=False)
class OrderList:
    """Two orders of which only one trades."""

    id: int
    name: str
    time: int
    orders: tuple[Order, ...] = ()

    def other(self, order: Order) -> Order:
        """Return the one that an order is not."""
        return next(each for each in self.orders if each is not order)

    @property
    def is_done(self) -> bool:
        """Whether none of it trades any more."""
        return all(each.ended for each in self.orders)

    def read(self) -> dict[str, Any]:
        """Return it as it is read over HTTP."""
        done = self.is_done
        return {
            "orderListId": self.id,
            "contingencyType": "OCO",
            "listStatusType": "ALL_DONE" if done else "EXEC_STARTED",
            "listOrderStatus": "ALL_DONE" if done else "EXECUTING",
            "listClientOrderId": self.name,
            "transactionTime": self.time,
            "symbol": self.orders[0].symbol,
            "orders": [
                {"symbol": each.symbol, "orderId": each.id, "clientOrderId": each.name}
                for each in self.orders
            ],
        }

    def told(self, now_ms: int) -> dict[str, Any]:
        """Return an event about it."""
        read = self.read()
        return {
            "e": "listStatus", "E": now_ms, "s": read["symbol"], "g": self.id, "c": "OCO", "l": read["listStatusType"],
            "L": read["listOrderStatus"], "r": "NONE", "C": self.name, "T": self.time,
            "O": [{"s": each.symbol, "i": each.id, "c": each.name} for each in self.orders],
        }  # fmt: skip


@dataclass(frozen=True)
class Trade:
    """One execution of the account."""

    id: int
    order: Order
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time: int
    is_maker: bool

    def read(self) -> dict[str, Any]:
        """Return it as it is read over HTTP."""
        return {
            "symbol": self.order.symbol,
            "id": self.id,
            "orderId": self.order.id,
            "orderListId": self.order.list_id,
            "price": _text(self.price),
            "qty": _text(self.quantity),
            "quoteQty": _text(self.price * self.quantity),
            "commission": _text(self.fee),
            "commissionAsset": self.fee_asset,
            "time": self.time,
            "isBuyer": self.order.side == "BUY",
            "isMaker": self.is_maker,
            "isBestMatch": True,
        }

    def told(self) -> dict[str, Any]:
        """Return what an event about its order says of it."""
        return {
            "l": _text(self.quantity),
            "L": _text(self.price),
            "Y": _text(self.price * self.quantity),
            "n": _text(self.fee),
            "N": self.fee_asset,
            "t": self.id,
            "m": self.is_maker,
        }

    def full(self) -> dict[str, Any]:
        """Return it as the full answer to an order has it."""
        return {
            "price": _text(self.price),
            "qty": _text(self.quantity),
            "commission": _text(self.fee),
            "commissionAsset": self.fee_asset,
            "tradeId": self.id,
        }


def _text(number: Decimal) -> str:
    return padded(str(number))
