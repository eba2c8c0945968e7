"""How messages lie on the socket: a length, then texts that each end with a zero byte."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable
from typing import Final

SERVER_VERSION: Final = 176
LENGTH: Final = struct.Struct(">I")
MESSAGE_BYTES_MAX: Final = 1 << 20
GREETING: Final = b"API\0"


def names(text: str) -> list[str]:
    """Return the words of a text: the names of fields, in their order."""
    return text.split()


CONTRACT: Final = names(
    "con_id symbol sec_type expiry strike right multiplier exchange primary currency local_symbol trading_class"
)
"""A contract as a client writes it into a request."""
TOLD_CONTRACT: Final = tuple(name for name in CONTRACT if name != "primary")
"""A contract as it is told in an order or a fill."""


def packed(fields: Iterable[object]) -> bytes:
    """Return a message."""
    body = "".join(f"{_written(each)}\0" for each in fields).encode()
    return LENGTH.pack(len(body)) + body


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


async def read_message(reader: asyncio.StreamReader) -> list[str]:
    """Return the fields of the next message; raises IncompleteReadError at the end."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    if length > MESSAGE_BYTES_MAX:
        raise ConnectionError("a message that long is none")
    return (await reader.readexactly(length)).decode().split("\0")[:-1]


async def read_greeting(reader: asyncio.StreamReader) -> int:
    """Return the version that a client and this server speak."""
    if await reader.readexactly(len(GREETING)) != GREETING:
        raise ConnectionError("that is no client of the API")
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    lowest, _, highest = (await reader.readexactly(length)).decode().split(" ")[0][1:].partition("..")
    version = min(SERVER_VERSION, int(highest))
    if version < int(lowest) or version < SERVER_VERSION:
        raise ConnectionError("its versions are others")
    return version
