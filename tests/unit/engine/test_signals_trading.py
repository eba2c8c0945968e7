"""What a signal leaves after what trading costs, and which version earned what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.signals.statistics.attribution import AttributedTrade, attribute
from engine.signals.statistics.edge import edge_after_cost_bps, slippage_bps

MONEY = st.integers(-(10**15), 10**15)
TRADES = st.lists(
    st.builds(AttributedTrade, st.sampled_from(["a", "b", "c"]), MONEY, MONEY, MONEY), max_size=20
)


def test_a_round_trip_pays_the_spread_once_and_fees_twice() -> None:
    assert edge_after_cost_bps(10, spread_bps=2, fee_bps=1.5, slippage_bps=0.5) == 4


def test_a_worse_price_is_a_cost_on_either_side() -> None:
    assert slippage_bps(1, 100, 101) == pytest.approx(100)
    assert slippage_bps(-1, 100, 99) == pytest.approx(100)
    assert slippage_bps(-1, 100, 101) == pytest.approx(-100)


@pytest.mark.parametrize(
    ("side", "signal", "fill"), [(0, 1, 1), (1, 0, 1), (1, 1, -1)], ids=["side", "zero", "below"]
)
def test_no_slippage_of_no_price(side: int, signal: float, fill: float) -> None:
    with pytest.raises(ValueError, match="were expected"):
        slippage_bps(side, signal, fill)


def test_no_edge_of_no_number() -> None:
    with pytest.raises(ValueError, match="were expected"):
        edge_after_cost_bps(float("nan"), 1, 1)


@given(TRADES, MONEY)
def test_what_no_version_earned_is_the_residual(trades: list[AttributedTrade], stray: int) -> None:
    net = sum(trade.gross_micros - trade.slippage_micros - trade.fees_micros for trade in trades)
    assert attribute(trades, net).is_whole
    assert attribute(trades, net + stray).residual_micros == stray


@given(TRADES)
def test_the_order_of_trades_changes_no_line(trades: list[AttributedTrade]) -> None:
    assert attribute(trades, 0) == attribute(reversed(trades), 0)
    assert sum(line.trade_count for line in attribute(trades, 0).lines) == len(trades)
