"""Run in the peers' environment: how long an order takes ccxt until its answer is read, the median in us."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

from ccxt_exchange import PAIR, binance


async def main(api_url: str, stream_url: str, key: str, secret: str, count: int) -> None:
    """Place orders that rest, and cancel each."""
    exchange = binance(api_url, stream_url, key, secret)
    taken = []
    try:
        await exchange.load_markets()
        for number in range(count):
            start_ns = time.perf_counter_ns()
            order = await exchange.create_order(PAIR, "limit", "buy", 0.001, 54_000 + number)
            taken.append(time.perf_counter_ns() - start_ns)
            await exchange.cancel_order(order["id"], PAIR)
        print(json.dumps({"us": statistics.median(taken) / 1_000}))
    finally:
        await exchange.close()


if __name__ == "__main__":
    told_api, told_stream, told_key, told_secret, told_count = sys.argv[1:]
    asyncio.run(main(told_api, told_stream, told_key, told_secret, int(told_count)))
