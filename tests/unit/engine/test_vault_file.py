"""Secrets in an encrypted file: whole, for who knows the passphrase, and refused where anything was changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import VaultSettings
from engine.errors import ConfigError
from engine.ports.secrets import SecretsError
from engine.security.vault.choice import nobody, secrets_in
from engine.security.vault.file_vault import FileVault
from engine.security.vault.key_file import KeyFile
from engine.security.vault.keyring_vault import KeyringVault

PASSPHRASE = "seven grey geese over Hull"


class Person:
    """Knows a passphrase, and counts how often it is asked."""

    def __init__(self, passphrase: str = PASSPHRASE) -> None:
        self.passphrase = passphrase
        self.asked: list[bool] = []

    def __call__(self, place: str, *, new: bool) -> str:
        assert place.startswith("the vault ")
        self.asked.append(new)
        return self.passphrase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the vault is."""
    return tmp_path / "vault"


def vault(path: Path, person: Person | None = None) -> FileVault:
    """Return a vault whose key costs little."""
    return FileVault(path, person or Person(), cost_log2=10)


def test_a_vault_that_is_not_there_holds_nothing_and_asks_for_nothing(path: Path) -> None:
    person = Person()
    assert vault(path, person).get("a") is None
    vault(path, person).delete("a")
    assert (person.asked, path.exists()) == ([], False)


def test_what_was_kept_is_there_for_who_knows_the_passphrase(path: Path) -> None:
    umask = os.umask(0)
    person = Person()
    try:
        kept = vault(path, person)
        kept.set("a", b"\x00secret\xff")
        kept.set("b", b"other")
    finally:
        os.umask(umask)
    assert person.asked == [True]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"secret" not in path.read_bytes()
    again = Person()
    other = vault(path, again)
    assert (other.get("a"), other.get("b")) == (b"\x00secret\xff", b"other")
    other.delete("a")
    assert (other.get("a"), vault(path).get("b"), again.asked) == (None, b"other", [False])


@given(name=st.text(max_size=8), value=st.binary(max_size=50))
@settings(deadline=None, max_examples=10)
def test_any_name_and_bytes_are_kept(
    tmp_path_factory: pytest.TempPathFactory, name: str, value: bytes
) -> None:
    path = tmp_path_factory.mktemp("vault") / "vault"
    vault(path).set(name, value)
    assert vault(path).get(name) == value


def test_a_wrong_passphrase_is_a_sentence_and_changes_nothing(path: Path) -> None:
    vault(path).set("a", b"x")
    before = path.read_bytes()
    stranger = vault(path, Person("seven grey geese over Hall"))
    told = "the passphrase is wrong, or the file was changed"
    with pytest.raises(SecretsError, match=told):
        stranger.get("a")
    with pytest.raises(SecretsError, match=told):
        stranger.set("a", b"y")
    with pytest.raises(SecretsError, match=told):
        stranger.delete("a")
    assert path.read_bytes() == before


def test_every_byte_that_is_changed_is_found(path: Path) -> None:
    vault(path).set("a", b"x")
    whole = path.read_bytes()
    kept = vault(path)
    assert kept.get("a") == b"x"
    for at in range(len(whole)):
        for content in (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole[:at]):
            path.write_bytes(content)
            with pytest.raises(SecretsError):
                kept.get("a")
    path.write_bytes(whole)
    assert kept.get("a") == b"x"


def test_a_header_that_would_cost_too_much_is_refused_before_it_does(path: Path) -> None:
    vault(path).set("a", b"x")
    whole = bytearray(path.read_bytes())
    whole[16] = 40
    path.write_bytes(bytes(whole))
    person = Person()
    with pytest.raises(SecretsError, match="no vault is made at such a cost"):
        vault(path, person).get("a")
    assert person.asked == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "found 0 bytes"),
        (b"x" * 200, "found something else"),
        (b"TOUCHLINE-VAULT\x02" + b"x" * 200, "expected a vault of version 1, found 2"),
    ],
)
def test_what_is_no_vault_is_refused_and_left_alone(path: Path, content: bytes, told: str) -> None:
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretsError, match=told):
        vault(path).set("a", b"x")
    assert path.read_bytes() == content


def test_a_vault_that_others_may_read_and_a_link_are_refused(path: Path, tmp_path: Path) -> None:
    vault(path).set("a", b"x")
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(SecretsError, match="it is a link; name the file itself"):
        vault(link).get("a")
    path.chmod(0o640)
    with pytest.raises(SecretsError, match=r"mode 0640.*chmod 600"):
        vault(path).get("a")


@pytest.mark.parametrize("weak", ["2short", "password1234", "aaaaaaaaaaaaaaaa", "abcdefghijklmnop"])
def test_a_weak_passphrase_makes_no_vault_and_is_not_repeated(path: Path, weak: str) -> None:
    with pytest.raises(SecretsError, match="is refused: ") as refused:
        vault(path, Person(weak)).set("a", b"x")
    assert weak not in str(refused.value)
    assert not path.exists()


def test_two_who_write_at_once_lose_nothing(path: Path) -> None:
    vault(path).set("a", b"x")
    writers = [vault(path), vault(path)]

    def write(number: int) -> None:
        for each in range(5):
            writers[number].set(f"{number}-{each}", b"x")

    threads = [Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = vault(path)
    assert all(kept.get(f"{number}-{each}") == b"x" for number in range(2) for each in range(5))


def test_a_new_passphrase_opens_what_the_old_one_kept(path: Path) -> None:
    kept = vault(path)
    kept.set("a", b"x")
    behind = vault(path)
    assert behind.get("a") == b"x"
    kept.change_passphrase(Person("nine green herons by Wick"))
    assert kept.get("a") == b"x"
    assert vault(path, Person("nine green herons by Wick")).get("a") == b"x"
    with pytest.raises(SecretsError, match="the passphrase is wrong"):
        vault(path).get("a")
    with pytest.raises(SecretsError, match="was changed meanwhile; start again"):
        behind.get("a")


def test_once_unlocked_nobody_is_asked_again(path: Path) -> None:
    person = Person()
    empty = vault(path, person)
    empty.unlock()
    vault(path).set("a", b"x")
    with pytest.raises(SecretsError, match="was made meanwhile; start again"):
        empty.get("a")
    ready = vault(path, person)
    ready.unlock()
    assert (ready.get("a"), person.asked) == (b"x", [False])


def test_the_place_is_chosen_and_never_guessed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = VaultSettings(file=str(tmp_path / "vault"))
    assert isinstance(secrets_in(VaultSettings()), KeyringVault)
    assert isinstance(secrets_in(named), FileVault)
    assert isinstance(secrets_in(named, str(tmp_path / "keys")), KeyFile)
    with pytest.raises(SecretsError, match="nobody can be asked"):
        secrets_in(named).set("a", b"x")
    with pytest.raises(SecretsError, match="needs its passphrase"):
        nobody("the vault x", new=False)
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert isinstance(secrets_in(named), FileVault)
    with pytest.raises(ConfigError, match="a key file is not encrypted, and this is production"):
        secrets_in(named, str(tmp_path / "keys"))


def test_nothing_tells_the_key(path: Path) -> None:
    kept = vault(path)
    kept.set("a", b"x")
    assert "hidden" in repr(kept._unlocked)


def test_a_place_that_can_not_be_read_or_written_is_a_sentence(path: Path, tmp_path: Path) -> None:
    with pytest.raises(SecretsError, match="No such file or directory"):
        vault(tmp_path / "nowhere" / "vault").set("a", b"x")
    path.write_bytes(b"")
    with pytest.raises(SecretsError, match="Not a directory"):
        vault(path / "vault").get("a")
