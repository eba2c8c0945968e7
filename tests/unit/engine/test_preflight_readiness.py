"""A live account is armed only once the checklist lets it; the desk says what is open, and an engine waits for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import current_thread, main_thread

import pytest

from engine.duties.safety_catch import SafetyCatch
from engine.messages.commands import ArmTrading
from engine.messages.events import AlertRaised
from engine.messages.views import HealthState
from engine.model.account import AccountMode
from engine.preflight.found import Status
from engine.preflight.items import ITEMS
from engine.preflight.readiness import OLD_S, Readiness, ask_before_arming
from engine.preflight.report import Report, Row
from engine.rooms import Rooms, Service
from tests.engine_rooms import composed, passes
from tests.waiting import wait_until

NAME = "PAPER-1"
ARM = ArmTrading(NAME)


class Desk:
    """A live account, and a checklist whose verdict a test decides."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self.open: tuple[str, ...] = ()
        self.fault: Exception | None = None
        self.looks = 0
        self.alerts: list[str] = []
        self.readiness = Readiness(rooms, self._look)
        rooms.may_arm = self.readiness.objection
        rooms.bus.subscribe(AlertRaised, lambda event: self.alerts.append(event.text))
        self.catch = SafetyCatch(rooms)

    def look(self) -> None:
        asyncio.run(self.readiness.look())

    def arm(self) -> str:
        """Say the account's name; return why that did not arm it."""
        self.catch.arm(ARM)
        return "" if self.rooms.arming.armed else self.rooms.arming.refusal

    def _look(self) -> Report:
        assert current_thread() is not main_thread()
        self.looks += 1
        if self.fault is not None:
            raise self.fault
        return verdict(*self.open)


def verdict(*failing: str) -> Report:
    """Return a report in which these blocking items fail."""
    rows = tuple(
        Row(
            id=item.id,
            title=item.title,
            section=item.section,
            blocks=item.blocks,
            status=Status.FAIL if item.id in failing else Status.PASS,
            evidence="",
            remedy="",
        )
        for item in ITEMS
    )
    return Report(version="1", looked_ns=1, production=True, live=False, account=NAME, rows=rows)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        yield Desk(rooms)


def test_until_it_was_looked_nothing_is_armed_and_no_engine_waits(desk: Desk) -> None:
    assert desk.arm() == "the preflight is being looked at; arm it in some seconds"
    assert desk.looks == 0
    desk.look()
    assert desk.arm() == ""


def test_what_is_open_keeps_it_disarmed_and_is_named_on_the_desk(desk: Desk) -> None:
    desk.open = ("SEC-4", "RED-1")
    desk.look()
    open_ones = "SEC-4, RED-1 of the preflight are open; touchline preflight --live says why"
    assert desk.arm() == open_ones
    assert desk.alerts == [
        "PAPER-1 stays disarmed: SEC-4, RED-1 are open; touchline preflight --live says why",
        f"PAPER-1 stays disarmed: {open_ones}",
    ]
    reading = desk.readiness.reading()
    assert (reading.state, reading.value, reading.detail, reading.number) == (
        HealthState.DEGRADED,
        "2 open",
        "SEC-4, RED-1",
        2,
    )
    desk.open = ()
    desk.look()
    assert desk.alerts[-1] == "PAPER-1 may be armed: nothing of the preflight is open"
    assert desk.arm() == ""
    assert desk.readiness.reading().state is HealthState.OK


def test_a_wrong_name_is_told_before_anything_of_the_checklist(desk: Desk) -> None:
    desk.open = ("SEC-4",)
    desk.look()
    desk.catch.arm(ArmTrading("MAIN"))
    assert desk.rooms.arming.refusal == "that is not the account's name"


def test_a_verdict_that_is_old_counts_no_more(desk: Desk) -> None:
    desk.look()
    passes(desk.rooms, OLD_S + 1)
    assert "is being looked at" in desk.arm()
    desk.look()
    assert desk.arm() == ""


def test_a_checklist_that_breaks_keeps_it_disarmed(desk: Desk) -> None:
    desk.fault = OSError("no room")
    desk.look()
    assert desk.arm() == "the preflight broke (OSError: no room); touchline preflight --live says why"
    assert desk.readiness.reading().state is HealthState.DOWN


def test_an_armed_account_is_not_disarmed_by_what_fails_later(desk: Desk) -> None:
    desk.look()
    assert desk.arm() == ""
    desk.open = ("SEC-4",)
    desk.look()
    assert desk.rooms.arming.armed


def test_it_is_looked_at_while_disarmed_and_again_when_arming_was_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.preflight.readiness._TURN_S", 0)
    desk.open = ("SEC-4",)

    async def script() -> None:
        running = asyncio.create_task(desk.readiness.run())
        try:
            await looked(desk, 1)
            for _ in range(20):
                await asyncio.sleep(0)
            assert desk.looks == 1, "the verdict is fresh"
            desk.arm()
            await looked(desk, 2)
            desk.open = ()
            desk.arm()
            await looked(desk, 3)
            assert desk.arm() == ""
            passes(desk.rooms, 600)
            for _ in range(20):
                await asyncio.sleep(0)
            assert desk.looks == 3, "armed, nothing is looked at"
        finally:
            running.cancel()

    asyncio.run(asyncio.wait_for(script(), 30))


async def looked(desk: Desk, times: int) -> None:
    """Wait until it was looked so often, and the verdict is in."""
    await asyncio.to_thread(wait_until, lambda: desk.readiness.looks == times)


def test_an_engine_in_production_judges_the_blocking_items_for_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with composed(tmp_path, steady_is_own=True, mode=AccountMode.LIVE) as rooms:
        ask_before_arming(rooms, None)
        name, run = rooms.services[-1]
        assert name == "preflight"
        catch = SafetyCatch(rooms)
        monkeypatch.setattr("engine.preflight.readiness._TURN_S", 0)
        asyncio.run(until_looked(rooms, run))
        catch.arm(ARM)
        assert not rooms.arming.armed
        refusal = rooms.arming.refusal
        assert refusal.startswith("SEC-2, SEC-3, SEC-4, DATA-1, DATA-3, MD-1 and ")
        assert refusal.endswith("of the preflight are open; touchline preflight --live says why")


async def until_looked(rooms: Rooms, run: Service) -> None:
    """Run a service until its row says what it found."""
    running = asyncio.create_task(run())
    try:
        await asyncio.to_thread(wait_until, lambda: shown(rooms) != HealthState.OFF)
    finally:
        running.cancel()


def shown(rooms: Rooms) -> HealthState:
    rooms.health.sample()
    return rooms.health.reading("preflight").state


@pytest.mark.parametrize(("said", "mode"), [("production", AccountMode.PAPER), ("", AccountMode.LIVE)])
def test_elsewhere_and_without_real_money_nothing_more_is_asked(
    said: str, mode: AccountMode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVIRONMENT", said)
    with composed(tmp_path, mode=mode) as rooms:
        ask_before_arming(rooms, None)
        assert rooms.may_arm is None
