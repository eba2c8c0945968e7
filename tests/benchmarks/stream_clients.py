"""Many clients of a WebSocket server, in a process of their own.

Reads one line of JSON: where, who, what to say first and how the last message is known. Prints `ready` once every client has
what comes first, and then how many messages all were sent until each had the last one.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import connect


async def main() -> None:
    """Connect, listen, count."""
    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    ready, counts = asyncio.Semaphore(0), list[int]()
    clients = [asyncio.create_task(_listen(asked, token, ready, counts)) for token in asked["tokens"]]
    for _ in clients:
        await ready.acquire()
    print("ready", flush=True)
    await asyncio.gather(*clients)
    print(sum(counts), flush=True)


async def _listen(asked: dict[str, Any], token: str, ready: asyncio.Semaphore, counts: list[int]) -> None:
    async with connect(
        asked["url"],
        additional_headers={"Authorization": f"Bearer {token}"},
        proxy=None,
        compression=None,
        ping_interval=None,
        open_timeout=60,
        max_size=None,
    ) as connection:
        if asked["say"]:
            await connection.send(asked["say"])
            while asked["first"] not in str(await connection.recv()):
                continue
        ready.release()
        count = 1
        while asked["last"] not in str(await connection.recv()):
            count += 1
        counts.append(count)


if __name__ == "__main__":
    asyncio.run(main())
