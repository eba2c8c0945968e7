"""An account as its journal tells it: orders, fills, positions and halts, one record after another.

The engine is rebuilt by it at a restart; projections, backups and proofs keep replicas of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from engine.bus import Bus
from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import DataError
from engine.execution.history import History
from engine.messages.events import (
    AccountMarked,
    AccountTaken,
    DividendBooked,
    FillBusted,
    FillCorrected,
    FlattenAsked,
    InstrumentListed,
    OrderFilled,
    PositionAdjusted,
    PositionSplit,
    RateNoted,
    SessionBegan,
    SessionEnded,
    TradingStateChanged,
)
from engine.messages.ledger_page import LedgerPage
from engine.messages.state import (
    DecisionState,
    FillsState,
    ForgottenState,
    HoldingState,
    LotsState,
    OrdersState,
    SnapshotHead,
)
from engine.model.account import CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.working_orders import WorkingOrders
from engine.portfolio.ledger import Ledger
from engine.risk.halt import TradingHalts

DAY_NS = 86_400 * NS_PER_S
KEEP_NS = 3 * DAY_NS
"""How long an order that ended stays in sight; the journal and the projection keep it for good."""

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Replica:
    """Applies records and captures the state they make; its parts may be the live engine's own."""

    def __init__(
        self,
        *,
        bus: Bus,
        history: History,
        ledger: Ledger,
        halts: TradingHalts,
        rates: CurrencyRates,
        instruments: Mapping[Symbol, Instrument],
        list_instrument: Callable[[Instrument], None],
    ) -> None:
        self.bus = bus
        self.history = history
        self.ledger = ledger
        self.halts = halts
        self.sequence = 0
        """The last record that was applied."""
        self.time_ns = 0
        """When it was written."""
        self.session: SessionBegan | None = None
        """The last start."""
        self.marked: AccountMarked | None = None
        """What the day's profit and the drawdown are measured from."""
        self.ended: SessionEnded | None = None
        """How the last session ended; None while it runs, or when it was cut short."""
        self.taken: AccountTaken | None = None
        """The last hold of the account, where several desks could have it."""
        self._rates = rates
        self.instruments = instruments
        self._list = list_instrument
        self._appliers: dict[type, Callable[[Any], None]] = {
            InstrumentListed: lambda event: self._list(event.instrument),
            RateNoted: self._note_rate,
            AccountMarked: self.mark,
            AccountTaken: self.taken_by,
            SessionBegan: self.began,
            SessionEnded: self.ended_by,
            TradingStateChanged: self._trading_state,
            OrdersState: history.restore_orders,
            FillsState: history.fills.restore,
            DecisionState: history.decide,
            FlattenAsked: history.flatten_asked,
            HoldingState: ledger.restore,
            LotsState: ledger.restore_lots,
            LedgerPage: self._restore_page,
            ForgottenState: history.restore_forgotten,
        }

    def apply(self, record: Struct, sequence: int, time_ns: int) -> None:
        """Apply the record of a sequence.

        Raises:
            DataError: it does not follow the one before, or can't follow from it.
        """
        if sequence != self.sequence + 1:
            raise DataError(f"record {sequence:,} can't follow record {self.sequence:,}")
        applier = self._appliers.get(type(record))
        try:
            if applier is not None:
                applier(record)
            else:
                self.history.apply(record, time_ns)
        except (KeyError, AssertionError) as error:
            raise DataError(f"record {sequence:,}, {type(record).__name__}: {error!r}") from error
        self.sequence, self.time_ns = sequence, time_ns

    def restore(self, head: SnapshotHead, records: Iterator[Struct]) -> None:
        """Take in a snapshot.

        Raises:
            DataError: what it holds is not what its hash was taken over.
        """
        for record in records:
            if isinstance(record, SessionBegan):
                self.session = record  # what it put out of sight is not in the snapshot
            else:
                self._appliers[type(record)](record)
        self.sequence, self.time_ns = head.sequence, head.time_ns
        if self.digest() != head.digest:
            raise DataError(
                "the snapshot's content does not match its hash; remove the files that end in .snapshot "
                "and start again: the journal has everything"
            )

    def began(self, event: SessionBegan) -> None:
        """Note that a session began: what ended long before is out of sight from now on."""
        self.session, self.ended = event, None
        self.history.forget(event.event_ns - KEEP_NS)

    def mark(self, event: AccountMarked) -> None:
        """Note what profit and drawdown are measured from; with a new trading day, what ended long before is out of sight."""
        before, self.marked = self.marked, event
        if before is not None and event.day_end_ns > before.day_end_ns > 0:
            self.history.forget(event.day_end_ns - DAY_NS - KEEP_NS)

    def taken_by(self, event: AccountTaken) -> None:
        """Note which hold of the account the records from here on are of."""
        self.taken = event

    def ended_by(self, event: SessionEnded) -> None:
        """Note that the session ended on purpose."""
        self.ended = event

    def capture(self) -> Iterator[Struct]:
        """Yield the state, record by record, the head first."""
        yield SnapshotHead(self.sequence, self.time_ns, self.digest())
        yield from map(InstrumentListed, self.instruments.values())
        yield from self._body()

    def digest(self) -> str:
        """Return the hash of the state: equal states have equal hashes."""
        total = sha256()
        for record in self._body():
            total.update(record.entries if isinstance(record, LedgerPage) else _encode(record))
        return total.hexdigest()

    def _body(self) -> Iterator[Struct]:
        orders = self.history.blotter.orders.values()
        named = dict.fromkeys([*(order.symbol for order in orders), *self.ledger.positions])
        yield from (InstrumentListed(self.instruments[symbol]) for symbol in named)
        yield from (RateNoted(currency, rate) for currency, rate in sorted(self.history.noted.items()))
        yield from self.ledger.capture()
        yield from self.history.capture()
        yield from self._halts()
        yield from (each for each in (self.marked, self.session, self.ended, self.taken) if each is not None)

    def _halts(self) -> Iterator[TradingStateChanged]:
        said = self.halts.said
        yield TradingStateChanged(said.state, said.reason, None, said.since_ns)
        for symbol, halt in sorted(self.halts.said_symbols.items()):
            yield TradingStateChanged(halt.state, halt.reason, symbol, halt.since_ns)
        for strategy, halt in sorted(self.halts.strategies.items()):
            yield TradingStateChanged(halt.state, halt.reason, None, halt.since_ns, strategy)
        firm, version = self.halts.firm, self.halts.firm_version
        if version:
            yield TradingStateChanged(firm.state, firm.reason, None, firm.since_ns, firm_version=version)

    def _restore_page(self, page: LedgerPage) -> None:
        self.ledger.restore_page(page)
        self.history.fills.know(page)

    def _note_rate(self, event: RateNoted) -> None:
        self.history.noted[event.currency] = event.rate
        self._rates.set(event.currency, event.rate)
        self.ledger.settle()

    def _trading_state(self, event: TradingStateChanged) -> None:
        self.halts.apply(event)


def standalone(base_currency: str) -> Replica:
    """Return a replica with parts of its own, for whoever reads a journal beside the engine."""
    instruments: dict[Symbol, Instrument] = {}
    bus, clock, rates = Bus(), SimulatedClock(0), CurrencyRates(base_currency)
    ledger = Ledger(instruments, rates)
    connect_ledger(bus, ledger)
    return Replica(
        bus=bus,
        history=History(bus, clock, WorkingOrders(), instruments),
        ledger=ledger,
        halts=TradingHalts(),
        rates=rates,
        instruments=instruments,
        list_instrument=lambda instrument: instruments.update({instrument.symbol: instrument}),
    )


def connect_ledger(bus: Bus, ledger: Ledger) -> None:
    """Let what becomes of fills, and what companies do, reach the ledger."""

    def book(event: OrderFilled | PositionAdjusted) -> None:
        ledger.on_fill(event.fill)

    def split(event: PositionSplit) -> None:
        ledger.apply_split(event.symbol, Fraction(event.numerator, event.denominator), event.cash_price)

    bus.subscribe(OrderFilled, book)
    bus.subscribe(PositionAdjusted, book)
    bus.subscribe(PositionSplit, split)
    bus.subscribe(DividendBooked, lambda event: ledger.apply_dividend(event.symbol, event.per_unit))
    bus.subscribe(FillBusted, lambda event: ledger.bust(event.fill))
    bus.subscribe(FillCorrected, lambda event: ledger.correct(event.fill))
