"""Run in the peers' environment: what a quote costs alpaca-py's stock stream, in ns of its thread."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from urllib.request import urlopen

from alpaca.data.live import StockDataStream

SUBSCRIBED_S = 1.0
"""It does not say when it is subscribed."""


async def main(url: str, key: str, secret: str, symbols: str, count: int, burst_url: str = "") -> None:
    """Count quotes in a handler until all have come; where they have to be asked for, once all is subscribed."""
    stream = StockDataStream(key, secret, url_override=url)
    seen, start_ns, done = 0, 0, asyncio.Event()

    async def on_quote(_quote: object) -> None:
        nonlocal seen, start_ns
        seen += 1
        if seen == 1:
            start_ns = time.thread_time_ns()
        elif seen == count:
            print(json.dumps({"ns": (time.thread_time_ns() - start_ns) / (count - 1)}))
            done.set()

    stream.subscribe_quotes(on_quote, *symbols.split(","))
    running = asyncio.ensure_future(stream._run_forever())
    if burst_url:
        await asyncio.sleep(SUBSCRIBED_S)
        await asyncio.to_thread(lambda: urlopen(burst_url).read())
    await done.wait()
    running.cancel()


if __name__ == "__main__":
    told_url, told_key, told_secret, told_symbols, told_count, *more = sys.argv[1:]
    asyncio.run(main(told_url, told_key, told_secret, told_symbols, int(told_count), *more))
