"""A halt outlives a journal that can't be written: its own file is read at a start, and the stricter of both holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.account.journal import latch_path, set_aside
from engine.account.recovery import read_back
from engine.duties.leaving import Leaving
from engine.handlers import Handlers
from engine.messages.commands import SetTradingState, TradingState
from engine.messages.events import AlertRaised
from engine.replica import standalone
from engine.rooms import Rooms
from tests.engine_rooms import ABC, XYZ, composed

HALTED, REDUCING, ACTIVE = TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE


def say(rooms: Rooms, state: TradingState, reason: str, **scope: str) -> None:
    Handlers(rooms, Leaving(rooms)).handle(SetTradingState(state, reason, **scope))  # type: ignore[arg-type]  # symbols are text


def fail(rooms: Rooms) -> None:
    """Let the journal's next sync have failed: nothing is written any more."""
    rooms.journal._syncer.failure = OSError(5, "Input/output error")


def file_of(root: Path) -> Path:
    return latch_path(root / "data" / "journal" / "sim")


def test_what_the_journal_could_not_keep_is_in_force_after_a_restart_and_in_the_journal_then(
    tmp_path: Path,
) -> None:
    with composed(tmp_path) as rooms:
        fail(rooms)
        say(rooms, HALTED, "bad fills")
        say(rooms, REDUCING, "news", symbol=ABC)
        say(rooms, HALTED, "drift", strategy="mean")
    with composed(tmp_path) as rooms:
        assert (rooms.halts.said.state, rooms.halts.said.reason) == (HALTED, "bad fills")
        assert rooms.halts.said_symbols[ABC].state is REDUCING
        assert rooms.halts.strategies["mean"].reason == "drift"
        assert rooms.recovered.halts == (
            "everything is halted: bad fills",
            "ABC is reducing: news",
            "mean is halted: drift",
        )
        copy = standalone("USD")
        read_back(copy, rooms.journal.disk)
        assert copy.digest() == rooms.replica.digest()


def test_what_was_said_about_every_desk_is_kept_too_and_an_older_saying_does_not_come_back(
    tmp_path: Path,
) -> None:
    with composed(tmp_path) as rooms:
        fail(rooms)
        say(rooms, HALTED, "fire", firm=True)  # type: ignore[arg-type]  # it is no text
        halted, version = file_of(tmp_path).read_bytes(), rooms.halts.firm_version
    with composed(tmp_path) as rooms:
        assert (rooms.halts.firm.state, rooms.halts.firm_version) == (HALTED, version)
        assert rooms.halts.said.state is ACTIVE
        say(rooms, ACTIVE, "out", firm=True)  # type: ignore[arg-type]  # it is no text
    file_of(tmp_path).write_bytes(halted)
    with composed(tmp_path) as rooms:
        assert rooms.halts.all_active
        copy = standalone("USD")
        read_back(copy, rooms.journal.disk)
        assert copy.digest() == rooms.replica.digest()


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        say(rooms, HALTED, "fire")
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_resume_is_kept_too(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        say(rooms, HALTED, "fire")
        say(rooms, HALTED, "news", symbol=XYZ)
        say(rooms, ACTIVE, "out")
        say(rooms, ACTIVE, "over", symbol=XYZ)
    with composed(tmp_path) as rooms:
        assert rooms.halts.all_active
        assert rooms.recovered.halts == ()


def test_a_resume_that_the_journal_could_not_keep_leaves_the_halt_in_force(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        say(rooms, HALTED, "fire")
        fail(rooms)
        say(rooms, ACTIVE, "out")
    with composed(tmp_path) as rooms:
        assert rooms.halts.said.state is HALTED


def test_where_the_file_is_gone_the_journal_says_what_holds_and_it_is_written_anew(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        say(rooms, HALTED, "fire")
    file_of(tmp_path).unlink()
    with composed(tmp_path) as rooms:
        assert rooms.halts.said.reason == "fire"
    assert b"fire" in file_of(tmp_path).read_bytes()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"everything":{"state":"paused"}}', None])
def test_a_file_that_can_not_be_read_is_a_halt_of_everything(tmp_path: Path, content: bytes | None) -> None:
    with composed(tmp_path):
        pass
    path = file_of(tmp_path)
    if content is None:
        path.symlink_to(tmp_path / "elsewhere.json")
    else:
        path.write_bytes(content)
    with composed(tmp_path) as rooms:
        assert rooms.halts.said.state is HALTED
        assert "sim.halts.json can't be read" in rooms.halts.said.reason
        assert rooms.halts.said.reason.endswith("it may hold a halt, so everything is halted")
        say(rooms, ACTIVE, "looked at it")
    with composed(tmp_path) as rooms:
        assert rooms.halts.all_active


def test_a_file_that_can_not_be_written_is_told_and_the_halt_holds(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        heard: list[str] = []
        rooms.bus.subscribe(AlertRaised, lambda event: heard.append(event.text))
        file_of(tmp_path).mkdir()
        say(rooms, HALTED, "fire")
        assert rooms.halts.everything.state is HALTED
        assert heard[-1].endswith("Is a directory: a restart knows this from the journal alone")


def test_an_account_that_begins_anew_leaves_its_halts_behind(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        say(rooms, HALTED, "fire")
        journal = Path(rooms.journal.disk.where)
    set_aside(journal, "r1")
    with composed(tmp_path) as rooms:
        assert rooms.halts.all_active
    assert latch_path(journal.with_name("sim-until-r1")).exists()
