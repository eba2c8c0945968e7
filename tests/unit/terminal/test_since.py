"""The page after a crash counts orders as they are, however their end became known."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from engine.duties.leaving import Leaving
from engine.frames.frame_builder import FrameBuilder
from engine.handlers import Handlers
from engine.messages.comparison_views import ReconcilePhase, ReconcileView, RecoveryView
from engine.messages.views import ViewRequest
from engine.model.order import OrderStatus, TimeInForce
from engine.model.trade import Side
from engine.rooms import Rooms
from terminal.desk import Desk
from terminal.screens.since import is_settled, story
from tests.engine_rooms import buying, composed, passes, quoted
from tests.market_views import NOW_NS, order

FOUND = RecoveryView(cut_short=True, records=9, working=2, unanswered=0, torn_bytes=0, last_ns=NOW_NS)
AGREED = ReconcileView(ReconcilePhase.AGREED, 0, NOW_NS, 0, 0, 0, 0, (), ())


def test_nothing_happened_where_every_order_is_as_it_was() -> None:
    orders = [order(number, Side.BUY, 100, created_ns=1, updated_ns=2) for number in (1, 2)]
    told = story(FOUND, AGREED, orders)
    assert "2 orders were working then." in told
    assert "Nothing happened since then: the broker has what our book had." in told
    assert "2 orders are still working." in told


def test_an_order_that_the_comparison_ended_is_told_once() -> None:
    ended = order(1, Side.BUY, 100, created_ns=1, updated_ns=NOW_NS + 1, status=OrderStatus.CANCELED)
    line = "#1 NVDA had ended: canceled"
    told = story(FOUND, replace(AGREED, ended=1, lines=(line,)), [ended])
    assert [each for each in told if "#1 " in each] == [f"  {line}"]
    assert "Since then: 0 fills, 1 order ended, 0 taken in." in told
    assert "None of its orders is working now." in told


def test_orders_from_after_the_start_are_not_the_last_sessions() -> None:
    fresh = order(3, Side.BUY, 100, created_ns=NOW_NS + 1, updated_ns=NOW_NS + 2)
    assert "None of its orders is working now." in story(FOUND, AGREED, [fresh])


def _settled(rooms: Rooms) -> Desk:
    """Compare with the broker to the end, and return the desk that then looks at the account."""
    rooms.orders.begin(had_history=True)
    desk, frames = Desk(), FrameBuilder(rooms)
    for _ in range(100):
        passes(rooms, 0.1)
        desk.merge(frames.build(ViewRequest(everything=True)))
        if is_settled(desk.reconcile):
            return desk
    raise AssertionError("the comparison never ended")


def test_a_day_order_that_expired_between_two_runs_is_told_and_not_counted(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        handlers = Handlers(rooms, Leaving(rooms))
        for tif in (TimeInForce.GTC, TimeInForce.GTC, TimeInForce.DAY):
            sent = buying(rooms, 10, 9_000)
            handlers.handle(replace(sent, request=replace(sent.request, tif=tif)))
            passes(rooms, 2)
    with composed(tmp_path, later_s=86_400.0) as rooms:
        quoted(rooms, next(iter(rooms.market.states)), 10_000)
        desk = _settled(rooms)
        assert desk.recovery is not None
        assert desk.reconcile is not None
        told = story(desk.recovery, desk.reconcile, desk.orders.values())
        assert "3 orders were working then." in told
        assert "Since then: 0 fills, 1 order ended, 0 taken in." in told
        assert "  #3 BUY ABC ended: expired, its day ended between two runs" in told
        assert "2 orders are still working." in told
