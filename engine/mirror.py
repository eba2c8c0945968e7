"""What an engine told one who follows it, merged frame by frame."""

from __future__ import annotations

from collections import deque

from engine.messages.alarm_views import AlarmsView
from engine.messages.catalogue import CatalogueView, WatchView
from engine.messages.comparison_views import ReconcileView, RecoveryView
from engine.messages.desk_views import DesksView
from engine.messages.exit_views import ExitsView
from engine.messages.health_views import IncidentsView
from engine.messages.lock_views import LockView
from engine.messages.playback_views import PlaybackView
from engine.messages.risk_views import ArmingView
from engine.messages.signal_views import SignalsView
from engine.messages.tape_views import TapeView
from engine.messages.views import (
    AccountView,
    Alert,
    ChartView,
    DepthView,
    Frame,
    HealthView,
    OrderView,
    PositionView,
    QuoteView,
    RiskView,
)
from engine.model.ability_table import EVERYTHING
from engine.model.instrument import Instrument, Symbol

ALERTS_MAX = 500
ORDERS_MAX = 12_000
"""How many orders a follower keeps at most: of more, the oldest that ended are let go, a sixth at a time; the history has them."""


class Mirror:
    """What is known on the follower's side; every view in it is frozen."""

    def __init__(self, orders_max: int = ORDERS_MAX) -> None:
        self._orders_max = orders_max
        self.now_ns = 0
        self.instruments: dict[Symbol, Instrument] = {}
        self.quotes: dict[Symbol, QuoteView] = {}
        self.depth: DepthView | None = None
        self.chart: ChartView | None = None
        self.tape: TapeView | None = None
        self.orders: dict[str, OrderView] = {}
        """By client id, in order of creation."""
        self.positions: dict[Symbol, PositionView] = {}
        self.account: AccountView | None = None
        self.risk: RiskView | None = None
        self.arming: ArmingView | None = None
        self.lock: LockView | None = None
        """None until the engine has told; a live account is disarmed then."""
        self.health: tuple[HealthView, ...] = ()
        self.incidents = IncidentsView()
        """What was not well, and when."""
        self.playback: PlaybackView | None = None
        self.reconcile: ReconcileView | None = None
        self.recovery: RecoveryView | None = None
        self.exits: ExitsView | None = None
        self.catalogue: CatalogueView | None = None
        """What venues list; None where the market of this engine is all there is."""
        self.watching: WatchView | None = None
        """What is followed of a venue; None where the market of this engine is all there is."""
        self.desks: DesksView | None = None
        """The desks that share the Redis; None where nothing is shared."""
        self.signals: SignalsView | None = None
        """What models say; None where none predicts here."""
        self.alarms = AlarmsView()
        """What is wrong by the alert rules, and what was."""
        self.abilities = EVERYTHING
        """What the account's broker takes of orders."""
        self.alerts: deque[Alert] = deque(maxlen=ALERTS_MAX)
        self.quotes_per_s = 0.0

    def merge(self, frame: Frame) -> frozenset[str]:
        """Take a frame in; return the names of the parts that changed."""
        changed = {"clock"}
        self.now_ns = frame.now_ns
        self.quotes_per_s = frame.quotes_per_s
        for instrument in frame.instruments:
            self.instruments[instrument.symbol] = instrument
            changed.add("instruments")
        if frame.quotes:
            self.quotes.update((quote.symbol, quote) for quote in frame.quotes)
            changed.add("quotes")
        if frame.orders:
            created = sorted(frame.orders, key=lambda order: (order.created_ns, order.number))
            self.orders.update((order.client_id, order) for order in created)
            self._let_go()
            changed.add("orders")
        if frame.positions is not None:
            self.positions = {position.symbol: position for position in frame.positions}
            changed.add("positions")
        if frame.alerts:
            self.alerts.extend(frame.alerts)
            changed.add("alerts")
        for part in (
            "depth",
            "chart",
            "tape",
            "account",
            "risk",
            "arming",
            "lock",
            "health",
            "incidents",
            "playback",
            "reconcile",
            "recovery",
            "exits",
            "catalogue",
            "watching",
            "desks",
            "signals",
            "alarms",
            "abilities",
        ):
            view = getattr(frame, part)
            if view is not None:
                setattr(self, part, view)
                changed.add(part)
        return frozenset(changed)

    def _let_go(self) -> None:
        """Keep no more orders than there is room for, and every one that works."""
        if len(self.orders) > self._orders_max:
            ended = [key for key, order in self.orders.items() if not order.status.is_open]
            for key in ended[: len(self.orders) - self._orders_max * 5 // 6]:
                del self.orders[key]

    def is_dropped(self, symbol: Symbol) -> bool:
        """Whether a symbol was followed in this session and is no more."""
        return self.watching is not None and symbol in self.watching.dropped

    @property
    def symbols(self) -> list[Symbol]:
        """What is listed, in that order, but for what was dropped."""
        return [symbol for symbol in self.instruments if not self.is_dropped(symbol)]

    @property
    def working(self) -> list[OrderView]:
        """The orders that may still trade, oldest first."""
        return [order for order in self.orders.values() if order.status.is_open]
