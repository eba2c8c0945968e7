"""The page that says whose risk it is."""

from __future__ import annotations

from msgspec.structs import replace

from engine.messages.risk_views import RiskPartView, RiskSplitView, VarCheckView
from engine.model.instrument import Symbol
from terminal.desk import Desk
from terminal.screens.whose_risk import whose_risk
from tests.frozen_desk import whole_frame

PARTS = (
    RiskPartView(Symbol("NVDA"), 54_702.0, 1_310.4, 1_290.0, 1.075, 1_700.2),
    RiskPartView(Symbol("AAPL"), -39_930.0, 640.0, -90.0, -0.075, -110.0),
)
CHECK = VarCheckView(bars=670, beyond=8, expected=6.7, number_p=0.62, alone_p=0.03)


def page(split: RiskSplitView | None) -> list[str]:
    frame = whole_frame()
    assert frame.risk is not None
    desk = Desk()
    desk.merge(replace(frame, risk=replace(frame.risk, split=split)))
    return whose_risk(desk)


def test_every_position_has_a_row_and_the_last_one_is_their_sum() -> None:
    lines = page(RiskSplitView(PARTS, 1_200.0, 1_590.2, 700, CHECK))
    assert "in USD" in lines[0]
    rows = {line.split()[0]: line.split()[1:] for line in lines if line}
    assert rows["NVDA"] == ["54,702", "1,310", "1,290", "107.5%", "1,700"]
    assert rows["AAPL"] == ["-39,930", "640", "-90", "-7.5%", "-110"]
    assert rows["together"] == ["14,772", "1,950", "1,200", "100.0%", "1,590"]
    assert any("saves 38%" in line for line in lines)


def test_a_var_that_holds_and_losses_that_cluster_are_told() -> None:
    text = "\n".join(page(RiskSplitView(PARTS, 1_200.0, 1_590.2, 700, CHECK)))
    assert "8 lost more than the VaR (EWMA) said before them; 6.7 were to be expected" in text
    assert "number may be chance (p = 0.62); that they come as they do is not chance (p = 0.03)" in text
    assert "VaR is not right" not in text


def test_a_var_that_is_exceeded_too_often_says_what_to_expect() -> None:
    wrong = VarCheckView(bars=670, beyond=40, expected=6.7, number_p=0.0, alone_p=0.5)
    text = "\n".join(page(RiskSplitView(PARTS, 1_200.0, 1_590.2, 700, wrong)))
    assert "expect more than it says" in text


def test_without_bars_or_positions_the_page_says_what_is_missing() -> None:
    assert "31 one-minute bars" in page(None)[0]
    assert "Nothing is held" in whose_risk(Desk())[0]
    assert "can't be told yet" in page(RiskSplitView(PARTS, 1_200.0, 1_590.2, 40, None))[-1]
