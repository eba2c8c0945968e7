from __future__ import annotations

from datetime import datetime

import pytest

from engine.adapters.simulated.phases import NEW_YORK, Phase, pace, phase_at, prior_day_start_ns
from engine.clock import NS_PER_S
from engine.model.market_status import Session


def new_york(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * NS_PER_S


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2026-01-06T03:59:59", Session.CLOSED),
        ("2026-01-06T04:00:00", Session.PRE),
        ("2026-01-06T09:29:59", Session.PRE),
        ("2026-01-06T09:30:00", Session.OPEN),
        ("2026-01-06T15:59:59", Session.OPEN),
        ("2026-01-06T16:00:00", Session.POST),
        ("2026-01-06T20:00:00", Session.CLOSED),
        ("2026-01-10T12:00:00", Session.CLOSED),
    ],
)
def test_shares_keep_the_hours_of_new_york(at: str, session: Session) -> None:
    assert phase_at("XNYS", new_york(at)).session is session


@pytest.mark.parametrize(
    ("at", "session"),
    [
        ("2026-01-09T16:59:59", Session.OPEN),
        ("2026-01-09T17:00:00", Session.CLOSED),
        ("2026-01-10T12:00:00", Session.CLOSED),
        ("2026-01-11T16:59:59", Session.CLOSED),
        ("2026-01-11T17:00:00", Session.OPEN),
        ("2026-01-14T02:00:00", Session.OPEN),
    ],
)
def test_currencies_rest_from_friday_to_sunday_evening(at: str, session: Session) -> None:
    assert phase_at("FX", new_york(at)).session is session


def test_coins_never_rest() -> None:
    assert phase_at("24/7", new_york("2026-01-11T03:00:00")).session is Session.OPEN


def test_phases_follow_each_other_without_a_gap_even_when_clocks_change() -> None:
    now_ns = new_york("2026-03-06T00:00:00")
    for _ in range(20):
        phase = phase_at("XNYS", now_ns)
        assert phase.start_ns == now_ns
        now_ns = phase.end_ns
    assert phase_at("XNYS", new_york("2026-03-09T12:00:00")).start_ns == new_york("2026-03-09T09:30:00")


def test_the_pace_of_a_trading_day_is_a_u_of_mean_one() -> None:
    phase = phase_at("XNYS", new_york("2026-01-06T12:00:00"))
    paces = [pace("XNYS", phase, at) for at in range(phase.start_ns, phase.end_ns, 60 * NS_PER_S)]
    assert sum(paces) / len(paces) == pytest.approx(1.0, abs=0.02)
    assert paces[0] > paces[-1] > 2 * paces[200]


def test_the_pace_of_currencies_and_coins_is_about_one_over_a_day() -> None:
    start_ns = new_york("2026-01-06T00:00:00")
    for calendar in ("FX", "24/7"):
        paces = [
            pace(calendar, Phase(Session.OPEN, 0, 2**62), start_ns + hour * 3600 * NS_PER_S)
            for hour in range(24)
        ]
        assert sum(paces) / len(paces) == pytest.approx(1.0, abs=0.15)
        assert min(paces) > 0.4


def test_nothing_happens_in_a_closed_market() -> None:
    phase = phase_at("XNYS", new_york("2026-01-10T12:00:00"))
    assert pace("XNYS", phase, phase.start_ns) == 0


def test_the_day_before_a_monday_is_a_friday_except_for_coins() -> None:
    monday_ns = new_york("2026-01-12T12:00:00")
    friday, sunday = (
        datetime.fromisoformat("2026-01-09T00:00:00Z"),
        datetime.fromisoformat("2026-01-11T00:00:00Z"),
    )
    assert prior_day_start_ns("XNYS", monday_ns) == int(friday.timestamp()) * NS_PER_S
    assert prior_day_start_ns("24/7", monday_ns) == int(sunday.timestamp()) * NS_PER_S
