"""What is used of Binance's weight, by its own count, and when more may be asked."""

from __future__ import annotations

from engine.adapters.binance.messages import Limit
from engine.adapters.binance.weights import LIMIT, Weights
from engine.clock import NS_PER_S, SimulatedClock
from engine.messages.views import HealthState

HEADER = "x-mbx-used-weight-1m"


def weights_at(second: float) -> tuple[Weights, SimulatedClock]:
    clock = SimulatedClock(int((1_723_118_400 + second) * NS_PER_S))
    return Weights(clock), clock


def test_a_count_holds_for_the_minute_it_was_told_in() -> None:
    weights, clock = weights_at(40)
    assert (weights.used, weights.wait_s(50)) == (0, 0.0)
    weights.note({HEADER: "4750", "x-mbx-used-weight": "1"})
    assert weights.used == 4750
    clock.advance_to(clock.now_ns() + 20 * NS_PER_S)
    assert weights.used == 0


def test_what_would_go_beyond_the_share_waits_for_the_next_minute() -> None:
    weights, _ = weights_at(40)
    weights.note({HEADER: "4750"})
    assert weights.wait_s(50) == 0.0
    assert weights.wait_s(51) == 20.0


def test_the_limit_is_the_one_that_the_venue_tells_of_a_minute() -> None:
    weights, _ = weights_at(0)
    assert weights.limit == LIMIT
    weights.learn(
        [
            Limit("ORDERS", "MINUTE", 1, 5),
            Limit("REQUEST_WEIGHT", "DAY", 1, 7),
            Limit("REQUEST_WEIGHT", "MINUTE", 1, 1200),
            Limit("REQUEST_WEIGHT", "MINUTE", 1, 0),
        ]
    )
    assert weights.limit == 1200
    weights.note({"x-mbx-used-weight": "961"})
    reading = weights.row().read()
    assert (reading.state, reading.value, reading.number) == (HealthState.DEGRADED, "961 of 1,200", 961)


def test_headers_that_are_no_count_are_left() -> None:
    weights, _ = weights_at(0)
    weights.note({HEADER: "12"})
    for text in ("", "nonsense", "-1", "²", "99999999999"):
        weights.note({HEADER: text})
    weights.note({})
    assert weights.used == 12
