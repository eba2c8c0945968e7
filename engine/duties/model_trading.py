"""One model that may send orders: its limits, its orders, and whether a person armed it."""

from __future__ import annotations

from typing import Final

from engine.clock import NS_PER_S
from engine.duties.signal_orders import SignalOrders
from engine.rooms import Rooms
from engine.settings.signals import SignalSettings
from engine.signals.trading.bounds import Bounds

_NEVER: Final = "off after every start; arming asks for its name"


class ModelTrading:
    """Whether one model may send orders, and as what; kept nowhere, so that a start always begins with no."""

    def __init__(self, rooms: Rooms, table: SignalSettings, bounds: Bounds) -> None:
        self.table: Final = table
        self.bounds: Final = bounds
        self.orders: Final = SignalOrders(rooms, table.model, bounds)
        self.valid_ns: Final = int(table.stale_after_bars * table.interval_s * NS_PER_S)
        self.version = ""
        """The version that a person armed; empty while it is off."""
        self.reason = _NEVER
        self.overdue = ""
        """What it holds that should have been closed, where no bar ends at which it could be."""
