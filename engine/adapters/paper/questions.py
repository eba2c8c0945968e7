"""What the desk asks the simulated venue; it travels like an order."""

from __future__ import annotations

from msgspec import Struct


class Inquiry(Struct, frozen=True, gc=False):
    """What became of one order?"""

    client_id: str
    question: int


class StockTaking(Struct, frozen=True, gc=False):
    """What is there, with ended orders and fills back to a time?"""

    since_ns: int
    question: int
