"""An account's orders and executions at Binance, page after page.

Binance gives at most a day at once by time, and any number by id. So what is not long ago is asked for day by day, and
what is longer ago by ids from the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.account_requests import AccountRequests
from engine.clock import NS_PER_MS, NS_PER_S, Clock

PAGE = 1000
PAGES_MAX = 50
"""Pages of one kind and symbol beyond which a stock is not whole."""
DAYS_MAX = 7
_DAY_MS = 86_400_000
MARGIN_NS = NS_PER_S
"""How much further back than needed is asked; what is too old is left out afterwards."""


class _Numbered(Protocol):
    @property
    def number(self) -> int:
        """What it is numbered by at the venue."""


Row = TypeVar("Row", bound=_Numbered)


class Pages:
    """Reads them all, up to a bound that is told."""

    def __init__(self, requests: AccountRequests, clock: Clock) -> None:
        self.complete = True
        """Whether every page was read since `begin`."""
        self._requests = requests
        self._clock = clock

    def begin(self) -> None:
        """Begin anew."""
        self.complete = True

    async def orders(self, symbol: str, since_ns: int) -> list[m.OrderText]:
        """Return a symbol's orders since about a time; raises what a read raises."""
        return await self._all("allOrders", symbol, since_ns, "orderId", m.read_orders)

    async def trades(self, symbol: str, since_ns: int) -> list[m.TradeText]:
        """Return a symbol's executions since about a time; raises what a read raises."""
        return await self._all("myTrades", symbol, since_ns, "fromId", m.read_trades)

    async def of_order(self, symbol: str, order_id: int) -> list[m.TradeText]:
        """Return the executions of one order; raises what a read raises."""
        terms = {"symbol": symbol, "orderId": str(order_id)}
        return m.read_trades(await self._requests.read("myTrades", terms, 5))

    async def _all(
        self, what: str, symbol: str, since_ns: int, cursor: str, read: Callable[[bytes], list[Row]]
    ) -> list[Row]:
        found: list[Row] = []
        for terms in self._beginnings(since_ns, cursor):
            page = read(await self._page(what, symbol, terms))
            found += page
            if len(page) >= PAGE:  # by ids everything after is read, whatever its day
                return found + await self._after(what, symbol, cursor, page, read)
        return found

    async def _after(
        self, what: str, symbol: str, cursor: str, page: list[Row], read: Callable[[bytes], list[Row]]
    ) -> list[Row]:
        found: list[Row] = []
        for _ in range(PAGES_MAX):
            after = {cursor: str(max(each.number for each in page) + 1)}
            page = read(await self._page(what, symbol, after))
            found += page
            if len(page) < PAGE:
                return found
        self.complete = False
        return found

    async def _page(self, what: str, symbol: str, terms: Mapping[str, str]) -> bytes:
        return await self._requests.read(what, {"symbol": symbol, "limit": str(PAGE), **terms}, 20)

    def _beginnings(self, since_ns: int, cursor: str) -> Iterator[dict[str, str]]:
        """Yield where to begin: each day that is wanted, or the first id."""
        now_ms = (self._clock.now_ns() + (self._requests.skew.skew_ns or 0)) // NS_PER_MS
        since_ms = max(0, since_ns - MARGIN_NS) // NS_PER_MS
        if now_ms - since_ms > DAYS_MAX * _DAY_MS:
            yield {cursor: "0"}
            return
        for start_ms in range(since_ms, now_ms + 1, _DAY_MS):
            end_ms = min(start_ms + _DAY_MS - 1, now_ms + _DAY_MS // 2)
            yield {"startTime": str(start_ms), "endTime": str(end_ms)}
