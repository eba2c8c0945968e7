"""Every message between the desk and a gateway; `docs/bridge.md` is the definition, with an example of each.

Prices and sizes are decimal text, times nanoseconds since the epoch, UTC. Gateways may send fields that are
not named here; they are passed over.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from engine.model.undecodable import UNDECODABLE

VERSION = 1

Ns = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
Text = str
"""A decimal number, written plainly: no exponent."""
SideText = Literal["buy", "sell"]
StatusText = Literal["working", "partially_filled", "filled", "canceled", "expired", "rejected"]
TypeText = Literal["market", "limit", "stop", "stop_limit", "trailing"]
TifText = Literal["day", "gtc", "ioc", "fok"]


class _Sent(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", omit_defaults=True):
    """What the desk sends; absent is what has its default."""


class CancelOnDisconnect(Struct, frozen=True, kw_only=True, gc=False):
    """What the gateway is asked to do by itself once the desk has been gone for so long."""

    after_ms: int
    keep_reduce_only: bool


class Hello(_Sent, frozen=True, kw_only=True, tag="hello"):
    """The first message of every connection."""

    version: int
    account: str
    cancel_on_disconnect: CancelOnDisconnect | None = None


class Submit(_Sent, frozen=True, kw_only=True, tag="submit"):
    """A new order; its id was never used before."""

    client_id: str
    symbol: str
    side: SideText
    quantity: Text
    order_type: TypeText
    limit: Text | None = None
    stop: Text | None = None
    trail: Text | None = None
    tif: TifText
    post_only: bool = False
    reduce_only: bool = False
    time_ns: int


class Cancel(_Sent, frozen=True, kw_only=True, tag="cancel"):
    """Take an order back."""

    client_id: str


class Amend(_Sent, frozen=True, kw_only=True, tag="amend"):
    """Change an order; the quantity includes what was filled, an absent price stays as it is."""

    client_id: str
    quantity: Text
    limit: Text | None = None
    stop: Text | None = None


class Inquire(_Sent, frozen=True, kw_only=True, tag="inquire"):
    """What became of one order?"""

    client_id: str
    id: int


class StockRequest(_Sent, frozen=True, kw_only=True, tag="stock"):
    """Everything there is, ended orders and fills back to a time."""

    id: int
    since_ns: int


class Bye(_Sent, frozen=True, kw_only=True, tag="bye"):
    """The desk leaves on purpose: what works is to go on working."""


class Ping(_Sent, frozen=True, kw_only=True, tag="ping"):
    """Is anybody there?"""

    id: int


class _Told(Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """What a gateway sends."""


class Welcome(_Told, frozen=True, kw_only=True, tag="welcome"):
    """The answer to hello."""

    version: int
    account: str
    venue: str = ""
    cancel_on_disconnect: bool = False
    """Whether it does what hello asked for."""


class _About(_Told, frozen=True, kw_only=True):
    """Something about one order."""

    client_id: str
    time_ns: Ns = 0


class _Reasoned(_About, frozen=True, kw_only=True):
    reason: str = ""


class Accepted(_About, frozen=True, kw_only=True, tag="accepted"):
    """The venue has the order and works it."""

    venue_id: str


class Rejected(_Reasoned, frozen=True, kw_only=True, tag="rejected"):
    """The venue refused the order."""

    kind: str = ""
    """`duplicate_id` where that is why; what else may be said here means nothing to the desk."""


class Triggered(_About, frozen=True, kw_only=True, tag="triggered"):
    """A stop's price was reached."""


class Trailed(_About, frozen=True, kw_only=True, tag="trailed"):
    """Where a trailing stop triggers now."""

    symbol: str
    stop: Decimal


class FillText(Struct, frozen=True, kw_only=True, gc=False):
    """One execution."""

    fill_id: str
    client_id: str
    symbol: str
    side: SideText
    price: Decimal
    quantity: Decimal
    fee: Decimal = Decimal(0)
    fee_currency: str = ""
    liquidity: Literal["maker", "taker"] = "taker"
    time_ns: Ns = 0


class Filled(_Told, frozen=True, kw_only=True, tag="filled"):
    """Some of an order was traded."""

    fill: FillText


class _Ended(_Reasoned, frozen=True, kw_only=True):
    symbol: str = ""
    filled: Decimal | None = None
    """How much the venue counts as filled; it needs the symbol."""


class Canceled(_Ended, frozen=True, kw_only=True, tag="canceled"):
    """The order is off the book, asked for or not."""


class Expired(_Ended, frozen=True, kw_only=True, tag="expired"):
    """The order's time in force ended."""


class Replaced(_About, frozen=True, kw_only=True, tag="replaced"):
    """The order now has these terms."""

    symbol: str
    quantity: Decimal
    limit: Decimal | None = None
    stop: Decimal | None = None


class CancelRejected(_Reasoned, frozen=True, kw_only=True, tag="cancel_rejected"):
    """A cancel or an amendment was refused; the order is as it was."""

    kind: str = ""
    """`unknown_order` where that is why; what else may be said here means nothing to the desk."""


class Busted(_Reasoned, frozen=True, kw_only=True, tag="busted"):
    """The venue took a fill back."""

    fill_id: str


class Corrected(_Told, frozen=True, kw_only=True, tag="corrected"):
    """The venue changed a fill: the one of the same id never was, this one was."""

    fill: FillText


class OrderText(Struct, frozen=True, kw_only=True, gc=False):
    """One order as the venue has it."""

    client_id: str
    venue_id: str = ""
    symbol: str
    side: SideText
    quantity: Decimal
    filled: Decimal
    status: StatusText
    order_type: TypeText = "limit"
    tif: TifText = "day"
    limit: Decimal | None = None
    stop: Decimal | None = None
    reason: str = ""
    time_ns: Ns = 0


class Status(_Told, frozen=True, kw_only=True, tag="status"):
    """The answer to an inquiry: the order and all its fills."""

    id: int
    order: OrderText
    fills: tuple[FillText, ...] = ()
    time_ns: Ns = 0


class NotFound(_About, frozen=True, kw_only=True, tag="not_found"):
    """The answer to an inquiry: no such order, open or ended."""

    id: int


class Stock(_Told, frozen=True, kw_only=True, tag="stock"):
    """One part of the answer to a stock request; parts count from 1, the last says so."""

    id: int
    part: int
    last: bool
    as_of_ns: Ns
    since_ns: Ns = 0
    orders: tuple[OrderText, ...] = ()
    fills: tuple[FillText, ...] = ()
    positions: dict[str, Decimal] = {}
    cash: dict[str, Decimal] | None = None


class Pong(_Told, frozen=True, kw_only=True, tag="pong"):
    """The answer to a ping."""

    id: int


ToGateway = Hello | Submit | Cancel | Amend | Inquire | StockRequest | Ping | Bye
FromGateway = (
    Welcome
    | Accepted
    | Rejected
    | Triggered
    | Trailed
    | Filled
    | Canceled
    | Expired
    | Replaced
    | CancelRejected
    | Busted
    | Corrected
    | Status
    | NotFound
    | Stock
    | Pong
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[FromGateway] = msgspec.json.Decoder(FromGateway)
_KNOWN = frozenset(kind.__struct_config__.tag for kind in (*get_args(FromGateway), *get_args(ToGateway)))


def encode(message: ToGateway) -> bytes:
    """Write a message as one line."""
    return _encoder.encode(message) + b"\n"


def decode(line: bytes) -> FromGateway:
    """Read a line.

    Raises:
        msgspec.MsgspecError: it is not JSON, or not a message that is defined here.
    """
    return _decoder.decode(line)


def subject(message: FromGateway) -> str:
    """Return the client id of the order that a message is about, empty for one about none."""
    if isinstance(message, Filled | Corrected):
        return message.fill.client_id
    if isinstance(message, Status):
        return message.order.client_id
    return message.client_id if isinstance(message, _About) else ""


class _Outline(Struct, frozen=True, gc=False):
    """As much of a message as there may be in one that can't be read."""

    type: str = ""
    client_id: str = ""
    fill: _Outline | None = None
    order: _Outline | None = None


_outlines = msgspec.json.Decoder(_Outline)


def is_unknown(line: bytes) -> bool:
    """Whether a line that could not be read is a message of a kind that is not defined here."""
    kind = _outline(line).type
    return bool(kind) and kind not in _KNOWN


def subject_of_line(line: bytes) -> str:
    """Return the client id in a line that could not be read, empty where none can be found."""
    outline = _outline(line)
    return next(
        (each.client_id for each in (outline, outline.fill, outline.order) if each and each.client_id), ""
    )


def _outline(line: bytes) -> _Outline:
    try:
        return _outlines.decode(line)
    except UNDECODABLE:
        return _Outline()
