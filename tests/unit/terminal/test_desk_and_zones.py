"""The desk's copy of the engine's views, and the zone it shows times in."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from engine.errors import ConfigError
from engine.messages.events import Severity
from engine.messages.views import Alert, Frame
from engine.mirror import ALERTS_MAX
from engine.model.account import AccountMode
from engine.model.order import OrderStatus
from engine.model.trade import Side
from terminal.desk import Desk
from terminal.zones import zone_of
from tests.frozen_desk import positions, whole_frame
from tests.market_views import NOW_NS, order, quote

EVERYTHING = {
    "clock", "instruments", "quotes", "depth", "chart", "tape", "orders", "positions", "account", "risk", "health",
    "playback", "arming",
}  # fmt: skip


def test_a_frame_names_the_parts_that_it_changed() -> None:
    desk = Desk()
    assert desk.merge(whole_frame()) == EVERYTHING
    assert desk.merge(Frame(NOW_NS + 1, 2)) == {"clock"}
    assert desk.now_ns == NOW_NS + 1
    assert desk.merge(Frame(NOW_NS, 3, quotes=(quote("NVDA", 5),))) == {"clock", "quotes"}


def test_what_a_frame_leaves_out_stays_as_it_was() -> None:
    desk = Desk()
    desk.merge(whole_frame())
    desk.merge(Frame(NOW_NS, 2, quotes=(quote("NVDA", 7),)))
    assert desk.quotes["NVDA"].last == 7  # type: ignore[index]
    assert desk.quotes["AAPL"].last != 7  # type: ignore[index]
    assert desk.depth is whole_frame().depth or desk.depth == whole_frame().depth


def test_positions_come_whole_so_that_one_can_vanish() -> None:
    desk = Desk()
    desk.merge(whole_frame())
    desk.merge(Frame(NOW_NS, 2, positions=positions()[:1]))
    assert list(desk.positions) == ["NVDA"]
    desk.merge(Frame(NOW_NS, 3, positions=()))
    assert not desk.positions


def test_an_order_keeps_its_place_while_it_changes() -> None:
    desk = Desk()
    desk.merge(whole_frame())
    desk.merge(Frame(NOW_NS, 2, orders=(order(3, Side.BUY, 100, status=OrderStatus.CANCELED),)))
    assert [view.number for view in desk.orders.values()] == [1, 2, 3, 4, 5]
    assert [view.number for view in desk.working] == [4, 5]


def test_old_alerts_give_way_to_new_ones() -> None:
    desk = Desk()
    for number in range(ALERTS_MAX + 10):
        desk.merge(Frame(NOW_NS, number, alerts=(Alert(Severity.INFO, "test", str(number), NOW_NS),)))
    assert len(desk.alerts) == ALERTS_MAX
    assert desk.alerts[-1].text == str(ALERTS_MAX + 9)


def test_a_simulation_shows_its_exchanges_time_and_a_recording_utc() -> None:
    assert zone_of("", AccountMode.SIMULATED) == ZoneInfo("America/New_York")
    assert zone_of("", AccountMode.REPLAY) is UTC
    assert zone_of("Asia/Tokyo", AccountMode.REPLAY) == ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "\x00"])
def test_a_zone_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=r"desk\.zone: expected a name"):
        zone_of(name, AccountMode.SIMULATED)
