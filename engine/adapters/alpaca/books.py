"""Orders and executions read page by page, and each order with what it took the place of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.lives import Life, Lives
from engine.adapters.alpaca.requests import ORDERS, TradingRequests
from engine.adapters.alpaca.times import text_of, time_ns
from engine.clock import NS_PER_MS
from engine.ids import partner_id

ORDERS_A_PAGE, FILLS_A_PAGE = 500, 100
PAGES_MAX = 100
CHAIN_MAX = 50
"""Changes of one order that are followed."""


class Books:
    """Reads what the account has; whatever it hears of an order, its life has."""

    def __init__(self, requests: TradingRequests, lives: Lives) -> None:
        self._requests = requests
        self._lives = lives

    async def orders(self, status: str, after_ns: int = 0) -> tuple[list[m.OrderText], bool]:
        """Return the orders that were submitted after a time, legs beside their parents, and whether that is all.

        Raises:
            AdapterError: Alpaca did not answer, or refused.
            DataError: its answer is none.
        """
        found: dict[str, m.OrderText] = {}
        terms = {"status": status, "limit": f"{ORDERS_A_PAGE}", "direction": "asc", "nested": "true"}
        for _ in range(PAGES_MAX):
            after = {"after": text_of(after_ns)} if after_ns > 0 else {}
            page = m.read_orders(await self._requests.read(ORDERS, terms | after))
            known = len(found)
            found.update((order.id, order) for order in _flat(page))
            if len(page) < ORDERS_A_PAGE:
                return list(found.values()), True
            if len(found) == known:
                break  # more orders in one moment than a page holds
            after_ns = time_ns(page[-1].submitted_at) - NS_PER_MS
        return list(found.values()), False

    async def fills(self, after_ns: int) -> AsyncIterator[list[m.Activity]]:
        """Yield pages of the executions after a time, oldest first; the last one is not full, raises what `orders` raises."""
        terms = {"page_size": f"{FILLS_A_PAGE}", "direction": "asc"}
        if after_ns > 0:
            terms["after"] = text_of(after_ns)
        for _ in range(PAGES_MAX):
            page = m.read_activities(await self._requests.read("/v2/account/activities/FILL", terms))
            yield page
            if len(page) < FILLS_A_PAGE:
                return
            terms["page_token"] = page[-1].id

    async def life_of(self, order: m.OrderText) -> Life:
        """Return the life of an order with all that it took the place of, and what took its own; raises what `orders` raises."""
        chain = await self._before(order)
        for each in reversed(chain):
            self._lives.of(each).take(each)
        life = self._lives.of(order)
        life.take(order)
        for _ in range(CHAIN_MAX):
            current = life.order
            if current is None or current.status != m.REPLACED or not current.replaced_by:
                break
            following = await self._requests.order(current.replaced_by)
            if following is None:
                break
            self._lives.of(following).take(following)
        return life

    async def stop_named(self, client_id: str) -> m.OrderText | None:
        """Return a stop that was sent together with a target, None where Alpaca knows none; raises what `orders` raises.

        It has no id of ours there, and is found by its target's.
        """
        name = partner_id(client_id)
        target = await self._requests.order_named(name) if name else None
        if target is None:
            return None
        life = await self.life_of(target)
        whole = await self._requests.order(life.current, nested=True)
        if whole is None:
            return None
        self._lives.take_whole(whole)
        legs = whole.legs or ()
        return next((leg for leg in legs if self._lives.of(leg).client_id == client_id), None)

    async def life_with(self, venue_id: str) -> Life | None:
        """Return the life that an order of Alpaca's belongs to, None where it knows none; raises what `orders` raises."""
        known = self._lives.with_id(venue_id)
        if known is not None:
            return known
        order = await self._requests.order(venue_id)
        return None if order is None else await self.life_of(order)

    async def _before(self, order: m.OrderText) -> list[m.OrderText]:
        """Return what an order took the place of, the last first, as far as it is not known."""
        found: list[m.OrderText] = []
        earlier = order.replaces
        while earlier and len(found) < CHAIN_MAX:
            life = self._lives.with_id(earlier)
            if life is not None and earlier in life.members and life.members[earlier].status == m.REPLACED:
                break
            each = await self._requests.order(earlier)
            if each is None:
                break
            found.append(each)
            earlier = each.replaces
        return found


def _flat(orders: Iterable[m.OrderText]) -> list[m.OrderText]:
    """Return orders with their legs, which are orders too; without those of many symbols at once, which have none."""
    found: list[m.OrderText] = []
    for order in orders:
        if order.symbol:
            found.append(order)
        found += _flat(order.legs or ())
    return found
