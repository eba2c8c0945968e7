"""What happened: past tense, many readers, can't be refused."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from engine.messages.commands import BreakAction, TradingState
from engine.model.bar import LONG, Bar
from engine.model.fill import Fill
from engine.model.instrument import Instrument, Symbol
from engine.model.order import Order, OrderRequest, OrderStatus


class Denial(Struct, frozen=True, gc=False):
    """One rule's no, with both numbers in words a trader reads."""

    rule: str
    """The control's id: `position_limit`."""
    text: str
    """A sentence: "position would be 3,200, limit 2,000"."""


class OrderDenied(Struct, frozen=True, gc=False):
    """Our gate said no, with every reason."""

    request: OrderRequest
    denials: tuple[Denial, ...]
    event_ns: int


class AmendDenied(Struct, frozen=True, gc=False):
    """Our gate refused a change; the order works on as it was."""

    client_id: str
    denials: tuple[Denial, ...]
    event_ns: int


class OrderSubmitted(Struct, frozen=True, gc=False):
    """The gate approved, the journal has it, and it is on its way."""

    request: OrderRequest
    event_ns: int
    bid: int = 0
    """The market as it was sent, in price units; 0 where there was none."""
    ask: int = 0


class PairSubmitted(Struct, frozen=True, gc=False):
    """A stop and a target are on their way together: one record, so that none of them is known without the other."""

    stop: OrderSubmitted
    target: OrderSubmitted


class OrderChanged(Struct, frozen=True, gc=False):
    """An order moved to a state, or its terms changed; `order` is the engine's own record."""

    order: Order
    status: OrderStatus
    event_ns: int
    moved: bool
    """Whether it was told of at another state before; else its terms changed."""


class OrderFilled(Struct, frozen=True, gc=False):
    """Some of an order was traded."""

    order: Order
    fill: Fill


class OrderAbandoned(Struct, frozen=True, gc=False):
    """An order that was written down was not sent after all: trading was halted in between."""

    client_id: str
    reason: str
    event_ns: int


class AmendAbandoned(Struct, frozen=True, gc=False):
    """New terms that were written down were not sent after all: the order works on as it was."""

    client_id: str
    reason: str
    event_ns: int


class OrderAdopted(Struct, frozen=True, gc=False):
    """An order that the broker has and we never sent became ours to watch."""

    request: OrderRequest
    venue_id: str
    event_ns: int


class OrderUnanswered(Struct, frozen=True, gc=False):
    """The broker was silent about an order for too long: its fate is unknown."""

    client_id: str
    reason: str
    event_ns: int


class PositionAdjusted(Struct, frozen=True, gc=False):
    """A person believed the broker about a position: the difference is booked as a fill without an order."""

    fill: Fill
    reason: str


class PositionSplit(Struct, frozen=True, gc=False):
    """Each `denominator` units held of a symbol became `numerator` new ones, at the same cost."""

    symbol: Symbol
    numerator: int
    denominator: int
    cash_price: int | None
    """What was paid out for a new unit that does not make a whole lot, in price units; None for its cost."""
    origin: str
    event_ns: int


class DividendBooked(Struct, frozen=True, gc=False):
    """A dividend came in on what is held of a symbol; a short owes it."""

    symbol: Symbol
    per_unit: Decimal
    origin: str
    event_ns: int


class FillBusted(Struct, frozen=True, gc=False):
    """A fill was taken back by the venue: positions and profit are as if it never was."""

    fill: Fill
    reason: str


class FillCorrected(Struct, frozen=True, gc=False):
    """A fill was changed by the venue: the same id, other terms."""

    was: Fill
    fill: Fill


class InstrumentListed(Struct, frozen=True, gc=False):
    """The terms of an instrument that orders were sent in: the journal can be read without a market."""

    instrument: Instrument


class RateNoted(Struct, frozen=True, gc=False):
    """The rate that money in a currency was converted at from here on; base units in billionths."""

    currency: str
    rate: int


class AccountMarked(Struct, frozen=True, gc=False):
    """What the day's profit and the drawdown are measured from; a restart does not reset them.

    Money in millionths of the base currency; profits by symbol.
    """

    day: int
    """Days since the epoch, UTC."""
    day_start_micros: int
    day_start_profits: dict[Symbol, int]
    peak_micros: int
    equity_micros: int
    """Now: where the next day begins if this is the last that is known."""
    profits: dict[Symbol, int]
    day_end_ns: int = 0
    """When the account's trading day ends; 0 where days ended at midnight UTC."""


class BarClosed(Struct, frozen=True, gc=False):
    """A minute of a symbol's market is over: what is traded in it, for the charts of later days.

    Sums that 64 bits don't hold are written as text, and are 0 in the bar: coins that cost next to nothing, in steps that are finer still.
    """

    bar: Bar
    long_volume: str = ""
    long_turnover: str = ""

    @classmethod
    def of(cls, bar: Bar) -> Self:
        """Return the record of a bar."""
        volume, turnover = bar.volume, bar.turnover
        if max(volume, turnover) < LONG:
            return cls(bar)
        long_volume, long_turnover = (str(units) if units >= LONG else "" for units in (volume, turnover))
        short = replace(bar, volume=0 if long_volume else volume, turnover=0 if long_turnover else turnover)
        return cls(short, long_volume, long_turnover)

    @property
    def whole(self) -> Bar:
        """The bar with its sums."""
        if not (self.long_volume or self.long_turnover):
            return self.bar
        return replace(
            self.bar,
            volume=int(self.long_volume or self.bar.volume),
            turnover=int(self.long_turnover or self.bar.turnover),
        )


class SessionBegan(Struct, frozen=True, gc=False):
    """The engine started."""

    run: str
    version: str
    event_ns: int
    order_number: int = 0
    """The highest short number of an order before it: those that are out of sight count too."""


class AccountTaken(Struct, frozen=True, gc=False):
    """This engine has the account, where several desks could have it; what another sends from now on is fenced off."""

    epoch: int
    """Which hold of the account this is: it only grows."""
    holder: str
    event_ns: int


class SessionEnded(Struct, frozen=True, gc=False):
    """The engine stopped on purpose, and these orders were left working."""

    kept: tuple[str, ...]
    choice: str
    event_ns: int
    reason: str = ""
    """Why, where nobody at the desk asked for it."""


class BreakResolved(Struct, frozen=True, gc=False):
    """A person decided about a difference between our book and the broker's."""

    break_id: str
    action: BreakAction
    text: str
    origin: str
    event_ns: int
    difference: int = 0
    """How large it may stay without being shown again; 0 when nothing stays decided."""


class TradingStateChanged(Struct, frozen=True, gc=False):
    """Trading was halted, reduced or resumed: a symbol, a strategy, everything, or every desk."""

    state: TradingState
    reason: str
    symbol: Symbol | None
    event_ns: int
    strategy: str = ""
    origin: str = "desk"
    firm_version: int = 0
    """Which saying about every desk it is; 0 for one about this desk alone."""
    who: str = ""
    """Who said it about every desk; empty for one about this desk alone."""
    correlation: str = ""
    """The command that asked for it, at whichever desk."""


class TradingArmed(Struct, frozen=True, gc=False):
    """A person armed the account: orders that open may leave. Nothing is armed by this record at a start."""

    account: str
    origin: str
    event_ns: int


class TradingDisarmed(Struct, frozen=True, gc=False):
    """The account was disarmed: only orders that reduce leave."""

    reason: str
    origin: str
    """Who did it: desk, shell, or the engine itself, as `idle` or `broker`."""
    event_ns: int


class BrokerLinkChanged(Struct, frozen=True, gc=False):
    """The way to the broker opened or closed; told before anything follows from it."""

    connected: bool
    reason: str
    event_ns: int


class FlattenAsked(Struct, frozen=True, gc=False):
    """A symbol is to be flattened: its orders are taken back, then what is held is closed."""

    symbol: Symbol
    origin: str
    event_ns: int
    correlation: str = ""
    """The command that asked for it; its closing order has the same."""


class FlattenEnded(Struct, frozen=True, gc=False):
    """A flatten is over, and nothing of it is left to act."""

    symbol: Symbol
    reason: str
    """Why it was given up; empty when the symbol is flat."""
    event_ns: int


class Severity(StrEnum):
    """How loud an alert is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class AlertRaised(Struct, frozen=True, gc=False):
    """Something a person should see now."""

    severity: Severity
    source: str
    text: str
    event_ns: int


MoneyEvent = OrderFilled | FillBusted | FillCorrected | PositionAdjusted
"""What changes a position by a fill, and has it."""
MONEY_EVENTS: tuple[type[MoneyEvent], ...] = (OrderFilled, FillBusted, FillCorrected, PositionAdjusted)
CorporateEvent = PositionSplit | DividendBooked
"""What changes a position without a fill."""
CORPORATE_EVENTS: tuple[type[CorporateEvent], ...] = (PositionSplit, DividendBooked)
