"""Secrets in a file: kept for its owner alone, and refused where anybody else could have been at it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ports.secrets import SecretsError
from engine.security.vault.key_file import KeyFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the key file is."""
    return tmp_path / "keys"


def test_a_file_that_is_not_there_holds_nothing(path: Path) -> None:
    assert KeyFile(path).get("a") is None
    KeyFile(path).delete("a")
    assert not path.exists()


def test_what_was_kept_is_there_for_the_next_one_and_only_its_owner(path: Path) -> None:
    umask = os.umask(0)
    try:
        KeyFile(path).set("a", b"\x00secret\xff")
        KeyFile(path).set("b", b"other")
    finally:
        os.umask(umask)
    assert KeyFile(path).get("a") == b"\x00secret\xff"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    KeyFile(path).delete("a")
    assert (KeyFile(path).get("a"), KeyFile(path).get("b")) == (None, b"other")


@given(value=st.binary(max_size=200), other=st.binary(max_size=200))
@settings(deadline=None, max_examples=25)
def test_any_bytes_are_kept_and_replaced(
    tmp_path_factory: pytest.TempPathFactory, value: bytes, other: bytes
) -> None:
    kept = KeyFile(tmp_path_factory.mktemp("keys") / "keys")
    kept.set("a", value)
    assert kept.get("a") == value
    kept.set("a", other)
    assert kept.get("a") == other


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o606])
def test_a_file_that_others_may_read_or_change_is_refused_with_the_way_out(path: Path, mode: int) -> None:
    KeyFile(path).set("a", b"x")
    path.chmod(mode)
    with pytest.raises(SecretsError, match=rf"mode {mode:04o}.*chmod 600"):
        KeyFile(path).get("a")
    with pytest.raises(SecretsError):
        KeyFile(path).set("a", b"y")


def test_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    KeyFile(path).set("a", b"x")
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(SecretsError, match="it is a link; name the file itself"):
        KeyFile(link).get("a")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(path: Path) -> None:
    KeyFile(path).set("a", b"x")
    os.chown(path, 12345, 12345)
    with pytest.raises(SecretsError, match="it belongs to another user"):
        KeyFile(path).get("a")


def test_what_is_no_file_is_refused_and_not_waited_for(path: Path, tmp_path: Path) -> None:
    os.mkfifo(path, 0o600)
    for place in (path, tmp_path):
        with pytest.raises(SecretsError, match="it is not a file"):
            KeyFile(place).get("a")


@pytest.mark.parametrize("content", [b"hello", b"a b c\n", b"a !!!\n", b"\xff\xfe", b"a YQ\n"])
def test_what_is_no_key_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretsError, match="expected lines of a name and base64"):
        KeyFile(path).set("a", b"x")
    assert path.read_bytes() == content


def test_a_file_that_can_not_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="No such file or directory"):
        KeyFile(tmp_path / "nowhere" / "keys").set("a", b"x")
    assert KeyFile(tmp_path / "keys").place == f"the key file {tmp_path / 'keys'}"
