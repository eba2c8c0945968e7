"""The rows of the disk, the secrets and the backup, as a look finds them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from msgspec.structs import replace

from engine.clock import NS_PER_S, SystemClock
from engine.config import CredentialSettings, VaultSettings
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.ports.secrets import SecretsError
from engine.readings.keeping_rows import FILLING_OVER_NS, GIGABYTE, HOUR_NS, KeepingRows
from engine.rooms import Rooms
from engine.security.vault.file_vault import FileVault
from engine.security.vault.keyring_vault import KeyringVault
from engine.security.vault.standing import standing_of
from tests.engine_rooms import composed, passes

OK, DEGRADED, DOWN, OFF = HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path, steady_is_own=True) as made:
        made.settings = replace(
            made.settings, credentials=CredentialSettings(key_file=str(tmp_path / "keys"))
        )
        yield made


def looked(rooms: Rooms, name: str, keeping: KeepingRows | None = None) -> Reading:
    keeping = keeping or KeepingRows(rooms, SystemClock().now_ns)
    keeping.register()
    keeping.look()
    if name == "vault":
        keeping.look_at_secrets()
    rooms.health.sample()
    return rooms.health.reading(name)


@pytest.mark.parametrize(
    ("hours", "state", "value"),
    [(1, OK, "1 h old"), (27, DEGRADED, "27 h old"), (200, DOWN, "8 days old")],
)
def test_a_backup_is_as_well_as_it_is_young(rooms: Rooms, hours: int, state: HealthState, value: str) -> None:
    assert looked(rooms, "backup").state is OFF
    folder = rooms.folders.data / "backups" / "sim"
    folder.mkdir(parents=True)
    now_ns = SystemClock().now_ns()
    for number, age_h in enumerate((hours + 500, hours), 1):
        piece = folder / f"{number:08}.manifest"
        piece.write_bytes(b"")
        os.utime(piece, ns=(now_ns - age_h * HOUR_NS - NS_PER_S,) * 2)
    (folder / "00000003.base").write_bytes(b"unfinished")
    found = looked(rooms, "backup")
    assert (found.state, found.value, found.number) == (state, value, hours)


def test_a_backup_that_is_dated_after_now_is_not_taken_for_a_young_one(rooms: Rooms) -> None:
    folder = rooms.folders.data / "backups" / "sim"
    folder.mkdir(parents=True)
    piece = folder / "00000001.manifest"
    piece.write_bytes(b"")
    os.utime(piece, ns=(SystemClock().now_ns() + 100 * 24 * HOUR_NS,) * 2)
    found = looked(rooms, "backup")
    assert (found.state, found.value) == (DEGRADED, "dated 99 days after now")
    assert "touchline backup --base" in found.detail


def free(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    """Let the system say how much room there is."""
    real = os.statvfs("/")
    blocks = int(gigabytes * GIGABYTE) // 4096
    fake = os.statvfs_result((4096, 4096, *real[2:4], blocks, *real[5:]))
    monkeypatch.setattr(os, "statvfs", lambda _: fake)


@pytest.mark.parametrize(
    ("gigabytes", "state", "told"),
    [(10, OK, "10.0 GB free"), (0.25, DEGRADED, "256 MB free"), (0.05, DOWN, "51 MB free")],
)
def test_a_disk_without_room_says_which(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, gigabytes: float, state: HealthState, told: str
) -> None:
    free(monkeypatch, gigabytes)
    found = looked(rooms, "disk")
    assert found.state is state
    assert found.value == told
    assert (str(rooms.folders.data) in found.detail) is (state is not OK)


def test_a_disk_that_fills_says_how_many_days_are_left(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    keeping = KeepingRows(rooms, SystemClock().now_ns)
    free(monkeypatch, 10.0)
    assert looked(rooms, "disk", keeping).detail == "it is not filling"
    passes(rooms, FILLING_OVER_NS / NS_PER_S / 2)
    free(monkeypatch, 9.99)
    assert looked(rooms, "disk", keeping).detail == "it is not filling"
    passes(rooms, FILLING_OVER_NS / NS_PER_S / 2)
    found = looked(rooms, "disk", keeping)
    assert (found.state, found.detail) == (DEGRADED, f"7 days left as it fills now: make room on the disk of {rooms.folders.data}")  # fmt: skip
    passes(rooms, FILLING_OVER_NS / NS_PER_S)
    found = looked(rooms, "disk", keeping)
    assert (found.state, found.detail) == (OK, "14 days left as it fills now")


def test_a_place_of_secrets_is_looked_at_and_not_opened(rooms: Rooms, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    assert looked(rooms, "vault") == Reading(OFF, "none yet", f"{keys} is not there yet")
    keys.write_text("")
    keys.chmod(0o600)
    assert looked(rooms, "vault") == Reading(OK, "key file", str(keys))
    keys.chmod(0o644)
    found = looked(rooms, "vault")
    assert (found.state, found.value) == (DOWN, "not to be used")
    assert str(keys) in found.detail
    vault = tmp_path / "vault"
    rooms.settings = replace(
        rooms.settings, credentials=CredentialSettings(), vault=VaultSettings(file=str(vault))
    )
    vault.write_bytes(b"sealed")
    vault.chmod(0o600)
    assert looked(rooms, "vault") == Reading(OK, "vault", str(vault))


def test_a_vault_is_never_asked_for_its_passphrase(tmp_path: Path) -> None:
    def asked(place: str, *, new: bool) -> str:
        raise AssertionError((place, new))

    path = tmp_path / "vault"
    path.write_bytes(b"sealed")
    path.chmod(0o600)
    assert standing_of(FileVault(path, asked)).state is OK


class Elsewhere(KeyringBackend):
    """A keyring of another platform."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError((service, username, password))


def test_a_keyring_is_there_or_not_and_no_secret_is_read() -> None:
    assert standing_of(KeyringVault(Elsewhere)) == (OK, "keyring", "there")

    def missing() -> KeyringBackend:
        raise SecretsError("there is none here")

    assert standing_of(KeyringVault(missing)) == (OFF, "no keyring", "there is none here")
