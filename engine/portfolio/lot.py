"""One purchase, and what became of it."""

from __future__ import annotations

from msgspec import Struct


class Lot(Struct, gc=False):
    """What is left of one opening fill; quantity and cost are signed, cost in scaled units."""

    quantity: int
    cost: int
    fill_id: str
    opened_ns: int


class LotMatch(Struct, frozen=True, gc=False):
    """One lot, or a part of it, closed by one fill; profit in scaled units, fees apart."""

    open_fill_id: str
    close_fill_id: str
    quantity: int
    """Signed as the lot was: negative where a short was bought back."""
    profit: int
    opened_ns: int
    closed_ns: int
