"""What must hold whatever is ordered, filled, amended or cancelled."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.instrument import Symbol
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.trade import Side
from engine.risk.limits import AccountLimits, SymbolLimits
from tests.risk_room import AMD, GENEROUS, NVDA, Room, listed

POSITION_MAX, GROSS_MAX = 300, 500
SYMBOLS = st.sampled_from((NVDA, AMD))
SIDES = st.sampled_from((Side.BUY, Side.SELL))
QUANTITIES = st.integers(1, 400)


def tight() -> Room:
    account = msgspec.structs.replace(GENEROUS, gross_max_ratio=Decimal(GROSS_MAX * 100) / 1_000_000)
    return Room(SymbolLimits(position_size_max=Decimal(POSITION_MAX)), account)


def worst_case(desk: Room, symbol: Symbol) -> tuple[int, int]:
    held = desk.positions[symbol].quantity if symbol in desk.positions else 0
    return held + desk.working.leaves(symbol, Side.BUY), held - desk.working.leaves(symbol, Side.SELL)


def fill(desk: Room, order: Order, quantity: int) -> None:
    order.filled += quantity
    order.leaves -= quantity
    if not order.leaves:
        desk.working.discard(order)
    held = desk.positions[order.symbol].quantity if order.symbol in desk.positions else 0
    desk.hold(held + order.side * quantity, order.symbol)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("send"), SYMBOLS, SIDES, QUANTITIES),
        st.tuples(st.just("fill"), st.integers(0, 20), st.floats(0.01, 1)),
        st.tuples(st.just("cancel"), st.integers(0, 20)),
        st.tuples(st.just("amend"), st.integers(0, 20), QUANTITIES),
    ),
    max_size=40,
)


def take(desk: Room, step: tuple[object, ...]) -> None:
    open_orders = list(desk.working)
    match step:
        case ("send", str(symbol), Side() as side, int(quantity)):
            limit = 9_900 if side is Side.BUY else 10_100
            request = desk.order(side, quantity, limit, symbol=symbol)
            if not desk.gate.check(request):
                desk.gate.note_sent(request)
                desk.work(request)
        case ("fill", int(which), float(part)) if open_orders:
            order = open_orders[which % len(open_orders)]
            fill(desk, order, max(1, int(order.leaves * part)))
        case ("cancel", int(which)) if open_orders:
            order = open_orders[which % len(open_orders)]
            desk.working.discard(order)
            desk.gate.note_changed(order.symbol)
        case ("amend", int(which), int(quantity)) if open_orders:
            order = open_orders[which % len(open_orders)]
            if not desk.gate.check_amend(order, quantity, order.limit, None):
                order.quantity, order.leaves = quantity, quantity - order.filled


@settings(deadline=None, max_examples=150)
@given(steps)
def test_no_approved_sequence_can_end_past_a_limit(sequence: list[tuple[object, ...]]) -> None:
    desk = tight()
    for step in sequence:
        take(desk, step)
        gross = 0
        for symbol in (NVDA, AMD):
            high, low = worst_case(desk, symbol)
            assert -POSITION_MAX <= low <= high <= POSITION_MAX
            gross += max(high, -low)
        assert gross <= GROSS_MAX


@settings(deadline=None, max_examples=150)
@given(steps)
def test_the_kept_sums_equal_sums_made_afresh(sequence: list[tuple[object, ...]]) -> None:
    desk = tight()
    for step in sequence:
        take(desk, step)
    kept = desk.gate.usage()
    desk.gate.refresh()
    assert desk.gate.usage() == kept
    assert desk.make_gate().usage()[:4] == kept[:4]


@st.composite
def crowded_rooms(draw: st.DrawFn) -> tuple[Room, OrderRequest]:
    numbers = st.integers(1, 2_000)
    account = AccountLimits(
        gross_max_ratio=Decimal(draw(numbers)) / 10_000,
        net_max_ratio=Decimal(draw(numbers)) / 10_000,
        concentration_max_percent=Decimal(draw(numbers)) / 100,
    )
    limits = SymbolLimits(
        order_size_max=Decimal(draw(numbers)),
        order_notional_max=Decimal(100 * draw(numbers)),
        position_size_max=Decimal(draw(numbers)),
        position_notional_max=Decimal(100 * draw(numbers)),
        collar_bps=Decimal(draw(st.integers(1, 500))),
    )
    desk = Room(limits, account)
    desk.hold(draw(st.integers(-1_500, 1_500)))
    desk.hold(draw(st.integers(-500, 500)), AMD)
    for _ in range(draw(st.integers(0, 3))):
        side = draw(SIDES)
        desk.work(desk.order(side, draw(QUANTITIES), 9_800 if side is Side.BUY else 10_200))
    side, limit = draw(SIDES), draw(st.one_of(st.none(), st.integers(9_990, 10_010)))
    reduce_only = draw(st.booleans())
    kind = OrderType.MARKET if limit is None else OrderType.LIMIT
    return desk, desk.order(side, draw(numbers), limit, type=kind, reduce_only=reduce_only)


@settings(deadline=None, max_examples=200)
@given(crowded_rooms())
def test_the_largest_size_passes_and_one_lot_more_does_not(case: tuple[Room, OrderRequest]) -> None:
    desk, request = case
    largest = desk.gate.preview(request).quantity_max
    if largest:
        assert desk.no(msgspec.structs.replace(request, quantity=largest)) == []
    assert desk.no(msgspec.structs.replace(request, quantity=largest + 1)) != []


@settings(deadline=None, max_examples=200)
@given(crowded_rooms(), st.data())
def test_what_passes_passes_smaller_too(case: tuple[Room, OrderRequest], data: st.DataObject) -> None:
    desk, request = case
    if desk.gate.check(request):
        return
    smaller = data.draw(st.integers(1, request.quantity))
    assert desk.no(msgspec.structs.replace(request, quantity=smaller)) == []


@settings(deadline=None, max_examples=100)
@given(crowded_rooms(), st.sampled_from(("0.01", "0.05")), st.integers(0, 3), st.integers(0, 200))
def test_a_control_that_is_not_asked_has_nothing_to_say(
    case: tuple[Room, OrderRequest], tick: str, size_min: int, notional_min: int
) -> None:
    desk, request = case
    rules = {"tick": tick, "size_min": str(size_min), "notional_min": str(notional_min)}
    desk.states[NVDA] = listed(NVDA, **rules)
    shown = desk.gate.preview(request)
    assert [denial.rule for denial in shown.denials] == desk.no(request)


@settings(deadline=None, max_examples=200)
@given(crowded_rooms())
def test_whoever_holds_something_can_get_out(case: tuple[Room, OrderRequest]) -> None:
    desk, _ = case
    for order in list(desk.working):
        desk.working.discard(order)
    desk.gate.refresh()
    held = desk.positions[NVDA].quantity
    desk.account.day_pnl_micros = -(10**15)
    desk.account.equity_micros = 1
    if held:
        assert desk.no(desk.order(Side.SELL if held > 0 else Side.BUY, abs(held), None)) == []
