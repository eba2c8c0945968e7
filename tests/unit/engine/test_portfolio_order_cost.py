"""What an order cost: its fills against the middle of the market as it was sent."""

from __future__ import annotations

import pytest

from engine.frames.order_views import order_view
from engine.model.fill import Fill
from engine.model.order import Order, OrderRequest, OrderType
from engine.model.trade import Side
from tests.unit.engine.portfolio_bench import instrument


def filled(side: Side, *fills: tuple[int, int], bid: int = 10_000, ask: int = 10_002) -> Order:
    """An order with fills of (quantity, price), sent into a market."""
    listed = instrument()
    quantity = sum(size for size, _ in fills) or 100
    request = OrderRequest(
        client_id="one",
        number=1,
        account="TEST",
        symbol=listed.symbol,
        side=side,
        quantity=quantity,
        type=OrderType.MARKET,
    )
    order = Order(request, listed)
    order.sent_bid, order.sent_ask = bid, ask
    for number, (size, price) in enumerate(fills):
        fill = Fill(
            fill_id=f"F{number}",
            client_id="one",
            account="TEST",
            symbol=listed.symbol,
            side=side,
            price=price,
            quantity=size,
        )
        order.fills.append(fill)
        order.filled += size
        order.turnover += price * size
    return order


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_taking_the_touch_costs_half_the_spread(side: Side) -> None:
    view = order_view(filled(side, (100, 10_002 if side is Side.BUY else 10_000)))
    assert view.slippage_bps == pytest.approx(0.9999, rel=1e-4)
    assert view.slippage_micros == 1_000_000  # a cent on each of 100


def test_a_fill_at_a_better_price_than_the_middle_is_a_gain() -> None:
    view = order_view(filled(Side.BUY, (50, 10_000), (50, 10_001)))
    assert view.slippage_micros == -500_000
    assert view.slippage_bps is not None
    assert view.slippage_bps < 0


def test_without_a_fill_or_a_market_there_is_nothing_to_say() -> None:
    assert order_view(filled(Side.BUY)).slippage_bps is None
    assert order_view(filled(Side.BUY, (100, 10_000), bid=0)).slippage_micros is None
