"""Run in the peers' environment: what a quote costs alpaca-py's stock stream, in ns of processor time."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from alpaca.data.live import StockDataStream


async def main(port: int, a_frame: int, count: int) -> None:
    """Count quotes in a handler until all have come."""
    stream = StockDataStream("key", "secret", url_override=f"ws://127.0.0.1:{port}/msgpack/{a_frame}/{count}")
    seen, start_ns, done = 0, 0, asyncio.Event()

    async def on_quote(_quote: object) -> None:
        nonlocal seen, start_ns
        seen += 1
        if seen == 1:
            start_ns = time.process_time_ns()
        elif seen == count:
            print(json.dumps({"ns": (time.process_time_ns() - start_ns) / (count - 1)}))
            done.set()

    stream.subscribe_quotes(on_quote, "*")
    running = asyncio.ensure_future(stream._run_forever())
    await done.wait()
    running.cancel()


if __name__ == "__main__":
    asyncio.run(main(*(int(argument) for argument in sys.argv[1:])))
