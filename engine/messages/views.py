"""What the screen is given: frozen copies, made on the engine's thread once a frame.

Prices and sizes are in units of the instrument, money in millionths of the base currency, time in ns UTC.
"""

from __future__ import annotations

from msgspec import Struct

from engine.messages.alarm_views import AlarmsView
from engine.messages.catalogue import CatalogueView, WatchView
from engine.messages.commands import TradingState
from engine.messages.comparison_views import ReconcileView, RecoveryView
from engine.messages.desk_views import DesksView
from engine.messages.events import Denial, Severity
from engine.messages.exit_views import ExitsView
from engine.messages.health_views import HealthState, HealthView, IncidentsView
from engine.messages.lock_views import LockView
from engine.messages.playback_views import PlaybackView
from engine.messages.risk_views import NO_FIRM_STATE, ArmingView, FirmStateView, RiskSplitView, RuleView
from engine.messages.signal_views import SignalsView
from engine.messages.tape_views import TapeView
from engine.model.abilities import BrokerAbilities
from engine.model.account import AccountMode
from engine.model.bar import Bar
from engine.model.depth import Level
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import Trust
from engine.model.market_status import Session
from engine.model.order import ExitPlan, Leg, OrderRequest, OrderStatus, OrderType, TimeInForce
from engine.model.trade import Side

__all__ = ("HealthState", "HealthView")


class ViewRequest(Struct, frozen=True, gc=False):
    """What the screen is looking at, so that only that is copied."""

    focus: Symbol | None = None
    bar_interval_ns: int = 60_000_000_000
    bars_max: int = 240
    depth_levels: int = 24
    prints_max: int = 60
    everything: bool = False
    """Copy all symbols, orders and positions, not only what changed since the last frame."""
    patience_s: float = 0.0
    """How long the screen's frame may wait for something to happen; what another follower asks never waits."""


class QuoteView(Struct, frozen=True, gc=False):
    """One symbol's line."""

    symbol: Symbol
    bid: int
    ask: int
    bid_size: int
    ask_size: int
    last: int
    last_side: int
    last_trade_ns: int
    prior_close: int
    day_open: int
    day_high: int
    day_low: int
    volume: int
    vwap: int
    """In price units; 0 before the first trade."""
    session: Session
    session_reason: str
    source: str
    trust: Trust
    trust_reason: str
    receive_ns: int
    accepted: int
    refused: int
    spark: tuple[int, ...]
    """Closes of the last 30 minutes, oldest first, in price units."""

    @property
    def price(self) -> int:
        """The last trade's price; where nothing was ever traded, the middle of the touch; 0 for neither."""
        return self.last or ((self.bid + self.ask) // 2 if self.bid and self.ask else 0)

    @property
    def base(self) -> int:
        """The price that the day's change is counted from: the prior close, else the day's first price."""
        return self.prior_close or self.day_open


class DepthView(Struct, frozen=True, gc=False):
    """The best levels of one book, best first, our own included; synced and empty where the source has none."""

    symbol: Symbol
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    synced: bool
    source: str
    status: str
    """Why it is not synced, in words; empty while it is."""


class ChartView(Struct, frozen=True, gc=False):
    """Bars of one symbol, oldest first; the last one is still forming."""

    symbol: Symbol
    interval_ns: int
    bars: tuple[Bar, ...]


class OrderView(Struct, frozen=True, gc=False):
    """One order as it stands."""

    client_id: str
    number: int
    symbol: Symbol
    side: Side
    type: OrderType
    tif: TimeInForce
    quantity: int
    filled: int
    leaves: int
    limit: int | None
    stop: int | None
    """Of a trailing stop where it would trigger now; None where the broker doesn't tell."""
    trail: int | None
    average_price: int
    status: OrderStatus
    reason: str
    post_only: bool
    reduce_only: bool
    triggered: bool
    queue_ahead: int | None
    fees_micros: int
    origin: str
    venue_id: str
    correlation: str
    created_ns: int
    updated_ns: int
    fills: tuple[Fill, ...]
    plan: ExitPlan | None = None
    parent: str = ""
    """The client id of the entry that this leg protects."""
    leg: Leg = Leg.NONE
    group: str = ""
    strategy: str = ""
    """Whose idea it is."""
    sent_bid: int = 0
    """The market as it was sent; 0 where there was none."""
    sent_ask: int = 0
    slippage_bps: float | None = None
    """How much worse than the middle as it was sent its fills are; None without either."""
    slippage_micros: int | None = None
    """What that comes to, in the instrument's currency, fees apart."""


class PositionView(Struct, frozen=True, gc=False):
    """One position, valued now; money in millionths of the base currency."""

    symbol: Symbol
    quantity: int
    average_cost: str
    """In the instrument's currency, as a decimal string; empty when flat."""
    mark: int
    value_micros: int
    unrealised_micros: int
    realised_micros: int
    day_pnl_micros: int
    fees_micros: int
    trust: Trust
    rate_known: bool
    """False when the currency's rate is missing and the money is therefore not counted."""
    covered: int = 0
    """How much of it stops that work at the broker cover, unsigned, in size units."""
    planned: int = 0
    """How much more stops will cover that are planned, or on their way."""
    stop: int | None = None
    """The price of the nearest stop that closes it; a trailing one's where it stands now, if the broker tells."""
    trail: int | None = None
    """The shortest distance of a trailing stop that closes it."""
    dividends_micros: int = 0
    """Received less paid."""


class AccountView(Struct, frozen=True, gc=False):
    """The account's money, in millionths of the base currency."""

    name: str
    mode: AccountMode
    base_currency: str
    cash_micros: int
    equity_micros: int
    day_pnl_micros: int
    realised_micros: int
    unrealised_micros: int
    fees_micros: int
    gross_micros: int
    net_micros: int
    buying_power_micros: int
    drawdown: float
    """Negative fraction from the peak."""
    dividends_micros: int = 0
    """Received less paid."""


class LimitView(Struct, frozen=True, gc=False):
    """How much of one limit is used."""

    rule: str
    label: str
    """What a gauge says: "Max position NVDA"."""
    used: float
    limit: float
    unit: str
    """ "money", "count", "percent", "per_s": how to write the numbers."""
    warn_fraction: float = 0.75

    @property
    def fraction(self) -> float:
        """Used over limit."""
        return self.used / self.limit if self.limit else 0.0


class MetricView(Struct, frozen=True, gc=False):
    """One risk number; None where it is not defined."""

    name: str
    label: str
    value: float | None
    unit: str


class RiskView(Struct, frozen=True, gc=False):
    """What the risk room says."""

    state: TradingState
    state_reason: str
    halted_symbols: tuple[Symbol, ...]
    """Those that a person halted, and those that the engine locked."""
    limits: tuple[LimitView, ...]
    metrics: tuple[MetricView, ...]
    breaches: int
    last_denial: str
    last_denial_ns: int
    limits_source: str
    """Where the limits came from, and when."""
    halted_strategies: tuple[str, ...] = ()
    reducing_symbols: tuple[Symbol, ...] = ()
    """Those whose orders may only make a position smaller; so with strategies."""
    reducing_strategies: tuple[str, ...] = ()
    split: RiskSplitView | None = None
    """Whose risk it is; None while there is nothing to tell."""
    firm: FirmStateView = NO_FIRM_STATE


class Alert(Struct, frozen=True, gc=False):
    """A line for the person at the desk."""

    severity: Severity
    source: str
    text: str
    event_ns: int


class Frame(Struct, frozen=True, gc=False):
    """Everything that changed since the frame before; None or empty where nothing did."""

    now_ns: int
    sequence: int
    instruments: tuple[Instrument, ...] = ()
    """Newly listed."""
    quotes: tuple[QuoteView, ...] = ()
    depth: DepthView | None = None
    chart: ChartView | None = None
    tape: TapeView | None = None
    orders: tuple[OrderView, ...] = ()
    """Every order that changed, in order of change; none is ever left out."""
    positions: tuple[PositionView, ...] | None = None
    account: AccountView | None = None
    risk: RiskView | None = None
    arming: ArmingView | None = None
    lock: LockView | None = None
    health: tuple[HealthView, ...] | None = None
    incidents: IncidentsView | None = None
    playback: PlaybackView | None = None
    reconcile: ReconcileView | None = None
    recovery: RecoveryView | None = None
    exits: ExitsView | None = None
    catalogue: CatalogueView | None = None
    watching: WatchView | None = None
    alarms: AlarmsView | None = None
    desks: DesksView | None = None
    abilities: BrokerAbilities | None = None
    signals: SignalsView | None = None
    alerts: tuple[Alert, ...] = ()
    quotes_per_s: float = 0.0
    source_ns: int = 0
    """When the source had the oldest of the quotes that are new, ns UTC; 0 where none is, or time does not pass as ours."""


class OrderPreview(Struct, frozen=True, gc=False):
    """What would happen if this order were sent now."""

    request: OrderRequest
    denials: tuple[Denial, ...]
    rules: tuple[RuleView, ...]
    notional_micros: int | None
    """In the base currency; None when the rate or the price is not known."""
    position_after: int
    buying_power_after_micros: int | None
    quantity_max: int
    """The largest size that would pass, in size units; 0 when none would."""
    quote_age_ns: int
    quote_source: str
    trust: Trust
    reference_price: int
    """The price it was judged at, in price units."""
