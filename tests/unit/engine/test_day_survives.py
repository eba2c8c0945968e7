"""A restart resets neither the day's loss nor the drawdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.handlers import Handlers
from engine.leaving import Leaving
from engine.model.instrument import MICROS
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes, quoted

DAY_S = 86_400.0


def _lose(rooms: Rooms) -> None:
    """Buy 100 at 100.02 and see the bid fall to 99.50."""
    Handlers(rooms, Leaving(rooms)).handle(buying(rooms, 100))
    passes(rooms, 1)
    rooms.valuation.revalue()
    quoted(rooms, ABC, 9_950)
    rooms.valuation.revalue()


@pytest.mark.parametrize("on_purpose", [True, False])
def test_the_loss_of_the_day_is_still_there_after_a_restart(tmp_path: Path, *, on_purpose: bool) -> None:
    with composed(tmp_path) as rooms:
        _lose(rooms)
        lost, peak = rooms.account.day_pnl_micros, rooms.account.equity_peak_micros
        assert lost < -40 * MICROS
        if on_purpose:
            Leaving(rooms).finish()
        else:
            rooms.mark()
    with composed(tmp_path) as rooms:
        quoted(rooms, ABC, 9_950)
        rooms.valuation.revalue()
        assert rooms.account.day_pnl_micros == lost
        assert rooms.account.equity_peak_micros == peak


def test_a_new_day_begins_where_the_last_one_ended(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        _lose(rooms)
        equity = rooms.account.equity_micros
        Leaving(rooms).finish()
    with composed(tmp_path, later_s=DAY_S) as rooms:
        quoted(rooms, ABC, 9_960)
        rooms.valuation.revalue()
        assert rooms.account.day_start_equity_micros == equity
        assert rooms.account.day_pnl_micros == rooms.account.equity_micros - equity > 0
