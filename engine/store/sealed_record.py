"""How a sealed record lies in its frame: the mark 0xC1, with which nothing that msgpack writes begins, its time, what is sealed.

The time (u64, little-endian) stays to be read: a backup goes back to a moment without opening anything. It is authenticated, and
so is the record's sequence.
"""

from __future__ import annotations

from struct import Struct as Layout
from typing import Final

from engine.store.cipher import Cipher, Unopened

MARK: Final = 0xC1
_HEAD: Final = Layout("<BQ")
_PLACE: Final = Layout("<QQ")


def is_sealed(payload: bytes | memoryview) -> bool:
    """Tell a sealed record from msgpack."""
    return len(payload) > 0 and payload[0] == MARK


def seal_record(cipher: Cipher, payload: bytes, sequence: int, time_ns: int) -> bytes:
    """Return a record as only the key opens it, under that sequence alone."""
    return _HEAD.pack(MARK, time_ns) + cipher.seal(payload, _PLACE.pack(sequence, time_ns))


def open_record(cipher: Cipher, sealed: bytes | memoryview, sequence: int) -> bytes:
    """Return the payload of a sealed record.

    Raises:
        Unopened: the key is not at hand, or it is not what was sealed under that sequence.
    """
    if len(sealed) < _HEAD.size:
        raise Unopened("it was cut short")
    return cipher.open(sealed[_HEAD.size :], _PLACE.pack(sequence, sealed_time_ns(sealed)))


def sealed_time_ns(sealed: bytes | memoryview) -> int:
    """Return when a sealed record was written; who has not the key can't know that it is true."""
    time_ns: int = _HEAD.unpack_from(sealed)[1]
    return time_ns
