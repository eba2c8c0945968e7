"""What the panes say in every state: empty, stale, breached, halted, at the end of a recording, live."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.events import Key
from textual.pilot import Pilot

from engine.bootstrap import simulated_engine
from engine.config import DeskSettings, MetricsSettings, Settings
from engine.folders import Folders
from engine.messages.commands import Skip, TradingState
from engine.messages.comparison_views import ReconcilePhase, ReconcileView
from engine.messages.events import Severity
from engine.messages.exit_views import ExitsView, FlattenView
from engine.messages.playback_views import PlaybackView
from engine.messages.views import Alert, Frame, HealthState
from engine.model.account import AccountMode
from engine.model.instrument import Symbol
from engine.model.market_state import Trust
from engine.model.order import OrderStatus
from engine.model.trade import Side
from engine.pace import Pace
from terminal.app import DeskApp
from terminal.desk import Desk
from terminal.format import date_of, time_of_day
from terminal.screens.trade import TradeScreen
from terminal.screens.why import why_order, why_symbol
from tests.driving import drive
from tests.frozen_desk import account, frozen_app, health, positions, risk, settled, whole_frame
from tests.market_views import NOW_NS, order

GUARD_S = 0.3


def seen(root: Path, frame: Frame, size: tuple[int, int] = (160, 48), mode: AccountMode | None = None) -> str:
    """Return the whole screen as text."""
    app, engine = frozen_app(root, frame=frame)
    if mode is not None:
        engine.mode = mode
        app = DeskApp(engine, DeskSettings(), Folders(root, root, root, root))
    shown: list[str] = []

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        strips = pilot.app.screen._compositor.render_strips()
        shown.append("\n".join("".join(segment.text for segment in strip) for strip in strips))

    drive(app, look, size)
    return shown[0]


def row_with(screen: str, word: str) -> str:
    return next((line for line in screen.splitlines() if word in line), "")


def test_empty_panes_name_the_key_that_fills_them(tmp_path: Path) -> None:
    screen = seen(tmp_path, replace(whole_frame(), orders=(), positions=(), health=None, risk=None))
    assert "No positions · b buys, s sells" in screen
    assert "No orders yet · b buys" in screen
    assert "Waiting for the engine" in screen
    assert "Waiting for the risk room" in screen


def test_every_state_of_an_order_is_a_glyph_and_a_word(tmp_path: Path) -> None:
    orders = tuple(
        order(number, Side.BUY, 100, status=status) for number, status in enumerate(OrderStatus, 1)
    )
    screen = seen(tmp_path, replace(whole_frame(), orders=orders), (240, 67))
    words = ("DENY", "SENT", "WORK", "PART", "CXL?", "MOD?", "FILL", "– CXL", "EXP", "REJ", "UNKN")  # noqa: RUF001
    assert [word for word in words if word not in screen] == []


def test_a_halt_and_a_breach_are_loud_on_the_status_line(tmp_path: Path) -> None:
    halted = replace(risk(), state=TradingState.HALTED, state_reason="F8 on the desk", breaches=2)
    screen = seen(tmp_path, replace(whole_frame(), risk=halted))
    assert "HALTED" in screen.splitlines()[0]
    assert "2 BREACH" in screen.splitlines()[0]
    assert "F8 on the desk" in row_with(screen, "trading")


@pytest.mark.parametrize("reason", ["F8", "halted by key", "halted by key on the desk", "halted " * 6])
def test_the_newest_denial_is_told_whole_or_with_an_ellipsis_or_not_at_all(
    tmp_path: Path, reason: str
) -> None:
    halted = replace(risk(), state=TradingState.HALTED, state_reason=reason, halted_symbols=())
    row = row_with(seen(tmp_path, replace(whole_frame(), risk=halted)), " trading ")
    told = row.partition("││")[0].rstrip().partition("denied ")[2]
    assert not told or told.endswith(("…", "10,000")), row


def test_the_news_of_an_alert_says_once_what_it_is(tmp_path: Path) -> None:
    alerts = (
        Alert(Severity.WARNING, "alerts", "alert 1: the disk is full", NOW_NS),
        Alert(Severity.WARNING, "alerts", "2 rules are in force", NOW_NS),
    )
    app, _ = frozen_app(tmp_path, frame=replace(whole_frame(), alerts=alerts))

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        rules, alert = cast("TradeScreen", pilot.app.screen).messages()
        assert rules.endswith("warning   alerts: 2 rules are in force")
        assert alert.endswith("warning   alert 1: the disk is full")

    drive(app, look)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 48)])
@pytest.mark.parametrize(
    ("phase", "said"), [(ReconcilePhase.CUT, "BROKER DOWN 12s"), (ReconcilePhase.LATE, "BROKER LATE 12s")]
)
def test_a_broker_that_is_gone_or_silent_is_loud_on_the_status_line_beside_a_halt(
    tmp_path: Path, size: tuple[int, int], phase: ReconcilePhase, said: str
) -> None:
    gone = ReconcileView(phase, NOW_NS, NOW_NS, 0, 0, 0, 0, (), (), 12)
    halted = replace(risk(), state=TradingState.HALTED, breaches=2)
    first = seen(tmp_path, replace(whole_frame(), risk=halted, reconcile=gone), size).splitlines()[0]
    assert len(first) == size[0]
    assert [word for word in (said, "HALTED", "2 BREACH", "SIM") if word not in first] == []


@pytest.mark.parametrize(
    ("symbols", "told"), [(("NVDA",), "FLATTENING NVDA"), (("NVDA", "AAPL"), "FLATTENING 2"), ((), "")]
)
def test_what_is_being_flattened_is_loud_on_the_status_line(
    tmp_path: Path, symbols: tuple[str, ...], told: str
) -> None:
    underway = ExitsView(tuple(FlattenView(Symbol(each), NOW_NS, ("#3 NVDA",)) for each in symbols))
    first = seen(tmp_path, replace(whole_frame(), exits=underway)).splitlines()[0]
    assert told in first
    assert ("FLATTENING" in first) is bool(symbols)


@pytest.mark.parametrize("key", ["f6", "f10"])
@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
def test_what_a_key_that_gets_out_does_at_its_second_press_is_told_whole(
    tmp_path: Path, size: tuple[int, int], key: str
) -> None:
    app, _ = frozen_app(tmp_path)
    shown: list[str] = []

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press(key)
        await pilot.pause()
        strips = pilot.app.screen._compositor.render_strips()
        shown.extend("".join(segment.text for segment in strip) for strip in strips)

    drive(app, look, size)
    line = next(each for each in reversed(shown) if f"{key.upper()} again" in each)
    assert line.rstrip().endswith("at the market")


def test_a_position_without_a_rate_or_with_a_stale_mark_is_marked(tmp_path: Path) -> None:
    unknown = replace(positions()[0], rate_known=False)
    stale = replace(positions()[1], trust=Trust.STALE)
    screen = seen(tmp_path, replace(whole_frame(), positions=(unknown, stale)))
    assert "no rate" in screen
    assert "│? NVDA" in screen
    assert "│~ AAPL" in screen


def test_a_closed_position_keeps_its_result(tmp_path: Path) -> None:
    closed = replace(positions()[1], quantity=0, average_cost="", value_micros=0, unrealised_micros=0)
    screen = seen(tmp_path, replace(whole_frame(), positions=(positions()[0], closed)))
    assert any("AAPL" in line and "flat" in line for line in screen.splitlines())
    assert "1 open · 1 closed" in screen


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"finished": True}, "■ end"),
        ({"paused": True}, "‖ paused"),
        ({"speed": 0.0}, "▸ max"),
        ({"speed": 8.0}, "▸ 8x"),
        ({"speed": 8.0, "achieved": 7.9}, "▸ 8x  "),
        ({"speed": 600.0, "achieved": 210.0}, "▸ 600x · 210x now"),
        ({"speed": 0.0, "achieved": 1_700_000.0}, "▸ max · 1.7Mx now"),
        ({"paused": True, "target_ns": NOW_NS}, "» jumping"),
    ],
)
def test_the_status_line_says_how_the_market_plays(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    playback = replace(PlaybackView("replay", False, False, 1.0, 0, 0, 1), **changes)
    assert said in seen(tmp_path, replace(whole_frame(), playback=playback)).splitlines()[0]


REPLAYED = PlaybackView(
    "replay",
    False,
    False,
    600.0,
    NOW_NS - 3_600_000_000_000,
    NOW_NS + 10_800_000_000_000,
    1,
    end_known=True,
    files=("quotes.parquet", "trades.parquet"),
    achieved=210.0,
)


@pytest.mark.parametrize("columns", [80, 120, 160])
def test_a_replay_shows_pace_place_span_and_file_on_a_row_of_its_own(tmp_path: Path, columns: int) -> None:
    frame = replace(whole_frame(), playback=REPLAYED)
    lines = seen(tmp_path, frame, (columns, 36), mode=AccountMode.REPLAY).splitlines()
    first, last = (NOW_NS + hours * 3_600_000_000_000 for hours in (-1, 3))
    for said in ("▸ 600x · 210x now", "25%", f"{date_of(first)} {time_of_day(first)} → {time_of_day(last)}"):
        assert said in lines[1]
    assert ("quotes.parquet + 1 more" in lines[1]) == (columns >= 120)
    for key in ("p pause", "n step", "{ -1m", "} +1m"):
        assert key in lines[-1]


def test_a_replay_whose_end_is_not_known_says_so_and_no_share_of_it(tmp_path: Path) -> None:
    frame = replace(whole_frame(), playback=replace(REPLAYED, end_known=False))
    line = seen(tmp_path, frame, mode=AccountMode.REPLAY).splitlines()[1]
    assert "→ ?" in line
    assert "%" not in line


def test_each_press_moves_a_replay_by_a_minute_whatever_the_screen_knows_of_the_last(tmp_path: Path) -> None:
    app, engine = frozen_app(tmp_path, frame=replace(whole_frame(), playback=REPLAYED))

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press("}", "}", "}", "{")
        minute_ns = 60_000_000_000
        assert engine.told == [*[Skip(minute_ns)] * 3, Skip(-minute_ns)]

    drive(app, look)


def test_a_simulation_has_no_row_for_a_replay_and_no_hints_for_one(tmp_path: Path) -> None:
    lines = seen(tmp_path, whole_frame()).splitlines()
    assert "Quotes" in lines[1]
    assert "{ -1m" not in lines[-1]


@pytest.mark.parametrize(("columns", "dated"), [(160, True), (120, True), (80, False)])
def test_the_status_line_says_the_date_where_it_fits(tmp_path: Path, columns: int, *, dated: bool) -> None:
    calm = replace(whole_frame(), risk=replace(risk(), breaches=0, halted_symbols=()))
    first = seen(tmp_path, calm, (columns, 36), mode=AccountMode.REPLAY).splitlines()[0]
    assert (date_of(NOW_NS) in first) == dated
    assert time_of_day(NOW_NS) in first


@pytest.mark.parametrize("columns", [80, 120, 160])
def test_a_feed_that_is_not_well_keeps_its_place_on_the_status_line(tmp_path: Path, columns: int) -> None:
    rows = tuple(replace(row, state=HealthState.DOWN) if row.name == "feed" else row for row in health())
    calm = replace(whole_frame(), health=rows, risk=replace(risk(), breaches=0, halted_symbols=()))
    assert "feed !" in seen(tmp_path, calm, (columns, 36)).splitlines()[0]


def test_before_anything_is_measured_nothing_is_said_to_be_well(tmp_path: Path) -> None:
    starting = tuple(replace(row, state=HealthState.OFF, value="starting") for row in health())
    for rows in (None, starting):
        screen = seen(tmp_path, replace(whole_frame(), health=rows))
        assert "nothing measured yet" in screen
        assert "all systems ok" not in screen


def test_a_symbol_without_any_price_says_so(tmp_path: Path) -> None:
    whole = whole_frame()
    silent = replace(whole.quotes[1], bid=0, ask=0, last=0)
    screen = seen(tmp_path, replace(whole, quotes=(whole.quotes[0], silent)))
    assert f"{silent.symbol}  no quote yet" in screen


def test_messages_carry_their_time(tmp_path: Path) -> None:
    alerts = (
        Alert(Severity.INFO, "risk", "of yesterday", NOW_NS - 86_400_000_000_000),
        Alert(Severity.WARNING, "feed", "of today", NOW_NS),
    )
    app, engine = frozen_app(tmp_path, frame=replace(whole_frame(), alerts=alerts))
    engine.mode = AccountMode.REPLAY

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", pilot.app.screen)
        zone = screen.desk.zone
        lines = [line.split() for line in screen.messages()]
        assert lines[0][0] == time_of_day(NOW_NS, zone)
        assert (
            " ".join(lines[1][:4])
            == f"{date_of(NOW_NS - 86_400_000_000_000, zone)} {time_of_day(NOW_NS, zone)}"
        )

    drive(app, look)


@pytest.mark.parametrize("columns", [40, 60, 80, 120, 160])
def test_a_narrow_status_line_keeps_mode_and_trouble(tmp_path: Path, columns: int) -> None:
    first = seen(tmp_path, whole_frame(), (columns, 24)).splitlines()[0]
    assert len(first) == columns
    assert "SIM" in first
    assert "BREACH" in first


def test_a_live_account_looks_different(tmp_path: Path) -> None:
    assert "LIVE" in seen(tmp_path, whole_frame(), mode=AccountMode.LIVE).splitlines()[0]


def test_an_alert_is_said_on_the_line_as_text(tmp_path: Path) -> None:
    alert = Alert(Severity.CRITICAL, "feed", "gone [bold]now[/]", NOW_NS)
    screen = seen(tmp_path, replace(whole_frame(), alerts=(alert,)))
    assert "feed: gone [bold]now[/]" in screen


def test_of_what_comes_together_a_refusal_covers_lesser_news_and_what_is_critical_covers_both(
    tmp_path: Path,
) -> None:
    frame = whole_frame()
    app, _ = frozen_app(tmp_path, frame=frame)
    denied = replace(frame.orders[0], status=OrderStatus.DENIED, reason="no room for another order")
    soft = Alert(Severity.WARNING, "market", "AMD is halted", NOW_NS)
    loud = Alert(Severity.CRITICAL, "broker", "it is gone", NOW_NS)

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        screen = cast("TradeScreen", app.screen)
        said = screen.line.composer
        screen.told(replace(frame, orders=(denied,), alerts=(soft,)))
        assert said.notice is not None
        assert said.notice[0].endswith("denied: no room for another order")
        screen.told(replace(frame, orders=(denied,), alerts=(loud, soft)))
        assert said.notice[0] == "broker: it is gone"
        screen.told(replace(frame, orders=(), alerts=(soft,)))
        assert said.notice[0] == "market: AMD is halted"

    drive(app, look)


def test_why_tells_a_positions_and_an_orders_story() -> None:
    desk = Desk()
    desk.merge(replace(whole_frame(), account=account()))
    nvda = next(iter(desk.instruments))
    told = "\n".join(why_symbol(nvda, desk))
    assert "position  300 at average cost 182.31" in told
    assert "0 refused by the quality filters" in told
    working = desk.orders["test-3"]
    assert any(line.startswith("queue        1,200 before it") for line in why_order(working, desk))
    desk.quotes.clear()
    assert why_symbol(nvda, desk)[-1] == "no quote has come yet"


async def until(is_so: Callable[[], object]) -> None:
    for _ in range(1200):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never happened")


def test_on_the_simulated_market_an_order_fills_a_halt_denies_and_resume_lifts_it(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "config", tmp_path / "data", tmp_path / "cache", tmp_path / "logs")
    settings = Settings(metrics=MetricsSettings(enabled=False))
    engine = simulated_engine(settings, folders, seed=1, pace=Pace())
    app = DeskApp(engine, settings.desk, folders)

    async def press(key: str) -> None:
        """Press a key; the pilot would wait for an idle processor, and the market never rests."""
        app.post_message(Key(key, None))
        await asyncio.sleep(GUARD_S)

    async def trade(_pilot: Pilot[None]) -> None:
        screen = cast("TradeScreen", app.screen)
        desk = screen.desk

        async def line(text: str) -> None:
            await asyncio.sleep(GUARD_S)
            screen.type_line(text)
            await asyncio.sleep(GUARD_S)
            await press("enter")
            if screen.line.composer.staged:
                await press("enter")

        await until(lambda: "NVDA" in desk.quotes and desk.risk is not None)
        await until(lambda: engine._rooms.latencies.source_to_screen.recent > 3)
        await line("b 100 NVDA mkt")
        await until(lambda: [p.quantity for p in desk.positions.values()] == [100])
        await press("f8")
        await until(lambda: desk.risk is not None and desk.risk.state is TradingState.HALTED)
        await line("b 100 NVDA mkt")
        await until(lambda: [o.status for o in desk.orders.values()][1:] == [OrderStatus.DENIED])
        await press("f8")
        assert screen.line.composer.editor.text == "resume"
        await line("resume")
        await until(lambda: desk.risk is not None and desk.risk.state is TradingState.ACTIVE)
        await press("f6")
        await press("f6")
        await until(lambda: not any(p.quantity for p in desk.positions.values()))

    drive(app, trade, (160, 48))
