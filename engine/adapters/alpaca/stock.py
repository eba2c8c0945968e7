"""Everything that Alpaca has of the account, in the desk's words: what its own book is compared with."""

from __future__ import annotations

from collections.abc import Iterable

from engine.adapters.alpaca import messages as m
from engine.adapters.alpaca.books import FILLS_A_PAGE, Books
from engine.adapters.alpaca.listings import Listings
from engine.adapters.alpaca.lives import Life
from engine.adapters.alpaca.reading import (
    cash_micros,
    changed_ns,
    fill_of_activity,
    filled_units,
    order_of,
    position_units,
)
from engine.adapters.alpaca.requests import TradingRequests
from engine.adapters.alpaca.times import time_ns
from engine.adapters.rest.readable import Readable
from engine.clock import NS_PER_S, Clock
from engine.errors import DataError
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.transport.skew import ClockSkew, measure

MARGIN_NS = NS_PER_S
"""How much further back than needed is asked; what is too old is left out here."""


class Stocktaker:
    """Answers what became of one order, and what there is of all."""

    def __init__(
        self,
        requests: TradingRequests,
        books: Books,
        listings: Listings,
        skew: ClockSkew,
        clock: Clock,
        account: str,
    ) -> None:
        self.readable = Readable()
        self._requests = requests
        self._books = books
        self._listings = listings
        self._skew = skew
        self._clock = clock
        self._account = account

    async def account(self) -> m.AccountText:
        """Return the account as it stands; raises what `take` raises."""
        return m.read_account(await self._requests.read("/v2/account", {}))

    async def measure(self) -> None:
        """Learn how far the venue's clock is from ours; raises what `take` raises."""
        await measure(self._skew, self._time_ns, self._clock)

    async def _time_ns(self) -> int:
        return time_ns(m.read_clock(await self._requests.read("/v2/clock", {})).timestamp)

    async def status(self, client_id: str) -> tuple[BrokerOrder, tuple[Fill, ...]] | None:
        """Return one order and all its fills, None where Alpaca knows no such order; raises what `take` raises."""
        order = await self._requests.order_named(client_id)
        if order is None and _may_be_venues(client_id):
            order = await self._requests.order(client_id)
        if order is None:
            order = await self._books.stop_named(client_id)
        if order is None:
            return None
        life = await self._books.life_of(order)
        instrument = await self._listings.get(order.symbol, order.asset_id)
        told = _order(life, instrument)
        if told is None:
            raise DataError(f"{client_id}: expected an order with a size")
        return told, await self._fills(life, instrument, told.filled)

    async def take(self, since_ns: int) -> BrokerStock:
        """Return everything there is, and what ended since.

        Raises:
            AdapterError: Alpaca did not answer, or refused.
            DataError: an answer is none.
        """
        faults, as_of_ns = self.readable.faults, self._clock.now_ns()
        since_ns = min(max(since_ns, 0), as_of_ns)
        await self.measure()
        bound_ns = since_ns and since_ns + (self._skew.skew_ns or 0) - self._skew.within_ns
        account = await self.account()
        working, all_working = await self._books.orders("open")
        ended, all_ended = await self._books.orders("closed", bound_ns - MARGIN_NS)
        fills, all_fills = await self._recent(bound_ns)
        positions = m.read_positions(await self._requests.read("/v2/positions", {}))
        orders = [*working, *(order for order in ended if changed_ns(order) >= bound_ns)]
        return BrokerStock(
            as_of_ns=as_of_ns,
            since_ns=since_ns,
            orders=tuple(await self._orders(orders, fills)),
            fills=tuple(await self.readable.of(fills, self._fill)),
            positions=dict(await self.readable.of(positions, self._position)),
            cash_micros=cash_micros(account),
            complete=all_working and all_ended and all_fills and faults == self.readable.faults,
        )

    async def _recent(self, bound_ns: int) -> tuple[list[m.Activity], bool]:
        found: list[m.Activity] = []
        page: list[m.Activity] = []
        async for page in self._books.fills(bound_ns - MARGIN_NS):
            found += page
        recent = [each for each in found if time_ns(each.transaction_time) >= bound_ns]
        return recent, len(page) < FILLS_A_PAGE

    async def _orders(self, orders: Iterable[m.OrderText], fills: Iterable[m.Activity]) -> list[BrokerOrder]:
        """Return each order once, whatever it is called there; those of the fills too."""
        lives: dict[str, Life] = {}
        for order in orders:
            life = await self._books.life_of(order)
            lives[life.client_id] = life
        for fill in fills:
            if (life_of_fill := await self._books.life_with(fill.order_id)) is not None:
                lives.setdefault(life_of_fill.client_id, life_of_fill)
        return [order for order in await self.readable.of(lives.values(), self._of_life) if order is not None]

    async def _of_life(self, life: Life) -> BrokerOrder | None:
        order = life.order
        assert order is not None, "a life that was told of has an order"
        return _order(life, await self._listings.get(order.symbol, order.asset_id))

    async def _fills(self, life: Life, instrument: Instrument, filled: int) -> tuple[Fill, ...]:
        """Return the fills of one order; reading ends once they are all there."""
        first = life.first
        found: list[Fill] = []
        if not filled or first is None:
            return ()
        async for page in self._books.fills(time_ns(first.created_at or first.submitted_at) - MARGIN_NS):
            now_ns = self._clock.now_ns()
            found += [
                fill_of_activity(each, life.client_id, instrument, self._account, now_ns)
                for each in page
                if each.order_id in life.members
            ]
            if sum(fill.quantity for fill in found) >= filled:
                break
        return tuple(found)

    async def _fill(self, activity: m.Activity) -> Fill:
        life = await self._books.life_with(activity.order_id)
        if life is None:
            raise DataError(f"expected the order of fill {activity.id}")
        instrument = await self._listings.get(activity.symbol)
        return fill_of_activity(activity, life.client_id, instrument, self._account, self._clock.now_ns())

    async def _position(self, position: m.PositionText) -> tuple[Symbol, int]:
        instrument = await self._listings.get(position.symbol, position.asset_id)
        return instrument.symbol, position_units(position, instrument)


def _order(life: Life, instrument: Instrument) -> BrokerOrder | None:
    """Return an order with what those before it had filled; None for one for money that has filled nothing."""
    order = life.order
    if order is None or (order.qty is None and not order.filled):
        return None
    return order_of(order, life.client_id, instrument, filled_units(instrument, life.before()), life.group)


def _may_be_venues(client_id: str) -> bool:
    """Whether an id may be one of Alpaca's own: those of orders whose id can't be kept are."""
    return len(client_id) == 36 and client_id.count("-") == 4
