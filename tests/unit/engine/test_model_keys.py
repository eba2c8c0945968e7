"""The keys that models are signed with: made once, rotated, bounded, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.ports.secrets import SecretsError
from engine.security.model_keys import (
    KEY_BYTES,
    KEYS_MAX,
    SECRET_NAME,
    load_model_keys,
    load_or_make_model_keys,
    rotate_model_keys,
)
from engine.security.vault.key_file import KeyFile


@pytest.fixture
def secrets(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys")


def test_they_are_made_once_and_what_an_older_one_signed_stays_good(secrets: KeyFile) -> None:
    assert load_model_keys(secrets) is None
    first, is_new = load_or_make_model_keys(secrets)
    again, is_new_again = load_or_make_model_keys(secrets)
    assert (is_new, is_new_again, again.ids) == (True, False, first.ids)
    signature = first.sign(b"manifest", b"content")
    rotated = rotate_model_keys(secrets)
    assert rotated.ids[1:] == first.ids
    assert rotated.verifies(b"manifest", b"content", signature)
    assert not rotated.verifies(b"event", b"content", signature)
    assert not rotated.verifies(b"manifest", b"content", "no hex")


def test_they_are_told_by_their_ids_alone(secrets: KeyFile) -> None:
    keys, _ = load_or_make_model_keys(secrets)
    kept = secrets.get(SECRET_NAME)
    assert kept is not None
    assert repr(keys) == f"ModelKeys({keys.ids[0]})"
    assert kept.hex() not in repr(keys)


def test_a_place_that_holds_none_or_too_many_or_no_keys_says_so(secrets: KeyFile) -> None:
    with pytest.raises(SecretsError, match="touchline models add makes the first"):
        rotate_model_keys(secrets)
    load_or_make_model_keys(secrets)
    for _ in range(KEYS_MAX - 1):
        rotate_model_keys(secrets)
    with pytest.raises(SecretsError, match=f"holds {KEYS_MAX} model keys already"):
        rotate_model_keys(secrets)
    secrets.set(SECRET_NAME, bytes(KEY_BYTES + 1))
    with pytest.raises(SecretsError, match=f"{KEY_BYTES + 1} bytes as model keys"):
        load_model_keys(secrets)
