"""What a broker claims happened to an order; the order manager decides what to believe."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.stock import BrokerOrder, BrokerStock
from engine.model.fill import Fill


class Refusal(StrEnum):
    """Why a request was refused, as far as that says something about the order itself."""

    OTHER = "other"
    """Nothing but what the reason says."""
    DUPLICATE_ID = "duplicate_id"
    """The venue has had an order with that id, and so may have this one."""
    UNKNOWN_ORDER = "unknown_order"
    """The venue knows no such order."""


class AcceptReport(Struct, frozen=True, gc=False):
    """The venue has the order and works it."""

    client_id: str
    venue_id: str
    event_ns: int
    again: bool = False
    """Whether that is later word than any end we were told of: asked for after it."""


class RejectReport(Struct, frozen=True, gc=False):
    """The venue refused the order."""

    client_id: str
    reason: str
    event_ns: int
    kind: Refusal = Refusal.OTHER


class TriggerReport(Struct, frozen=True, gc=False):
    """A stop's price was reached; it is a market or limit order now."""

    client_id: str
    event_ns: int


class FillReport(Struct, frozen=True, gc=False):
    """Some of the order was traded."""

    fill: Fill


class CancelReport(Struct, frozen=True, gc=False):
    """The order is off the book, asked for or not."""

    client_id: str
    reason: str
    event_ns: int
    filled: int | None = None
    """How much of the order the venue counts as filled by then, in units; None where it does not say."""


class ExpireReport(Struct, frozen=True, gc=False):
    """The order's time in force ended."""

    client_id: str
    reason: str
    event_ns: int
    filled: int | None = None
    """As of a cancel."""


class ReplaceReport(Struct, frozen=True, gc=False):
    """The order now has these terms, in units; quantity includes what was filled."""

    client_id: str
    quantity: int
    limit: int | None
    stop: int | None
    event_ns: int


class CancelRejectReport(Struct, frozen=True, gc=False):
    """A cancel or a replace was refused; the order is as it was, if the venue knows it."""

    client_id: str
    reason: str
    event_ns: int
    kind: Refusal = Refusal.OTHER
    unsent: bool = False
    """A cancel that never left: nobody refused it, and it is still wanted."""


class QueueReport(Struct, frozen=True, gc=False):
    """How much size waits before the order at its price, in size units."""

    client_id: str
    ahead: int


class TrailReport(Struct, frozen=True, gc=False):
    """Where a trailing stop would trigger now, in price units."""

    client_id: str
    stop: int


class LostReport(Struct, frozen=True, gc=False):
    """The answer never came: the order's fate is unknown."""

    client_id: str
    reason: str
    event_ns: int
    to_order: bool = False
    """Whether it was the answer to the order itself: one that the venue has proven to have needs none."""


class BustReport(Struct, frozen=True, gc=False):
    """The venue took a fill back: it never happened."""

    client_id: str
    fill_id: str
    reason: str
    event_ns: int


class CorrectReport(Struct, frozen=True, gc=False):
    """The venue changed a fill: the one of the same id never was, this one was."""

    fill: Fill


class StatusReport(Struct, frozen=True, gc=False):
    """What the broker has of one order that was asked for, and all its fills."""

    order: BrokerOrder
    fills: tuple[Fill, ...]
    event_ns: int
    question: int = 0
    """The number of the question that it answers."""


class NotFoundReport(Struct, frozen=True, gc=False):
    """The broker was asked for an order and does not know it, open or closed."""

    client_id: str
    event_ns: int
    question: int = 0
    """The number of the question that it answers; 0 for what was concluded here."""


class StockReport(Struct, frozen=True, gc=False):
    """Everything the broker has."""

    stock: BrokerStock
    question: int = 0
    """The number of the question that it answers."""


class LinkReport(Struct, frozen=True, gc=False):
    """The way to the broker opened or closed; nothing is said of any order."""

    connected: bool
    reason: str
    event_ns: int
    cancels_alone: bool = False
    """Whether the broker cancels what works by itself if the desk is gone for too long."""


Report = (
    AcceptReport
    | RejectReport
    | TriggerReport
    | FillReport
    | CancelReport
    | ExpireReport
    | ReplaceReport
    | CancelRejectReport
    | QueueReport
    | TrailReport
    | LostReport
    | BustReport
    | CorrectReport
    | StatusReport
    | NotFoundReport
    | StockReport
    | LinkReport
)
