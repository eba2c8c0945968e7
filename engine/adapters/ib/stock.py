"""Everything that Interactive Brokers has of the account, in the desk's words: what its own book is compared with."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from engine.adapters.ib import reading as r
from engine.adapters.ib.contracts import Contracts
from engine.adapters.ib.ear import COMPLETED, ORDERS, POSITIONS
from engine.adapters.ib.fees import Fees
from engine.adapters.ib.link import IbLink
from engine.adapters.ib.lives import Lives
from engine.adapters.rest.readable import Readable
from engine.adapters.texts import moment_ns
from engine.adapters.units import signed_units, size_units
from engine.clock import NS_PER_S, Clock
from engine.errors import NotSentError
from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill
from engine.model.instrument import Symbol

SECOND_NS: Final = NS_PER_S
"""Times are told in whole seconds: something may be so much later than it says."""
LEDGER: Final = "$LEDGER:ALL"


class Told(NamedTuple):
    """An order as it was told of, open or ended."""

    contract: Any
    order: Any
    state: str
    filled: float
    reason: str = ""
    ended_ns: int = 0


class Stocktaker:
    """Answers what became of one order, and what there is of all."""

    def __init__(
        self, link: IbLink, lives: Lives, contracts: Contracts, fees: Fees, clock: Clock, account: str
    ) -> None:
        self.number = ""
        """The number of the account, once it is known."""
        self.readable = Readable()
        self._link = link
        self._lives = lives
        self._contracts = contracts
        self._fees = fees
        self._clock = clock
        self._account = account

    async def status(self, client_id: str) -> tuple[BrokerOrder, tuple[Fill, ...]] | None:
        """Return one order and all its fills, None where there is none of today; raises what `take` raises."""
        told = await self.find(client_id)
        if told is None:
            return None
        mine = [each for each in await self._executions() if self._name_of_fill(each[1]) == client_id]
        return await self._order(told), tuple([await self._fill(each) for each in mine])

    async def find(self, client_id: str) -> Told | None:
        """Return an order of that name, open or ended today, None where there is none; raises what `take` raises."""
        for ask in (self._open, self._completed):
            for told in await ask():
                if self._name(told.order) == client_id:
                    return told
        return None

    async def take(self, since_ns: int) -> BrokerStock:
        """Return everything there is, and what ended since; as far back as today's midnight.

        Raises:
            AdapterError: there was no answer.
            DataError: an answer is none.
        """
        as_of_ns, faults = self._clock.now_ns(), self.readable.faults
        since_ns = max(since_ns, midnight_ns(as_of_ns))
        open_orders = await self._open()
        completed = [
            each
            for each in await self._completed()
            if each.ended_ns + SECOND_NS > since_ns and not self._never_was(each)
        ]
        fills = [each for each in await self._executions() if moment_ns(each[1].time) + SECOND_NS > since_ns]
        orders = {told.order.permId: told for told in (*completed, *open_orders)}
        return BrokerStock(
            as_of_ns=as_of_ns,
            since_ns=since_ns,
            orders=tuple(await self.readable.of(orders.values(), self._order)),
            fills=tuple(await self.readable.of(fills, self._fill)),
            positions=dict(await self.readable.of(await self._positions(), self._position)),
            cash_micros=await self._cash(),
            complete=faults == self.readable.faults,
        )

    async def _open(self) -> list[Told]:
        told = await self._link.ask_all(ORDERS, lambda client: client.reqAllOpenOrders())
        states: dict[int, tuple[str, float]] = {
            perm_id: (state, filled) for perm_id, state, filled in told if isinstance(perm_id, int)
        }
        found = []
        for contract, order, state in told:
            if not isinstance(contract, int) and order.account == self.number:
                where, filled = states.get(order.permId, (state.status, 0.0))
                self._lives.of(order)
                found.append(Told(contract, order, where, filled))
        return found

    async def _completed(self) -> list[Told]:
        told = await self._link.ask_all(COMPLETED, lambda client: client.reqCompletedOrders(False))
        return [
            Told(contract, order, state.status, order.filledQuantity, state.completedStatus, _time_ns(state))
            for contract, order, state in told
            if order.account == self.number
        ]

    async def _executions(self) -> list[Any]:
        from ib_async import ExecutionFilter  # noqa: PLC0415  # an extra

        wanted = ExecutionFilter(acctCode=self.number)
        told = await self._link.ask(lambda client, number: client.reqExecutions(number, wanted))
        latest: dict[str, Any] = {}
        for each in (each for each in told if each[1].acctNumber == self.number):
            key = r.id_of(each[1].execId)
            known = latest.get(key)
            if known is None or r.version_of(known[1].execId) <= r.version_of(each[1].execId):
                latest[key] = each
        found = [each for each in latest.values() if each[1].shares]
        await self._fees.come([each[1].execId for each in found])
        return found

    async def _positions(self) -> Iterable[Any]:
        told = await self._link.ask_all(POSITIONS, lambda client: client.reqPositions())
        self._link.client.cancelPositions()
        return [each for each in told if each[0] == self.number and each[2]]

    async def _cash(self) -> dict[str, int]:
        numbers: list[int] = []

        def send(client: Any, number: int) -> None:
            numbers.append(number)
            client.reqAccountSummary(number, "All", LEDGER)

        try:
            told = await self._link.ask(send)
        finally:  # a gateway has no more than two of them
            with suppress(NotSentError):
                self._link.client.cancelAccountSummary(*numbers)
        return r.cash_of([tuple(each[1:]) for each in told if each[0] == self.number])

    async def _order(self, told: Told) -> BrokerOrder:
        instrument = await self._contracts.instrument(self._link, told.contract)
        filled = size_units(instrument, r.decimal_of(told.filled))
        name = self._name(told.order)
        life = self._lives.named(name)
        known = life.terms.quantity if life is not None and life.terms is not None else 0
        return r.order_of(
            told.order,
            name,
            instrument,
            told.state,
            filled,
            known_quantity=known,
            reason=told.reason,
            at_ns=told.ended_ns,
        )

    async def _fill(self, told: Any) -> Fill:
        contract, execution = told
        instrument = await self._contracts.instrument(self._link, contract)
        name, fee = self._name_of_fill(execution), self._fees.of(execution.execId)
        return r.fill_of(execution, fee, name, instrument, self._account, self._clock.now_ns())

    async def _position(self, told: Any) -> tuple[Symbol, int]:
        _, contract, quantity = told
        instrument = await self._contracts.instrument(self._link, contract)
        return instrument.symbol, signed_units(instrument, r.decimal_of(quantity))

    def _never_was(self, told: Told) -> bool:
        """Whether an order from elsewhere has ended without a fill: then not even its size is told."""
        strange = self._lives.named(self._name(told.order)) is None
        return (
            strange
            and not told.filled
            and not told.order.totalQuantity
            and self._name(told.order).startswith("ib-")
        )

    def _name(self, order: Any) -> str:
        return self._lives.name_of(order.orderRef, order.permId, is_own=order.clientId == self._lives.own)

    def _name_of_fill(self, execution: Any) -> str:
        is_own = execution.clientId == self._lives.own
        return self._lives.name_of(execution.orderRef, execution.permId, is_own=is_own)


def midnight_ns(now_ns: int) -> int:
    """Return when this machine's day began: a gateway tells of orders and fills of its own day."""
    now = datetime.fromtimestamp(now_ns // NS_PER_S, UTC).astimezone()
    return moment_ns(now.replace(hour=0, minute=0, second=0))


def _time_ns(state: Any) -> int:
    from ib_async.util import parseIBDatetime  # noqa: PLC0415  # an extra

    try:
        told = parseIBDatetime(state.completedTime)
    except (ValueError, LookupError):
        return 0
    return moment_ns(told) if isinstance(told, datetime) else 0
