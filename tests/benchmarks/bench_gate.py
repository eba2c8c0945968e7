"""What the risk gate costs an order that passes, every control on."""

from __future__ import annotations

import time
from decimal import Decimal

from engine.clock import SimulatedClock
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
from engine.risk.limits_source import LimitsSource
from tests.benchmarks.options import Options
from tests.benchmarks.row import Row

_NOW_NS = 1_750_000_000_000_000_000
_ROUNDS, _ORDERS = 15, 4_000
_PEER_ROUNDS = 3
_PEER = "openpit: build an order, check 3 policies"


def rows(options: Options) -> list[Row]:
    """Return the gate's row as it stands and as a fill leaves it; peer and ours run in turn, the least counts."""
    gate, (request, _) = _desk()
    rounds = options.rounds(_ROUNDS)
    theirs, same, changed = [], [], []
    for _ in range(options.rounds(_PEER_ROUNDS)):
        theirs.append(options.peer("openpit_check.py", "5", "2000"))
        same.append(_quietest(gate, request, rounds))
        changed.append(_quietest_of(lambda: _check_after_change(gate, request), _ORDERS, rounds))
    least = min((peer["ns"] / 1_000 for peer in theirs if peer is not None), default=None)
    return [
        _row("risk gate, nothing changed between", min(same), least),
        _row("risk gate, a fill between", min(changed), least),
    ]


def _row(name: str, value: float, peer: float | None) -> Row:
    ratio = None if peer is None else value / peer
    return Row(name=name, value=value, unit="us", against=_PEER, ratio=ratio, goal="<= 1.0")


def _check_after_change(gate: RiskGate, request: OrderRequest) -> None:
    """Check an order when what is kept of its symbol's exposure has to be measured again."""
    gate.note_changed(request.symbol)
    gate.check(request)


def measure() -> dict[str, float]:
    """Return microseconds per approved order, the quietest of several rounds."""
    gate, requests = _desk()
    one, many = requests
    assert gate.check(one) == ()
    assert gate.check(many) == ()
    return {
        "gate_us": _quietest(gate, one),
        "gate_with_4_working_us": _quietest(gate, many),
        "preview_us": _quietest_of(lambda: gate.preview(one), 40),
    }


def _quietest(gate: RiskGate, request: OrderRequest, rounds: int = _ROUNDS) -> float:
    check, best = gate.check, float("inf")
    for _ in range(rounds):
        start_ns = time.thread_time_ns()
        for _ in range(_ORDERS):
            check(request)
        best = min(best, (time.thread_time_ns() - start_ns) / _ORDERS / 1_000)
    return best


def _quietest_of(call: object, count: int, rounds: int = _ROUNDS) -> float:
    assert callable(call)
    best = float("inf")
    for _ in range(rounds):
        start_ns = time.thread_time_ns()
        for _ in range(count):
            call()
        best = min(best, (time.thread_time_ns() - start_ns) / count / 1_000)
    return best


def _desk() -> tuple[RiskGate, tuple[OrderRequest, OrderRequest]]:
    states = {Symbol(f"S{number:02}"): _state(f"S{number:02}") for number in range(30)}
    positions: dict[Symbol, Position] = {}
    working = WorkingOrders()
    for number, state in enumerate(list(states.values())[:10]):
        position = positions[state.symbol] = Position(state.instrument)
        position.quantity = 100 * (number - 5)
    busy = states[Symbol("S20")]
    for number in range(4):
        working.add(Order(_buy(busy.symbol, 900 + number, 9_990 - number), busy.instrument))
    account = Account("BENCH", AccountMode.SIMULATED, "USD", 1_000_000_000_000)
    gate = RiskGate(
        limits=LimitsSource(),
        states=states,
        positions=positions,
        working=working,
        account=account,
        rates=CurrencyRates("USD"),
        clock=SimulatedClock(_NOW_NS),
        halts=TradingHalts(),
        arming=Arming(),
    )
    return gate, (_buy(Symbol("S07"), 1, 9_999), _buy(busy.symbol, 2, 9_999))


def _state(symbol: str) -> MarketState:
    instrument = Instrument(
        symbol=Symbol(symbol),
        venue="XNAS",
        asset_class=AssetClass.EQUITY,
        currency="USD",
        price_unit=Decimal("0.01"),
        tick=Decimal("0.01"),
        size_unit=Decimal(1),
        lot=Decimal(1),
    )
    state = MarketState(instrument)
    state.bid, state.ask, state.bid_size, state.ask_size = 9_999, 10_001, 500, 500
    state.quote_receive_ns = _NOW_NS
    state.quote_age_max_ns = 5_000_000_000
    return state


def _buy(symbol: Symbol, number: int, limit: int) -> OrderRequest:
    return OrderRequest(
        client_id=f"b-{number}",
        number=number,
        account="BENCH",
        symbol=symbol,
        side=Side.BUY,
        quantity=100,
        type=OrderType.LIMIT,
        limit=limit,
    )


if __name__ == "__main__":
    for name, value in measure().items():
        print(f"{name:<28}{value:10.2f}")
