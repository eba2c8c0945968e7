"""Revocations in a file of one desk."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from engine.clock import Clock, SystemClock
from engine.errors import TransientError
from engine.ports.revocations import RevocationStore, Revoked, What
from engine.security.tokens.keys import SigningKeys, new_signing_keys
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sqlite_store import SqliteRevocations
from tests.contract.revocation_promises import RevocationPromises


@pytest.fixture
def keys() -> SigningKeys:
    return new_signing_keys()


class TestSqlite(RevocationPromises):
    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "data" / "revocations.sqlite3"

    def store(self, place: Path, clock: Clock) -> RevocationStore:
        return SqliteRevocations(place, clock)


def test_the_file_is_for_its_owner_alone_and_outlives_the_desk(tmp_path: Path) -> None:
    path = tmp_path / "revocations.sqlite3"
    entry = Revoked(What.USER, "ada", int(time.time()) + 100, int(time.time()))

    def modes() -> set[int]:
        return {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()}

    async def once(*entries: Revoked) -> tuple[Revoked, ...]:
        store = SqliteRevocations(path, SystemClock())
        if entries:
            await store.add(entries)
        found = await store.read("")
        assert modes() == {0o600}
        await store.close()
        return found.entries if found is not None else ()

    assert asyncio.run(once(entry)) == (entry,)
    assert asyncio.run(once()) == (entry,)


def test_a_damaged_file_is_an_error_that_names_it_and_nothing_is_known(tmp_path: Path) -> None:
    path = tmp_path / "revocations.sqlite3"
    path.write_bytes(b"this is no database" * 100)

    async def look() -> None:
        store = SqliteRevocations(path, SystemClock())
        revocations = Revocations(store, SystemClock(), production=True)
        await revocations.look()
        assert revocations.is_blind
        assert revocations.failures == 1
        assert "revocations.sqlite3" in revocations.reason
        with pytest.raises(TransientError):
            await revocations.revoke_everyone()
        await store.close()

    asyncio.run(look())


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    path = tmp_path / "revocations.sqlite3"
    path.symlink_to(elsewhere)

    async def add() -> None:
        await SqliteRevocations(path, SystemClock()).add([])

    with pytest.raises(TransientError):
        asyncio.run(add())
    assert not elsewhere.exists()
