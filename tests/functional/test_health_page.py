"""The health page: every component, why, what was wrong before, and what can be done about it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Static

from engine.clock import NS_PER_S
from engine.messages.commands import ApplyRemedy
from engine.messages.events import Severity
from engine.messages.health_views import HealthState, HealthView, Incident, IncidentsView
from engine.messages.remedies import Remedy
from engine.messages.views import Alert, Frame
from terminal.screens.health_page import HealthPage
from terminal.screens.health_row import HealthRowScreen
from terminal.screens.reading import ReadingScreen
from terminal.screens.trade import TradeScreen
from tests.frozen_desk import StillEngine, whole_frame
from tests.frozen_pages import Script, at_page, rows_on
from tests.market_views import NOW_NS
from tests.pty_desk import PtyDesk, environment

QUIT = "\x11"
OK, DEGRADED, DOWN, OFF = HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF
SIZES = pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=["160x48", "80x24"])
AGO = NOW_NS - 3_600 * NS_PER_S
ROWS = (
    HealthView("feed", "feed", DOWN, "silent", "nothing for 10 s", (3.0, 0.0), NOW_NS, "silent", NOW_NS, ("venue",)),
    HealthView("exporter", "exporter", OFF, "disabled", "", ()),
    HealthView("gc", "gc", OK, "≤ 1 ms", "the longest pause of the last minute", (1.0,), NOW_NS),
    HealthView(
        "venue", "kraken", DOWN, "not connected", "refused \x1b[2J", (1.0,), NOW_NS, "not connected", NOW_NS,
        ("route_data",), (Remedy.RECONNECT,),
    ),
    HealthView(
        "route_data", "data route", DEGRADED, "half-open", "cable", (1.0,), AGO, "open · cable", AGO,
        (), (Remedy.PROBE,),
    ),
    HealthView("broker", "broker", OK, "agreed", "", (0.0,), NOW_NS, remedies=(Remedy.COMPARE,)),
)  # fmt: skip
INCIDENTS = IncidentsView(
    (
        Incident("feed", "feed", DOWN, "silent · nothing for 10 s", NOW_NS),
        Incident("venue", "kraken", DOWN, "not connected · refused", AGO, AGO + 12 * NS_PER_S, spells=3),
        Incident("gc", "gc", DEGRADED, "≤ 100 ms", AGO - NS_PER_S, AGO, cut=True),
    )
)
FRAME = replace(whole_frame(), health=ROWS, incidents=INCIDENTS)


def at(root: Path, script: Script, frame: Frame = FRAME, size: tuple[int, int] = (160, 48)) -> StillEngine:
    return at_page(root, script, frame, size, key="C")


def text_of(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(Static).render())


def desk_screen(pilot: Pilot[None]) -> TradeScreen:
    return cast("TradeScreen", pilot.app.screen_stack[1])


def page_of(pilot: Pilot[None]) -> HealthPage:
    return cast("HealthPage", pilot.app.screen)


async def go_to(pilot: Pilot[None], name: str) -> None:
    while page_of(pilot).components.cursor != name:
        await pilot.press("j")


@SIZES
def test_what_is_wrong_comes_first_with_its_causes_its_runbook_and_what_was_before(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        lines = rows_on(pilot)
        assert "3 need attention" in lines[0]
        assert [line[4:20].strip() for line in lines[2:8]] == NAMES
        assert "^K" in lines[-1]
        kraken = next(line for line in lines if line[4:20].strip() == "kraken")
        assert kraken.count("not connected") == (2 if size[0] >= 130 else 1)
        await pilot.press("w")
        assert isinstance(pilot.app.screen, ReadingScreen)
        assert "because kraken is down" in text_of(pilot)
        assert "It begins with data route: look there first." in text_of(pilot)
        await pilot.press("escape")
        await go_to(pilot, "venue")
        await pilot.press("enter")
        tells_of_the_venue(pilot)
        await pilot.press("escape", "t")
        await pilot.pause(0.3)
        tells_incidents(pilot)
        await pilot.press("j", "f")
        await pilot.pause(0.3)
        assert "Timeline of venue" in rows_on(pilot)[0]
        assert "not connected" in rows_on(pilot)[2]
        assert "goes on" not in "".join(rows_on(pilot))
        await pilot.press("f", "escape")
        assert "Health" in rows_on(pilot)[0]
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TradeScreen)

    at(tmp_path, script, size=size)


NAMES = ["feed", "kraken", "data route", "gc", "broker", "exporter"]


def tells_of_the_venue(pilot: Pilot[None]) -> None:
    assert isinstance(pilot.app.screen, HealthRowScreen)
    told = text_of(pilot)
    assert "down since" in told
    assert "down 12s (3 times)  not connected · refused" in told
    assert "on the health page: r reconnect" in told
    assert "The connection to a venue's market data." in told
    assert "What still works" in told
    assert "\x1b" not in told


def tells_incidents(pilot: Pilot[None]) -> None:
    lines = rows_on(pilot)
    assert "Timeline" in lines[0]
    assert "goes on" in lines[2]
    assert "12s" in lines[3]
    assert "(3 times)" in lines[3]
    assert "≤ 1.0s" in lines[4]


def test_a_remedy_goes_out_at_once_where_it_is_needed_and_the_second_time_where_all_is_well(
    tmp_path: Path,
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await go_to(pilot, "venue")
        await pilot.press("p")
        assert any("probe now is nothing that can be done about kraken" in line for line in rows_on(pilot))
        await pilot.press("r")
        await go_to(pilot, "route_data")
        await pilot.press("p")
        await go_to(pilot, "broker")
        await pilot.press("c")
        assert any("broker is well: c again does it all the same" in line for line in rows_on(pilot))
        await pilot.press("c")
        desk = desk_screen(pilot).desk
        assert any("compare: asked for" in line for line in rows_on(pilot))
        desk.alerts.append(Alert(Severity.WARNING, "broker", "something else", NOW_NS))
        desk.alerts.append(Alert(Severity.WARNING, "engine", "ann signed in as viewer", NOW_NS))
        await pilot.pause(0.4)
        assert any("ann signed in as viewer" in line for line in rows_on(pilot))

    engine = at(tmp_path, script)
    assert engine.told == [
        ApplyRemedy("venue", Remedy.RECONNECT, origin="health page"),
        ApplyRemedy("route_data", Remedy.PROBE, origin="health page"),
        ApplyRemedy("broker", Remedy.COMPARE, origin="health page"),
    ]


def test_before_the_first_look_and_before_the_first_incident_it_says_what_is_waited_for(
    tmp_path: Path,
) -> None:
    async def script(pilot: Pilot[None]) -> None:
        assert any("Waiting for the engine's first look" in line for line in rows_on(pilot))
        await pilot.press("enter", "w", "p", "t")
        await pilot.pause(0.3)
        assert any("Nothing was wrong yet" in line for line in rows_on(pilot))
        assert "not kept: disk is full" in rows_on(pilot)[0]

    empty = replace(whole_frame(), health=(), incidents=IncidentsView(trouble="disk is full"))
    assert at(tmp_path, script, empty).told == []


def test_it_follows_what_is_told_and_the_cursor_stays_with_its_component(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await go_to(pilot, "gc")
        desk = desk_screen(pilot).desk
        desk.health = (
            *(row for row in ROWS if row.name != "feed"),
            replace(ROWS[0], state=OK, value="9 q/s"),
        )
        await pilot.pause(0.5)
        assert "2 need attention" in rows_on(pilot)[0]
        assert page_of(pilot).components.cursor == "gc"
        assert any("9 q/s" in line for line in rows_on(pilot))
        pilot.app.push_screen(HealthRowScreen("gone_venue", desk))
        await pilot.pause()
        assert "It is not there any more." in text_of(pilot)
        assert "Nothing, as far as is kept." in text_of(pilot)
        await pilot.press("escape", "escape", "8", "enter")
        await pilot.pause(0.1)
        assert "Down: no market data came for 3 seconds" in text_of(pilot), "from the pane"

    at(tmp_path, script)


def test_a_last_trouble_that_is_long_is_folded_at_the_foot(tmp_path: Path) -> None:
    told = "not listening · metrics at 127.0.0.1:9464: another program of this machine has that address"
    rows = (replace(ROWS[2], trouble=told, trouble_ns=NOW_NS),)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.pause(0.3)
        foot = " ".join(" ".join(rows_on(pilot)[-9:]).replace("│", " ").split())
        assert told in foot
        assert "it has no remedy of its own" in foot

    at(tmp_path, script, replace(FRAME, health=rows), size=(80, 24))


@pytest.mark.pty
def test_in_the_real_program_the_page_the_runbook_and_the_timeline_are_a_key_each(tmp_path: Path) -> None:
    with PtyDesk(["demo"], environment(tmp_path)) as desk:
        desk.until("1 Quotes")
        desk.press_until("C", "Health ·")
        desk.until("re-synced")
        desk.press("G")
        desk.press("\r")
        desk.until("What still works")
        desk.press("\x1b")
        desk.until(lambda: "What still works" not in desk.text)
        desk.press("t")
        desk.until("Timeline")
        desk.press(QUIT)
        assert desk.exit_code() == 0
        assert b"Traceback" not in bytes(desk.raw)
    kept = tmp_path / "data" / "incidents.jsonl"
    assert kept.stat().st_mode & 0o077 == 0
    first, *_, last = kept.read_text(encoding="utf-8").splitlines()
    assert all('"component"' not in line for line in (first, last)), "a session begins and ends"
