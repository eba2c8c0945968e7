"""Numbers and times as the venue writes them."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

SECOND_NS = 1_000_000_000


def text(value: Decimal | None) -> str | None:
    """Return a number as the trading API writes it: as text, without zeros at the end."""
    if value is None:
        return None
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def number(value: Any) -> Decimal | None:
    """Return a number that came as text or as a number; None where there is none.

    Raises:
        ValueError: it is no number.
    """
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"{value} is no number") from None
    if not found.is_finite() or isinstance(value, bool):
        raise ValueError(f"{value} is no number")
    return found


def plain(value: Decimal) -> float | int:
    """Return a number as market data writes it."""
    return int(value) if value == value.to_integral_value() else float(value)


def stamp(time_ns: int | None) -> str | None:
    """Return a time with all its nanoseconds."""
    if time_ns is None:
        return None
    seconds, rest = divmod(time_ns, SECOND_NS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"


def second(time_ns: int) -> str:
    """Return a time to the second."""
    return f"{datetime.fromtimestamp(time_ns // SECOND_NS, UTC):%Y-%m-%dT%H:%M:%SZ}"


def packed_stamp(time_ns: int) -> msgspec.msgpack.Ext:
    """Return a time as MessagePack's 64-bit timestamp (its specification, "Timestamp extension type")."""
    seconds, rest = divmod(time_ns, SECOND_NS)
    return msgspec.msgpack.Ext(-1, struct.pack("!Q", rest << 34 | seconds))


def moment(raw: str) -> int:
    """Return the nanoseconds of a time or a date of a request, UTC where it says nothing else.

    Raises:
        ValueError: it is no time.
    """
    whole, dot, rest = raw.replace("Z", "+00:00").partition(".")
    digits = ""
    if dot:
        digits = rest[: next((at for at, sign in enumerate(rest) if not sign.isdigit()), len(rest))]
        whole += rest[len(digits) :]
    found = datetime.fromisoformat(whole.replace(" ", "+"))
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return int(found.timestamp()) * SECOND_NS + int((digits + "0" * 9)[:9])
