"""How a desk is, for someone who does not see its screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import islice

from msgspec import Struct

from engine.messages.alarm_views import AlarmsView
from engine.messages.commands import TradingState
from engine.messages.exit_views import FlattenView
from engine.messages.lock_views import LockView
from engine.messages.risk_views import ArmingView

LISTED_MAX = 100
"""How many names each list of a summary holds; counts are always of all."""
NAMED_MAX = 10
"""How many names a sentence holds, and how many orders a flatten names that it waits for."""


class Scope(Struct, frozen=True, gc=False):
    """What orders may do in one scope."""

    name: str
    """The symbol or the strategy; empty for everything."""
    state: TradingState
    reason: str
    since_ns: int
    """By the account's clock."""


class Trading(Struct, frozen=True):
    """The trading state of everything, and of what has one of its own."""

    everything: Scope
    symbols: tuple[Scope, ...] = ()
    strategies: tuple[Scope, ...] = ()
    latch: str = ""
    """Why the file that keeps the halts may not be as they are; empty while it is."""
    firm: Scope = Scope("every desk", TradingState.ACTIVE, "", 0)
    """What was said about every desk; it is in `everything` too."""


class OpenOrder(Struct, frozen=True, gc=False):
    """An order that may still trade."""

    client_id: str
    number: int
    symbol: str
    unknown: bool
    """Whether its fate is not known."""
    strategy: str = ""

    @property
    def label(self) -> str:
        """What a person calls it: "#12 AAPL"."""
        return f"#{self.number} {self.symbol}"


class Doubt(Struct, frozen=True, gc=False):
    """Why an order may work at the broker that is not among the open ones, or more may be held there."""

    symbol: str
    """Empty for all of them."""
    text: str
    strategy: str | None = None
    """Whose order it is, empty for no strategy's; None where it may be anyone's."""
    of_position: bool = False
    """Whether it says nothing of orders."""


class JournalStatus(Struct, frozen=True, gc=False):
    """How far the record of everything is written."""

    sequence: int
    """The last record."""
    durable: int
    """The last record that is as safe as the durability setting demands."""
    refusal: str
    """Why no new order may be written; empty while all is well."""


class FeedStatus(Struct, frozen=True, gc=False):
    """How the market data is, as the health pane says it."""

    source: str
    state: str
    value: str
    detail: str


class Unwell(Struct, frozen=True, gc=False):
    """A component that is not well, as the health pane says it."""

    name: str
    state: str
    value: str
    detail: str


class BrokerStatus(Struct, frozen=True, gc=False):
    """Who takes the orders, and how our book and theirs stand."""

    name: str
    phase: str
    """`cut` while it can't be reached, `late` while it does not answer."""
    since_ns: int
    """When that began, by the clock of the account."""
    age_s: int
    """For how many seconds it has been cut or late, by steady time; 0 while it is neither."""
    reason: str
    """Why it can't be reached; else empty."""


class DeskStatus(Struct, frozen=True, kw_only=True):
    """Everything at one moment, taken on the engine's thread."""

    mode: str
    account: str
    run: str
    version: str
    pid: int
    uptime_s: float
    arming: ArmingView
    trading: Trading
    orders: tuple[OpenOrder, ...]
    positions: dict[str, str]
    """What is held by symbol, signed, in the instrument's own terms; what is flat is left out."""
    breaks: tuple[str, ...]
    """Differences between our book and the broker's that nobody has decided about yet."""
    journal: JournalStatus
    state_hash: str | None
    """Equal states have equal hashes; None where it was not asked for."""
    feed: FeedStatus
    broker: BrokerStatus
    doubts: tuple[Doubt, ...] = ()
    flattening: tuple[FlattenView, ...] = ()
    unwell: tuple[Unwell, ...] = ()
    lock: LockView | None = None
    """Who signed in at the desk; None where nobody has to."""
    alarms: AlarmsView = AlarmsView()
    """What is wrong by the alert rules."""


class Working(Struct, frozen=True):
    """The open orders."""

    count: int
    by_symbol: dict[str, int]


class Summary(Struct, frozen=True, kw_only=True):
    """A desk's status as it is told outside: these names are stable, and no list is longer than fits a line."""

    mode: str
    account: str
    run: str
    version: str
    pid: int
    uptime_s: float
    arming: ArmingView
    trading: Trading
    working: Working
    unknown: tuple[str, ...]
    """Orders whose fate is not known, as "#12 AAPL"."""
    positions: dict[str, str]
    breaks: tuple[str, ...]
    journal: JournalStatus
    state_hash: str | None
    """Equal states have equal hashes; None where it was not asked for."""
    feed: FeedStatus
    broker: BrokerStatus
    flattening: tuple[FlattenView, ...] = ()
    """Every flatten that is not over, and the orders it waits for."""
    unwell: tuple[Unwell, ...] = ()
    """Every row of the health pane that is degraded or down."""


def summary_of(status: DeskStatus) -> Summary:
    """Sum a status up."""
    trading = status.trading
    return Summary(
        mode=status.mode,
        account=status.account,
        run=status.run,
        version=status.version,
        pid=status.pid,
        uptime_s=status.uptime_s,
        arming=status.arming,
        trading=Trading(
            trading.everything,
            trading.symbols[:LISTED_MAX],
            trading.strategies[:LISTED_MAX],
            trading.latch,
            trading.firm,
        ),
        working=Working(len(status.orders), counted(order.symbol for order in status.orders)),
        unknown=tuple(order.label for order in status.orders if order.unknown)[:LISTED_MAX],
        positions=dict(islice(status.positions.items(), LISTED_MAX)),
        breaks=status.breaks[:LISTED_MAX],
        journal=status.journal,
        state_hash=status.state_hash,
        feed=status.feed,
        broker=status.broker,
        flattening=tuple(_shortened(each) for each in status.flattening[:LISTED_MAX]),
        unwell=status.unwell,
    )


def _shortened(each: FlattenView) -> FlattenView:
    return FlattenView(each.symbol, each.since_ns, each.waits[:NAMED_MAX])


def counted(symbols: Iterable[str]) -> dict[str, int]:
    """Count by symbol, the most frequent first."""
    return dict(Counter(symbols).most_common(LISTED_MAX))
