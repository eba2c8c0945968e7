"""Where the stop of a position is: at the broker, here, for a part of it, nowhere."""

from __future__ import annotations

from enum import StrEnum

from engine.messages.views import OrderView, PositionView
from engine.model.order import Leg
from terminal.desk import Desk
from terminal.format import NOTHING, Figures, figures
from terminal.strips import Run


class Cover(StrEnum):
    """How much of a position a stop stands behind."""

    FLAT = "flat"
    VENUE = "venue"
    """All of it, at the broker: it stands when this program does not."""
    HERE = "here"
    """All of it, some only in a plan or on its way."""
    PARTLY = "partly"
    MISSING = "missing"


def cover_of(position: PositionView) -> Cover:
    """Return how much of a position a stop stands behind."""
    held = abs(position.quantity)
    if not held:
        return Cover.FLAT
    if position.covered >= held:
        return Cover.VENUE
    if position.covered + position.planned >= held:
        return Cover.HERE
    return Cover.PARTLY if position.covered or position.planned else Cover.MISSING


def cover_run(position: PositionView, desk: Desk) -> Run:
    """Return a position's cover as one cell: a glyph, and where the stop is or how much has one."""
    figure = figures(desk.instruments[position.symbol])
    match cover_of(position):
        case Cover.VENUE:
            return (f"● {_level(position, figure)}", "text")
        case Cover.HERE:
            return (f"○ {_level(position, figure)}", "own")
        case Cover.PARTLY:
            protected = figure.size(position.covered + position.planned)
            return (f"◐ {protected}/{figure.size(abs(position.quantity))}", "warn+b")
        case Cover.MISSING:
            return ("! none", "warn")
        case Cover.FLAT:
            return (NOTHING, "faint")


def cover_sentence(position: PositionView, desk: Desk) -> str:
    """Say where the stop of a position is."""
    figure = figures(desk.instruments[position.symbol])
    held, level = figure.size(abs(position.quantity)), _level(position, figure)
    covered, planned = figure.size(position.covered), figure.size(position.planned)
    match cover_of(position):
        case Cover.VENUE:
            return f"all {held} have a stop that works at the broker, the nearest at {level}"
        case Cover.HERE:
            return f"{covered} of {held} have a stop at the broker; {planned} one that is on its way: {level}"
        case Cover.PARTLY:
            bare = figure.size(abs(position.quantity) - position.covered - position.planned)
            return (
                f"{bare} of {held} have no stop; {covered} have one at the broker, {planned} one on its way"
            )
        case Cover.MISSING:
            return f"none of the {held} has a stop"
        case Cover.FLAT:
            return "there is nothing to protect"


def is_orphan(order: OrderView, desk: Desk) -> bool:
    """Tell whether a leg works though the position that it should close is gone."""
    position = desk.positions.get(order.symbol)
    held = position.quantity if position else 0
    return bool(order.parent) and order.status.is_open and held * int(order.side) >= 0


def legs_of(entry: OrderView, desk: Desk) -> list[OrderView]:
    """Return the legs of an entry that may still trade."""
    return [order for order in desk.working if order.parent == entry.client_id]


def cancel_leaves(order: OrderView, desk: Desk) -> str:
    """Say what a cancel leaves behind: legs that go on, or a position without its stop; empty if neither."""
    write = figures(desk.instruments[order.symbol])
    legs = legs_of(order, desk)
    if legs:
        names = " and ".join(f"{leg.leg} #{leg.number}" for leg in legs)
        return f"{names} stay for the {write.size(order.filled)} filled"
    if (partner := partner_of(order, desk)) is not None and order.leg is Leg.TARGET:
        return f"stop #{partner.number} goes with it, and is sent again alone"
    if order.leg is Leg.STOP and not is_orphan(order, desk):
        return f"{write.size(order.leaves)} {order.symbol} left without this stop"
    return ""


def partner_of(order: OrderView, desk: Desk) -> OrderView | None:
    """Return what the broker holds as one with an exit, as long as it works."""
    if not order.parent or order.group in {"", order.parent}:
        return None
    return next((each for each in desk.working if each.group == order.group and each is not order), None)


def _level(position: PositionView, figure: Figures) -> str:
    """Write the nearest stop: its price, else how far a trailing one keeps; planned while there is no order."""
    if position.stop is not None:
        return figure.price(position.stop)
    return "planned" if position.trail is None else f"tr {figure.change(position.trail)}"
