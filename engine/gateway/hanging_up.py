"""The end of a connection of the stream, whoever comes to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import msgspec

from engine.gateway.closings import RATE, TOKEN, UNAVAILABLE, UNREADABLE, Closing
from engine.gateway.refusals import Code, Refused
from engine.gateway.stream_messages import Asked, asked

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_CLOSINGS: Final = {Code.TOKEN: TOKEN, Code.RATE: RATE, Code.UNAVAILABLE: UNAVAILABLE}


class HungUp(Exception):
    """The connection is over; None where the client left."""

    def __init__(self, closing: Closing | None) -> None:
        super().__init__(closing)
        self.closing = closing


def hung_up(refused: Refused) -> HungUp:
    """Return what a refusal comes to where a connection is open already."""
    return HungUp(_CLOSINGS.get(refused.code, UNAVAILABLE))


async def heard(receive: Receive) -> Asked:
    """Return the next message of a client.

    Raises:
        HungUp: the client left, or said what is no message.
    """
    event = await receive()
    if event["type"] != "websocket.receive":
        raise HungUp(None)
    text = event.get("text")
    if text is None:
        raise HungUp(UNREADABLE)
    try:
        said: Asked = asked.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise HungUp(UNREADABLE) from None
    return said
