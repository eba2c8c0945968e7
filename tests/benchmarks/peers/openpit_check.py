"""Run in the peers' environment: what building an order and checking three policies costs openpit, in ns."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time

import openpit
from openpit.param import AccountId, Pnl, Price, Quantity, Side, TradeAmount, Volume
from openpit.pretrade import policies


def main(rounds: int, orders: int) -> None:
    """Print the least of several rounds."""
    engine = _engine()
    best = float("inf")
    for _ in range(rounds):
        start_ns = time.thread_time_ns()
        for _ in range(orders):
            result = engine.execute_pre_trade(order=_order())
            assert result.ok
            result.reservation.commit()
        best = min(best, (time.thread_time_ns() - start_ns) / orders)
    print(json.dumps({"ns": best}))


def _engine() -> openpit.Engine:
    """Make an engine of order size, rate and loss policies that lets everything pass."""
    size = policies.build_order_size_limit().broker_barrier(
        policies.OrderSizeBrokerBarrier(
            limit=policies.OrderSizeLimit(max_quantity=Quantity("10000"), max_notional=Volume("10000000")),
        )
    )
    window = dt.timedelta(seconds=1)
    rate = policies.build_rate_limit().broker_barrier(
        policies.RateLimitBrokerBarrier(limit=policies.RateLimit(max_orders=1_000_000_000, window=window))
    )
    loss = policies.build_pnl_bounds_killswitch().broker_barriers(
        policies.PnlBoundsBrokerBarrier(settlement_asset="USD", lower_bound=Pnl("-100000"))
    )
    return openpit.Engine.builder().no_sync().builtin(size).builtin(rate).builtin(loss).build()


def _order() -> openpit.Order:
    return openpit.Order(
        operation=openpit.OrderOperation(
            instrument=openpit.Instrument("AAPL", "USD"),
            account_id=AccountId.from_int(99224416),
            side=Side.BUY,
            trade_amount=TradeAmount.quantity("100"),
            price=Price("99.99"),
        ),
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
