"""What is asked of the account over HTTP: orders, executions, coins; every request is signed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.venues.binance.exchange import UID
from tests.venues.binance.floor import Floor
from tests.venues.binance.orders import Order, OrderList
from tests.venues.binance.refused import Refused
from tests.venues.binance.rules import number

Told = dict[str, str]
Route = tuple[Callable[[Told], Any], Callable[[Told], int]]
PAGE_MAX = 1000
DAY_MS = 86_400_000


class OrderCounts:
    """How many orders were sent in each window; those that were refused count too."""

    def __init__(self) -> None:
        self.most = {10: 100, 86_400: 200_000}
        """How many, by the seconds of their window."""
        self._counts: dict[int, tuple[int, int]] = {}

    def count(self) -> None:
        """Count one, or refuse it."""
        for seconds, most in self.most.items():
            window, count = self._now(seconds)
            if count >= most:
                raise Refused(-1015, f"Too many new orders; current limit is {most} orders.", 429)
            self._counts[seconds] = (window, count + 1)

    def headers(self) -> dict[str, str]:
        """Return what answers to orders tell of it."""
        names = {10: "X-MBX-ORDER-COUNT-10S", 86_400: "X-MBX-ORDER-COUNT-1D"}
        return {name: str(self._now(seconds)[1]) for seconds, name in names.items()}

    def limits(self) -> list[dict[str, Any]]:
        """Return what exchangeInfo tells of it."""
        windows = ((10, "SECOND", 10), (86_400, "DAY", 1))
        return [
            {"rateLimitType": "ORDERS", "interval": unit, "intervalNum": many, "limit": self.most[seconds]}
            for seconds, unit, many in windows
        ]

    def _now(self, seconds: int) -> tuple[int, int]:
        window = int(time.time()) // seconds
        counted, count = self._counts.get(seconds, (0, 0))
        return window, count if counted == window else 0


class AccountRoutes:
    """Each route with what it costs; orders and cancels that are taken cost nothing."""

    free = (
        "POST /api/v3/order",
        "DELETE /api/v3/order",
        "POST /api/v3/order/test",
        "POST /api/v3/orderList/oco",
        "DELETE /api/v3/orderList",
    )

    def __init__(self, floor: Floor) -> None:
        self.counts = OrderCounts()
        self._floor = floor
        self.routes: dict[str, Route] = {
            "POST /api/v3/order": (self._submit, lambda _: 1),
            "POST /api/v3/order/test": (self._try, lambda _: 1),
            "DELETE /api/v3/order": (self._cancel, lambda _: 1),
            "GET /api/v3/order": (lambda told: self._find(told).read(), lambda _: 4),
            "PUT /api/v3/order/amend/keepPriority": (self._make_smaller, lambda _: 4),
            "POST /api/v3/orderList/oco": (self._submit_list, lambda _: 1),
            "DELETE /api/v3/orderList": (self._cancel_list, lambda _: 1),
            "GET /api/v3/orderList": (lambda told: self._floor.exchange.find_list(told).read(), lambda _: 4),
            "GET /api/v3/openOrderList": (self._open_lists, lambda _: 6),
            "GET /api/v3/openOrders": (self._open, lambda told: 6 if "symbol" in told else 80),
            "DELETE /api/v3/openOrders": (self._cancel_all, lambda _: 1),
            "GET /api/v3/allOrders": (self._all, lambda _: 20),
            "GET /api/v3/myTrades": (self._trades, lambda told: 5 if "orderId" in told else 20),
            "GET /api/v3/account": (self._account, lambda _: 20),
            "GET /api/v3/rateLimit/order": (lambda _: self.counts.limits(), lambda _: 40),
        }

    def _submit(self, told: Told) -> dict[str, Any]:
        self._check_symbol(told)
        self.counts.count()
        order = self._floor.exchange.submit(told)
        kind = told.get("newOrderRespType", "FULL" if order.type in {"MARKET", "LIMIT"} else "ACK")
        answer = {
            "symbol": order.symbol,
            "orderId": order.id,
            "orderListId": -1,
            "clientOrderId": order.name,
            "transactTime": order.update_time or order.time,
        }
        if kind == "ACK":
            return answer
        made = [each.full() for each in self._floor.exchange.trades if each.order is order]
        return order.read() | answer | ({"fills": made} if kind == "FULL" else {})

    def _submit_list(self, told: Told) -> dict[str, Any]:
        self._check_symbol(told)
        for _ in range(2):
            self.counts.count()
        return _with_reports(self._floor.exchange.submit_list(told))

    def _cancel_list(self, told: Told) -> dict[str, Any]:
        self._check_symbol(told)
        return _with_reports(self._floor.exchange.cancel_list(told))

    def _open_lists(self, _: Told) -> list[dict[str, Any]]:
        return [each.read() for each in self._floor.exchange.lists.values() if not each.is_done]

    def _try(self, told: Told) -> dict[str, Any]:
        self._check_symbol(told)
        self._floor.exchange.check(told)
        return {}

    def _cancel(self, told: Told) -> dict[str, Any]:
        exchange = self._floor.exchange
        try:
            order = self._find(told)
        except Refused as refused:
            raise Refused(-2011, "Unknown order sent.") if refused.code == -2013 else refused from None
        return exchange.cancel(order, told.get("newClientOrderId", f"cancel-{order.id}"))

    def _cancel_all(self, told: Told) -> list[dict[str, Any]]:
        self._check_symbol(told)
        exchange = self._floor.exchange
        found = [each for each in exchange.open if each.symbol == told["symbol"]]
        if not found:
            raise Refused(-2011, "Unknown order sent.")
        return [exchange.cancel(each, f"cancel-{each.id}") for each in found if not each.ended]

    def _make_smaller(self, told: Told) -> dict[str, Any]:
        order = self._find(told)
        changed = self._floor.exchange.make_smaller(
            order, number(told, "newQty"), told.get("newClientOrderId", f"amended-{order.id}")
        )
        return {
            "transactTime": changed.update_time,
            "executionId": 1,
            "amendedOrder": {
                "symbol": changed.symbol,
                "orderId": changed.id,
                "orderListId": -1,
                "origClientOrderId": told.get("origClientOrderId", changed.name),
                "clientOrderId": changed.name,
                "price": changed.read()["price"],
                "qty": changed.read()["origQty"],
                "executedQty": changed.read()["executedQty"],
                "status": changed.status,
            },
        }

    def _open(self, told: Told) -> list[dict[str, Any]]:
        if "symbol" in told:
            self._check_symbol(told)
        wanted = told.get("symbol")
        return [each.read() for each in self._floor.exchange.open if wanted in {None, each.symbol}]

    def _all(self, told: Told) -> list[dict[str, Any]]:
        self._check_symbol(told)
        orders = [each for each in self._floor.exchange.orders.values() if each.symbol == told["symbol"]]
        rows = [(each.id, each.time, each.read()) for each in orders]
        return _page(told, rows, "orderId")

    def _trades(self, told: Told) -> list[dict[str, Any]]:
        self._check_symbol(told)
        trades = [each for each in self._floor.exchange.trades if each.order.symbol == told["symbol"]]
        if "orderId" in told:
            trades = [each for each in trades if str(each.order.id) == told["orderId"]]
        rows = [(each.id, each.time, each.read()) for each in trades]
        return _page(told, rows, "fromId")

    def _account(self, _: Told) -> dict[str, Any]:
        return {
            "makerCommission": 0,
            "takerCommission": 0,
            "canTrade": True,
            "canWithdraw": False,
            "canDeposit": True,
            "accountType": "SPOT",
            "balances": self._floor.exchange.purse.read(),
            "permissions": ["SPOT"],
            "uid": UID,
            "updateTime": self._floor.now_ms(),
        }

    def _find(self, told: Told) -> Order:
        self._check_symbol(told)
        return self._floor.exchange.find(told)

    def _check_symbol(self, told: Mapping[str, str]) -> None:
        if "symbol" not in told:
            raise Refused(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
        if told["symbol"] not in self._floor.books:
            raise Refused(-1121, "Invalid symbol.")


def _with_reports(made: OrderList) -> dict[str, Any]:
    return made.read() | {"orderReports": [each.read() for each in made.orders]}


def _page(told: Told, rows: list[tuple[int, int, dict[str, Any]]], cursor: str) -> list[dict[str, Any]]:
    """Return rows from an id on, or of at most a day, or the last ones; never more than are asked for."""
    most = min(PAGE_MAX, int(told.get("limit", "500")))
    if cursor in told and (cursor == "fromId" or "startTime" not in told):
        return [row for number, _, row in rows if number >= int(told[cursor])][:most]
    if "startTime" in told or "endTime" in told:
        start = int(told.get("startTime", "0"))
        end = int(told.get("endTime", str(start + DAY_MS)))
        if "startTime" in told and end - start > DAY_MS:
            raise Refused(-1127, "More than 24 hours between startTime and endTime.")
        return [row for _, at, row in rows if start <= at <= end][:most]
    return [row for _, _, row in rows][-most:]
