"""The page of alerts on the desk: what is wrong, who has it, and the keys that answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Static

from engine.clock import NS_PER_S, SystemClock
from engine.messages.alarm_views import AlarmState, AlarmsView, AlarmView, Notice, NoticeKind
from engine.messages.commands import AcknowledgeAlert, ReopenAlert, SilenceAlert
from engine.messages.events import Severity
from terminal.screens.alerts import AlertsScreen
from terminal.widgets.status import StatusLine
from tests.driving import drive
from tests.frozen_desk import frozen_app, settled, whole_frame
from tests.frozen_pages import at_page

NOW_NS = SystemClock().now_ns()
DOWN = AlarmView(
    7,
    "venue kraken",
    Severity.CRITICAL,
    AlarmState.FIRING,
    "kraken is \x1b[2J down",
    10,
    NOW_NS - 11_000 * NS_PER_S,
)
LIMIT = AlarmView(
    5, "limits", Severity.WARNING, AlarmState.FIRING, "gross is used to 93.0 %", 0, NOW_NS - NS_PER_S
)
DISK = replace(LIMIT, number=6, cause="disk", state=AlarmState.ACKNOWLEDGED, by="ann", answered_ns=NOW_NS)
PAST = replace(LIMIT, number=2, cause="latency", state=AlarmState.RESOLVED, resolved_ns=NOW_NS)
VIEW = AlarmsView((DOWN, LIMIT, DISK), (PAST,), told=4, rules="built-in rules")


def text_of(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app.screen, AlertsScreen)
    return str(pilot.app.screen.query_one("#alerts-text", Static).render())


@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
def test_the_page_says_what_is_wrong_since_when_and_who_has_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("A")
        text = text_of(pilot)
        assert text.startswith("3 on · 2 unanswered · built-in rules")
        assert "▸ #7    CRITICAL  venue kraken" in text
        assert ", 3h" in text
        assert "kraken is [2J down (and 10 more)" in text
        assert "acknowledged by ann" in text
        assert text.index("Over") < text.index("latency")
        assert max(map(len, text.splitlines())) < size[0] * 0.94
        await pilot.press("escape")
        assert not isinstance(pilot.app.screen, AlertsScreen)

    at_page(tmp_path, script, replace(whole_frame(), alarms=VIEW), size)


def test_its_keys_answer_the_alert_under_the_cursor(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("A", "a", "j", "s", "S", "j", "j", "u", "k", "enter")

    engine = at_page(tmp_path, script, replace(whole_frame(), alarms=VIEW))
    assert engine.told == [
        AcknowledgeAlert(7),
        SilenceAlert(5, 600.0),
        SilenceAlert(5, 3_600.0),
        ReopenAlert(6),
        AcknowledgeAlert(5),
    ]


def test_where_nothing_is_wrong_the_page_says_so_and_its_keys_do_nothing(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("colon", *"alerts", "enter")
        assert "Nothing is wrong by the rules." in text_of(pilot)
        assert "alerts.toml in the configuration folder changes the rules" in text_of(pilot)
        assert pilot.app.screen.query_one(VerticalScroll).border_subtitle == "esc closes"
        await pilot.press("a", "s", "u", "j", "k")

    assert at_page(tmp_path, script, whole_frame()).told == []


def test_the_status_line_counts_what_nobody_answered(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None]) -> None:
        line = pilot.app.screen.query_one(StatusLine)
        assert " 2 ALERTS " in line.render_lines(line.region.reset_offset)[0].text

    at_page(tmp_path, script, replace(whole_frame(), alarms=VIEW))


def test_a_new_notice_reaches_the_desktop_and_what_was_told_before_does_not(tmp_path: Path) -> None:
    app, engine = frozen_app(tmp_path, frame=replace(whole_frame(), alarms=VIEW))
    app.settings = replace(app.settings, notify="osc9")
    written: list[str] = []

    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot)
        assert app._driver is not None
        before, app._driver.write = app._driver.write, written.append  # type: ignore[method-assign,assignment]
        news = replace(VIEW, told=5, latest=Notice(NoticeKind.FIRED, DOWN, NOW_NS))
        engine.frame = replace(engine.frame, alarms=news)
        screen = app.screen
        screen.told(engine.frame)  # type: ignore[attr-defined]
        screen.told(engine.frame)  # type: ignore[attr-defined]
        app._driver.write = before  # type: ignore[method-assign]

    drive(app, run, size=(160, 48))
    assert [text for text in written if text.startswith("\x1b]9;")] == [
        "\x1b]9;Touchline: alert 7: kraken is [2J down (and 10 more)\x07"
    ]
