"""The client that Interactive Brokers publishes, aimed at the local gateway; it keeps what it hears."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel
from ibapi.wrapper import EWrapper

from tests.venues.ib.venue import IbVenue
from tests.waiting import wait_until


class Official(EWrapper, EClient):  # type: ignore[misc]  # it has no types
    """Both halves of it."""

    def __init__(self) -> None:
        EClient.__init__(self, self)
        self.next_id = 0
        self.heard: list[tuple[str, tuple[Any, ...]]] = []

    def of(self, name: str) -> list[tuple[Any, ...]]:
        """Return all calls of one name."""
        return [told for each, told in self.heard if each == name]

    def wait_for(self, name: str, is_it: Callable[..., object] = lambda *_: True) -> tuple[Any, ...]:
        """Wait for a call, and return what it told."""
        wait_until(lambda: any(is_it(*told) for told in self.of(name)), 20)
        return next(told for told in reversed(self.of(name)) if is_it(*told))

    def nextValidId(self, orderId: int) -> None:  # noqa: N802, N803  # its name
        self.next_id = orderId
        self.heard.append(("nextValidId", (orderId,)))

    def place(self, contract: Any, side: str, quantity: int, order_type: str, **terms: Any) -> int:
        """Place an order, and return its number."""
        order = Order()
        order.action, order.totalQuantity, order.orderType = side, quantity, order_type
        for name, value in terms.items():
            setattr(order, name, value)
        number, self.next_id = self.next_id, self.next_id + 1
        self.placeOrder(number, contract, order)
        return number

    def take_back(self, number: int) -> None:
        """Cancel an order."""
        self.cancelOrder(number, OrderCancel())


def _heard(name: str) -> Callable[..., None]:
    def hear(self: Official, *told: Any) -> None:
        self.heard.append((name, told))

    return hear


_NAMES = (
    "error openOrder orderStatus openOrderEnd execDetails execDetailsEnd commissionAndFeesReport contractDetails "
    "contractDetailsEnd position positionEnd completedOrder completedOrdersEnd historicalData historicalDataEnd "
    "tickPrice tickString accountSummary accountSummaryEnd managedAccounts currentTime"
)
for _name in _NAMES.split():
    setattr(Official, _name, _heard(_name))


def share(symbol: str) -> Any:
    """Return a share in dollars."""
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = symbol, "STK", "SMART", "USD"
    return contract


@contextmanager
def official(venue: IbVenue, client_id: int = 5) -> Iterator[Official]:
    """Run the client against a gateway."""
    client = Official()
    client.connect("127.0.0.1", venue.port, client_id)
    thread = threading.Thread(target=client.run, daemon=True)
    thread.start()
    try:
        client.wait_for("nextValidId")
        yield client
    finally:
        client.disconnect()
        thread.join(10)
