"""Parts of orders that were traded, and the short messages about an order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tests.venues.ib import told
from tests.venues.ib.orders import Order
from tests.venues.price_time import ZERO

FEE = Decimal("0.35")


@dataclass(frozen=True)
class Execution:
    """A part of an order, traded."""

    exec_id: str
    order: Order
    price: Decimal
    quantity: Decimal
    is_maker: bool
    at_s: float
    filled: Decimal
    """How much of the order was filled by then."""

    def fields(self, request: int) -> list[object]:
        """Return it as it is told; `request` is -1 for one that nobody asked for."""
        order = self.order
        return [
            11,
            request,
            order.order_id,
            *told.contract(order.contract),
            self.exec_id,
            told.moment(self.at_s),
            order.account,
            order.contract.exchange,
            "BOT" if order.side == "buy" else "SLD",
            told.number(self.quantity),
            told.number(self.price),
            order.perm_id,
            order.client_id,
            0,
            told.number(self.filled),
            told.number(order.average),
            order.ref,
            "",
            "",
            "",
            1 if self.is_maker else 2,
        ]


def status(order: Order) -> list[object]:
    """Return how an order stands."""
    return [
        3,
        order.order_id,
        order.status,
        told.number(order.filled),
        told.number(order.leaves),
        told.number(order.average),
        order.perm_id,
        0,
        told.number(order.last_price),
        order.client_id,
        "",
        "0",
    ]


def commission(each: Execution) -> list[object]:
    """Return what a fill cost."""
    return [59, 1, each.exec_id, told.number(FEE), each.order.contract.currency, "", "", ""]


def positions_of(executions: Iterable[Execution]) -> dict[int, tuple[Decimal, Decimal]]:
    """Return what is held of each contract after these, and what it cost on the average."""
    held: dict[int, Decimal] = {}
    spent: dict[int, Decimal] = {}
    for each in executions:
        con_id, signed = each.order.contract.con_id, each.order.sign * each.quantity
        held[con_id] = held.get(con_id, ZERO) + signed
        spent[con_id] = spent.get(con_id, ZERO) + signed * each.price
    return {con_id: (quantity, spent[con_id] / quantity) for con_id, quantity in held.items() if quantity}
