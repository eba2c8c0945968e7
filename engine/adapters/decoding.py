"""Reads the bodies of answers and frames as one kind of message each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Raw

from engine.adapters.texts import Unreadable
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

T = TypeVar("T")


def decoder_of(kind: type[T], what: str) -> Callable[[bytes | Raw], T]:
    """Return what reads a body as one kind of message; it raises Unreadable, and says what it expected."""
    decode = msgspec.json.Decoder(kind).decode

    def read(body: bytes | Raw) -> T:
        try:
            return decode(body)
        except UNDECODABLE as error:
            raise Unreadable("bad_message", clean(f"expected {what}: {error}")) from error

    return read
