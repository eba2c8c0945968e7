from __future__ import annotations

import asyncio

import pytest

from engine.adapters.simulated.market import START_NS, SimulatedMarket
from engine.adapters.simulated.pacing import FOREVER_NS, HELD, Pacing
from engine.clock import NS_PER_S, SimulatedClock
from engine.errors import InvalidValue
from engine.model.depth import DepthDelta
from tests.unit.engine.simulated_recorder import Recorder


def test_market_time_follows_the_wall_at_its_speed() -> None:
    pacing = Pacing(1000, 2.0)
    assert pacing.limit_ns(1000, 50) == 1000
    assert pacing.limit_ns(1000, 150) == 1200


def test_a_change_of_speed_counts_from_now_on() -> None:
    pacing = Pacing(0, 1.0)
    pacing.limit_ns(0, 0)
    assert pacing.limit_ns(0, 100) == 100
    pacing.set_speed(10.0)
    assert pacing.limit_ns(100, 100) == 100
    assert pacing.limit_ns(100, 110) == 200


def test_a_pause_does_not_have_to_be_made_up_for() -> None:
    pacing = Pacing(0, 1.0)
    pacing.limit_ns(0, 0)
    pacing.pause()
    assert pacing.limit_ns(0, 10) == HELD
    pacing.resume()
    assert pacing.limit_ns(0, 5000) == 0
    assert pacing.limit_ns(0, 5010) == 10


def test_a_machine_that_falls_behind_gets_a_slower_market() -> None:
    pacing = Pacing(0, 1.0)
    pacing.limit_ns(0, 0)
    assert pacing.limit_ns(0, NS_PER_S) == 0
    assert pacing.limit_ns(0, NS_PER_S + 10) == 10


def test_without_a_speed_everything_is_due() -> None:
    assert Pacing(0, 0.0).limit_ns(0, 0) == FOREVER_NS


def test_hurrying_ignores_speed_and_pause_until_it_is_there() -> None:
    pacing = Pacing(0, 1.0)
    pacing.pause()
    pacing.hurry_to(500, 0)
    assert pacing.limit_ns(0, 0) == 500
    assert pacing.limit_ns(500, 0) == HELD


def test_the_past_is_refused_with_a_sentence() -> None:
    market = SimulatedMarket(SimulatedClock(START_NS))
    with pytest.raises(InvalidValue, match=r"only goes forward: that time was 60 s ago"):
        market.jump(START_NS - 60 * NS_PER_S)


@pytest.mark.parametrize("speed", [-1.0, float("nan"), float("inf")])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(InvalidValue, match="speed"):
        Pacing(0, 1.0).set_speed(speed)


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0.001)


def test_a_step_delivers_one_order_and_holds() -> None:
    clock = SimulatedClock(START_NS)
    market = SimulatedMarket(clock, symbols=["SPY"], events_per_s=50, history_minutes=1)
    recorder = Recorder(clock)

    def orders() -> int:
        return sum(isinstance(message, DepthDelta) for message in recorder.messages)

    async def play() -> list[int]:
        market.pause()
        task = asyncio.create_task(market.run(recorder))
        seen = []
        for _ in range(3):
            await _turns(40)
            seen.append(orders())
            market.step()
        await _turns(40)
        seen.append(orders())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert asyncio.run(play()) == [0, 1, 2, 3]
    assert market.paused


def test_it_says_what_it_is() -> None:
    market = SimulatedMarket(SimulatedClock(START_NS), speed=4.0)
    assert (market.speed, market.paused, market.finished, market.span_ns) == (4.0, False, False, None)
