"""What is sealed opens with its key, where it belongs, and in no other way."""

from __future__ import annotations

from struct import Struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.store.cipher import OVERHEAD_BYTES, Cipher, Unopened
from engine.store.key_ring import KEY_BYTES, Key, KeyRing

place_of = Struct("<Q").pack
OLD, NEW = (Key(bytes([number]) * KEY_BYTES) for number in (1, 2))


def cipher(*keys: Key) -> Cipher:
    return Cipher(KeyRing(keys, "the vault"))


@given(piece=st.binary(max_size=400), place=st.integers(0, 2**64 - 1))
def test_what_is_sealed_opens_where_it_belongs_and_says_nothing(piece: bytes, place: int) -> None:
    sealing = cipher(NEW)
    sealed = sealing.seal(piece, place_of(place))
    assert len(sealed) == len(piece) + OVERHEAD_BYTES
    assert len(piece) < 8 or piece not in sealed
    assert cipher(NEW).open(sealed, place_of(place)) == piece
    with pytest.raises(Unopened, match="changed after it was sealed"):
        sealing.open(sealed, place_of((place + 1) % 2**64))


@given(data=st.data())
@settings(max_examples=200)
def test_no_byte_can_be_changed_and_nothing_cut_off(data: st.DataObject) -> None:
    sealing = cipher(NEW)
    sealed = bytearray(sealing.seal(b"an order", place_of(7)))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unopened):
        sealing.open(bytes(sealed), place_of(7))
    whole = sealing.seal(b"an order", place_of(7))
    with pytest.raises(Unopened):
        sealing.open(whole[: data.draw(st.integers(0, len(whole) - 1))], place_of(7))


def test_the_same_piece_is_never_sealed_alike() -> None:
    sealing = cipher(NEW)
    sealed = {sealing.seal(b"an order", place_of(1)) for _ in range(1_000)}
    again = {cipher(NEW).seal(b"an order", place_of(1)) for _ in range(100)}
    assert len(sealed | again) == 1_100


def test_after_a_rotation_the_old_key_still_opens_and_the_new_one_seals() -> None:
    before = cipher(OLD).seal(b"before", place_of(1))
    rotated = cipher(NEW, OLD)
    after = rotated.seal(b"after", place_of(2))
    assert rotated.open(before, place_of(1)) == b"before"
    with pytest.raises(Unopened, match=f"the key {NEW.id.hex()} that sealed it is not in the vault"):
        cipher(OLD).open(after, place_of(2))
