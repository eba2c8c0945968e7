"""One run: the engine's own rooms, a disk and a venue, under one seed and one course of time."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random

from engine.account.recovery import recover
from engine.clock import NS_PER_MS, NS_PER_S
from engine.composition.compose import compose
from engine.config import BrokerSettings, MetricsSettings, SafetySettings, Settings
from engine.duties.dead_man import DeadMan
from engine.duties.leaving import Leaving
from engine.execution.order_state import OPEN
from engine.folders import Folders
from engine.handlers import Handlers
from engine.ids import OrderIds
from engine.messages.commands import Command
from engine.messages.events import AlertRaised
from engine.model.account import AccountMode
from engine.model.instrument import AssetClass, Symbol
from engine.model.quote import Quote
from engine.ports.market_data import MarketSink
from engine.risk.limits import AccountLimits, Limits, SymbolLimits, lay_over_built_in
from engine.rooms import Rooms
from engine.store.journal import Durability, SegmentJournal
from tests.engine_rooms import NOON_NS, share
from tests.simulation.disk import Crash, SimulatedDisk
from tests.simulation.faults import Faults, drawn
from tests.simulation.invariants import Invariants
from tests.simulation.timeline import MachineClock, Timeline
from tests.simulation.unasked import Unasked
from tests.simulation.venue import FaultyVenue

SYMBOLS = (Symbol("ABC"), Symbol("DEF"), Symbol("XYZ"))
TICK_NS = 20 * NS_PER_MS
DURABILITIES: tuple[Durability, ...] = ("strict", "process")
PAIRS = 3
"""One run in four has a venue that holds pairs, in one of two ways: what once failed went wrong at others."""
NOWHERE = Path("/nonexistent")
ORDER_SIZE_MAX, POSITION_SIZE_MAX = 200, 350
OPEN_ORDERS_MAX, OPEN_ORDERS_IN_ALL_MAX = 4, 9
GROSS_MAX_RATIO = Decimal("0.05")
"""Limits that the trader runs into: three positions as large as they may be are not allowed together."""
LIMITS = lay_over_built_in(
    Limits(
        account=AccountLimits(open_orders_max=OPEN_ORDERS_IN_ALL_MAX, gross_max_ratio=GROSS_MAX_RATIO),
        default=SymbolLimits(open_orders_max=OPEN_ORDERS_MAX),
        asset_class={
            AssetClass.EQUITY: SymbolLimits(
                order_size_max=Decimal(ORDER_SIZE_MAX), position_size_max=Decimal(POSITION_SIZE_MAX)
            )
        },
    )
)


class Silent:
    """The market is told by the world."""

    name = "hand"

    async def run(self, sink: MarketSink) -> None:
        """Deliver nothing."""


class World:
    """Everything that outlives the engine, and the engine of the moment."""

    def __init__(self, seed: int, faults: Faults | None = None, durability: Durability | None = None) -> None:
        self.seed = seed
        self.random = Random(seed)
        drawn_durability: Durability = self.random.choice(DURABILITIES)
        self.durability = durability or drawn_durability
        self.timeline = Timeline()
        self.clock = MachineClock(self.timeline, NOON_NS)
        venues_clock = MachineClock(self.timeline, NOON_NS + self.random.randrange(-3, 4) * NS_PER_S)
        self.disk = SimulatedDisk()
        self.slow_until_ns = 0
        """Until then no sync of the disk ends, by steady time."""
        self.faults = faults if faults is not None else drawn(self.random)
        self.venue = FaultyVenue(venues_clock, self.random, self.faults)
        self.venue.holds_pairs, self.venue.ends_partners = seed % 4 == PAIRS, seed % 8 == PAIRS
        self.unasked = Unasked(self.venue, venues_clock, self.random)
        self.settings = self._settings()
        self.starts = 0
        self.alerts: list[str] = []
        self.findings: list[str] = []
        """What must not be, found while it ran."""
        self.invariants = Invariants(self)
        self._move_market()
        self.rooms: Rooms = self._begin()

    def _settings(self) -> Settings:
        """Return settings under which things happen within a run."""
        return Settings(
            metrics=MetricsSettings(enabled=False),
            broker=BrokerSettings(
                kind="bridge",
                ack_timeout_s=self.random.choice((2.0, 4.0)),
                compare_every_s=self.random.choice((5.0, 30.0)),
            ),
            safety=SafetySettings(dead_man_s=self.random.choice((0.0, 0.0, 3.0))),
        )

    # The engine's life

    def _begin(self) -> Rooms:
        """Start an engine on what the disk has; a crash on the way is a crash like any other."""
        while True:
            try:
                return self._start()
            except Crash:
                self._after_crash()

    def _start(self) -> Rooms:
        self.starts += 1
        journal = SegmentJournal(
            self.disk,
            durability=self.durability,
            segment_bytes=32 * 1024,
            threaded=False,
            monotonic_ns=self.clock.monotonic_ns,
        ).open()
        rooms = compose(
            self.settings,
            Folders(NOWHERE, NOWHERE, NOWHERE, NOWHERE),
            self.clock,
            Silent(),
            None,
            AccountMode.SIMULATED,
            journal=journal,
            make_broker=lambda _market, _run: self.venue,
            ids=OrderIds(NOON_NS + self.timeline.now_ns + self.starts * NS_PER_MS),
        )
        rooms.limits.use(LIMITS, "the simulation")
        rooms.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))
        for symbol in SYMBOLS:
            rooms.market.on_listed(share(symbol))
        recover(rooms)
        journal.on_durable(rooms.orders.dispatch.on_durable)
        leaving = Leaving(rooms)
        self.leaving, self.handlers, self.dead_man = leaving, Handlers(rooms, leaving), DeadMan(rooms)
        self.rooms = rooms
        self._quote()
        self.invariants.began()
        rooms.orders.begin(had_history=rooms.recovered.records > 0)
        return rooms

    def crash(self) -> None:
        """End the process without a word, and start it again."""
        self._after_crash()
        self.rooms = self._begin()

    def leave(self) -> None:
        """End the process on purpose, and start it again."""
        self.leaving.finish()
        self.rooms.journal.close()
        self.crash()

    def _after_crash(self) -> None:
        """Forget what was in memory: timers, messages on the way to the engine, and perhaps the page cache."""
        self.invariants.ended()
        self.clock.forget()
        self.disk.failing = lambda _what: None
        self.disk.crash_at, self.venue.crash_at, self.slow_until_ns = None, None, 0
        self.venue.wire.hang_up()
        if self.durability == "strict":
            self.disk.lose_power(self.random)

    def command(self, command: Command) -> None:
        """Have the engine carry out what a person wants."""
        self.handlers.handle(command)
        self.invariants.flattens.look()

    # Time

    def run(self, seconds: float, tick_ns: int = TICK_NS) -> None:
        """Let time pass; whatever crashes on the way is started again."""
        end_ns = self.timeline.now_ns + round(seconds * NS_PER_S)
        while self.timeline.now_ns < end_ns:
            self.guard(lambda: self._tick(tick_ns))

    def guard(self, what: Callable[[], None]) -> None:
        """Do something to the engine; if the process ends in it, start it again."""
        try:
            what()
        except Crash:
            self.crash()

    def _tick(self, tick_ns: int) -> None:
        self.timeline.run_to(self.timeline.now_ns + tick_ns)
        if self.random.random() < 0.2:
            self._move_market()
            self._quote()
        if self.timeline.now_ns >= self.slow_until_ns:
            self.rooms.journal.sync_now()
        self.rooms.orders.scribe.catch_up()
        self.rooms.orders.dispatch.give_up()
        self.rooms.orders.exits.give_up()
        self.rooms.valuation.refresh()
        self.rooms.gate.refresh()
        self.dead_man.seen()
        self.dead_man.look()
        self.unasked.tick()
        self.invariants.look()

    def _move_market(self) -> None:
        for symbol in SYMBOLS:
            bid, _ = self.venue.touch.get(symbol, (10_000, 0))
            bid = min(10_400, max(9_600, bid + self.random.randint(-3, 3)))
            self.venue.touch[symbol] = (bid, bid + 2)

    def _quote(self) -> None:
        now_ns = self.clock.now_ns()
        for symbol, (bid, ask) in self.venue.touch.items():
            self.rooms.market.on_quote(Quote(symbol, "hand", bid, ask, 500, 500, now_ns, now_ns))

    @property
    def open_orders(self) -> int:
        """How many orders the engine takes for open."""
        return sum(order.status in OPEN for order in self.rooms.orders.orders.values())
