"""Everything that one engine is made of, composed by `bootstrap` and run by `Engine`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from engine.alerts.alarms import Alarms
from engine.alerts.messenger import Messenger
from engine.bus import Bus
from engine.catalogue import Catalogue
from engine.changes import Changes
from engine.clock import Clock
from engine.config import Settings
from engine.desk.desks import Desks
from engine.desk.firm_switch import FirmSwitch
from engine.desk.quote_outbox import QuoteOutbox
from engine.desk.shared import SharedRedis
from engine.execution.order_manager import OrderManager
from engine.folders import Folders
from engine.hours.hours import MarketHours
from engine.ids import OrderIds
from engine.market.failover import Failover
from engine.market.market import Market
from engine.messages.lock_views import LockView
from engine.messages.rows import Points
from engine.messages.senders import Sender
from engine.model.abilities import BrokerAbilities
from engine.model.ability_table import EVERYTHING
from engine.model.account import Account, CurrencyRates
from engine.model.cause import Cause
from engine.model.instrument import Symbol
from engine.model.working_orders import WorkingOrders
from engine.observe.health import HealthBoard
from engine.observe.latency import Latency
from engine.observe.sign_ins import SignIns
from engine.observe.timeline import Timeline
from engine.observe.traces import Traces
from engine.portfolio.ledger import Ledger
from engine.portfolio.risk_numbers import NO_NUMBERS, RiskNumbers
from engine.portfolio.valuation import Valuation
from engine.ports.broker import Broker
from engine.ports.market_data import MarketDataSource, Playback
from engine.ports.tracing import OFF, Tracer
from engine.ports.venue import Venue
from engine.replica import Replica
from engine.risk.arming import Arming
from engine.risk.gate import RiskGate
from engine.risk.halt import TradingHalts
from engine.risk.latch import HaltLatch
from engine.risk.limits_source import LimitsSource
from engine.security.audit.writer import AuditWriter
from engine.security.operators.register import Operator
from engine.store.journal import SegmentJournal
from engine.watching import Watching

if TYPE_CHECKING:  # loaded only where there are models
    from engine.signals.serving.signals import Signals

Service = Callable[[], Coroutine[Any, Any, None]]


class Latencies:
    """How long things take, in nanoseconds of the machine's steady time."""

    def __init__(self, monotonic_ns: Callable[[], int]) -> None:
        self.key_to_paint = Latency(monotonic_ns)
        self.key_to_wire = Latency(monotonic_ns)
        self.order_to_ack = Latency(monotonic_ns)
        self.loop_lag = Latency(monotonic_ns)
        self.source_to_screen = Latency(monotonic_ns)


class Recovered(Struct, frozen=True, kw_only=True, gc=False):
    """What was found in the journal."""

    records: int
    """All that were ever written."""
    read: int
    """Those that were read now; the others are in a snapshot."""
    last_ns: int
    """When the last one was written; 0 for a new journal."""
    working: int
    """Orders that may still trade."""
    unanswered: int
    """Orders that were underway when the last session ended."""
    cut_short: bool
    """Whether the last session did not end on purpose."""
    torn_bytes: int = 0
    flattens: tuple[Symbol, ...] = ()
    """The symbols whose flatten was not over."""
    halts: tuple[str, ...] = ()
    """What was halted or reduced, and why."""
    restored: str = ""
    """When the journal was restored from a backup, if this is the first start on it."""


NOTHING_FOUND = Recovered(records=0, read=0, last_ns=0, working=0, unanswered=0, cut_short=False)


@dataclass(slots=True, kw_only=True)
class Rooms:
    """The rooms and the records they share."""

    settings: Settings
    folders: Folders
    clock: Clock
    """The market's."""
    account_clock: Clock
    """The time that the broker lives in: the market's own, or the world's."""
    bus: Bus
    ids: OrderIds
    market: Market
    working: WorkingOrders
    account: Account
    rates: CurrencyRates
    ledger: Ledger
    valuation: Valuation
    limits: LimitsSource
    halts: TradingHalts
    arming: Arming
    hours: MarketHours
    gate: RiskGate
    broker: Broker
    journal: SegmentJournal
    source: MarketDataSource
    playback: Playback | None
    abilities: BrokerAbilities = EVERYTHING
    """What the broker takes of orders."""
    orders: OrderManager = field(init=False)
    replica: Replica = field(init=False)
    """The live account as its journal tells it."""
    firm: FirmSwitch = field(init=False)
    """What was said about every desk."""
    recovered: Recovered = NOTHING_FOUND
    venues: list[Venue] = field(default_factory=list)
    """Whose market data it is, the first in rank first; none for a simulated or a recorded market."""
    failover: Failover | None = None
    """Who speaks where several sources have the same symbols; None where there is one."""
    catalogue: Catalogue | None = None
    """What venues list; None for a simulated or a recorded market, which is all there is."""
    watching: Watching | None = None
    """What is followed of a venue; None for a simulated or a recorded market, which is all there is."""
    latch: HaltLatch | None = None
    """The file that keeps the halts; None for an account that nothing is gone on with."""
    audit: AuditWriter | None = None
    """Where acts of people are written down; None for an account that nothing is gone on with."""
    shared: SharedRedis | None = None
    """Where the desks of the firm meet; None where nothing is shared."""
    desks: Desks | None = None
    """The desks of the firm; None where nothing is shared."""
    quotes: QuoteOutbox | None = None
    """What waits to be told to them of the market; None where that is not shared."""
    operator: Operator | None = None
    """Who signed in; None where nobody has to."""
    sender: Sender | None = None
    """Who says the command that is carried out now, where it does not come from the desk."""
    proven_ns: int | None = None
    """When who signed in last proved to be there, by steady time; None where nobody has to."""
    may_arm: Callable[[], str] | None = None
    """Returns why a live account may not be armed now, empty where it may; None where nothing more is asked."""
    may_trade: Callable[[str, str], str] | None = None
    """Returns why a model's version may send no live orders, empty where it may; None where nobody has to sign for it."""
    lock: LockView | None = None
    """Whether the desk is locked, and what came of proofs; None where there are no operators."""
    services: list[tuple[str, Service]] = field(default_factory=list)
    """What runs beside the market for as long as the engine does, by the name it is known by when it fails."""
    sign_ins: SignIns = field(default_factory=SignIns)
    """How signing in goes."""
    beside: dict[str, Callable[[], Points]] = field(default_factory=dict)
    """What reads the metrics of what runs beside the engine, by their names."""
    traces: Traces | None = None
    """What makes spans and sends them; None where nothing is traced."""
    alarms: Alarms = field(default_factory=Alarms)
    """What is wrong by the alert rules."""
    alarms_file: Path | None = None
    """Where that is kept; None for an account that nothing is gone on with."""
    messenger: Messenger | None = None
    """What tells of alerts beyond this machine; None where nobody is named."""
    signals: Signals | None = None
    """The models that predict beside the market; None where the settings name none."""
    health: HealthBoard = field(default_factory=HealthBoard)
    timeline: Timeline = field(default_factory=Timeline)
    """What was not well, and when."""
    latencies: Latencies = field(init=False)
    changes: Changes = field(init=False)
    """What each who follows has not been told yet."""
    numbers: RiskNumbers = NO_NUMBERS
    """The portfolio's risk numbers as last computed."""

    def __post_init__(self) -> None:
        self.latencies = Latencies(self.clock.monotonic_ns)

    @property
    def tracer(self) -> Tracer:
        """What takes spans; it is off where nothing is traced."""
        return self.traces.tracer if self.traces is not None else OFF

    @property
    def cause(self) -> Cause:
        """Which command is carried out now."""
        return self.orders.history.blotter.cause

    def mark(self) -> None:
        """Write down what the day's profit and the drawdown are measured from, if that changed."""
        marked = self.valuation.mark()
        if marked != self.replica.marked:
            self.orders.scribe.note(marked)
            self.replica.mark(marked)
