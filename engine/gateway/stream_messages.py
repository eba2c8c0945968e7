"""Every message of the stream, in and out; `docs/gateway-stream.md` is held against these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct
from websockets.frames import Frame, Opcode

from engine.gateway.account_values import Account, Health, Note, Position, Risk
from engine.gateway.channels import Channel
from engine.gateway.market_values import Depth, Quote
from engine.gateway.order_values import Order
from engine.gateway.refusals import Code
from engine.messages.alarm_views import AlarmView
from engine.model.instrument import Symbol
from engine.security.tokens.verifier import LENGTH_MAX

SYMBOLS_MAX: Final = 100
"""How many symbols one message may name."""

_Names = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=64)], ...], Meta(max_length=SYMBOLS_MAX)
]


class Authenticate(Struct, frozen=True, forbid_unknown_fields=True, tag="authenticate"):
    """Who asks: the first message where no header said it, and again with a fresh token before the one before it ends."""

    token: Annotated[str, Meta(min_length=1, max_length=LENGTH_MAX)]

    def __repr__(self) -> str:
        """Tell nothing of the token."""
        return "Authenticate(hidden)"


class Subscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="subscribe"):
    """Have a channel told: what there is now, then what changes."""

    channel: Channel
    symbols: _Names = ()
    """Of quotes and depth alone; none is all quotes."""


class Unsubscribe(Struct, frozen=True, forbid_unknown_fields=True, tag="unsubscribe"):
    """Have a channel told no more, or some symbols of it."""

    channel: Channel
    symbols: _Names = ()
    """None is the whole channel."""


class Ping(Struct, frozen=True, forbid_unknown_fields=True, tag="ping"):
    """Ask for an answer, where a program can't send the protocol's own ping."""

    id: Annotated[int, Meta(ge=0, lt=2**53)] = 0


Asked = Authenticate | Subscribe | Unsubscribe | Ping


class Welcome(Struct, frozen=True, tag="welcome"):
    """The token stands."""

    user: str
    role: str
    ends_s: int
    """When the token ends, seconds since the epoch; the connection is closed then, unless a fresh one came."""


class Subscribed(Struct, frozen=True, tag="subscribed"):
    """A channel is told from now on; its snapshot comes next."""

    channel: Channel
    symbols: tuple[Symbol, ...]
    """All that are subscribed to; none where it is everything."""


class Unsubscribed(Struct, frozen=True, tag="unsubscribed"):
    """A channel is told no more, or only of the symbols that are left."""

    channel: Channel
    symbols: tuple[Symbol, ...]


class Pong(Struct, frozen=True, tag="pong"):
    """The answer to a ping."""

    id: int


class NotDone(Struct, frozen=True, tag="not_done"):
    """What was asked can't be done; the connection stays open."""

    code: Code
    text: str


class Quotes(Struct, frozen=True, tag="quotes"):
    """The latest of each symbol that changed."""

    snapshot: bool
    values: tuple[Quote, ...]


class Depths(Struct, frozen=True, tag="depth"):
    """The best levels of each book that changed, whole."""

    snapshot: bool
    values: tuple[Depth, ...]


class Orders(Struct, frozen=True, tag="orders"):
    """Every order that changed, in order of change."""

    snapshot: bool
    values: tuple[Order, ...]


class Positions(Struct, frozen=True, tag="positions"):
    """All positions."""

    snapshot: bool
    values: tuple[Position, ...]


class Accounts(Struct, frozen=True, tag="account"):
    """The account's money: one value."""

    snapshot: bool
    values: tuple[Account, ...]


class Risks(Struct, frozen=True, tag="risk"):
    """Trading state, limits and numbers: one value."""

    snapshot: bool
    values: tuple[Risk, ...]


class Healths(Struct, frozen=True, tag="health"):
    """Every component."""

    snapshot: bool
    values: tuple[Health, ...]


class Alerts(Struct, frozen=True, tag="alerts"):
    """Alerts, oldest first."""

    snapshot: bool
    values: tuple[Note, ...]


class Alarms(Struct, frozen=True, tag="alarms"):
    """Every alert by the rules that changed, as it is now, oldest first."""

    snapshot: bool
    values: tuple[AlarmView, ...]


Told = (
    Welcome
    | Subscribed
    | Unsubscribed
    | Pong
    | NotDone
    | Quotes
    | Depths
    | Orders
    | Positions
    | Accounts
    | Risks
    | Healths
    | Alerts
    | Alarms
)

asked: Final = msgspec.json.Decoder(Asked)
"""Reads what a client says."""


def text_of(value: Struct) -> str:
    """Write one value."""
    return msgspec.json.encode(value).decode()


def said(value: Struct) -> bytes:
    """Write a message to one client, as its frame."""
    return framed(text_of(value))


def message(channel: Channel, texts: Iterable[str], *, snapshot: bool) -> bytes:
    """Write values that are written already as one message of their channel, as the frame that all its clients are sent."""
    flag = "true" if snapshot else "false"
    return framed(f'{{"type":"{channel.value}","snapshot":{flag},"values":[{",".join(texts)}]}}')


def framed(text: str) -> bytes:
    """Return a text as a frame; a server's are not masked, and are the same for everybody (RFC 6455, 5.1)."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
