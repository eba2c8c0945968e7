"""Run in the peers' environment: what an event of Binance's streams costs ccxt.pro, in ns of its thread."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any
from urllib.request import urlopen

from ccxt_exchange import PAIR, binance

POLL_S = 0.005
SUBSCRIBED_S = 1.0
"""It does not say when it is subscribed."""


async def main(api_url: str, stream_url: str, kind: str, count: int, bursts: int, burst_url: str) -> None:
    """Watch the book or the touch through bursts of so many events, each asked for once the one before was taken."""
    exchange = binance(api_url, stream_url)
    try:
        await exchange.load_markets()
        watching = asyncio.create_task(_watch(exchange, kind))
        await asyncio.sleep(SUBSCRIBED_S)
        while _number(exchange, kind) == 0:
            await _told(f"{burst_url}&count=1")  # it reads the book when the first change comes
            await asyncio.sleep(SUBSCRIBED_S)
        start_ns = time.thread_time_ns()
        for _ in range(bursts):
            last = await _told(f"{burst_url}&count={count}")
            while _number(exchange, kind) < last:
                if watching.done():
                    watching.result()
                await asyncio.sleep(POLL_S)
        print(json.dumps({"ns": (time.thread_time_ns() - start_ns) / (count * bursts)}))
        watching.cancel()
    finally:
        await exchange.close()


async def _watch(exchange: Any, kind: str) -> None:
    """Take whatever comes, as a program does that only wants the latest."""
    while True:
        await (exchange.watch_order_book(PAIR, 1000) if kind == "book" else exchange.watch_bids_asks([PAIR]))


def _number(exchange: Any, kind: str) -> int:
    """Return the number of the last event that was taken, 0 for none."""
    if kind == "book":
        return int(exchange.orderbooks.get(PAIR, {}).get("nonce") or 0)
    return int(exchange.bidsasks[PAIR]["info"]["u"]) if PAIR in exchange.bidsasks else 0


async def _told(burst_url: str) -> int:
    told = await asyncio.to_thread(lambda: urlopen(burst_url).read())
    return int(json.loads(told)["last"])


if __name__ == "__main__":
    told_api, told_stream, told_kind, told_count, told_bursts, told_url = sys.argv[1:]
    asyncio.run(main(told_api, told_stream, told_kind, int(told_count), int(told_bursts), told_url))
