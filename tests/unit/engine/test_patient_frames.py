"""A screen that can wait is told when something happens, and nothing is made for it before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import NS_PER_S, SimulatedClock
from engine.frames.frame_builder import FrameBuilder
from engine.frames.patient_frames import PatientFrames
from engine.messages.events import Severity
from engine.messages.views import Alert, Frame, ViewRequest
from engine.rooms import Rooms
from tests.engine_rooms import ABC, composed, quoted

AT_ONCE, PATIENT = ViewRequest(), ViewRequest(patience_s=1.0)


class Screen:
    """Asks for frames and keeps what comes; steady time passes as it is told."""

    def __init__(self, rooms: Rooms, silence_max_s: float = 0.0) -> None:
        self.rooms = rooms
        self.steady_ns = 0
        self.took: list[Frame] = []
        self.frames = PatientFrames(FrameBuilder(rooms), lambda: self.steady_ns, silence_max_s)
        self.ask(ViewRequest(everything=True))
        self.took.clear()

    def ask(self, request: ViewRequest) -> None:
        """Ask for the next frame."""
        self.frames.ask(request, self.took.append)

    def wait_s(self, seconds: float) -> None:
        """Let steady time pass, then have the engine look."""
        self.steady_ns += int(seconds * NS_PER_S)
        self.frames.look()


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


def test_who_can_not_wait_is_answered_at_once(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(AT_ONCE)
    assert len(screen.took) == 1


def test_who_can_wait_is_answered_when_its_time_is_over(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(PATIENT)
    screen.wait_s(0.9)
    assert not screen.took
    screen.wait_s(0.1)
    screen.wait_s(5.0)
    assert len(screen.took) == 1, "one request, one frame"


def test_a_quote_ends_the_waiting(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(PATIENT)
    quoted(rooms, ABC, 10_007)
    screen.wait_s(0.0)
    assert [quote.bid for frame in screen.took for quote in frame.quotes] == [10_007]


def test_an_alert_ends_the_waiting(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(PATIENT)
    rooms.changes.tell(Alert(Severity.WARNING, "test", "look here", 1))
    screen.wait_s(0.0)
    assert [alert.text for frame in screen.took for alert in frame.alerts] == ["look here"]


def test_what_happened_before_it_asked_is_not_waited_for(rooms: Rooms) -> None:
    screen = Screen(rooms)
    quoted(rooms, ABC, 10_007)
    screen.ask(PATIENT)
    assert len(screen.took) == 1


def test_another_second_ends_the_waiting(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(PATIENT)
    clock = rooms.clock
    assert isinstance(clock, SimulatedClock)
    clock.advance_to((clock.now_ns() // NS_PER_S + 1) * NS_PER_S)
    screen.wait_s(0.0)
    assert len(screen.took) == 1


def test_a_request_takes_the_place_of_one_that_waits(rooms: Rooms) -> None:
    screen = Screen(rooms)
    screen.ask(PATIENT)
    screen.ask(AT_ONCE)
    screen.wait_s(5.0)
    assert len(screen.took) == 1


def test_a_screen_that_may_not_be_silent_for_long_is_not_kept_waiting_for_long(rooms: Rooms) -> None:
    screen = Screen(rooms, silence_max_s=2.0)
    screen.ask(PATIENT)
    screen.wait_s(0.5)
    assert len(screen.took) == 1
