"""What is changed about operators at a shell reaches a desk that runs; how signing in goes is a row, numbers and an alert."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.config import CredentialSettings, Settings
from engine.duties.operator_watch import OperatorWatch
from engine.duties.permission import NotAllowed
from engine.engine import Engine
from engine.errors import EngineError
from engine.messages.commands import CancelAll
from engine.messages.events import AlertRaised
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.ports.secrets import SecretsError
from engine.rooms import Rooms
from engine.security.operators.database import OperatorFile
from engine.security.operators.register import Register
from engine.shell.operators import Operators, Role
from tests.engine_rooms import NOON_NS, buying, composed
from tests.signed_in import CHEAP, GOOD
from tests.waiting import wait_until


class Bench:
    """A desk whose engine's loop does not run: what is put on it is done at once."""

    def __init__(self, root: Path, rooms: Rooms) -> None:
        self.rooms, self.clock = rooms, SimulatedClock(NOON_NS)
        settings = Settings(credentials=CredentialSettings(key_file=str(root / "keys")))
        self.operators = Operators(rooms.folders, settings, self.clock, cost=CHEAP)
        self.engine = Engine(rooms)
        self.lock = self.engine._lock
        self.lock._call = lambda call, *given: call(*given)
        self.watch = OperatorWatch(rooms, self.lock._call, self.lock.follow, self.clock)
        self.heard: list[str] = []
        rooms.bus.subscribe(AlertRaised, lambda alert: self.heard.append(alert.text))

    def signs_in(self) -> None:
        self.operators.add("ann", Role.ADMIN, GOOD)
        self.operators.add("bob", Role.ADMIN, GOOD)
        who = self.operators.sign_in("ann", GOOD, "")
        self.engine.acts_for(who, lambda password, code: self.operators.sign_in("ann", password, code))

    def looks(self) -> None:
        """Look until what the file says now is known."""
        for _ in range(2):
            self.watch.look()
            for thread in threading.enumerate():
                if thread.name == "touchline-operators":
                    thread.join(10)

    def fails(self, times: int, origin: str = "") -> None:
        for _ in range(times):
            with suppress(EngineError):
                self.operators.sign_in("bob", "wrong", "", origin)

    def passes(self, seconds: int) -> None:
        self.clock.advance_to(self.clock.now_ns() + seconds * NS_PER_S)

    def row(self) -> tuple[HealthState, str, str]:
        reading = self.watch.reading()
        return reading.state, reading.value, reading.detail


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with composed(tmp_path, mode=AccountMode.LIVE) as rooms:
        yield Bench(tmp_path, rooms)


def test_another_role_holds_on_a_desk_that_runs_and_who_is_removed_is_locked_out(bench: Bench) -> None:
    bench.signs_in()
    bench.rooms.arming.arm()
    bench.operators.set_role("ann", Role.RISK)
    bench.looks()
    assert "ann is risk from now on, and was admin" in bench.heard
    assert bench.rooms.arming.view().reason == "ann is risk from now on"
    with pytest.raises(NotAllowed, match="ann signed in as risk"):
        bench.engine._handlers.handle(buying(bench.rooms, 5))
    bench.operators.want_code("ann")
    bench.looks()
    assert bench.rooms.lock is not None
    assert bench.rooms.lock.wants_code
    bench.operators.remove("ann")
    bench.looks()
    assert bench.rooms.lock.reason == "ann is no operator any more; open the desk anew"
    assert bench.heard.count("ann is no operator any more") == 1
    with pytest.raises(NotAllowed, match="the desk is locked"):
        bench.engine._handlers.handle(buying(bench.rooms, 5))
    bench.engine._handlers.handle(CancelAll())
    bench.looks()
    assert bench.heard.count("ann is no operator any more") == 1


def test_the_row_says_who_signed_in_what_failed_and_who_is_locked(bench: Bench) -> None:
    assert bench.row() == (HealthState.OFF, "nobody", "nobody has to sign in")
    bench.watch.look()
    assert not bench.rooms.folders.operators.exists()
    bench.operators.add("cy", Role.ADMIN, GOOD)
    bench.looks()
    assert bench.row() == (HealthState.OFF, "nobody here", "0 failed this hour")
    bench.signs_in()
    bench.looks()
    assert bench.row() == (HealthState.OK, "ann, admin", "0 failed this hour · since 12:00 UTC")
    bench.fails(2)
    bench.fails(3, "gateway 10.0.0.9")
    bench.fails(20, "gateway 10.0.0.9")
    bench.looks()
    assert bench.row() == (
        HealthState.DEGRADED,
        "ann, admin",
        "locked: bob · 5 failed this hour · since 12:00 UTC",
    )
    assert bench.rooms.sign_ins.failures == Counter(terminal=2, gateway=3)
    assert bench.rooms.sign_ins.locked == 1
    bench.passes(301)
    bench.looks()
    assert bench.row() == (HealthState.OK, "ann, admin", "5 failed this hour · since 12:00 UTC")
    assert bench.rooms.sign_ins.locked == 0
    bench.passes(3600)
    assert bench.row()[2] == "0 failed this hour · since 12:00 UTC"


def test_failures_that_come_in_a_burst_are_told_once_and_those_of_before_the_start_are_not_counted(
    bench: Bench,
) -> None:
    bench.signs_in()
    bench.fails(4)
    bench.looks()
    assert not bench.heard
    assert not bench.rooms.sign_ins.failures.total()
    bench.fails(1, "10.0.0.9\x1b[2J")
    bench.looks()
    burst = "5 tries to sign in failed within a minute, the last from 10.0.0.9"
    assert [text.startswith(burst) for text in bench.heard] == [True]
    assert "\x1b" not in bench.heard[0]
    assert bench.rooms.sign_ins.failures == Counter(other=1)
    bench.looks()
    bench.passes(301)
    bench.looks()
    bench.fails(5)
    bench.looks()
    assert len(bench.heard) == 2


def test_a_file_that_can_not_be_read_is_told_and_changes_nothing(bench: Bench) -> None:
    bench.signs_in()
    path = bench.rooms.folders.operators
    path.chmod(0o644)
    bench.looks()
    state, _, detail = bench.row()
    assert (state, "mode 0644" in detail) == (HealthState.DOWN, True)
    assert bench.rooms.operator is not None
    assert bench.rooms.operator.role is Role.ADMIN
    path.chmod(0o600)
    with sqlite3.connect(path) as found:
        found.execute("UPDATE operators SET role = 'king'")
    found.close()
    bench.looks()
    assert bench.row()[:2] == (HealthState.DOWN, "can't be read")


def test_a_file_of_the_first_version_is_gone_on_with(tmp_path: Path) -> None:
    file = OperatorFile(tmp_path / "operators.sqlite3")
    clock = SimulatedClock(NOON_NS)
    Register(file, clock, CHEAP).add("ann", Role.ADMIN, GOOD)
    with sqlite3.connect(file.path) as found:
        found.executescript("DROP TABLE failed; PRAGMA user_version = 1")
    found.close()
    assert [each.name for each in Register(file, clock, CHEAP).all()] == ["ann"]
    with sqlite3.connect(file.path) as found:
        assert found.execute("SELECT count(*) FROM failed").fetchone() == (0,)
    found.close()


def made_old(path: Path) -> None:
    """Leave operators behind as the first version had them."""
    with closing(sqlite3.connect(path)) as found:
        found.executescript("DROP TABLE failed; PRAGMA user_version = 1")


def test_a_desk_that_brings_the_operators_up_says_so_once_and_writes_it_down(bench: Bench) -> None:
    bench.operators.add("ann", Role.ADMIN, GOOD)
    path = bench.rooms.folders.operators
    made_old(path)
    bench.looks()
    bench.looks()
    told = (
        "the operators were brought from schema 1 to 2; as they were they are in operators.sqlite3.schema-1"
    )
    assert [text for text in bench.heard if "schema" in text] == [told]
    written = list(map(json.loads, path.with_name("audit.log").read_text().splitlines()))
    assert [
        (each["subject"], each["before"], each["after"]) for each in written if each["what"] == "migrated"
    ] == [("operators", "schema 1", "schema 2")]


def test_where_it_cannot_be_written_down_the_operators_stay_as_they_were(bench: Bench) -> None:
    bench.operators.add("ann", Role.ADMIN, GOOD)
    path = bench.rooms.folders.operators
    made_old(path)
    log = path.with_name("audit.log")
    log.unlink()
    log.mkdir()
    with pytest.raises(SecretsError, match="audit"):
        bench.operators.all()
    with closing(sqlite3.connect(path)) as found:
        assert found.execute("PRAGMA user_version").fetchone() == (1,)
    assert not list(path.parent.glob("*.schema-*"))


def test_what_a_sign_in_brought_up_is_told_once_the_desk_is_there(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        heard = list[str]()
        rooms.bus.subscribe(AlertRaised, lambda alert: heard.append(alert.text))
        engine = Engine(rooms)
        engine.tells("operators", "")
        engine.tells("operators", "the operators were brought up")
        engine.start()
        wait_until(lambda: "the operators were brought up" in heard)
        engine.stop()
    assert "" not in heard
