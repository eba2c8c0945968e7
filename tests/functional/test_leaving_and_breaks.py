"""Leaving with orders at work, the board of differences, and the page after a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.widgets import Static

from engine.messages.commands import (
    BreakAction,
    Flatten,
    Leave,
    LeaveChoice,
    ResolveBreak,
    SetTradingState,
    Stay,
    TakeStock,
    TradingState,
)
from engine.messages.comparison_views import (
    BreakKind,
    BreakState,
    BreakView,
    ReconcilePhase,
    ReconcileView,
    RecoveryView,
)
from engine.messages.exit_views import ExitsView, FlattenView, GivenUpView
from engine.messages.views import Frame
from engine.model.instrument import Symbol
from engine.model.order import Leg, OrderStatus, OrderType
from engine.model.trade import Side
from terminal.screens.breaks import BreakBoard
from terminal.screens.leaving import LeavingScreen
from terminal.screens.reading import ReadingScreen
from terminal.screens.trade import TradeScreen
from tests.driving import drive
from tests.frozen_desk import StillEngine, frozen_app, settled, whole_frame
from tests.market_views import NOW_NS, order
from tests.one_frame import rows

GUARD_S = 0.3
POSITION = BreakView(
    "position:NVDA", BreakKind.POSITION, Symbol("NVDA"), 300, -20, "NVDA: 300 here", NOW_NS, BreakState.OPEN
)
CASH = BreakView(
    "cash:USD",
    BreakKind.CASH,
    Symbol(""),
    5_000_000,
    4_000_000,
    "USD\x1b[2J cash",
    NOW_NS,
    BreakState.IGNORED,
)


def compared(*breaks: BreakView, lines: tuple[str, ...] = ()) -> ReconcileView:
    phase = ReconcilePhase.DIFFERS if breaks else ReconcilePhase.AGREED
    return ReconcileView(phase, NOW_NS, NOW_NS, 2, 1, 0, 0, lines, breaks)


def at(
    root: Path, script: Callable[[Pilot[None], StillEngine], Awaitable[None]], frame: Frame | None = None
) -> StillEngine:
    app, engine = frozen_app(root, frame=frame)

    async def run(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await script(pilot, engine)

    drive(app, run, size=(160, 48))
    return engine


def text_of(pilot: Pilot[None], name: str) -> str:
    return str(pilot.app.screen.query_one(name, Static).render())


def desk_screen(pilot: Pilot[None]) -> TradeScreen:
    return cast("TradeScreen", pilot.app.screen_stack[1])


def end_all_orders(pilot: Pilot[None]) -> None:
    """Let the engine's word come in that nothing works any more."""
    orders = desk_screen(pilot).desk.orders
    for client_id, each in list(orders.items()):
        orders[client_id] = replace(each, status=OrderStatus.CANCELED)


def test_leaving_lists_what_works_and_goes_back_on_escape(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await pilot.press("ctrl+q")
        assert isinstance(pilot.app.screen, LeavingScreen)
        text = text_of(pilot, "#leaving-text")
        assert "3 working orders, 2 open positions" in text
        assert "#3" in text
        assert "#1" not in text
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TradeScreen)
        assert engine.told == []

    at(tmp_path, script)


@pytest.mark.parametrize("key", ["enter", "ctrl+q"])
def test_once_the_last_order_has_ended_by_itself_the_question_says_so_and_either_key_leaves(
    tmp_path: Path, key: str
) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("ctrl+q")
        end_all_orders(pilot)
        await pilot.pause(GUARD_S)
        assert "No order works any more" in text_of(pilot, "#leaving-text")
        await pilot.press(key)

    assert not at(tmp_path, script).runs


def test_kept_orders_let_the_desk_close_at_once(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("ctrl+q", "k")

    engine = at(tmp_path, script)
    assert engine.told == [Leave(LeaveChoice.KEEP)]
    assert not engine.runs


def test_cancelled_orders_must_be_proven_gone_before_the_desk_closes(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await pilot.press("ctrl+q", "c")
        await pilot.pause(GUARD_S)
        assert "proven gone" in text_of(pilot, "#leaving-text")
        assert engine.told == [Leave(LeaveChoice.CANCEL)]
        end_all_orders(pilot)
        await pilot.pause(GUARD_S)

    assert not at(tmp_path, script).runs


def test_flatten_takes_a_second_press_and_waits_for_flat_positions(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await pilot.press("ctrl+q", "f")
        assert engine.told == []
        assert "f again" in text_of(pilot, "#leaving-text")
        await pilot.press("f")
        end_all_orders(pilot)
        await pilot.pause(GUARD_S)
        assert isinstance(pilot.app.screen, LeavingScreen)
        desk_screen(pilot).desk.positions.clear()
        await pilot.pause(GUARD_S)

    engine = at(tmp_path, script)
    assert engine.told == [Leave(LeaveChoice.FLATTEN)]
    assert not engine.runs


def given_up(pilot: Pilot[None], *reasons: str, at_ns: int) -> None:
    """Let the engine's word come in that the flatten of NVDA was given up, or that it goes on."""
    views = tuple(GivenUpView(Symbol("NVDA"), reason, at_ns) for reason in reasons)
    underway = () if reasons else (FlattenView(Symbol("NVDA"), at_ns, ()),)
    desk_screen(pilot).desk.exits = ExitsView(underway, views)


@pytest.mark.parametrize(("last", "sent"), [("k", Leave(LeaveChoice.KEEP)), ("escape", Stay())])
def test_a_flatten_that_is_given_up_while_leaving_is_told_and_something_else_can_be_chosen(
    tmp_path: Path, last: str, sent: Leave | Stay
) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        given_up(pilot, "an older one", at_ns=1)
        await pilot.press("ctrl+q", "f", "f")
        await pilot.pause(GUARD_S)
        assert "Cancelling and closing" in text_of(pilot, "#leaving-text"), "the older one is not meant"
        given_up(pilot, at_ns=2)
        await pilot.pause(GUARD_S)
        given_up(pilot, "the cancel of #3 NVDA was refused", at_ns=3)
        await pilot.pause(GUARD_S)
        text = text_of(pilot, "#leaving-text")
        assert "Cancelling and closing" not in text
        assert "NVDA: the cancel of #3 NVDA was refused." in text
        assert "was given up and is not gone on with" in text
        assert "f f flatten again" in str(pilot.app.screen.query_one(Vertical).border_subtitle)
        await pilot.press("f")
        assert "f again" in text_of(pilot, "#leaving-text")
        await pilot.press("f")
        await pilot.pause(GUARD_S)
        assert "Cancelling and closing" in text_of(pilot, "#leaving-text")
        given_up(pilot, "its closing order was denied", at_ns=4)
        await pilot.pause(GUARD_S)
        assert "its closing order was denied" in text_of(pilot, "#leaving-text")
        assert "#3 NVDA was refused" not in text_of(pilot, "#leaving-text")
        await pilot.press(last)
        assert pilot.app._exit is (last == "k")

    told = at(tmp_path, script).told
    assert told == [Leave(LeaveChoice.FLATTEN), Leave(LeaveChoice.FLATTEN), sent]


def test_going_back_after_a_choice_takes_orders_again(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("ctrl+q", "c", "escape")

    assert at(tmp_path, script).told == [Leave(LeaveChoice.CANCEL), Stay()]


def test_what_is_never_proven_can_be_left_all_the_same(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("ctrl+q", "ctrl+q")
        assert isinstance(pilot.app.screen, LeavingScreen)
        assert len(pilot.app.screen_stack) == 3
        await pilot.press("c", "ctrl+q")
        await pilot.pause(GUARD_S)
        assert pilot.app._exit

    assert not at(tmp_path, script).runs


def test_the_board_shows_each_difference_and_sends_decisions(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("R")
        assert isinstance(pilot.app.screen, BreakBoard)
        text = text_of(pilot, "#breaks-text")
        assert "locked" in text
        assert "ignored" in text
        assert "-20" in text
        assert "\x1b" not in text
        await pilot.press("a", "j", "i", "k", "f", "t")

    engine = at(tmp_path, script, replace(whole_frame(), reconcile=compared(POSITION, CASH)))
    assert engine.told == [
        ResolveBreak("position:NVDA", BreakAction.ADOPT, origin="board"),
        ResolveBreak("cash:USD", BreakAction.IGNORE, origin="board"),
        ResolveBreak("position:NVDA", BreakAction.FIX, origin="board"),
        TakeStock(origin="board"),
    ]


def test_an_empty_board_says_what_to_press(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], engine: StillEngine) -> None:
        await pilot.press("R")
        assert "Press t to compare again" in text_of(pilot, "#breaks-text")
        await pilot.press("a", "escape")
        assert isinstance(pilot.app.screen, TradeScreen)
        assert engine.told == []

    at(tmp_path, script, replace(whole_frame(), reconcile=compared()))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"phase": ReconcilePhase.CUT, "age_s": 12}, "What the broker has now is not known: broker down 12s"),
        (
            {"phase": ReconcilePhase.LATE, "age_s": 12},
            "What the broker has now is not known: broker late 12s",
        ),
        ({"phase": ReconcilePhase.COMPARING, "compared_ns": 0}, "Nothing has been compared yet"),
    ],
    ids=["down", "late", "before the first"],
)
def test_an_empty_board_does_not_say_that_both_agree_where_the_broker_was_not_asked(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("R")
        text = " ".join(text_of(pilot, "#breaks-text").split())
        assert said in text
        assert "agree: no difference" not in text

    at(tmp_path, script, replace(whole_frame(), reconcile=replace(compared(), **changes)))


def test_an_order_for_a_broker_that_is_down_says_so_before_it_is_sent(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press(*":b", "space", *"100", "space", *"bid", "enter")
        await pilot.pause()
        desk = cast("TradeScreen", pilot.app.screen)
        assert "! broker down 12s" in rows(desk.line)[0]
        assert any("! broker down 12s" in row for row in rows(desk.ticket))
        await pilot.press("escape", "escape", "escape", "f7")
        assert "3 working orders: the broker is down, it leaves once that is back" in rows(desk.line)[0]

    gone = replace(compared(), phase=ReconcilePhase.CUT, age_s=12)
    at(tmp_path, script, replace(whole_frame(), reconcile=gone))


def _recovered(*, cut_short: bool) -> RecoveryView:
    return RecoveryView(cut_short, 1_204, 3, 1, 17, NOW_NS)


def test_after_a_crash_the_first_page_says_what_happened_meanwhile(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        assert isinstance(pilot.app.screen, ReadingScreen)
        text = str(pilot.app.screen.query_one(Static).render())
        for part in (
            "cut short",
            "1,204 records",
            "17 bytes",
            "2 fills",
            "#9 bought 5",
            "1 difference is left",
        ):
            assert part in text

    view = compared(POSITION, lines=("#9 bought 5",))
    at_once(tmp_path, script, replace(whole_frame(), reconcile=view, recovery=_recovered(cut_short=True)))


def test_the_first_page_names_halts_a_restore_and_a_flatten_that_was_not_over(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        text = str(pilot.app.screen.query_one(Static).render())
        for part in (
            "ended on purpose",
            "restored from a backup at 2024-08-08",
            "The flatten of NVDA was not over and is not gone on with: F6 or flat NVDA asks again.",
            "Still in force",
            "NVDA is halted: news",
        ):
            assert part in text

    recovered = replace(
        _recovered(cut_short=False),
        flattens=(Symbol("NVDA"),),
        halts=("NVDA is halted: news",),
        restored="2024-08-08T12:00:00Z",
    )
    at_once(tmp_path, script, replace(whole_frame(), reconcile=compared(), recovery=recovered))


def test_after_a_session_that_ended_on_purpose_there_is_no_such_page(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        assert isinstance(pilot.app.screen, TradeScreen)

    at(tmp_path, script, replace(whole_frame(), reconcile=compared(), recovery=_recovered(cut_short=False)))


def at_once(
    root: Path, script: Callable[[Pilot[None], StillEngine], Awaitable[None]], frame: Frame
) -> StillEngine:
    """Run a script against whatever screen comes up by itself."""
    app, engine = frozen_app(root, frame=frame)

    async def run(pilot: Pilot[None]) -> None:
        while not (isinstance(pilot.app.screen, ReadingScreen) and pilot.app.screen.query(Static)):
            await pilot.pause(0.05)
        await script(pilot, engine)

    drive(app, run, size=(160, 48))
    return engine


def test_f9_lets_only_exits_through_and_f10_flattens_everything(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("f9", "f10")
        await pilot.pause(GUARD_S)
        await pilot.press("f10")

    reduced, flattened = at(tmp_path, script).told
    assert isinstance(reduced, SetTradingState)
    assert reduced.state is TradingState.REDUCING
    assert flattened == Flatten(origin="key")


def test_leaving_names_each_orders_own_type_and_price_and_what_was_placed_elsewhere(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("ctrl+q")
        lines = {
            line.split()[0]: line for line in text_of(pilot, "#leaving-text").splitlines() if "#" in line
        }
        assert "stop" in lines["#5"]
        assert "181.00" in lines["#5"]
        assert "limit" in lines["#3"]
        assert "trailing" in lines["#6"]
        assert "tr 2.00" in lines["#6"]
        assert "target" in lines["#7"]
        assert "oco" in lines["#8"]
        assert "#ext 9 " in text_of(pilot, "#leaving-text")
        assert "market" not in "".join(lines.values())

    sell, stop = Side.SELL, OrderType.STOP
    more = (
        order(6, sell, 10, type=OrderType.TRAILING, limit=None, trail=200),
        order(7, sell, 10, leg=Leg.TARGET, parent="test-1", group="test-1"),
        order(8, sell, 10, type=stop, limit=None, stop=18_000, group="g"),
        order(9, sell, 10, origin="external"),
    )
    frame = whole_frame()
    at(tmp_path, script, replace(frame, orders=(*frame.orders, *more)))


def test_the_blotter_marks_what_was_placed_elsewhere_and_says_how_to_cancel_it(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        await pilot.press("5", "z")
        shown = "\n".join(rows(desk_screen(pilot).blotter))
        assert "ext 9" in shown
        assert "placed elsewhere; x #9 canc" in shown

    frame = whole_frame()
    at(tmp_path, script, replace(frame, orders=(*frame.orders, order(9, Side.BUY, 10, origin="external"))))


def test_what_reduces_is_not_counted_as_halted(tmp_path: Path) -> None:
    async def script(pilot: Pilot[None], _engine: StillEngine) -> None:
        status = rows(desk_screen(pilot).status)[0]
        assert "1 HALTED" in status
        assert "2 REDUCING" in status

    frame = whole_frame()
    assert frame.risk is not None
    reducing = replace(frame.risk, reducing_symbols=(Symbol("NVDA"),), reducing_strategies=("meanrev",))
    at(tmp_path, script, replace(frame, risk=reducing))
