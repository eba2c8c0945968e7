"""Credentials of venues: kept whole, given back as they were, and never told by accident."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import CredentialSettings, Settings
from engine.credentials import Credentials
from engine.ports.secrets import SecretsError
from engine.security.credentials import (
    Credential,
    CredentialUnreadable,
    forget_credential,
    keep_credential,
    read_credential,
)
from engine.security.vault.key_file import KeyFile

KEY, SECRET = "PKDQ7XR2HWENTLF0", "sK9tVbMz41uQgXwYpAfRc8"
GIVEN = Credential(KEY, SECRET)


@pytest.fixture
def secrets(tmp_path: Path) -> KeyFile:
    """Return a place that keeps secrets."""
    return KeyFile(tmp_path / "keys")


def pair(found: Credential | None) -> tuple[str, str] | None:
    return (found.key, found.secret) if found else None


def test_what_was_kept_is_given_back_and_each_venue_has_its_own(secrets: KeyFile) -> None:
    keep_credential(secrets, "alpaca", GIVEN)
    keep_credential(secrets, "kraken", Credential("other", "one"))
    assert pair(read_credential(secrets, "alpaca")) == (KEY, SECRET)
    assert pair(read_credential(secrets, "kraken")) == ("other", "one")
    assert read_credential(secrets, "binance") is None


def test_adding_again_replaces(secrets: KeyFile) -> None:
    keep_credential(secrets, "alpaca", Credential("old", "one"))
    keep_credential(secrets, "alpaca", GIVEN)
    assert pair(read_credential(secrets, "alpaca")) == (KEY, SECRET)


def test_what_is_forgotten_is_gone_and_it_is_told_whether_it_was_there(secrets: KeyFile) -> None:
    keep_credential(secrets, "alpaca", GIVEN)
    assert forget_credential(secrets, "alpaca")
    assert read_credential(secrets, "alpaca") is None
    assert not forget_credential(secrets, "alpaca")


@given(key=st.text(), secret=st.text())
@settings(deadline=None, max_examples=25)
def test_any_text_is_kept(tmp_path_factory: pytest.TempPathFactory, key: str, secret: str) -> None:
    place = KeyFile(tmp_path_factory.mktemp("keys") / "keys")
    keep_credential(place, "alpaca", Credential(key, secret))
    assert pair(read_credential(place, "alpaca")) == (key, secret)


@pytest.mark.parametrize(
    "content", [b"", b"text", b"\xff\xfe", b"{}", b'["a"]', b'["a", 1]', b'["a", "b", "c"]', b"null"]
)
def test_what_is_no_credential_is_a_sentence_and_can_be_removed(secrets: KeyFile, content: bytes) -> None:
    secrets.set("venue-alpaca", content)
    with pytest.raises(CredentialUnreadable, match="touchline credentials remove alpaca"):
        read_credential(secrets, "alpaca")
    assert forget_credential(secrets, "alpaca")
    assert read_credential(secrets, "alpaca") is None


class Forgetful(KeyFile):
    """A place that does not do what it is told; a real one can't be made to on demand."""

    def set(self, name: str, value: bytes) -> None:
        """Pretend."""

    def delete(self, name: str) -> None:
        """Pretend."""


def test_a_place_that_does_not_keep_or_forget_is_found_out(secrets: KeyFile, tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="did not keep venue-alpaca"):
        keep_credential(Forgetful(tmp_path / "keys"), "alpaca", GIVEN)
    keep_credential(secrets, "alpaca", GIVEN)
    with pytest.raises(SecretsError, match="still holds venue-alpaca"):
        forget_credential(Forgetful(tmp_path / "keys"), "alpaca")


def test_a_place_that_cannot_be_asked_is_a_sentence_for_each(secrets: KeyFile, tmp_path: Path) -> None:
    keep_credential(secrets, "alpaca", GIVEN)
    (tmp_path / "keys").chmod(0o644)
    for ask in (read_credential, forget_credential):
        with pytest.raises(SecretsError, match="chmod 600"):
            ask(secrets, "alpaca")


def test_no_way_of_printing_tells_what_it_is(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("a %s and %r in %s", GIVEN, GIVEN, {"credential": [GIVEN]})
    told = [
        repr(GIVEN),
        str(GIVEN),
        f"{GIVEN}",
        f"{GIVEN!r:>40}",
        json.dumps([GIVEN], default=repr),
        caplog.text,
    ]
    assert all("Credential(hidden)" in text and KEY not in text and SECRET not in text for text in told)
    assert not hasattr(GIVEN, "__dict__")


def test_a_traceback_with_every_variable_in_it_does_not_tell_it(secrets: KeyFile) -> None:
    def sign(credential: Credential) -> None:
        raise RuntimeError(f"with {credential}")

    keep_credential(secrets, "alpaca", GIVEN)
    with pytest.raises(RuntimeError) as caught:
        sign(read_credential(secrets, "alpaca") or GIVEN)
    found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    told = "".join(found.format())
    assert "Credential(hidden)" in told
    assert SECRET not in told


def test_nothing_writes_it_down() -> None:
    for write in (pickle.dumps, copy.copy, msgspec.json.encode):
        with pytest.raises(TypeError):
            write(GIVEN)


def test_of_a_key_the_last_four_characters_are_told_and_of_a_short_one_none() -> None:
    assert GIVEN.hint == "…TLF0"
    assert Credential("elevenchars", SECRET).hint == "…"


def test_the_venues_with_a_credential_are_listed_even_beside_one_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    kept = Credentials(Settings(credentials=CredentialSettings(key_file=str(path))))
    venues = ("alpaca", "binance", "coinbase", "kraken")
    assert list(kept.kept(venues)) == []
    for venue in venues:
        kept.keep(venue, GIVEN)
    KeyFile(path).set("venue-coinbase", b"broken")
    kept.forget("kraken")
    assert [(venue, pair(found)) for venue, found in kept.kept(venues)] == [
        ("alpaca", (KEY, SECRET)),
        ("binance", (KEY, SECRET)),
        ("coinbase", None),
    ]
