"""An account that is brought back from snapshots between whiles against one that only reads its journal."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import Struct
from msgspec.structs import replace

from engine.messages.events import (
    AccountMarked,
    AlertRaised,
    DividendBooked,
    InstrumentListed,
    OrderAdopted,
    OrderSubmitted,
    PositionAdjusted,
    PositionSplit,
    RateNoted,
    SessionBegan,
)
from engine.messages.reports import AcceptReport, BustReport, CancelReport, CorrectReport, FillReport
from engine.model.fill import Fill
from engine.model.instrument import Symbol
from engine.model.order import Order
from engine.model.trade import Side
from engine.replica import DAY_NS, KEEP_NS, Replica, standalone
from engine.store.snapshots import Snapshots
from tests.unit.engine.memory_disk import MemoryDisk
from tests.unit.engine.portfolio_bench import ACME, NOON_NS, SIEM, instrument
from tests.unit.engine.store_bench import request

quantities, prices = st.integers(1, 100), st.integers(1, 1_000)


class Account:
    """A replica, and the alerts it raised."""

    def __init__(self) -> None:
        self.alerts: list[str] = []
        self.begin(standalone("USD"))

    def begin(self, replica: Replica) -> None:
        self.replica = replica
        replica.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))

    def from_snapshot(self) -> None:
        """Go on with what a file of this account makes."""
        disk, back = MemoryDisk(), standalone("USD")
        Snapshots(disk).write(self.replica.capture())
        found = Snapshots(disk).newest()
        assert found is not None
        back.restore(*found)
        self.begin(back)

    def orders(self) -> list[tuple[object, ...]]:
        return [_terms(order) for order in self.replica.history.blotter.orders.values()]


def _terms(order: Order) -> tuple[object, ...]:
    return (order.client_id, order.status, order.leaves, order.filled, order.turnover, order.fills)


class SnapshotMachine(RuleBasedStateMachine):
    """Orders over many days, and what the venue says later of their fills: they are in sight, out of it, or back."""

    def __init__(self) -> None:
        super().__init__()
        self.plain, self.restored = Account(), Account()
        self.now_ns, self.written = NOON_NS, 0
        self.orders: dict[str, Symbol] = {}
        self.fills: dict[str, Fill] = {}
        """Every fill there ever was, in its latest terms."""

    def _happens(self, record: Struct) -> None:
        self.written += 1
        for account in (self.plain, self.restored):
            account.replica.apply(record, self.written, self.now_ns)

    def _fill(self, fill_id: str, client_id: str, symbol: Symbol, quantity: int, price: int) -> Fill:
        return Fill(
            fill_id=fill_id,
            client_id=client_id,
            account="PAPER-1",
            symbol=symbol,
            side=Side.BUY,
            price=price,
            quantity=quantity,
            event_ns=self.now_ns,
        )

    def _one(self, data: st.DataObject) -> Fill:
        return self.fills[data.draw(st.sampled_from(list(self.fills)))]

    @initialize()
    def list_instruments(self) -> None:
        self._happens(InstrumentListed(instrument(ACME)))
        self._happens(InstrumentListed(instrument(SIEM, "EUR")))

    @rule(symbol=st.sampled_from((ACME, SIEM)))
    def submit(self, symbol: Symbol) -> None:
        sent = replace(request(len(self.orders)), symbol=symbol, created_ns=self.now_ns)
        self.orders[sent.client_id] = symbol
        self._happens(OrderSubmitted(sent, self.now_ns))
        self._happens(AcceptReport(sent.client_id, "V", self.now_ns))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), quantity=quantities, price=prices)
    def trade(self, data: st.DataObject, quantity: int, price: int) -> None:
        client_id = data.draw(st.sampled_from(list(self.orders)))
        made = self._fill(f"F{len(self.fills)}", client_id, self.orders[client_id], quantity, price)
        self.fills[made.fill_id] = made
        self._happens(FillReport(made))

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        self._happens(CancelReport(data.draw(st.sampled_from(list(self.orders))), "", self.now_ns))

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), terms=st.none() | st.tuples(quantities, prices))
    def tell_a_fill_again(self, data: st.DataObject, terms: tuple[int, int] | None) -> None:
        again = self._one(data)
        if terms is not None:
            again = replace(again, quantity=terms[0], price=terms[1])
        self._happens(FillReport(again))

    @precondition(lambda self: self.fills)
    @rule(data=st.data())
    def bust(self, data: st.DataObject) -> None:
        taken_back = self._one(data)
        self._happens(BustReport(taken_back.client_id, taken_back.fill_id, "an error", self.now_ns))

    @precondition(lambda self: self.fills)
    @rule(data=st.data(), quantity=quantities, price=prices)
    def correct(self, data: st.DataObject, quantity: int, price: int) -> None:
        self.now_ns += 1
        was = self._one(data)
        now = replace(was, quantity=quantity, price=price, event_ns=self.now_ns)
        self.fills[now.fill_id] = now
        self._happens(CorrectReport(now))

    @rule(symbol=st.sampled_from((ACME, SIEM)), quantity=quantities, price=prices)
    def believe_the_broker(self, symbol: Symbol, quantity: int, price: int) -> None:
        made = self._fill(f"A{self.written}", "", symbol, quantity, price)
        self._happens(PositionAdjusted(made, "the broker has it"))

    @rule(symbol=st.sampled_from((ACME, SIEM)), new=st.integers(1, 9), old=st.integers(1, 9))
    def split(self, symbol: Symbol, new: int, old: int) -> None:
        self._happens(PositionSplit(symbol, new, old, None, "desk", self.now_ns))

    @rule(symbol=st.sampled_from((ACME, SIEM)), cents=st.integers(-500, 500))
    def pay_a_dividend(self, symbol: Symbol, cents: int) -> None:
        self._happens(DividendBooked(symbol, Decimal(cents) / 100, "desk", self.now_ns))

    @rule(rate=st.integers(1, 2 * 10**9))
    def note_a_rate(self, rate: int) -> None:
        self._happens(RateNoted("EUR", rate))

    @rule()
    def begin_a_session_days_later(self) -> None:
        self.now_ns += 2 * KEEP_NS
        self._happens(SessionBegan(f"run-{self.written}", "1", self.now_ns, len(self.orders)))

    @rule(days=st.integers(1, 6))
    def begin_a_trading_day(self, days: int) -> None:
        self.now_ns += days * DAY_NS
        self._happens(AccountMarked(self.now_ns // DAY_NS, 0, {}, 0, 0, {}, self.now_ns + DAY_NS))

    @precondition(lambda self: self.plain.replica.history.blotter.forgotten)
    @rule(data=st.data())
    def find_an_order_that_was_out_of_sight(self, data: st.DataObject) -> None:
        client_id = data.draw(st.sampled_from(list(self.plain.replica.history.blotter.forgotten)))
        asked = replace(request(1), client_id=client_id, symbol=self.orders[client_id])
        self._happens(OrderAdopted(asked, "V", self.now_ns))

    @precondition(lambda self: self.written)
    @rule()
    def bring_back(self) -> None:
        self.restored.from_snapshot()

    @invariant()
    def both_are_in_the_same_state(self) -> None:
        assert self.restored.replica.digest() == self.plain.replica.digest()

    @invariant()
    def both_have_the_same_orders(self) -> None:
        assert self.restored.orders() == self.plain.orders()

    @invariant()
    def both_said_the_same(self) -> None:
        assert self.restored.alerts == self.plain.alerts


SnapshotMachine.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=40)
TestSnapshotMachine = SnapshotMachine.TestCase
