"""Frames of a WebSocket as a server sends them (RFC 6455, section 5.2): what nearly all of them are, told at a look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_TEXT: Final = 0x81
_BINARY: Final = 0x82
"""What a frame begins with that is a whole message, without extensions."""
_HEAD_BYTES: Final = 2
_WIDE: Final = 126
_WIDEST: Final = 127
_LENGTH_BITS: Final = 0x7F


def hand_over(data: bytes, at: int, until: int, bytes_max: int, take: Callable[[bytes], object]) -> int:
    """Hand over the messages that are whole in one frame, from a place on; return the place of the first byte left.

    It stops at or behind `until`, and before any frame that is not whole yet, too long or of another kind.
    """
    size = len(data)
    while at < until and at + _HEAD_BYTES <= size:
        first, length, begin = data[at], data[at + 1], at + _HEAD_BYTES
        if first not in {_TEXT, _BINARY} or length > _WIDEST:
            return at
        if length >= _WIDE:
            begin += 2 if length == _WIDE else 8
            length = int.from_bytes(data[at + _HEAD_BYTES : begin], "big")
        end = begin + length
        if end > size or length > bytes_max:
            return at
        take(data[begin:end])
        at = end
    return at


def extent(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the payload of any frame begins and ends; None while its head is not whole."""
    if len(data) < at + _HEAD_BYTES:
        return None
    length, begin = data[at + 1] & _LENGTH_BITS, at + _HEAD_BYTES
    if length >= _WIDE:
        begin += 2 if length == _WIDE else 8
        if len(data) < begin:
            return None
        length = int.from_bytes(data[at + _HEAD_BYTES : begin], "big")
    return begin, begin + length
