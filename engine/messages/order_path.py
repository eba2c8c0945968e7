"""What happens to an order and to a command between the key and the broker, for whoever writes it down or times it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from engine.messages.commands import Command
from engine.model.order import Order


class CommandTaken(Struct, frozen=True, gc=False):
    """A command is carried out from here on, or refused."""

    command: Command
    correlation: str
    origin: str
    who: str
    """The operator; empty where nobody signed in."""
    event_ns: int


class Request(StrEnum):
    """What a broker is asked about an order."""

    SUBMIT = "submit"
    AMEND = "amend"
    CANCEL = "cancel"


class OrderSent(Struct, frozen=True, gc=False):
    """A request about an order was handed to the broker."""

    order: Order
    request: Request
    event_ns: int
