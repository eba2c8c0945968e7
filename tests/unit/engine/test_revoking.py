"""What changes about an operator at a shell ends the tokens that were given before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import CredentialSettings, Settings
from engine.errors import TransientError
from engine.folders import Folders
from engine.security.tokens.revocations import Revocations
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.settings.redis import RedisSettings
from engine.shell.keys import Keys
from engine.shell.operators import Operators, Role
from tests.engine_rooms import NOON_NS
from tests.signed_in import CHEAP, GOOD

OTHER = "nine green herons by Wick"


def test_another_role_another_password_and_a_removal_end_the_tokens_that_were_given(tmp_path: Path) -> None:
    clock = SimulatedClock(NOON_NS)
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    settings = Settings(credentials=CredentialSettings(key_file=str(tmp_path / "keys")))
    operators = Operators(folders, settings, clock, cost=CHEAP)
    operators.add("ann", Role.ADMIN, GOOD)
    operators.set_password("ann", OTHER)
    assert not folders.revocations.exists()

    async def ended() -> list[str]:
        store = SqliteRevocations(folders.revocations, clock)
        found = await store.read("")
        await store.close()
        return [f"{each.what} {each.name}" for each in (found.entries if found is not None else ())]

    assert asyncio.run(ended()) == []
    changes: dict[str, Callable[[], None]] = {
        "ann": lambda: operators.set_password("ann", GOOD),
        "bob": lambda: operators.set_role("bob", Role.VIEWER),
        "cy": lambda: operators.remove("cy"),
    }
    for name, change in changes.items():
        if name != "ann":
            operators.add(name, Role.TRADER, GOOD)
        assert f"user {name}" not in asyncio.run(ended())
        change()
        assert f"user {name}" in asyncio.run(ended())


def test_a_key_that_may_be_stolen_ends_all_tokens_and_says_where_that_could_not_be_told(
    tmp_path: Path,
) -> None:
    clock = SimulatedClock(NOON_NS)
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    keys = Keys(folders, Settings(), clock, key_file=tmp_path / "keys")
    list(keys.make())

    async def everyone_before_s() -> int:
        store = SqliteRevocations(folders.revocations, clock)
        revocations = Revocations(store, clock, production=True)
        await revocations.look()
        await store.close()
        return revocations.everyone_before_s

    assert asyncio.run(everyone_before_s()) == 0
    keys.rotate_signing(at_once=False)
    assert asyncio.run(everyone_before_s()) == 0
    keys.rotate_signing(at_once=True)
    assert asyncio.run(everyone_before_s()) > NOON_NS // NS_PER_S
    nowhere = RedisSettings(address=f"unix:{tmp_path / 'nobody.sock'}")
    keys = Keys(folders, Settings(redis=nowhere), clock, key_file=tmp_path / "keys")
    before = {row.id for row in keys.all()}
    with pytest.raises(TransientError, match=r"the key was changed, but .* for 30 seconds"):
        keys.rotate_signing(at_once=True)
    assert {row.id for row in keys.all()} != before


def test_tokens_that_could_not_be_ended_are_a_sentence_and_the_change_holds(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    settings = Settings(
        credentials=CredentialSettings(key_file=str(tmp_path / "keys")),
        redis=RedisSettings(address=f"unix:{tmp_path / 'nobody.sock'}"),
    )
    operators = Operators(folders, settings, SimulatedClock(NOON_NS), cost=CHEAP)
    operators.add("ann", Role.ADMIN, GOOD)
    operators.add("bob", Role.TRADER, GOOD)
    with pytest.raises(TransientError, match=r"bob was changed, but .* may stand for 15 minutes"):
        operators.set_role("bob", Role.VIEWER)
    assert [each.operator.role for each in operators.all()] == [Role.ADMIN, Role.VIEWER]
