"""The lists of the desk: dates, families, headings, and figures of one column written alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.messages.commands import SubmitOrder
from engine.messages.events import Denial
from engine.messages.views import OrderPreview
from engine.model.instrument import Symbol
from engine.model.order import Leg, OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.format import figures
from terminal.widgets.depth_rows import LadderShape
from tests.desk_hands import GUARD_S, Hands, trying
from tests.frozen_desk import approve, whole_frame
from tests.market_views import NOW_NS, instrument, order

DAY_NS = 86_400 * 10**9
NVDA = Symbol("NVDA")


def rows_of(hands: Hands, pane: str) -> list[str]:
    widget = hands.screen.panes[pane]
    return [hands.row(f"#{pane}", y) for y in range(widget.size.height)]


def test_an_order_of_an_earlier_day_shows_its_date_and_only_todays_are_counted(tmp_path: Path) -> None:
    frame = whole_frame()
    old = tuple(replace(each, created_ns=NOW_NS - DAY_NS) for each in frame.orders[:2])

    async def script(hands: Hands) -> None:
        rows = rows_of(hands, "orders")
        assert [row[1:9].strip() for row in rows[1:6]] == [
            "09:02:11",
            "09:02:11",
            "09:02:11",
            "24 Nov",
            "24 Nov",
        ]
        assert hands.screen._frames_of["orders"].caption == "3 working · 3 today"

    trying(tmp_path, replace(frame, orders=(*old, *frame.orders[2:])))(script)


def test_a_leg_stands_under_its_entry_though_it_changed_first(tmp_path: Path) -> None:
    entry = order(1, Side.BUY, 100, status=OrderStatus.FILLED, filled=100, leaves=0, created_ns=NOW_NS - 9)
    leg = order(
        2, Side.SELL, 100, type=OrderType.STOP, limit=None, stop=18_000, parent="test-1", leg=Leg.STOP
    )
    on = Desk()
    on.merge(replace(whole_frame(), orders=(leg, entry)))
    assert list(on.orders) == ["test-1", "test-2"]

    async def script(hands: Hands) -> None:
        symbols = [row.split()[2] for row in rows_of(hands, "orders")[1:3]]
        assert symbols == ["NVDA", "⌞"]

    trying(tmp_path, replace(whole_frame(), orders=(leg, entry)))(script)


def test_where_a_trailing_stop_stands_is_in_the_blotter_and_on_the_chart(tmp_path: Path) -> None:
    trailing = order(6, Side.SELL, 300, type=OrderType.TRAILING, limit=None, stop=18_213, trail=20)

    async def script(hands: Hands) -> None:
        row = next(row for row in rows_of(hands, "orders") if "TRL" in row)
        assert "182.13" in row
        assert "○ PEND" in row
        assert any("182.13" in row for row in rows_of(hands, "chart"))

    trying(tmp_path, replace(whole_frame(), orders=(trailing,)))(script)


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=("full", "single"))
def test_empty_lists_have_headings_with_room_and_a_mark_is_called_so(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(hands: Hands) -> None:
        for key, pane in (("4", "portfolio"), ("5", "orders")):
            await hands.press(key)
            await hands.pilot.pause()
            head = rows_of(hands, pane)[0].strip()
            titles = head.split()
            gaps = head.split("Sym", 1)[1].count("  ")
            assert gaps >= len(titles) // 2
        await hands.press("4")
        assert "Mark" in rows_of(hands, "portfolio")[0]

    trying(tmp_path, replace(whole_frame(), orders=(), positions=()))(script, size)


def test_the_board_sorted_by_symbol_has_its_mark_and_the_whole_word(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        await hands.press("o")
        assert rows_of(hands, "quotes")[0].startswith(" ▾Symbol ")

    trying(tmp_path)(script)


def test_prices_and_sizes_of_one_column_have_the_same_decimals() -> None:
    coin = figures(instrument("COIN", tick="0.01", unit="0.0001", lot="0.00001", size_unit="0.00001"))
    levels = [(1_823_300, 123_400), (1_823_325, 7), (1_823_350, 1_200_000)]
    shape = LadderShape(36, levels, coin)
    prices = [coin.price(price, shape.price_decimals) for price, _ in levels]
    assert prices == ["182.3300", "182.3325", "182.3350"]
    sizes = [coin.sized(size, shape.size_decimals) for _, size in levels]
    assert sizes == ["1.2340", "0.0001", "12.0000"]
    assert coin.sized(3, shape.size_decimals) == "<.0001"
    assert coin.sized(3, 0) == "<1"
    share = figures(instrument())
    assert LadderShape(36, [(18_233, 300), (18_234, 12_000)], share).size_decimals == 0


def test_on_the_smallest_desk_the_verdict_and_the_reason_have_a_row_of_their_own(tmp_path: Path) -> None:
    def refuse(request: OrderRequest) -> OrderPreview:
        text = "position would be worth 912,345.00 and more, limit 250,000.00"
        return replace(approve(request), denials=(Denial("position_notional", text), Denial("b", "b")))

    async def script(hands: Hands) -> None:
        await hands.press(":", *"s", "space", *"800", "space", *"bid")
        await hands.pilot.pause(GUARD_S)
        below = hands.row("#tabs")
        assert "FLIPS TO SHORT 500" in below
        assert "✓" in below
        assert "SELL 800 NVDA LMT bid 182.33 DAY" in hands.row("#line")
        hands.engine.preview = lambda request, deliver: deliver(refuse(request))  # type: ignore[method-assign]
        hands.screen.line.open("")
        assert "Quotes" in hands.row("#tabs")
        await hands.press(*"b", "space", *"800", "space", *"bid")
        await hands.pilot.pause(GUARD_S)
        assert "! position would be worth 912,345.00 and more, limit 250,000.00" in hands.row("#tabs")
        hands.screen.line.open("")
        await hands.press(*"b", "space", *"100", "space", *"200", "enter")
        assert hands.row("#tabs").strip() == "! is 200 a price? Write @200, or put the symbol before it"
        await hands.press("escape", "escape")
        await hands.pilot.pause()
        assert "Quotes" in hands.row("#tabs")

    assert not [each for each in trying(tmp_path)(script, (80, 24)).told if isinstance(each, SubmitOrder)]


def test_news_has_the_whole_row_while_nothing_is_typed(tmp_path: Path) -> None:
    async def script(hands: Hands) -> None:
        reason = "size 90,000 is above 10,000, the limit of AMD, today and always"
        hands.screen.line.say(reason)
        await hands.pilot.pause()
        assert reason in hands.row("#line")

    trying(tmp_path)(script, (80, 24))


def test_equity_and_day_are_seen_on_the_smallest_desk_beside_every_trouble(tmp_path: Path) -> None:
    frame = whole_frame()
    assert frame.account is not None
    large = replace(frame.account, equity_micros=1_008_214_550_000, day_pnl_micros=8_214_550_000)

    async def script(hands: Hands) -> None:
        first = hands.row("#status")
        for part in ("SIM", "Eq 1,008,215", "Day ▲ +8,215 +0.82%", "1 BREACH", "1 HALTED"):
            assert part in first

    trying(tmp_path, replace(frame, account=large))(script, (80, 24))
