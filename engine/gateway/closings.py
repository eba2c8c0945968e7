"""Why a connection of the stream is closed: one table of codes, each with a sentence."""

from __future__ import annotations

from typing import Final, NamedTuple


class Closing(NamedTuple):
    """What a client is told at the end; a code is never given another meaning."""

    code: int
    text: str
    """At most 123 bytes (RFC 6455, 5.5)."""


UNREADABLE: Final = Closing(4400, "that is no message of this stream")
TOKEN: Final = Closing(4401, "expected a token that stands: sign in or refresh, and connect again")
LATE: Final = Closing(4408, "no token came in time")
IDLE: Final = Closing(4410, "nothing was asked for, and nothing subscribed to, for a minute")
SLOW: Final = Closing(
    4413, "too slow: orders or alerts would have been left out; connect again, the snapshot has them"
)
RATE: Final = Closing(4429, "asked too often; try again later")
CROWDED: Final = Closing(4430, "too many connections are open")
UNAVAILABLE: Final = Closing(4503, "what this needs does not answer now; try again in some seconds")

CLOSINGS: Final = (UNREADABLE, TOKEN, LATE, IDLE, SLOW, RATE, CROWDED, UNAVAILABLE)
