"""An entry with a stop and a target: typed, previewed, filled, and seen where they belong."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from engine.messages.commands import SubmitOrder
from engine.messages.events import Denial
from engine.messages.views import Frame, OrderPreview, OrderView
from engine.model.instrument import Symbol
from engine.model.order import ExitPlan, Leg, OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from tests.driving import drive
from tests.frozen_desk import StillEngine, approve, frozen_app, positions, settled, whole_frame
from tests.market_views import order
from tests.pty_desk import PtyDesk, environment

SIZES = ((80, 24), (120, 36), (160, 48), (240, 67))


def legs(entry: int, **changes: object) -> tuple[OrderView, OrderView]:
    """Return the stop and the target of an entry of 300."""
    family = {"parent": f"test-{entry}", "group": f"test-{entry}", **changes}
    return (
        order(
            entry + 1, Side.SELL, 300, type=OrderType.STOP, limit=None, stop=18_100, leg=Leg.STOP, **family
        ),
        order(entry + 2, Side.SELL, 300, limit=18_500, leg=Leg.TARGET, **family),
    )


def protected_frame() -> Frame:
    """Return a bracket that works, a pair of which one cancels the other, and a bracket that is over."""
    entry = order(7, Side.BUY, 300, status=OrderStatus.FILLED, filled=300, leaves=0, average_price=18_231)
    pair = [order(number, Side.SELL, 200, symbol=Symbol("MSFT"), group="pair") for number in (4, 5)]
    orphan = order(
        6, Side.SELL, 100, symbol=Symbol("TSLA"), parent="gone", leg=Leg.STOP, limit=None, stop=20_000
    )
    plan = ExitPlan(stop=18_100, target=18_500)
    held = positions()
    covered = replace(held[0], covered=300, stop=18_100)
    return replace(
        whole_frame(),
        orders=(order(1, Side.BUY, 50), *pair, orphan, replace(entry, plan=plan), *legs(7)),
        positions=(covered, replace(held[1], covered=150, stop=20_500)),
    )


def shown(
    root: Path,
    frame: Frame,
    keys: str = "",
    size: tuple[int, int] = (160, 48),
    judge: Callable[[OrderRequest], OrderPreview] | None = None,
) -> tuple[list[str], StillEngine]:
    """Return the screen's rows after some keys, and the engine."""
    app, engine = frozen_app(root, frame=frame)
    if judge is not None:
        engine.preview = lambda request, deliver: deliver(judge(request))  # type: ignore[method-assign]
    rows: list[str] = []

    async def look(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press(*keys)
        await pilot.pause(0.1)
        strips = pilot.app.screen._compositor.render_strips()
        rows.extend("".join(segment.text for segment in strip) for strip in strips)

    drive(app, look, size)
    return rows, engine


def names(rows: list[str]) -> list[str]:
    """Return number and name of each order, from the top of the blotter."""
    found = (re.search(r"\d\d:\d\d:\d\d +(\d+) +(! \w+|⌞ \w+|\w+) +(?:BUY|SELL)", row) for row in rows)
    return [f"{match[1]} {match[2]}" for match in found if match]


def test_legs_stand_under_their_entry_and_pairs_together(tmp_path: Path) -> None:
    rows, _ = shown(tmp_path, protected_frame())
    assert names(rows) == ["7 NVDA", "8 ⌞ stop", "9 ⌞ target", "6 ! TSLA", "4 MSFT", "5 ⌞ oco", "1 NVDA"]


def test_the_filter_keeps_an_entry_above_its_working_legs(tmp_path: Path) -> None:
    frame = protected_frame()
    over = tuple(replace(leg, status=OrderStatus.CANCELED) for leg in legs(7))
    rows, _ = shown(tmp_path, frame, "5f", (80, 24))
    assert names(rows)[:3] == ["7 NVDA", "8 ⌞ stop", "9 ⌞ target"]
    rows, _ = shown(tmp_path, replace(frame, orders=(*frame.orders[:5], *over)), "5f", (80, 24))
    assert names(rows) == ["6 ! TSLA", "4 MSFT", "5 ⌞ oco", "1 NVDA"]
    rows, _ = shown(tmp_path, replace(frame, orders=(*frame.orders[:5], *over)), "5", (80, 24))
    assert names(rows)[-3:] == ["7 NVDA", "8 ⌞ stop", "9 ⌞ target"]


def test_a_pair_goes_out_as_one_group(tmp_path: Path) -> None:
    app, engine = frozen_app(tmp_path)

    async def trade(pilot: Pilot[None]) -> None:
        await settled(pilot)
        await pilot.press(*":s 100 MSFT 300 oco stp=200", "enter")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await pilot.pause(0.1)

    drive(app, trade, (160, 48))
    sent = [command.request for command in engine.told if isinstance(command, SubmitOrder)]
    assert [request.type for request in sent] == [OrderType.LIMIT, OrderType.STOP]
    assert len({request.group for request in sent}) == 1


@pytest.mark.parametrize("keys", ["jx", "x"])
def test_x_takes_only_what_it_stands_on(tmp_path: Path, keys: str) -> None:
    frame = protected_frame()
    entry = replace(frame.orders[4], status=OrderStatus.PARTIALLY_FILLED, filled=100, leaves=200)
    _, engine = shown(tmp_path, replace(frame, orders=(entry, *frame.orders[5:])), f"5{keys}")
    assert [command.client_id for command in engine.told] == ["test-8" if "j" in keys else "test-7"]  # type: ignore[union-attr]


@pytest.mark.parametrize("size", [size for size in SIZES if size[0] != 120])
def test_the_portfolio_says_where_the_stop_is(tmp_path: Path, size: tuple[int, int]) -> None:
    rows, _ = shown(tmp_path, protected_frame(), "4", size)
    assert any("NVDA" in row and "● 181.00" in row for row in rows)
    assert any("AAPL" in row and "◐ 150/200" in row for row in rows)


@pytest.mark.parametrize("size", SIZES)
def test_a_typed_bracket_is_previewed_on_the_line_and_the_ticket(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    rows, _ = shown(tmp_path, whole_frame(), ":b 100 MSFT 210 sl=-1% tp=+2R", size)
    assert "SL 207.90" in rows[-2 if size[0] >= 150 else -3]
    if size[0] > 80:
        ticket = " ".join(rows)
        assert re.search(r"Stop +207\.90 +-1\.00% -210 ", ticket)
        assert re.search(r"Target +214\.20 +\+2\.00% \+420 ", ticket)
        assert " 2.0R " in ticket


def test_a_refusal_is_seen_before_the_exits(tmp_path: Path) -> None:
    def refuse(request: OrderRequest) -> OrderPreview:
        return replace(approve(request), denials=(Denial("order_size", "size 100 is above 10"),))

    rows, _ = shown(tmp_path, whole_frame(), ":b 100 MSFT 210 sl=-1%", judge=refuse)
    line = rows[-2]
    assert 0 < line.index("size 100 is above 10") < line.index("SL 207.90")
    checks, worth = (next(y for y, row in enumerate(rows) if word in row) for word in ("Checks", "BP after"))
    assert checks < worth


@pytest.mark.pty
@pytest.mark.parametrize("size", [(160, 48), (80, 24)])
def test_an_entry_fills_its_legs_work_and_go_once_it_is_flat(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nport = 0\n", encoding="utf-8")
    with PtyDesk((), environment(tmp_path), size=size) as desk:
        desk.until(lambda: re.search(r"NVDA +\d+\.\d\d", desk.text))
        desk.send("b 100 AAPL mkt sl=-1% tp=+2R")
        look_at(desk, "orders")
        desk.until(lambda: re.search(r"⌞ target +SELL +100 .*● WORK", desk.text))
        assert re.search(r"AAPL +BUY +100 +100 .*✓ FILL", desk.text)
        assert re.search(r"⌞ stop +SELL +100 .*○ PEND", desk.text)
        look_at(desk, "portfolio")
        desk.until(lambda: re.search(r"AAPL +100 .*● \d+\.\d\d", desk.text))
        desk.send("flat AAPL")
        look_at(desk, "orders")
        desk.until(lambda: len(re.findall(r"⌞ (?:stop|target) +SELL .*– CXL", desk.text)) == 2)  # noqa: RUF001
        assert re.search(r"AAPL +SELL +100 +100 .*✓ FILL", desk.text)


@pytest.mark.pty
def test_one_of_a_pair_cancels_the_other(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text("[metrics]\nport = 0\n", encoding="utf-8")
    with PtyDesk((), environment(tmp_path)) as desk:
        desk.until(lambda: re.search(r"NVDA +\d+\.\d\d", desk.text))
        desk.send("b 100 AAPL mkt")
        desk.until(lambda: re.search(r"AAPL +BUY +100 +100 .*✓ FILL", desk.text))
        desk.send("s 100 AAPL 250 oco stp=210")
        desk.until(lambda: re.search(r"AAPL +SELL +100 .* 250\.00 LMT ● WORK", desk.text))
        desk.until(lambda: re.search(r"⌞ oco +SELL +100 .* 210\.00 STP ○ PEND", desk.text))
        desk.send("m #2 p=bid")
        desk.until(lambda: re.search(r"AAPL +SELL +100 +100 .* LMT ✓ FILL", desk.text))
        desk.until(lambda: re.search(r"⌞ oco +SELL +100 .* STP – CXL", desk.text))  # noqa: RUF001


def look_at(desk: PtyDesk, pane: str) -> None:
    """Go to a pane, by the line."""
    desk.press(f":{pane} go")
    desk.until(f"{pane} go")
    desk.press_until("\r", lambda: f"{pane} go" not in desk.text)
