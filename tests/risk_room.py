"""A small trading room for the risk gate's tests: everything a test may turn is an attribute."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from engine.clock import SimulatedClock
from engine.model.abilities import BrokerAbilities
from engine.model.ability_table import EVERYTHING
from engine.model.account import Account, AccountMode, CurrencyRates
from engine.model.instrument import AssetClass, Instrument, Symbol
from engine.model.market_state import MarketState
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.position import Position
from engine.model.trade import Side
from engine.model.working_orders import WorkingOrders
from engine.risk.arming import Arming
from engine.risk.gate import RiskGate
from engine.risk.halt import TradingHalts
from engine.risk.inputs import SessionSource
from engine.risk.limits import AccountLimits, Limits, SymbolLimits
from engine.risk.limits_source import LimitsSource

NOW_NS = 1_750_000_000_000_000_000
MICROS = 1_000_000
NVDA, AMD, SAP = Symbol("NVDA"), Symbol("AMD"), Symbol("SAP")


GENEROUS = AccountLimits(
    gross_max_ratio=Decimal(10_000),
    net_max_ratio=Decimal(10_000),
    concentration_max_percent=Decimal(1_000_000),
    day_loss_soft_percent=Decimal(100),
    day_loss_hard_percent=Decimal(100),
    drawdown_hard_percent=Decimal(100),
    order_rate_per_s=Decimal(10_000),
    order_burst=10_000,
    amend_rate_per_s=Decimal(10_000),
    amend_burst=10_000,
    open_orders_max=10_000,
)


def listed(symbol: Symbol, currency: str = "USD", **rules: Any) -> MarketState:
    """Return a market at 99.99 / 100.01 (ticks of a cent, lots of one)."""
    steps: dict[str, Any] = {"price_unit": "0.01", "tick": "0.01", "size_unit": "1", "lot": "1"} | rules
    numbers: dict[str, Any] = {
        key: Decimal(value) if isinstance(value, str) else value for key, value in steps.items()
    }
    instrument = Instrument(
        symbol=symbol, venue="XNAS", asset_class=AssetClass.EQUITY, currency=currency, **numbers
    )
    state = MarketState(instrument)
    quote(state, 9_999, 10_001)
    return state


def quote(state: MarketState, bid: int, ask: int, received_ns: int = NOW_NS) -> None:
    """Set the touch."""
    state.bid, state.ask, state.bid_size, state.ask_size = bid, ask, 500, 500
    state.quote_receive_ns = received_ns
    state.quote_age_max_ns = 5_000_000_000


@dataclass
class Room:
    """A gate and all it reads, with no limits but those a test states."""

    default: SymbolLimits = field(default_factory=SymbolLimits)
    account_limits: AccountLimits = field(default_factory=lambda: GENEROUS)
    restricted: tuple[str, ...] = ()
    hours: SessionSource | None = None
    abilities: BrokerAbilities = EVERYTHING

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(NOW_NS)
        self.states = {NVDA: listed(NVDA), AMD: listed(AMD), SAP: listed(SAP, "EUR")}
        self.positions: dict[Symbol, Position] = {}
        self.working = WorkingOrders()
        self.account = Account("TEST", AccountMode.SIMULATED, "USD", 1_000_000 * MICROS)
        self.account.buying_power_micros = 10**9 * MICROS
        self.rates = CurrencyRates("USD")
        self.halts = TradingHalts()
        self.arming = Arming()
        self.limits = LimitsSource()
        self.limits.use(Limits(self.restricted, self.account_limits, self.default), "the test")
        self.numbers = itertools.count(1)
        self.gate = self.make_gate()

    def make_gate(self, leverage_max: Decimal = Decimal(10_000)) -> RiskGate:
        """Return a gate over this room's records."""
        return RiskGate(
            limits=self.limits,
            states=self.states,
            positions=self.positions,
            working=self.working,
            account=self.account,
            rates=self.rates,
            clock=self.clock,
            halts=self.halts,
            arming=self.arming,
            hours=self.hours,
            leverage_max=leverage_max,
            abilities=self.abilities,
        )

    def hold(self, quantity: int, symbol: Symbol = NVDA) -> None:
        """Hold a position."""
        position = self.positions.setdefault(symbol, Position(self.states[symbol].instrument))
        position.quantity = quantity
        self.gate.note_changed(symbol)

    def order(self, side: Side, quantity: int, limit: int | None = 10_000, **terms: Any) -> OrderRequest:
        """Return a limit order, or a market order without a limit."""
        number = next(self.numbers)
        values: dict[str, Any] = {
            "client_id": f"t-{number}",
            "number": number,
            "account": "TEST",
            "symbol": NVDA,
            "side": side,
            "quantity": quantity,
            "type": OrderType.MARKET if limit is None else OrderType.LIMIT,
            "limit": limit,
        }
        return OrderRequest(**(values | terms))

    def buy(self, quantity: int = 100, limit: int | None = 10_000, **terms: Any) -> OrderRequest:
        """Return an order to buy."""
        return self.order(Side.BUY, quantity, limit, **terms)

    def sell(self, quantity: int = 100, limit: int | None = 10_000, **terms: Any) -> OrderRequest:
        """Return an order to sell."""
        return self.order(Side.SELL, quantity, limit, **terms)

    def work(self, request: OrderRequest) -> Order:
        """Have an order working."""
        order = Order(request, self.states[request.symbol].instrument)
        self.working.add(order)
        self.gate.note_changed(request.symbol)
        return order

    def no(self, request: OrderRequest) -> list[str]:
        """Return the ids of the rules that say no."""
        return [denial.rule for denial in self.gate.check(request)]

    def why(self, request: OrderRequest) -> str:
        """Return the only reason's sentence."""
        (denial,) = self.gate.check(request)
        return denial.text


def limited_room(*, leverage: Decimal | int = 10_000, **limits: Any) -> Room:
    """Make a room with these limits and generous others; sizes and amounts in decimals."""
    symbol_keys = set(SymbolLimits.__struct_fields__) - {"open_orders_max"}
    numbers = {
        key: value
        if isinstance(value, int) and key.endswith(("burst", "_ms", "_orders_max"))
        else Decimal(value)
        for key, value in limits.items()
    }
    stated = SymbolLimits(**{key: value for key, value in numbers.items() if key in symbol_keys})  # type: ignore[arg-type]
    account = {key: value for key, value in numbers.items() if key not in symbol_keys}
    desk = Room(stated, replace(GENEROUS, **account))
    desk.gate = desk.make_gate(Decimal(leverage))
    return desk
