"""A recorded capture of Binance's streams, told again word for word."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.venues.binance.session import Session

AT_ONCE = 200
"""Frames told before others get a turn."""


@dataclass
class Tape:
    """What was recorded of one symbol: frames with the times they came at, and the book that was read meanwhile."""

    symbol: str
    frames: list[tuple[int, str, str]]
    """Time in nanoseconds, stream and event."""
    book: str
    held_at: int
    """How many frames come before the book is read."""
    speed: float = 0.0
    """0: as fast as they are taken."""
    told: int = 0
    read: asyncio.Event = field(default_factory=asyncio.Event)

    def snapshot(self, symbol: str) -> str:
        """Return the book, and go on."""
        assert symbol == self.symbol
        self.read.set()
        return self.book

    async def play(self, session: Session) -> None:
        """Tell everything, once its streams are subscribed."""
        await session.asked(f"{self.symbol.lower()}@depth")
        loop = asyncio.get_running_loop()
        begun_s, first_ns = loop.time(), self.frames[0][0]
        for number, (at_ns, stream, event) in enumerate(self.frames):
            if number == self.held_at:
                await self.read.wait()
            if self.speed:
                await asyncio.sleep(begun_s + (at_ns - first_ns) / 1e9 / self.speed - loop.time())
            elif number % AT_ONCE == 0:
                await asyncio.sleep(0)
            session.tell(stream, event)
            self.told = number + 1


def raw_tape(path: Path) -> Tape:
    """Read a capture of lines: a time and a frame, or the answer to a read of the book."""
    frames: list[tuple[int, str, str]] = []
    book, held_at = "", 0
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            stamp, _, text = line.strip().partition(" ")
            message = json.loads(text)
            if "lastUpdateId" in message:
                book, held_at = book or text, held_at or len(frames)
            else:
                frames.append(_frame(int(stamp), message["stream"], message["data"]))
    symbol = json.loads(frames[0][2])["s"]
    return Tape(symbol, frames, book, held_at)


def depth_tape(path: Path, symbol: str) -> Tape:
    """Read a capture of levels in Parquet: rows of one message have one number."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # only one test reads Parquet

    frames: list[tuple[int, str, str]] = []
    book, held_at = "", 0
    for rows in _messages(pq.read_table(path).to_pylist()):
        head = rows[0]
        sides = {
            side: [[f"{row['price']:.8f}", f"{row['size']:.8f}"] for row in rows if row["side"] == side]
            for side in "ba"
        }
        if head["kind"] == "snapshot":
            if not book:
                answer = {"lastUpdateId": head["last_id"], "bids": sides["b"], "asks": sides["a"]}
                book, held_at = json.dumps(answer), len(frames)
            continue
        event = {"e": "depthUpdate", "E": (head["ts"] or 0) // 1_000_000, "s": symbol}
        event |= {"U": head["first_id"], "u": head["last_id"], **sides}
        frames.append(_frame(head["ts_recv"], f"{symbol.lower()}@depth@100ms", event))
    return Tape(symbol, frames, book, held_at)


def _messages(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end]["msg"] != rows[start]["msg"]:
            yield rows[start:end]
            start = end


def _frame(at_ns: int, stream: str, data: dict[str, Any]) -> tuple[int, str, str]:
    return at_ns, stream.removesuffix("@100ms"), json.dumps(data, separators=(",", ":"))
