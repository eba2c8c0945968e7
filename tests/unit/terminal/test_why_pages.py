"""What `w` says: every row that can be under the cursor is explained."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.messages.views import HealthState, HealthView, LimitView
from engine.model.order import OrderStatus, OrderType
from engine.model.trade import Side
from engine.portfolio.risk_numbers import compute
from engine.risk.limits import SymbolLimits
from terminal.desk import Desk
from terminal.screens.reading import ReadingScreen
from terminal.screens.why import why_order
from terminal.screens.why_account import why_account
from terminal.screens.why_health import COMPONENTS, why_health
from terminal.screens.why_risk import LIMITS, METRICS, why_risk
from terminal.widgets.risk import METRIC, TRADING
from tests.desk_hands import Hands, Try, trying
from tests.frozen_desk import risk, whole_frame
from tests.market_views import NOW_NS, order
from tests.risk_room import Room

PAGES = Path(__file__).parents[3] / "docs"


def full_desk() -> Desk:
    on = Desk()
    on.merge(whole_frame())
    return on


def test_every_limit_that_a_gauge_can_show_is_explained_with_a_key_of_the_limits_file() -> None:
    shown: set[str] = set()
    for limits in (
        SymbolLimits(position_size_max=Decimal(1), position_notional_max=Decimal(10**9)),
        SymbolLimits(position_notional_max=Decimal(10**9)),
    ):
        room = Room(limits)
        room.hold(100)
        shown |= {view.rule for view in room.gate.usage()}
    assert shown == set(LIMITS)
    example = (PAGES / "limits.example.toml").read_text()
    for where, counted, does in LIMITS.values():
        assert counted
        assert does
        for key in re.findall(r"\w+_(?:max|percent|per_s|burst)\w*", where):
            assert f"\n{key} = " in example


def test_every_risk_number_is_explained() -> None:
    numbers = compute({}, {}, bars_per_day={}, days_per_year=252.0, equity_micros=0, drawdown=0.0)
    assert {metric.name for metric in numbers.metrics} == set(METRICS)


def test_every_component_is_explained() -> None:
    page = (PAGES / "metrics.md").read_text()
    table = page[page.index("| component | unit of its value |") :].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(COMPONENTS)


def test_a_limit_says_how_much_is_used_where_it_is_set_and_what_it_does() -> None:
    on = full_desk()
    limit = LimitView("gross_exposure", "Gross exposure", 1_600_000, 2_000_000, "money")
    on.risk = replace(risk(), limits=(limit,), limits_source="limits.toml, saved 2025-11-24 09:00 UTC")
    page = why_risk("gross_exposure", on)
    assert page is not None
    title, lines = page
    text = "\n".join(lines)
    assert title == "Gross exposure"
    for part in (
        "2.0M",
        "1.6M, 80% of it: near",
        "limits.toml: [account] gross_max_ratio",
        "saved 2025-11-24 09:00",
        "refuses what would go beyond it",
    ):
        assert part in text
    on.risk = replace(risk(), limits=(replace(limit, used=2_100_000),))
    page = why_risk("gross_exposure", on)
    assert page is not None
    assert "BREACHED" in page[1][1]


def test_the_state_of_trading_and_a_number_are_explained() -> None:
    on = full_desk()
    trading = why_risk(TRADING, on)
    assert trading is not None
    assert "halted    TSLA; resume TSLA lifts it" in trading[1]
    assert any("size 90,000 is above 10,000" in line for line in trading[1])
    beta = why_risk(f"{METRIC}beta", on)
    assert beta is not None
    assert "not defined yet" in beta[1][-1]
    assert why_risk("no such rule", on) is None


@pytest.mark.parametrize(
    ("state", "ended"), [(HealthState.DOWN, ""), (HealthState.OK, " and is over")], ids=("now", "over")
)
def test_a_component_says_its_state_since_when_and_its_last_error(state: HealthState, ended: str) -> None:
    on = full_desk()
    began = NOW_NS - 90 * 10**9
    on.health = (
        HealthView("journal", "journal", state, "fine", "", (), NOW_NS, "full · the disk is full", began),
    )
    page = why_health("journal", on)
    assert page is not None
    text = "\n".join(page[1])
    assert f"{state.value}, since 14:02:11, for 0.0s" in text
    assert "last error  full · the disk is full" in text
    assert f"it began at 14:00:41{ended}" in text
    assert ("It begins here: it needs nothing else." in text) is not bool(ended)
    assert why_health("nothing", on) is None


def test_a_denial_has_every_reason_on_a_line_of_its_own_and_whole() -> None:
    on = full_desk()
    reasons = [f"rule {number} says no: {'a long story ' * 12}" for number in range(12)]
    denied = order(7, Side.BUY, 100, status=OrderStatus.DENIED, reason="; ".join(reasons))
    lines = why_order(denied, on)
    assert "status       denied, for 12 reasons:" in lines
    shown = ReadingScreen("Why", lines)._lines
    assert [line for line in shown if "· rule" in line] == [f"             · {reason}" for reason in reasons]
    one = why_order(replace(denied, reason="size 90,000 is above 10,000"), on)
    assert "status       denied: size 90,000 is above 10,000" in one


def test_a_trailing_stop_says_where_it_stands() -> None:
    on = full_desk()
    trailing = order(8, Side.SELL, 100, type=OrderType.TRAILING, limit=None, trail=50)
    assert "trails       by 0.50 from the high since it works; the broker has not told where it stands" in (
        why_order(trailing, on)
    )
    told = why_order(replace(trailing, stop=18_150), on)
    assert "trails       by 0.50 from the high since it works; triggers at 181.50" in told


def test_the_accounts_money_adds_up() -> None:
    on = full_desk()
    assert on.account is not None
    text = "\n".join(why_account(on.account, on))
    assert "equity        999,974.00 USD = cash + what the positions would bring" in text
    assert "cash        985,202.00" in text
    assert "positions   +14,772.00" in text
    assert "NVDA       54,702.00" in text
    assert "began at    1,000,000.00" in text
    assert "buying power  1,905,316.00" in text


@pytest.fixture
def at_desk(tmp_path: Path) -> Try:
    """Return what runs a script at a desk of a size and gives back the engine it spoke to."""
    return trying(tmp_path)


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=("full", "single"))
def test_w_explains_the_row_under_the_cursor_in_risk_and_health(at_desk: Try, size: tuple[int, int]) -> None:
    async def script(hands: Hands) -> None:
        async def title(*keys: str) -> str:
            await hands.press(*keys)
            await hands.pilot.pause()
            top = hands.top
            assert isinstance(top, ReadingScreen)
            await hands.press("escape")
            await hands.pilot.pause()
            return top._title

        assert await title("7", "w") == "Why · Gross exposure"
        assert await title("j", "w") == "Why · Max position NVDA"
        assert await title("G", "w") == "Why · Beta"
        assert await title("8", "w") == "Why · journal"
        assert await title("j", "w") == "Why · loop lag"
        assert await title("W") == "Why · account PAPER-1"
        assert await title("1", "w") == "Why · NVDA"

    at_desk(script, size)


def test_an_order_says_what_it_cost_against_the_market_as_it_was_sent() -> None:
    sent = replace(order(1, Side.BUY, 300), sent_bid=18_230, sent_ask=18_232)
    done = replace(sent, slippage_bps=0.55, slippage_micros=3_000_000)
    lines = why_order(done, full_desk())
    assert "market       182.30 x 182.32 as it was sent" in lines
    assert "cost         0.6 bps (3.00 USD) worse than its middle, fees apart" in lines
    assert any(
        "better than its middle" in line for line in why_order(replace(done, slippage_micros=-1), full_desk())
    )
    assert not any(line.startswith("cost") for line in why_order(sent, full_desk()))
    assert not any(line.startswith("market") for line in why_order(order(1, Side.BUY, 300), full_desk()))
