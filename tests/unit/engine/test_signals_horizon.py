"""What a model's own orders opened is closed once nothing has wanted it for a horizon: reduce-only, through the same gate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.messages.commands import DisarmSignals, Flatten
from engine.messages.signal_views import SignalTrading
from engine.model.order import Order, OrderStatus
from engine.signals.trading.signal_id import bar_end_ns_in, signal_id, version_in
from tests.engine_rooms import ABC, buying, passes, quoted
from tests.serving_bench import NAME, ServingBench, course, looked, plays
from tests.unit.engine.test_signals_trading import ARM, LIMITS, TRADES, Desk

HORIZON_BARS = 3
PRICE = 100_000


@pytest.fixture
def bench(tmp_path: Path) -> ServingBench:
    made = ServingBench(tmp_path)
    made.champion(horizon_bars=HORIZON_BARS)
    return made


@pytest.fixture
def desk(bench: ServingBench) -> Iterator[Desk]:
    with bench.rooms(TRADES) as rooms:
        desk = Desk(rooms)
        desk.handlers.handle(ARM)
        yield desk


def silent(desk: Desk) -> None:
    """Let a second pass, and a bar end of which the champion says nothing."""
    passes(desk.rooms, 1)
    desk.hears(replace(desk.signal(), probability=None, abstained="unsure: x"))


def held(desk: Desk) -> int:
    position = desk.rooms.ledger.positions.get(ABC)
    return position.quantity if position is not None else 0


def exits(desk: Desk) -> list[Order]:
    return [order for order in desk.orders if order.request.reduce_only]


@pytest.mark.parametrize("direction", [1, -1], ids=["long", "short"])
def test_a_position_is_closed_a_horizon_after_its_signal_and_not_before(desk: Desk, direction: int) -> None:
    signal = desk.signal(direction)
    desk.hears(signal)
    for _ in range(HORIZON_BARS - 1):
        silent(desk)
        assert held(desk) == 5 * direction
    silent(desk)
    assert held(desk) == 0
    (order,) = exits(desk)
    assert (order.status, order.quantity, order.request.strategy) == (OrderStatus.FILLED, 5, NAME)
    assert order.request.correlation == signal_id(signal), "the exit is found by the signal that it ends"
    assert "its horizon is over" in desk.reason
    silent(desk)
    assert len(exits(desk)) == 1


def test_a_word_the_same_way_keeps_a_position_for_another_horizon(desk: Desk) -> None:
    for _ in range(2):
        desk.hears(desk.signal())
        passes(desk.rooms, 1.1)
    assert held(desk) == 10
    for _ in range(HORIZON_BARS + 2):
        passes(desk.rooms, 1)
        desk.hears(desk.signal())
        assert "would hold more than its 10 there" in desk.reason
    assert exits(desk) == []
    for _ in range(HORIZON_BARS):
        silent(desk)
    assert held(desk) == 0


def test_a_word_that_is_not_worth_an_order_keeps_nothing(desk: Desk) -> None:
    desk.hears(desk.signal())
    for _ in range(HORIZON_BARS):
        passes(desk.rooms, 1)
        desk.hears(replace(desk.signal(), edge_bps=-1.0))
    assert held(desk) == 0


def test_the_other_way_is_followed_first_and_what_is_left_ends_at_the_horizon(desk: Desk) -> None:
    for _ in range(2):
        desk.hears(desk.signal())
        passes(desk.rooms, 1.1)
    desk.hears(desk.signal(-1))
    assert (held(desk), exits(desk)) == (5, [])
    for _ in range(HORIZON_BARS):
        silent(desk)
    assert held(desk) == 0


def test_a_model_that_is_off_closes_nothing_and_one_that_is_armed_again_does(
    bench: ServingBench, desk: Desk
) -> None:
    signal = desk.signal()
    desk.hears(signal)
    desk.handlers.handle(DisarmSignals(NAME, "by hand"))
    for _ in range(HORIZON_BARS + 1):
        silent(desk)
    assert held(desk) == 5
    desk.rooms.journal.close()
    with bench.rooms(TRADES, later_s=400) as rooms:
        again = Desk(rooms)
        assert again.model.trading is SignalTrading.OFF
        silent(again)
        assert exits(again) == []
        again.handlers.handle(ARM)
        silent(again)
        assert held(again) == 0
        assert version_in(exits(again)[0].request.correlation) == signal.version


def test_what_a_person_bought_or_closed_is_left_alone(desk: Desk) -> None:
    desk.hears(desk.signal())
    passes(desk.rooms, 1.1)
    desk.handlers.handle(buying(desk.rooms, 20))
    quoted(desk.rooms, ABC, PRICE)
    for _ in range(HORIZON_BARS):
        silent(desk)
    assert held(desk) == 20, "the model's five are gone, the person's twenty are not"
    desk.hears(replace(desk.signal(-1)))
    desk.handlers.handle(Flatten(ABC))
    passes(desk.rooms, 0.1)
    quoted(desk.rooms, ABC, PRICE)
    passes(desk.rooms, 0.1)
    sent = len(exits(desk))
    for _ in range(HORIZON_BARS + 1):
        silent(desk)
    assert (held(desk), len(exits(desk))) == (0, sent)


def test_a_version_that_follows_ends_what_the_one_before_opened_and_each_keeps_its_own_money(
    bench: ServingBench, desk: Desk
) -> None:
    before = desk.signal()
    desk.hears(before)
    bench.champion(horizon_bars=HORIZON_BARS)
    looked(desk.rooms)
    plays(desk.rooms, list(course(5, HORIZON_BARS + 1)))
    desk.look()
    desk.handlers.handle(ARM)
    silent(desk)
    assert held(desk) == 0
    (order,) = exits(desk)
    assert version_in(order.request.correlation) == before.version != desk.model.version
    assert desk.model.money.fills == 0
    assert bar_end_ns_in(order.request.correlation) <= before.bar_end_ns
    assert bar_end_ns_in("sig-x") == 0


def test_exits_have_a_count_and_a_cooldown_of_their_own(bench: ServingBench) -> None:
    limits = replace(LIMITS, orders_a_day=1, cooldown_s=10)
    with bench.rooms(replace(TRADES, limits=limits)) as rooms:
        desk = Desk(rooms)
        desk.handlers.handle(ARM)
        desk.hears(desk.signal())
        for _ in range(HORIZON_BARS + 1):
            silent(desk)
        assert held(desk) == 5
        assert "more after its last order there; its horizon is over" in desk.reason
        passes(rooms, 10)
        silent(desk)
        assert held(desk) == 0
        desk.hears(desk.signal())
        assert "it sent 1 orders today, which is its limit" in desk.reason


def test_a_position_beyond_its_horizon_is_told_where_no_bar_ends_any_more(desk: Desk) -> None:
    desk.hears(desk.signal())
    passes(desk.rooms, HORIZON_BARS)
    desk.trader.look()
    assert "sent as" in desk.model.trading_reason, "its bar may still come"
    passes(desk.rooms, 3)
    for _ in range(3):
        desk.trader.look()
    said = "it holds 5 ABC beyond its horizon: no bar ends at which it could be closed"
    assert desk.model.trading_reason == said
    assert [text for text in desk.told if said in text] == [
        f"{NAME}: {said}; it stays until one does, or you close it"
    ]
    silent(desk)
    assert held(desk) == 0
    assert "its horizon is over" in desk.reason
    passes(desk.rooms, 10)
    desk.trader.look()
    assert "its horizon is over" in desk.model.trading_reason
