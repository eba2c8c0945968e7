"""What programs are told of the account and of what runs it, over REST and over the stream alike.

Prices, sizes and money are decimals in texts; times are nanoseconds since the epoch, UTC. What there is none of is null.
"""

from __future__ import annotations

from msgspec import Struct

from engine.gateway.decimals import decimal, money
from engine.messages.commands import TradingState
from engine.messages.events import Severity
from engine.messages.views import AccountView, Alert, HealthState, HealthView, PositionView, RiskView
from engine.model.account import AccountMode
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import Trust


class Position(Struct, frozen=True, gc=False):
    """One position, valued now, in the account's currency."""

    symbol: Symbol
    quantity: str
    average_cost: str | None
    """In the instrument's currency."""
    mark: str | None
    value: str
    unrealised: str
    realised: str
    day_pnl: str
    fees: str
    dividends: str
    stop: str | None
    covered: str
    """How much of it stops at the broker cover."""
    trust: Trust
    rate_known: bool
    """False: its currency has no rate, and its money is not counted."""


class Account(Struct, frozen=True, gc=False):
    """The account's money, in its currency."""

    name: str
    mode: AccountMode
    currency: str
    cash: str
    equity: str
    day_pnl: str
    realised: str
    unrealised: str
    fees: str
    dividends: str
    gross: str
    net: str
    buying_power: str
    drawdown: float
    """A fraction of the peak, negative."""


class Limit(Struct, frozen=True, gc=False):
    """How much of one limit is used."""

    rule: str
    label: str
    used: float
    limit: float
    unit: str


class Metric(Struct, frozen=True, gc=False):
    """One risk number."""

    name: str
    label: str
    value: float | None
    unit: str


class Risk(Struct, frozen=True, gc=False):
    """Whether the account may trade, and how near its limits it is."""

    state: TradingState
    state_reason: str
    halted_symbols: tuple[Symbol, ...]
    reducing_symbols: tuple[Symbol, ...]
    halted_strategies: tuple[str, ...]
    reducing_strategies: tuple[str, ...]
    limits: tuple[Limit, ...]
    metrics: tuple[Metric, ...]
    breaches: int
    last_denial: str
    last_denial_ns: int
    limits_source: str
    firm_state: TradingState
    """What every desk was put in; it is in `state` too."""
    firm_reason: str


class Health(Struct, frozen=True, gc=False):
    """How one component is."""

    name: str
    label: str
    state: HealthState
    value: str
    detail: str
    since_ns: int
    trouble: str
    """What was wrong last."""
    trouble_ns: int


class Note(Struct, frozen=True, gc=False):
    """An alert for a person."""

    severity: Severity
    source: str
    text: str
    at_ns: int


def position_of(view: PositionView, instrument: Instrument) -> Position:
    """Tell a position."""
    prices, sizes = instrument.price_scale, instrument.size_scale
    return Position(
        symbol=view.symbol,
        quantity=decimal(view.quantity, sizes),
        average_cost=view.average_cost or None,
        mark=decimal(view.mark, prices) if view.mark else None,
        value=money(view.value_micros),
        unrealised=money(view.unrealised_micros),
        realised=money(view.realised_micros),
        day_pnl=money(view.day_pnl_micros),
        fees=money(view.fees_micros),
        dividends=money(view.dividends_micros),
        stop=None if view.stop is None else decimal(view.stop, prices),
        covered=decimal(view.covered, sizes),
        trust=view.trust,
        rate_known=view.rate_known,
    )


def account_of(view: AccountView) -> Account:
    """Tell the account's money."""
    return Account(
        name=view.name,
        mode=view.mode,
        currency=view.base_currency,
        cash=money(view.cash_micros),
        equity=money(view.equity_micros),
        day_pnl=money(view.day_pnl_micros),
        realised=money(view.realised_micros),
        unrealised=money(view.unrealised_micros),
        fees=money(view.fees_micros),
        dividends=money(view.dividends_micros),
        gross=money(view.gross_micros),
        net=money(view.net_micros),
        buying_power=money(view.buying_power_micros),
        drawdown=view.drawdown,
    )


def risk_of(view: RiskView) -> Risk:
    """Tell the trading state, the limits and the numbers."""
    return Risk(
        state=view.state,
        state_reason=view.state_reason,
        halted_symbols=view.halted_symbols,
        reducing_symbols=view.reducing_symbols,
        halted_strategies=view.halted_strategies,
        reducing_strategies=view.reducing_strategies,
        limits=tuple(Limit(each.rule, each.label, each.used, each.limit, each.unit) for each in view.limits),
        metrics=tuple(Metric(each.name, each.label, each.value, each.unit) for each in view.metrics),
        breaches=view.breaches,
        last_denial=view.last_denial,
        last_denial_ns=view.last_denial_ns,
        limits_source=view.limits_source,
        firm_state=view.firm.state,
        firm_reason=view.firm.reason,
    )


def health_of(view: HealthView) -> Health:
    """Tell how one component is."""
    return Health(
        name=view.name,
        label=view.label,
        state=view.state,
        value=view.value,
        detail=view.detail,
        since_ns=view.since_ns,
        trouble=view.trouble,
        trouble_ns=view.trouble_ns,
    )


def note_of(alert: Alert) -> Note:
    """Tell an alert."""
    return Note(alert.severity, alert.source, alert.text, alert.event_ns)
