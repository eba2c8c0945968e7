"""One run: the engine's own rooms, a disk and a venue, under one seed and one clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from engine.clock import NS_PER_MS, NS_PER_S, SimulatedClock
from engine.compose import compose
from engine.config import MetricsSettings, Settings
from engine.execution.order_state import OPEN
from engine.folders import Folders
from engine.ids import OrderIds
from engine.leaving import Leaving
from engine.messages.events import AlertRaised
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.model.order import OrderRequest
from engine.model.quote import Quote
from engine.ports.market_data import MarketSink
from engine.recovery import recover
from engine.rooms import Rooms
from engine.store.journal import Durability, SegmentJournal
from tests.engine_rooms import NOON_NS, share
from tests.simulation.disk import Crash, SimulatedDisk
from tests.simulation.faults import Faults, drawn
from tests.simulation.venue import FaultyVenue

SYMBOLS = (Symbol("ABC"), Symbol("DEF"), Symbol("XYZ"))
TICK_NS = 20 * NS_PER_MS
DURABILITIES: tuple[Durability, ...] = ("strict", "process")
NOWHERE = Path("/nonexistent")


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
        self.clock = SimulatedClock(NOON_NS, steady_is_own=True)
        self.disk = SimulatedDisk()
        self.faults = faults if faults is not None else drawn(self.random)
        self.venue = FaultyVenue(self.clock, self.random, self.faults)
        self.venue.on_submit = self._look_at_submit
        self.starts = 0
        self.alerts: list[str] = []
        self.findings: list[str] = []
        """What must not be, found while it ran."""
        self._runs = 0
        self._move_market()
        self.rooms: Rooms = self._begin()

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
        self._runs += 1
        journal = SegmentJournal(
            self.disk,
            durability=self.durability,
            segment_bytes=32 * 1024,
            threaded=False,
            monotonic_ns=self.clock.monotonic_ns,
        ).open()
        rooms = compose(
            Settings(metrics=MetricsSettings(enabled=False)),
            Folders(NOWHERE, NOWHERE, NOWHERE, NOWHERE),
            self.clock,
            Silent(),
            None,
            AccountMode.SIMULATED,
            journal=journal,
            make_broker=lambda _market, _run: self.venue,
            ids=OrderIds(self.clock.now_ns() + self._runs * NS_PER_MS),
        )
        rooms.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))
        for symbol in SYMBOLS:
            rooms.market.on_listed(share(symbol))
        recover(rooms)
        journal.on_durable(rooms.orders.dispatch.on_durable)
        self.rooms = rooms
        self._quote()
        rooms.orders.begin(had_history=rooms.recovered.records > 0)
        return rooms

    def crash(self) -> None:
        """End the process without a word, and start it again."""
        self._after_crash()
        self.rooms = self._begin()

    def leave(self) -> None:
        """End the process on purpose, and start it again."""
        Leaving(self.rooms).finish()
        self.rooms.journal.close()
        self.crash()

    def _after_crash(self) -> None:
        """Forget what was in memory: timers, messages on the way to the engine, and perhaps the page cache."""
        self.clock.rewind_to(self.clock.now_ns())
        self.venue.forget_engine()
        self.disk.failing = lambda _what: None
        self.disk.crash_at, self.venue.crash_at_call = None, ""
        if self.durability == "strict":
            self.disk.lose_power(self.random)

    # Time

    def run(self, seconds: float) -> None:
        """Let market time pass; whatever crashes on the way is started again."""
        end_ns = self.clock.now_ns() + round(seconds * NS_PER_S)
        while self.clock.now_ns() < end_ns:
            self.guard(self._tick)

    def guard(self, what: Callable[[], None]) -> None:
        """Do something to the engine; if the process ends in it, start it again."""
        try:
            what()
        except Crash:
            self.crash()

    def _tick(self) -> None:
        self.clock.advance_to(self.clock.now_ns() + TICK_NS)
        if self.random.random() < 0.2:
            self._move_market()
            self._quote()
        self.rooms.journal.sync_now()
        self.rooms.orders.scribe.catch_up()
        self.rooms.orders.dispatch.give_up()
        self.rooms.orders.exits.give_up()
        self.rooms.valuation.refresh()
        self.rooms.gate.refresh()
        self.venue.tick()

    def _move_market(self) -> None:
        for symbol in SYMBOLS:
            bid, _ = self.venue.touch.get(symbol, (10_000, 0))
            bid = min(10_400, max(9_600, bid + self.random.randint(-3, 3)))
            self.venue.touch[symbol] = (bid, bid + 2)

    def _quote(self) -> None:
        now_ns = self.clock.now_ns()
        for symbol, (bid, ask) in self.venue.touch.items():
            self.rooms.market.on_quote(Quote(symbol, "hand", bid, ask, 500, 500, now_ns, now_ns))

    # What is looked at as it happens

    def _look_at_submit(self, request: OrderRequest) -> None:
        """An order leaves: is its intent safe, and does it keep the limits on the worst assumption?"""
        text = request.client_id.encode()
        if not self.disk.holds(text, after_power_loss=self.durability == "strict"):
            self.findings.append(f"{request.client_id} was sent before its intent was safe")
        worst = self._worst_position(request)
        if worst > 20_000:
            self.findings.append(
                f"{request.client_id} could bring {request.symbol} to {worst}, beyond 20,000"
            )

    def _worst_position(self, request: OrderRequest) -> int:
        """Return the largest position that the venue's truth allows, if all that is open trades."""
        held = self.venue.positions().get(request.symbol, 0)
        waiting = sum(
            order.leaves
            for order in self.venue.orders.values()
            if order.is_open and order.request.symbol == request.symbol and order.request.side is request.side
        )
        return abs(held + request.side * (waiting + request.quantity))

    @property
    def open_orders(self) -> int:
        """How many orders the engine takes for open."""
        return sum(order.status in OPEN for order in self.rooms.orders.orders.values())
