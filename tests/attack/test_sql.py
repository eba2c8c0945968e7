"""Text that would mean something in SQL means nothing there: it names what is not known, and changes nothing."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import EngineError
from engine.folders import Folders
from engine.ports.revocations import Revoked, Turn, What
from engine.security.operators.database import OperatorFile
from engine.security.operators.lockout import FAILURES_MAX, LockedOut, Lockout
from engine.security.operators.register import Register
from engine.security.operators.roles import Role
from engine.security.tokens.sqlite_store import SqliteRevocations
from engine.shell.past import QUERIES, past_of
from engine.store.projection import Projection
from tests.unit.engine.test_projection import filled

CORPUS = (
    "' OR '1'='1",
    '" OR ""="',
    "ann' --",
    "ann'/*",
    "'; DROP TABLE operators; --",
    "'; UPDATE operators SET role = 'admin'; --",
    "' UNION SELECT name, role, 1, password, 0 FROM operators --",
    "'||(SELECT password FROM operators)||'",
    "1); ATTACH DATABASE 'x' AS x; --",
    "'; PRAGMA writable_schema = ON; --",
    "%",
    "_",
    "?1",
    ":name",
    "NULL",
    "0x616e6e",
    "ann\x00",
    "a" * 100_000,
    "\udcff",
)
AT_S = 1_723_118_400
GOOD = "seven grey geese over Hull"


def dumped(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_no_name_of_an_operator_is_more_than_a_name(tmp_path: Path) -> None:
    clock, path = SimulatedClock(AT_S * NS_PER_S), tmp_path / "operators.sqlite3"
    register = Register(OperatorFile(path), clock, cost=4)
    register.add("ann", Role.ADMIN, GOOD)
    before = dumped(path)
    for text in CORPUS:
        with suppress(EngineError):
            assert register.find(text) is None
        with suppress(EngineError):
            assert not register.use_step(text, 7)
        for change in (
            lambda name: register.add(name, Role.ADMIN, GOOD),
            register.remove,
            lambda name: register.set_role(name, Role.VIEWER),
            lambda name: register.set_has_code(name, wanted=True),
        ):
            with pytest.raises(EngineError):
                change(text)
    assert dumped(path) == before


@pytest.mark.parametrize("text", [text for text in CORPUS if text != "\udcff"])
def test_failures_under_such_a_name_or_from_such_a_place_lock_out_nobody_else(
    tmp_path: Path, text: str
) -> None:
    lockout = Lockout(OperatorFile(tmp_path / "operators.sqlite3"), SimulatedClock(AT_S * NS_PER_S))
    for _ in range(FAILURES_MAX):
        lockout.begin(text, f"from {text}")
    with pytest.raises(LockedOut):
        lockout.begin(text, "elsewhere")
    assert lockout.locked_s(text) > 0
    lockout.begin("ann", "here")
    lockout.release(text)
    assert lockout.locked_s(text) == lockout.locked_s("ann") == 0


def test_no_symbol_asked_of_the_history_finds_or_changes_anything(tmp_path: Path) -> None:
    path = tmp_path / "sim.sqlite3"
    with closing(Projection(path).open()) as projection:
        projection.write([filled("f1"), filled("f2")], 2)
    before, folders = dumped(path), Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    for text in CORPUS:
        for what in QUERIES:
            with suppress(EngineError):
                assert past_of(folders, what, symbol=text) == []
        with pytest.raises(EngineError):
            past_of(folders, "fills", mode=text)
    assert len(past_of(folders, "fills")) == 2
    assert dumped(path) == before


def test_what_is_kept_of_tokens_under_such_names_is_kept_as_it_is(tmp_path: Path) -> None:
    clock, path = SimulatedClock(AT_S * NS_PER_S), tmp_path / "revocations.sqlite3"
    names = [text for text in CORPUS if text != "\udcff"]
    entries = {Revoked(What.USER, text, AT_S + 100, AT_S) for text in names}

    async def use() -> None:
        store = SqliteRevocations(path, clock)
        await store.begin_family("family", "first", AT_S + 100)
        for text in names:
            await store.begin_family(f"of {text}", text, AT_S + 100)
            asked = await store.turn_family(text, "first", "second", Revoked(What.FAMILY, text, AT_S + 100))
            assert asked is Turn.GONE
            assert (
                await store.turn_family(f"of {text}", text, "next", Revoked(What.FAMILY, text, AT_S + 100))
                is Turn.TURNED
            )
        await store.add(tuple(entries))
        found = await store.read("")
        assert found is not None
        assert set(found.entries) == entries
        assert (
            await store.turn_family("family", "first", "second", Revoked(What.FAMILY, "family", AT_S + 100))
            is Turn.TURNED
        )
        await store.close()

    asyncio.run(use())


def test_operators_and_revoked_tokens_are_no_account_with_a_history(tmp_path: Path) -> None:
    folders = Folders(tmp_path, tmp_path, tmp_path, tmp_path)
    register = Register(OperatorFile(folders.operators), SimulatedClock(AT_S * NS_PER_S), cost=4)
    register.add("ann", Role.ADMIN, GOOD)
    with closing(Projection(tmp_path / "sim.sqlite3").open()) as projection:
        projection.write([filled("f1")], 1)
    assert len(past_of(folders, "fills")) == 1
    with pytest.raises(EngineError):
        past_of(folders, "fills", mode="operators")
