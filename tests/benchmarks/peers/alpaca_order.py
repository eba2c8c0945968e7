"""Run in the peers' environment: how long an order takes alpaca-py until its answer is read, the median in us."""

from __future__ import annotations

import json
import statistics
import sys
import time

from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderSide, TimeInForce
from alpaca.trading.requests import LimitOrderRequest


def main(trading_url: str, key: str, secret: str, count: int) -> None:
    """Place orders that rest, and cancel each."""
    client = TradingClient(key, secret, url_override=trading_url)
    taken = []
    for number in range(count):
        request = LimitOrderRequest(
            symbol="BTC/USD",
            qty="0.001",
            side=OrderSide.BUY,
            time_in_force=TimeInForce.GTC,
            limit_price=54_000 + number,
        )
        start_ns = time.perf_counter_ns()
        order = client.submit_order(request)
        taken.append(time.perf_counter_ns() - start_ns)
        client.cancel_order_by_id(order.id)
    print(json.dumps({"us": statistics.median(taken) / 1_000}))


if __name__ == "__main__":
    told_url, told_key, told_secret, told_count = sys.argv[1:]
    main(told_url, told_key, told_secret, int(told_count))
