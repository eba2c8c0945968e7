"""What the gate judges by: records that other rooms write, and its own memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.clock import Clock
from engine.model.abilities import BrokerAbilities
from engine.model.account import Account, CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.market_status import Session
from engine.model.position import Position
from engine.model.working_orders import WorkingOrders
from engine.risk.arming import Arming
from engine.risk.bounds import PPM, AccountBounds, Bounds
from engine.risk.caps import AccountCaps
from engine.risk.exposure import ExposureBook
from engine.risk.firm_exposure import FirmExposure
from engine.risk.halt import TradingHalts
from engine.risk.limits_source import LimitsSource
from engine.risk.listing import Listing, PlanMaker
from engine.risk.recent import RecentOrders
from engine.risk.throttle import Throttle

SessionSource = Callable[[Instrument, int], Session | None]
"""Says an instrument's session at a time in ns UTC; None when it can't tell."""


class RiskInputs:
    """Everything a control may look at; one for the life of the gate."""

    __slots__ = (
        "_listings",
        "_plan_for",
        "abilities",
        "account",
        "account_bounds",
        "amends",
        "arming",
        "caps",
        "clock",
        "exposure",
        "firm",
        "halts",
        "hours",
        "leverage_ppm",
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
        arming: Arming,
        hours: SessionSource | None,
        leverage_max: Decimal,
        plan_for: PlanMaker,
        abilities: BrokerAbilities,
    ) -> None:
        self.limits = limits
        self.states = states
        self.positions = positions
        self.working = working
        self.account = account
        self.rates = rates
        self.clock = clock
        self.halts = halts
        self.arming = arming
        self.hours = hours
        self.abilities = abilities
        self.exposure = ExposureBook(states, positions, working, rates)
        self.firm = FirmExposure()
        self.recent = RecentOrders()
        self.limits_version = limits.version
        self.account_bounds = bounds = AccountBounds(limits.limits.account)
        self.orders = Throttle(bounds.order_rate, bounds.order_burst)
        self.amends = Throttle(bounds.amend_rate, bounds.amend_burst)
        self.leverage_ppm = int(leverage_max * PPM)
        self.caps = AccountCaps(bounds, self.leverage_ppm, account.equity_micros)
        self._plan_for = plan_for
        self._listings: dict[Symbol, Listing] = {}

    def listing_of(self, symbol: Symbol) -> Listing | None:
        """Return a symbol's market and limits, with the account's limits brought to its equity; None if unknown."""
        if self.limits_version != self.limits.version or self.caps.equity != self.account.equity_micros:
            self.follow()
        state, listing = self.states.get(symbol), self._listings.get(symbol)
        if state is None or (listing is not None and listing.state is state):
            return listing if state is not None else None
        return self._list(symbol, state)

    def _list(self, symbol: Symbol, state: MarketState) -> Listing:
        bounds = Bounds(state.instrument, self.limits.limits)
        controls = self._plan_for(state.instrument, bounds)
        abilities = self.abilities.of(state.instrument.asset_class)
        listing = Listing(state, bounds, abilities, controls, self.rates.base_currency)
        self._listings[symbol] = listing
        return listing

    def follow(self) -> None:
        """Take the limits in force and the equity of now, if they are others than before."""
        if self.limits_version != self.limits.version:
            self._take_limits()
        self.caps = AccountCaps(self.account_bounds, self.leverage_ppm, self.account.equity_micros)

    def _take_limits(self) -> None:
        self.limits_version = self.limits.version
        self._listings.clear()
        self.account_bounds = bounds = AccountBounds(self.limits.limits.account)
        self.orders.set_limit(bounds.order_rate, bounds.order_burst)
        self.amends.set_limit(bounds.amend_rate, bounds.amend_burst)
