"""What is left of a signal after what trading costs, and what the price did before it was traded.

Basis points of the signal's price; positive slippage is a cost.
"""

from __future__ import annotations

import math


def edge_after_cost_bps(
    edge_bps: float, spread_bps: float, fee_bps: float, slippage_bps: float = 0.0
) -> float:
    """Return the expected move less a round trip: the spread once, fee and slippage twice.

    Raises:
        ValueError: A number is not finite, or the spread is negative.
    """
    if not all(map(math.isfinite, (edge_bps, spread_bps, fee_bps, slippage_bps))) or spread_bps < 0:
        raise ValueError("finite basis points and a spread of 0 or more were expected")
    return edge_bps - spread_bps - 2 * (fee_bps + slippage_bps)


def slippage_bps(side: int, signal_price: float, fill_price: float) -> float:
    """Return how much worse than the signal's price a fill was; `side` is 1 to buy and -1 to sell.

    Raises:
        ValueError: The side is neither, or a price is not above 0.
    """
    if side not in {1, -1} or not (0 < signal_price < math.inf and 0 < fill_price < math.inf):
        raise ValueError(
            f"a side of 1 or -1 and prices above 0 were expected, not {side}, {signal_price}, {fill_price}"
        )
    return side * (fill_price / signal_price - 1) * 10_000
