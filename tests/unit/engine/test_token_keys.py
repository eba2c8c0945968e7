from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.security.tokens.keys import (
    SigningKeys,
    SigningKeysUnreadable,
    VerifyingKey,
    decoded_signing_keys,
    new_signing_keys,
)
from engine.security.tokens.lives import KEPT_NS

NOW_NS = 1_700_000_000_000_000_000


def test_keys_are_read_back_as_they_were_kept() -> None:
    keys = new_signing_keys().rotated(NOW_NS)
    assert decoded_signing_keys(keys.encoded()) == keys


def test_after_a_rotation_the_new_key_signs_and_the_old_one_verifies_until_its_tokens_are_over() -> None:
    before = new_signing_keys()
    after = before.rotated(NOW_NS)
    assert set(after.private) == {after.current}
    assert after.current != before.current
    assert after.public_of(before.current, NOW_NS + KEPT_NS - 1) == before.public_of(before.current, NOW_NS)
    assert after.public_of(before.current, NOW_NS + KEPT_NS) is None
    assert after.public_of(after.current, NOW_NS + 10 * KEPT_NS) is not None


def test_a_second_rotation_gives_the_first_key_no_longer_life() -> None:
    first = new_signing_keys()
    third = first.rotated(NOW_NS).rotated(NOW_NS + KEPT_NS // 2)
    assert third.verifying[first.current].until_ns == NOW_NS + KEPT_NS
    assert first.current not in third.rotated(NOW_NS + KEPT_NS).verifying


def test_without_its_past_only_the_key_that_signs_verifies() -> None:
    before = new_signing_keys()
    after = before.rotated(NOW_NS).without_past()
    assert set(after.verifying) == {after.current}


def test_keys_never_show_themselves() -> None:
    keys = new_signing_keys()
    shown = f"{keys!r} {keys}"
    assert keys.current in shown
    assert repr(keys.private[keys.current]) not in shown
    assert "private" not in shown


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_what_was_not_written_here_is_no_key(kept: bytes) -> None:
    with pytest.raises(SigningKeysUnreadable):
        decoded_signing_keys(kept)


def test_keys_that_do_not_belong_together_are_refused() -> None:
    keys, other = new_signing_keys(), new_signing_keys()
    kid = keys.current
    for wrong in (
        SigningKeys("other", keys.private, keys.verifying),
        SigningKeys(kid, keys.private, {kid: other.verifying[other.current]}),
        SigningKeys(kid, keys.private, {kid: VerifyingKey(b"short")}),
        SigningKeys(kid, {kid: b"short"}, keys.verifying),
        SigningKeys(kid, other.private, keys.verifying),
        SigningKeys(kid, keys.private, {kid: VerifyingKey(keys.verifying[kid].public, NOW_NS)}),
    ):
        with pytest.raises(SigningKeysUnreadable):
            decoded_signing_keys(msgspec.json.encode(wrong))
