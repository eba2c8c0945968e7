"""Limits over all desks: the gate adds what the others said last, and says which rule it was."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.clock import NS_PER_S
from engine.desk.desks import Desks
from engine.desk.redis_presence import Heard
from engine.duties.firm_sums import FirmSums
from engine.errors import ConfigError
from engine.messages.commands import TradingState
from engine.messages.events import AlertRaised
from engine.messages.firm import DeskPresence, Held
from engine.model.account import RATE_SCALE
from engine.risk.limits import FirmLimits, Limits, validate
from engine.risk.limits_source import read_limits
from tests.engine_rooms import composed
from tests.risk_room import AMD, GENEROUS, MICROS, NVDA, Room


def room(**limits: int) -> Room:
    """Return a room with limits over all desks, in thousands."""
    one = Room()
    firm = FirmLimits(**{f"{name}_notional_max": Decimal(1_000 * value) for name, value in limits.items()})
    one.limits.use(Limits(account=GENEROUS, firm=firm), "the test")
    return one


def elsewhere(one: Room, high: int, low: int, gross: int | None = None, trouble: str = "") -> None:
    """Let the other desks hold so many thousands of NVDA."""
    thousand = 1_000 * MICROS
    gross = max(high, -low) if gross is None else gross
    extremes = (high * thousand, low * thousand)
    one.gate.firm.set(gross * thousand, *extremes, {NVDA: extremes}, trouble)


def test_what_others_hold_counts_towards_each_limit_and_the_denial_names_it() -> None:
    one = room(gross=50, net=50, symbol=50)
    assert one.no(one.buy(400)) == []
    elsewhere(one, 20, 20)
    assert one.no(one.buy(290)) == []
    assert one.no(one.buy(400)) == ["firm_gross", "firm_net", "firm_symbol"]
    alone = room(symbol=50)
    elsewhere(alone, 20, 20)
    assert alone.why(alone.buy(400)) == "position in NVDA of all desks would be 60,000, limit 50,000"
    assert alone.no(alone.buy(400, symbol=AMD)) == []


def test_opposite_positions_net_out_but_not_in_the_sum() -> None:
    one = room(gross=50, net=10, symbol=10)
    elsewhere(one, -30, -30)
    assert one.no(one.buy(190)) == []
    assert one.no(one.buy(250)) == ["firm_gross"]
    assert one.no(one.sell(10)) == ["firm_net", "firm_symbol"]


def test_what_reduces_always_passes() -> None:
    one = room(gross=50, net=50, symbol=50)
    one.hold(400)
    one.gate.firm.denies = True
    elsewhere(one, 500, 500, trouble="tower is silent")
    assert one.no(one.sell(100)) == []


def test_others_that_are_not_known_deny_what_opens_where_that_is_demanded() -> None:
    one = room(symbol=50)
    elsewhere(one, 0, 0, trouble="tower is silent")
    assert one.no(one.buy(10)) == []
    one.gate.firm.denies = True
    assert one.why(one.buy(10)) == "what the other desks hold is not known: tower is silent"
    without = Room()
    without.gate.firm.denies = True
    elsewhere(without, 0, 0, trouble="tower is silent")
    assert without.no(without.buy(10)) == []


@settings(max_examples=60)
@given(st.integers(-60, 60), st.integers(0, 60), st.integers(-600, 600), st.integers(1, 900), st.booleans())
def test_no_order_that_passes_brings_all_desks_past_a_limit(
    low: int, more: int, held: int, quantity: int, buying: bool
) -> None:
    one = room(gross=80, net=60, symbol=40)
    one.hold(held)
    elsewhere(one, low + more, low)
    order = one.buy(quantity) if buying else one.sell(quantity)
    if one.no(order):
        return
    after = held + quantity if buying else held - quantity
    if abs(after) < abs(held) and after * held >= 0:
        return
    toward = after + 10 * (low + more) if buying else -after - 10 * low
    assert toward <= 400
    if abs(after) > abs(held):
        assert 10 * max(low + more, -low) + abs(after) <= 800


def test_the_gauges_show_what_all_desks_use_where_a_limit_is_set() -> None:
    one = room(gross=50, net=40)
    one.hold(100)
    elsewhere(one, 20, 20)
    used = {view.rule: (view.used, view.limit) for view in one.gate.usage()}
    assert [used["firm_gross"], used["firm_net"]] == [(30_000, 50_000), (30_000, 40_000)]
    rule = next(each for each in one.gate.preview(one.buy(100)).rules if each.rule == "firm_gross")
    assert (rule.before, rule.after, rule.limit) == (30_000, 40_000, 50_000)
    assert not {view.rule for view in Room().gate.usage()} & {"firm_gross", "firm_net"}


def test_a_limit_is_read_from_the_file_and_has_to_be_a_positive_number(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text("[firm]\ngross_notional_max = 5000000\n", encoding="utf-8")
    assert read_limits(path).firm == FirmLimits(gross_notional_max=Decimal(5_000_000))
    with pytest.raises(ConfigError, match=r"firm\.net_notional_max"):
        validate(Limits(firm=FirmLimits(net_notional_max=Decimal(-1))))


def heard(name: str, millions: int, mode: str = "sim", **other: object) -> Heard:
    worth = millions * 10**12
    presence = DeskPresence(
        name=name, run="r", host="h", account="A", mode=mode, operator="ann", state=TradingState.ACTIVE,
        version="1", currency="USD", gross=abs(worth), high=worth, low=worth,
        held=(Held("ABC", "1", worth, worth),),
    )  # fmt: skip
    age_ms = other.pop("age_ms", 0)
    assert isinstance(age_ms, int)
    return Heard(replace(presence, **other), age_ms)


def test_the_sums_are_over_desks_of_the_same_mode_and_say_why_they_may_not_be_all(tmp_path: Path) -> None:
    told: list[str] = []
    with composed(tmp_path, steady_is_own=True) as rooms:
        rooms.desks = Desks(rooms.clock.monotonic_ns)
        rooms.limits.use(Limits(firm=FirmLimits(gross_notional_max=Decimal(10**9))), "the test")
        rooms.bus.subscribe(AlertRaised, lambda event: told.append(event.text))
        sums, firm = FirmSums(rooms), rooms.gate.firm

        def trouble_after(*found: Heard) -> str:
            assert rooms.desks is not None
            rooms.desks = Desks(rooms.clock.monotonic_ns)
            rooms.desks.take(found)
            sums.look()
            return firm.trouble

        assert not trouble_after(heard("a", 3), heard("b", -1), heard("c", 9, mode="live"))
        assert (firm.gross, firm.high, firm.low) == (4 * 10**12, 2 * 10**12, 2 * 10**12)
        assert not told
        assert "says nothing any more" in trouble_after(heard("a", 3, age_ms=9_000))
        assert firm.gross == 3 * 10**12, "as it was last heard"
        assert told == [
            "limits over all desks: a holds something and says nothing any more; they count as they were last heard"
        ]
        assert not trouble_after(heard("a", 3, age_ms=9_000, has_ended=True))
        assert "without a price" in trouble_after(heard("a", 3, is_priced=False))
        assert "no rate" in trouble_after(heard("a", 3, currency="CHF"))
        rooms.rates.set("CHF", 2 * RATE_SCALE)
        assert not trouble_after(heard("a", 3, currency="CHF"))
        assert firm.gross == 6 * 10**12
        rooms.desks = Desks(lambda: 10 * NS_PER_S)
        rooms.desks._asked_ns = 0
        sums.look()
        assert firm.trouble == "the other desks can't be heard"
