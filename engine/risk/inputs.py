"""What the gate judges by: records that other rooms write, and its own memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.clock import Clock
from engine.model.account import Account, CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.risk.bounds import AccountBounds, Bounds
from engine.risk.exposure import ExposureBook
from engine.risk.halt import TradingHalts
from engine.risk.limits_source import LimitsSource
from engine.risk.recent import RecentOrders
from engine.risk.throttle import Throttle

SessionSource = Callable[[Instrument, int], Session | None]
"""Says an instrument's session at a time in ns UTC; None when it can't tell."""


class RiskInputs:
    """Everything a control may look at; one for the life of the gate."""

    __slots__ = (
        "_bounds",
        "account",
        "account_bounds",
        "amends",
        "clock",
        "exposure",
        "halts",
        "hours",
        "limits",
        "limits_version",
        "orders",
        "positions",
        "rates",
        "recent",
        "states",
        "working",
    )

    def __init__(
        self,
        *,
        limits: LimitsSource,
        states: Mapping[Symbol, MarketState],
        positions: Mapping[Symbol, Position],
        working: WorkingOrders,
        account: Account,
        rates: CurrencyRates,
        clock: Clock,
        halts: TradingHalts,
        hours: SessionSource | None,
    ) -> None:
        self.limits = limits
        self.states = states
        self.positions = positions
        self.working = working
        self.account = account
        self.rates = rates
        self.clock = clock
        self.halts = halts
        self.hours = hours
        self.exposure = ExposureBook(states, positions, working, rates)
        self.recent = RecentOrders()
        self.limits_version = limits.version
        self.account_bounds = bounds = AccountBounds(limits.limits.account)
        self.orders = Throttle(bounds.order_rate, bounds.order_burst)
        self.amends = Throttle(bounds.amend_rate, bounds.amend_burst)
        self._bounds: dict[Symbol, Bounds] = {}

    def bounds_of(self, instrument: Instrument) -> Bounds:
        """Return an instrument's limits in its own units."""
        if self.limits_version != self.limits.version:
            self.follow_limits()
        bounds = self._bounds.get(instrument.symbol)
        if bounds is None:
            bounds = self._bounds[instrument.symbol] = Bounds(instrument, self.limits.limits)
        return bounds

    def follow_limits(self) -> None:
        """Take the limits in force, if they are others than before."""
        if self.limits_version == self.limits.version:
            return
        self.limits_version = self.limits.version
        self._bounds.clear()
        self.account_bounds = bounds = AccountBounds(self.limits.limits.account)
        self.orders.set_limit(bounds.order_rate, bounds.order_burst)
        self.amends.set_limit(bounds.amend_rate, bounds.amend_burst)
