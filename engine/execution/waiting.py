"""What waits for the disk before it leaves."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from engine.model.order import Order


class Waiting(Struct, gc=False):
    """One send, and the record that announces it."""

    sequence: int
    orders: tuple[Order, ...]
    send: Callable[[], None]
    since_ns: int
    """Since when, in steady time."""
