"""The engine looks after alerts: tells them, keeps them, lets roles answer; and somebody watches that it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.alerts.built_in import BUILT_IN
from engine.duties import alert_watch
from engine.duties.alert_watch import AlertWatch
from engine.duties.alerting import Alerting
from engine.duties.leaving import Leaving
from engine.duties.permission import NotAllowed
from engine.errors import EngineError
from engine.handlers import Handlers
from engine.messages.alarm_views import AlarmState
from engine.messages.commands import SHELL, AcknowledgeAlert, ReopenAlert, SilenceAlert
from engine.messages.events import AlertRaised, Severity
from engine.messages.senders import Sender
from engine.messages.views import HealthState
from engine.observe.metrics import Sample
from engine.rooms import Rooms
from engine.security.audit.log import entries_in
from engine.security.operators.register import Operator
from engine.security.operators.roles import Role
from tests.engine_rooms import composed, passes
from tests.unit.engine.control_bench import ControlBench, control_bench
from tests.waiting import wait_until

OPEN = (("venue", "kraken"), ("operation", "data"))


@dataclass
class Hand:
    """What was measured, as a test says."""

    rooms: Rooms
    samples: tuple[Sample, ...] = ()
    measured_ns: int = 0

    def measures(self, circuit: float) -> None:
        self.samples = (Sample("touchline_circuit_state", "gauge", "", OPEN, circuit),)
        self.measured_ns = self.rooms.clock.monotonic_ns()


@dataclass
class Room:
    """Alerts of one account, looked after by hand."""

    rooms: Rooms
    heard: list[AlertRaised] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hand = Hand(self.rooms)
        self.alerting = Alerting(self.rooms, self.hand, self.rooms.clock)
        self.watch = AlertWatch(self.rooms, self.alerting)
        self.handlers = Handlers(self.rooms, Leaving(self.rooms))
        self.rooms.bus.subscribe(AlertRaised, self.heard.append)
        self.alerting.begin()

    def looks(self, circuit: float, after_s: float = 1.0) -> None:
        passes(self.rooms, after_s)
        self.hand.measures(circuit)
        self.alerting.look()
        self.watch.look()

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.heard]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with composed(tmp_path, steady_is_own=True) as rooms:
        yield Room(rooms)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ControlBench]:
    with control_bench(tmp_path) as made:
        yield made


def test_an_open_circuit_is_told_on_the_screen_and_so_is_its_end(room: Room) -> None:
    for circuit in (0, 2, 2, 0, 0, 0, 0, 0, 0):
        room.looks(circuit)
    assert [(each.severity, each.source) for each in room.heard] == [
        (Severity.CRITICAL, "alerts"),
        (Severity.INFO, "alerts"),
    ]
    assert room.texts == [
        "alert 1: kraken is not asked for data: its circuit is open",
        "alert 1 is over: kraken is not asked for data: its circuit is open",
    ]


def test_who_answers_is_written_down_before_and_after(room: Room) -> None:
    room.looks(2)
    room.handlers.handle(SilenceAlert(1, 600))
    room.handlers.handle(AcknowledgeAlert(1, SHELL))
    room.handlers.handle(ReopenAlert(1))
    assert room.rooms.audit is not None
    room.rooms.audit.close()
    entries = list(entries_in(room.rooms.folders.data / "audit.log"))
    who = room.rooms.audit.who
    assert [(each.what, each.origin, each.before, each.after) for each in entries] == [
        ("alert", "desk", "firing", f"silenced by {who}"),
        ("alert", "shell", f"silenced by {who}", f"acknowledged by {who}"),
        ("alert", "desk", f"acknowledged by {who}", "firing"),
    ]
    assert entries[0].subject == "PAPER-1 1 venue kraken"


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_a_viewer_answers_nothing_and_the_others_do(room: Room, role: Role) -> None:
    room.looks(2)
    room.rooms.operator = Operator("ann", role)
    for command in (AcknowledgeAlert(1), SilenceAlert(1, 60, SHELL), ReopenAlert(1)):
        if role is Role.VIEWER:
            with pytest.raises(NotAllowed):
                room.handlers.handle(command)
        else:
            room.handlers.handle(command)
    assert room.rooms.alarms.view.open[0].state is AlarmState.FIRING


def test_who_answers_from_elsewhere_is_named(room: Room) -> None:
    room.looks(2)
    room.rooms.sender = Sender("bob", Role.RISK.value, "gateway")
    room.handlers.handle(AcknowledgeAlert(1))
    assert room.rooms.alarms.view.open[0].by == "bob"


def test_an_answer_to_nothing_is_a_sentence(room: Room) -> None:
    with pytest.raises(EngineError, match="there is no alert 3"):
        room.handlers.handle(AcknowledgeAlert(3))


def test_what_was_answered_outlives_the_program(tmp_path: Path) -> None:
    with composed(tmp_path, steady_is_own=True) as rooms:
        room = Room(rooms)
        room.looks(2)
        room.handlers.handle(AcknowledgeAlert(1))
        room.looks(2)
        assert room.alerting._file is not None
        room.alerting._file.close()
    with composed(tmp_path, later_s=60, steady_is_own=True) as rooms:
        room = Room(rooms)
        room.looks(2)
        (alarm,) = rooms.alarms.view.open
        assert (alarm.number, alarm.state) == (1, AlarmState.ACKNOWLEDGED)
        assert room.texts == []


def test_a_file_that_can_not_be_read_is_set_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "data" / "journal" / "sim.alerts.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"number": "many"', encoding="utf-8")
    with composed(tmp_path, steady_is_own=True) as rooms:
        room = Room(rooms)
        room.looks(2)
        assert "sim.alerts.json.damaged" in room.texts[0]
        assert len(rooms.alarms.view.open) == 1
    assert path.with_name("sim.alerts.json.damaged").exists()


def test_rules_that_change_hold_at_once_and_wrong_ones_change_nothing(room: Room) -> None:
    path = room.rooms.folders.alert_rules
    path.write_text("[rule.circuit_open]\nenabled = false\n", encoding="utf-8")
    room.looks(2)
    in_force = len(BUILT_IN) - 1
    assert room.texts == [f"{in_force} alert rules in force: {room.rooms.alarms.view.rules}"]
    path.write_text("[rule.circuit_open]\nequals = 'much'\n", encoding="utf-8")
    room.looks(2)
    assert "rule.circuit_open: Expected `float" in room.texts[1]
    assert not room.rooms.alarms.view.open
    assert room.watch.reading().state is HealthState.DEGRADED
    path.unlink()
    room.looks(2)
    assert len(room.rooms.alarms.view.open) == 1
    assert room.watch.reading().state is HealthState.OK


def test_numbers_that_stand_still_are_told_by_the_alerts(room: Room) -> None:
    room.looks(0)
    for _ in range(9):
        passes(room.rooms, 1)
        room.alerting.look()
    assert [text.partition(":")[0] for text in room.texts] == ["nothing has been measured for 6 s"]
    room.looks(0)
    for _ in range(9):
        passes(room.rooms, 1)
        room.alerting.look()
    assert len(room.heard) == 2


def test_alerts_that_nobody_looks_after_are_told_by_somebody_else_within_seconds(room: Room) -> None:
    room.looks(2)
    for _ in range(7):
        passes(room.rooms, 1)
        room.watch.look()
    assert room.texts[1].startswith("nobody looks after alerts: the last look was 6 s ago")
    assert room.heard[1].severity is Severity.CRITICAL
    reading = room.watch.reading()
    assert (reading.state, reading.value) == (HealthState.DOWN, "silent 5 s")
    room.looks(2)
    assert room.texts[2:] == ["alerts are looked after again"]
    assert room.watch.reading().value == "1 on, 1 unanswered"


def test_an_engine_whose_alerts_fail_goes_on_and_says_so(
    bench: ControlBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_watch, "SILENT_S", 1.5)
    heard: list[str] = []
    bench.on_loop(lambda: bench.rooms.bus.subscribe(AlertRaised, lambda event: heard.append(event.text)))
    wait_until(lambda: bench.rooms.health.readings()["alerts"].state is HealthState.OK)

    def fails(*_: object) -> None:
        raise RuntimeError("a fault of a test")

    with monkeypatch.context() as broken:
        broken.setattr(bench.rooms.alarms, "look", fails)
        wait_until(lambda: bench.rooms.health.readings()["alerts"].state is HealthState.DOWN)
        assert bench.rooms.health.readings()["alerts"].detail == "RuntimeError: a fault of a test"
        wait_until(lambda: any("nobody looks after alerts" in text for text in heard))
        assert "a fault of a test" in next(text for text in heard if "nobody looks" in text)
    wait_until(lambda: bench.rooms.health.readings()["alerts"].state is not HealthState.DOWN)
    wait_until(lambda: "alerts are looked after again" in heard)
