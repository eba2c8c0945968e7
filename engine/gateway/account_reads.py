"""Asking about the account: orders, positions, money, risk, what runs, what a person was told."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from engine.errors import TransientError
from engine.gateway.account_values import (
    Account,
    Health,
    Limit,
    Note,
    Position,
    Risk,
    account_of,
    health_of,
    note_of,
    position_of,
    risk_of,
)
from engine.gateway.asking import Answer, Ask
from engine.gateway.order_values import Order, order_of
from engine.gateway.parts import Parts
from engine.gateway.refusals import Code, Refused
from engine.gateway.symbols import Name
from engine.messages.health_views import Incident
from engine.messages.views import OrderView, PositionView, RiskView
from engine.mirror import Mirror

ORDERS_MAX: Final = 1_000


class OrdersQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders, and how many of the newest."""

    open: bool = False
    """Whether only those that may still trade."""
    symbol: Name | None = None
    strategy: Name | None = None
    last: Annotated[int, Meta(ge=1, le=ORDERS_MAX)] = 200


class OrdersAnswer(Struct, frozen=True):
    """Orders, the oldest first."""

    orders: list[Order]
    left_out: int
    """How many more there are: older ones, and those of what is listed no more."""


class OrderAnswer(Struct, frozen=True):
    """One order."""

    order: Order


class PositionsAnswer(Struct, frozen=True):
    """What is held, and what was."""

    positions: list[Position]


class AccountAnswer(Struct, frozen=True):
    """The account's money."""

    account: Account
    armed: bool
    """Whether orders that open may leave."""
    armed_reason: str
    """Why not."""


class RiskAnswer(Struct, frozen=True):
    """The trading state, how near the limits it is, and the numbers."""

    risk: Risk


class LimitsAnswer(Struct, frozen=True):
    """The limits in force, and how much of each is used."""

    source: str
    limits: tuple[Limit, ...]


class ComponentsAnswer(Struct, frozen=True):
    """How everything is that runs here."""

    components: list[Health]


class ComponentAnswer(Struct, frozen=True):
    """How one is, and what was wrong with it, the newest first, over restarts."""

    component: Health
    incidents: list[Incident]


class AlertsAnswer(Struct, frozen=True):
    """What a person was told, the oldest first."""

    alerts: list[Note]


async def orders(parts: Parts, ask: Ask) -> Answer:
    """Tell orders."""
    query: OrdersQuery = ask.query
    mirror = await parts.feed.fresh()
    found = [order for order in mirror.orders.values() if _is_asked_for(order, query)]
    newest = found[-query.last :]
    told = [order_of(each, mirror.instruments[each.symbol]) for each in newest if _is_listed(each, mirror)]
    return Answer(OrdersAnswer(told, len(found) - len(told)))


async def order(parts: Parts, ask: Ask) -> Answer:
    """Tell one order."""
    return Answer(OrderAnswer(order_in(await parts.feed.fresh(), ask.path["client_id"])))


async def positions(parts: Parts, ask: Ask) -> Answer:
    """Tell positions."""
    del ask
    mirror = await parts.feed.fresh()
    held = [each for each in mirror.positions.values() if _is_listed(each, mirror)]
    return Answer(PositionsAnswer([position_of(each, mirror.instruments[each.symbol]) for each in held]))


async def account(parts: Parts, ask: Ask) -> Answer:
    """Tell the account's money, and whether it is armed."""
    del ask
    mirror = await parts.feed.fresh()
    if mirror.account is None or mirror.arming is None:
        raise TransientError("the engine has not told of the account yet")
    arming = mirror.arming
    return Answer(AccountAnswer(account_of(mirror.account), arming.armed, arming.reason))


async def risk(parts: Parts, ask: Ask) -> Answer:
    """Tell the trading state, the limits and the numbers."""
    del ask
    return Answer(RiskAnswer(risk_of(risk_in(await parts.feed.fresh()))))


async def limits(parts: Parts, ask: Ask) -> Answer:
    """Tell the limits in force."""
    del ask
    told = risk_of(risk_in(await parts.feed.fresh()))
    return Answer(LimitsAnswer(told.limits_source, told.limits))


async def components(parts: Parts, ask: Ask) -> Answer:
    """Tell how everything is that runs here."""
    del ask
    mirror = await parts.feed.fresh()
    return Answer(ComponentsAnswer([health_of(each) for each in mirror.health]))


async def component(parts: Parts, ask: Ask) -> Answer:
    """Tell how one part is of what runs here, and what was wrong with it."""
    mirror, name = await parts.feed.fresh(), ask.path["name"]
    for view in mirror.health:
        if view.name == name:
            incidents = [each for each in mirror.incidents.incidents if each.component == name]
            return Answer(ComponentAnswer(health_of(view), incidents))
    raise Refused(Code.NOT_FOUND, "there is no such component")


async def alerts(parts: Parts, ask: Ask) -> Answer:
    """Tell what a person was told."""
    del ask
    mirror = await parts.feed.fresh()
    return Answer(AlertsAnswer([note_of(each) for each in mirror.alerts]))


def order_in(mirror: Mirror, client_id: str) -> Order:
    """Return an order of a client id.

    Raises:
        Refused: there is none.
    """
    found = mirror.orders.get(client_id)
    if found is None or not _is_listed(found, mirror):
        raise Refused(Code.NOT_FOUND, "there is no such order")
    return order_of(found, mirror.instruments[found.symbol])


def risk_in(mirror: Mirror) -> RiskView:
    """Return the trading state; raises TransientError where nothing is known of it yet."""
    if mirror.risk is None:
        raise TransientError("the engine has not told of the risk yet")
    return mirror.risk


def _is_listed(view: OrderView | PositionView, mirror: Mirror) -> bool:
    """Tell whether its units are known: those of what this market no longer lists are not."""
    return view.symbol in mirror.instruments


def _is_asked_for(order: OrderView, query: OrdersQuery) -> bool:
    if query.open and not order.status.is_open:
        return False
    if query.symbol is not None and order.symbol != query.symbol:
        return False
    return query.strategy is None or order.strategy == query.strategy
