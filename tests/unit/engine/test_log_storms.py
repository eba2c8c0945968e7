"""A loud event is cut and counted; nothing else is lost for it."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.observe.logs import CRITICAL_MAX, NAME, WAITING_MAX, EventLog
from engine.observe.storms import EVENTS_MAX, KEPT_MAX, Storms


@given(st.lists(st.tuples(st.just("a"), st.sampled_from("xy"), st.integers(0, 1)), max_size=400))
def test_of_each_event_so_many_a_second_are_let_through_and_the_rest_is_counted(
    told: list[tuple[str, str, int]],
) -> None:
    storms, let = Storms(), 0
    kept: dict[tuple[str, str, int], int] = {}
    for component, event, second in sorted(told, key=lambda each: each[2]):
        if storms.lets(component, event, second * NS_PER_S):
            let += 1
            key = (component, event, second)
            kept[key] = kept.get(key, 0) + 1
    assert all(count <= KEPT_MAX for count in kept.values())
    assert let + sum(each.lines for each in storms.take_left_out()) == len(told)
    assert not list(storms.take_left_out())


def test_names_without_end_share_one_count() -> None:
    storms = Storms()
    let = sum(storms.lets("a", f"event {number}", 0) for number in range(2 * EVENTS_MAX))
    assert let == EVENTS_MAX + KEPT_MAX
    (rest,) = storms.take_left_out()
    assert (rest.component, rest.event, rest.lines) == ("log", "the rest", EVENTS_MAX - KEPT_MAX)


def test_a_storm_is_cut_the_cut_is_a_line_of_its_component_and_others_are_heard(tmp_path: Path) -> None:
    clock = SimulatedClock(NS_PER_S)
    log = EventLog(tmp_path, clock.now_ns)
    log.open()
    for number in range(KEPT_MAX + 7):
        log.note("info", "order changed", "orders", number=number)
        log.note("critical", "alert", "alerts", number=number)
    log.note("info", "order filled", "orders")
    log.close()
    lines = [json.loads(each) for each in (tmp_path / NAME).read_text(encoding="utf-8").splitlines()]
    assert sum(each["event"] == "order changed" for each in lines) == KEPT_MAX
    assert sum(each["event"] == "alert" for each in lines) == KEPT_MAX + 7
    assert sum(each["event"] == "order filled" for each in lines) == 1
    (said,) = [each for each in lines if each["event"] == "lines left out"]
    assert (said["component"], said["of"], said["count"]) == ("orders", "order changed", 7)
    assert log.left_out == 7
    assert "7 left out of storms" in log.reading().detail


def test_what_is_critical_has_room_where_all_else_has_none(tmp_path: Path) -> None:
    log = EventLog(tmp_path, lambda: 0)
    for number in range(2 * WAITING_MAX):
        log.note("info", f"event {number % 40}", f"part {number % 7}")
    dropped = log.dropped
    log.note("critical", "alert", "alerts")
    assert (dropped > 0, log.dropped) == (True, dropped)
    for _ in range(CRITICAL_MAX):
        log.note("critical", "alert", "alerts")
    assert log.dropped == dropped + 1
