"""Every route that reads: a row each."""

from __future__ import annotations

from typing import Any, Final

from engine.gateway.account_reads import (
    AccountAnswer,
    AlertsAnswer,
    ComponentAnswer,
    ComponentsAnswer,
    LimitsAnswer,
    OrderAnswer,
    OrdersAnswer,
    OrdersQuery,
    PositionsAnswer,
    RiskAnswer,
    account,
    alerts,
    component,
    components,
    limits,
    order,
    orders,
    positions,
    risk,
)
from engine.gateway.alarms import AlarmAnswer, AlarmsAnswer, IncidentsAnswer, alarm, alarms, incidents
from engine.gateway.market_reads import (
    DepthAnswer,
    DepthQuery,
    InstrumentsAnswer,
    QuotesAnswer,
    SymbolsQuery,
    depth,
    instruments,
    quotes,
)
from engine.gateway.refusals import Code
from engine.gateway.routes import EVERYBODY, Handle, Route
from engine.gateway.signal_reads import SignalsAnswer, signals
from engine.security.rates.table import Kind

_ABOUT_ONE: Final = (Code.NOT_FOUND,)


def _read(
    path: str,
    name: str,
    does: str,
    handle: Handle,
    answer: Any,
    query: type[Any] | None = None,
    refusals: tuple[Code, ...] = (),
) -> Route:
    """Return the row of what every operator may read."""
    return Route(
        method="GET",
        path=path,
        name=name,
        does=does,
        handle=handle,
        kind=Kind.DATA,
        roles=EVERYBODY,
        query=query,
        answer=answer,
        refusals=(Code.UNAVAILABLE, *refusals),
    )


READS: Final = (
    _read("/v1/instruments", "instruments", "read what is listed", instruments, InstrumentsAnswer),
    _read("/v1/quotes", "quotes", "read quotes", quotes, QuotesAnswer, SymbolsQuery, _ABOUT_ONE),
    _read("/v1/depth", "depth", "read a book", depth, DepthAnswer, DepthQuery, _ABOUT_ONE),
    _read("/v1/orders", "orders", "read orders", orders, OrdersAnswer, OrdersQuery),
    _read("/v1/orders/{client_id}", "order", "read an order", order, OrderAnswer, refusals=_ABOUT_ONE),
    _read("/v1/positions", "positions", "read positions", positions, PositionsAnswer),
    _read("/v1/account", "account", "read the account", account, AccountAnswer),
    _read("/v1/risk", "risk", "read the risk", risk, RiskAnswer),
    _read("/v1/limits", "limits", "read the limits", limits, LimitsAnswer),
    _read("/v1/components", "components", "read how everything is", components, ComponentsAnswer),
    _read(
        "/v1/components/{name}",
        "component",
        "read how one is",
        component,
        ComponentAnswer,
        refusals=_ABOUT_ONE,
    ),
    _read("/v1/alerts", "alerts", "read alerts", alerts, AlertsAnswer),
    _read("/v1/alarms", "alarms", "read what is wrong by the rules", alarms, AlarmsAnswer),
    _read(
        "/v1/alarms/{number}",
        "alarm",
        "read what became of an alert",
        alarm,
        AlarmAnswer,
        refusals=_ABOUT_ONE,
    ),
    _read("/v1/signals", "signals", "read what models say", signals, SignalsAnswer),
    _read("/v1/incidents", "incidents", "read what was wrong", incidents, IncidentsAnswer),
)
