"""Everything that Binance has of the account, in the desk's words: what its own book is compared with."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.binance import account_messages as m
from engine.adapters.binance.account_reading import (
    cash_micros,
    changed_ns,
    fill_of_trade,
    order_of,
    positions,
    time_ns,
)
from engine.adapters.binance.account_requests import AccountRequests
from engine.adapters.binance.known import KnownOrder, KnownOrders
from engine.adapters.binance.pages import Pages
from engine.adapters.binance.pairs import Pairs
from engine.adapters.rest.readable import Readable
from engine.clock import Clock
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.transport.http import RefusedAnswer


class Stocktaker:
    """Answers what became of one order, and what there is of all."""

    def __init__(
        self, requests: AccountRequests, orders: KnownOrders, pairs: Pairs, clock: Clock, account: str
    ) -> None:
        self.readable = Readable()
        self._requests = requests
        self._orders = orders
        self._pairs = pairs
        self._pages = Pages(requests, clock)
        self._clock = clock
        self._account = account

    async def account(self) -> m.AccountText:
        """Return the account as it stands; raises what `take` raises."""
        return m.read_account(await self._requests.read("account", {}, 20))

    async def learn_limits(self) -> None:
        """Learn what is allowed, with the first pair that there is; raises what `take` raises."""
        for each in self._pairs.all[:1]:
            try:
                await self._requests.pair(str(each.symbol))
            except RefusedAnswer:
                return  # there is no such pair where orders go: each order for it is refused

    async def find(self, client_id: str) -> KnownOrder | None:
        """Return an order that a desk before this one sent, None where no pair has it; raises what `take` raises."""
        found = await self._search(client_id)
        return None if found is None else self._of(found)

    async def status(self, client_id: str) -> tuple[BrokerOrder, tuple[Fill, ...]] | None:
        """Return one order and all its fills, None where Binance knows no such order; raises what `take` raises."""
        known = self._orders.named(client_id)
        told = await self._look(known.identity) if known is not None else await self._search(client_id)
        if told is None:
            return None
        order = self._of(told)
        instrument = await self._pairs.get(told.symbol)
        fills = await self._pages.of_order(told.symbol, told.order_id) if told.executed_qty else []
        now_ns = self._clock.now_ns()
        return order_of(told, order.client_id, instrument), tuple(
            fill_of_trade(each, order.client_id, instrument, self._account, now_ns) for each in fills
        )

    async def take(self, since_ns: int) -> BrokerStock:
        """Return everything there is, and what ended since.

        Raises:
            AdapterError: Binance did not answer, or refused.
            DataError: an answer is none.
        """
        faults, as_of_ns = self.readable.faults, self._clock.now_ns()
        since_ns = min(max(since_ns, 0), as_of_ns)
        await self._requests.measure()
        skew = self._requests.skew
        bound_ns = since_ns and since_ns + (skew.skew_ns or 0) - skew.within_ns
        account = await self.account()
        working = m.read_orders(await self._requests.read("openOrders", {}, 80))
        ended, trades = await self._recent({each.symbol for each in working}, bound_ns)
        told = [*working, *(each for each in ended if changed_ns(each) >= bound_ns)]
        orders = await self._with_those_of(trades, told)
        return BrokerStock(
            as_of_ns=as_of_ns,
            since_ns=since_ns,
            orders=tuple(await self.readable.of(orders, self._order)),
            fills=tuple(await self.readable.of(trades, self._fill)),
            positions=positions(account, self._pairs.all),
            cash_micros=cash_micros(account, self._pairs.all),
            complete=self._pages.complete and faults == self.readable.faults,
        )

    async def _recent(self, symbols: set[str], bound_ns: int) -> tuple[list[m.OrderText], list[m.TradeText]]:
        """Return orders and executions since a time, of every pair that is listed or has an open order."""
        self._pages.begin()
        ended: list[m.OrderText] = []
        trades: list[m.TradeText] = []
        for symbol in sorted(symbols | {str(each.symbol) for each in self._pairs.all}):
            try:
                ended += await self._pages.orders(symbol, bound_ns)
                found = await self._pages.trades(symbol, bound_ns)
            except RefusedAnswer:
                continue  # there is no such pair where orders go: nothing of it is there
            trades += [each for each in found if time_ns(each.time) >= bound_ns]
        return ended, trades

    async def _with_those_of(
        self, trades: Iterable[m.TradeText], told: Iterable[m.OrderText]
    ) -> list[m.OrderText]:
        """Return each order once, as it was told last; those of executions too, however old they are."""
        found = {}
        for each in sorted(told, key=lambda order: order.update_time):
            found[each.symbol, each.order_id] = each
        for trade in trades:
            if (trade.symbol, trade.order_id) not in found:
                identity = {"symbol": trade.symbol, "orderId": str(trade.order_id)}
                if (order := await self._look(identity)) is not None:
                    found[trade.symbol, trade.order_id] = order
        return list(found.values())

    async def _look(self, identity: dict[str, str]) -> m.OrderText | None:
        try:
            return m.read_order(await self._requests.read("order", identity, 4))
        except RefusedAnswer:
            return None

    async def _search(self, client_id: str) -> m.OrderText | None:
        for each in self._pairs.all if client_id else ():
            told = await self._look({"symbol": str(each.symbol), "origClientOrderId": client_id})
            if told is not None:
                return told
        return None

    def _of(self, told: m.OrderText) -> KnownOrder:
        order = self._orders.of(told.symbol, told.order_id, told.client_order_id)
        if told.client_order_id:
            order.name = told.client_order_id
        return order

    async def _order(self, told: m.OrderText) -> BrokerOrder:
        instrument = await self._pairs.get(told.symbol)
        return order_of(told, self._of(told).client_id, instrument)

    async def _fill(self, trade: m.TradeText) -> Fill:
        instrument = await self._pairs.get(trade.symbol)
        order = self._orders.of(trade.symbol, trade.order_id, "")
        return fill_of_trade(trade, order.client_id, instrument, self._account, self._clock.now_ns())
