"""The mark that models leave in the quotes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from engine.messages.signal_views import SignalsView
from terminal.widgets.quote_signals import marks_of
from tests.signal_views import AAPL, CHAMPION, MSFT, NVDA, SHADOW, signal, signals


def test_the_champion_is_marked_and_no_shadow() -> None:
    assert marks_of(signals()) == {AAPL: ("▼69%", "down"), MSFT: ("·", "faint"), NVDA: ("▲64%", "up")}
    assert marks_of(SignalsView((signal(NVDA, SHADOW, "shadow", 0.9),))) == {}
    assert marks_of(None) == {}


@pytest.mark.parametrize(
    ("probability", "edge_bps", "mark"),
    [
        (0.9996, 3.0, ("▲99%", "up")),
        (0.0004, 3.0, ("▼99%", "down")),
        (0.7, 0.0, ("▲70%", "muted")),
        (0.7, None, ("▲70%", "muted")),
        (0.5, 3.0, ("·", "faint")),
    ],
    ids=["sure-up", "sure-down", "not-worth-it", "worth-unknown", "neither"],
)
def test_nothing_is_certain_and_only_what_pays_is_coloured(
    probability: float, edge_bps: float | None, mark: tuple[str, str]
) -> None:
    said = signal(NVDA, CHAMPION, "champion", probability, edge_bps=edge_bps)
    assert marks_of(SignalsView((said,))) == {NVDA: mark}


@pytest.mark.parametrize(
    ("other", "mark"), [(0.8, ("▲80%", "up")), (0.3, ("▲▼", "muted")), (None, ("▲64%", "up"))]
)
def test_of_several_champions_the_surest_is_marked_and_none_where_they_are_at_odds(
    other: float | None, mark: tuple[str, str]
) -> None:
    two = (
        signal(NVDA, CHAMPION, "champion", 0.642),
        replace(signal(NVDA, CHAMPION, "champion", other), model="intraday"),
    )
    assert marks_of(SignalsView(two)) == {NVDA: mark}
