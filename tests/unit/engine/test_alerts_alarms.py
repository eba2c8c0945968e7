"""Alarms: told once by their cause, answered, told again where nobody answers, kept over a restart."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from engine.alerts.alarms import ESCALATIONS_MAX, OPEN_MAX, PAST_MAX, Alarms, AlarmsKept
from engine.alerts.conditions import CONDITIONS_MAX
from engine.alerts.rule import Rule
from engine.errors import EngineError
from engine.messages.alarm_views import STEPS_MAX, AlarmState
from engine.messages.events import Severity
from tests.unit.engine.alert_bench import AlertBench, Number, hot, load


def test_what_is_wrong_is_told_once_and_its_end_once() -> None:
    bench = AlertBench({"hot": hot()})
    assert bench.told(load(9)) == []
    assert bench.told(load(11)) == [("fired", "host a")]
    assert bench.told(load(50)) == []
    assert bench.told(load(7)) == []  # between both bounds nothing changes
    assert bench.told(load(5)) == [("resolved", "host a")]
    assert bench.told(load(5)) == []
    assert [each.sentence for each in bench.notices] == [
        "alert 1: load of a is 11",
        "alert 1 is over: load of a is 11",
    ]


def test_it_must_be_wrong_and_right_at_a_stretch() -> None:
    bench = AlertBench({"hot": hot(for_s=3, clear_for_s=2)})
    for value in (11, 11, 11, 9, 11, 11, 11):
        assert bench.told(load(value)) == []
    assert bench.told(load(11)) == [("fired", "host a")]
    for value in (4, 4, 11, 4, 4):
        assert bench.told(load(value)) == []
    assert bench.told(load(4)) == [("resolved", "host a")]


def test_ten_symbols_of_one_venue_that_is_down_are_one_notice() -> None:
    rules = {
        "down": Rule(
            metric="circuit",
            equals=2,
            severity=Severity.CRITICAL,
            cause="venue {venue}",
            text="{venue} is down",
        ),
        "stale": Rule(metric="age", above=5, cause="venue {source}", text="{symbol} is stale", clear_for_s=0),
    }
    bench = AlertBench(rules)
    stale = [Number("age", (("source", "kraken"), ("symbol", f"S{n}")), 9.0) for n in range(10)]
    down = Number("circuit", (("venue", "kraken"),), 2.0)
    assert bench.told(down, *stale) == [("fired", "venue kraken")]
    (alarm,) = bench.alarms.view.open
    assert (alarm.text, alarm.more, alarm.severity) == ("kraken is down", 10, Severity.CRITICAL)
    assert bench.told(*stale[:3], after_s=60) == []
    assert bench.alarms.view.open[0].more in {2, 3}


def test_who_acknowledges_hears_no_more_until_it_gets_worse() -> None:
    rules = {"hot": hot(), "boiling": replace(hot(severity=Severity.CRITICAL), above=100.0)}
    bench = AlertBench(rules)
    bench.alarms.escalate_after_s = 60
    bench.look(load(11))
    bench.alarms.acknowledge(1, "ann", bench.now_ns)
    assert bench.told(load(11), after_s=600) == []
    assert bench.alarms.view.unanswered == 0
    assert bench.told(load(101)) == [("worse", "host a")]
    (alarm,) = bench.alarms.view.open
    assert (alarm.state, alarm.by, alarm.severity) == (AlarmState.FIRING, "", Severity.CRITICAL)


def test_a_silence_holds_for_its_cause_whether_it_goes_on_or_comes_again() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    bench.alarms.silence(1, 600, "ann", bench.now_ns)
    assert bench.told(load(5), after_s=10) == []  # over, and nobody wants to hear
    assert bench.told(load(11), after_s=10) == []
    (alarm,) = bench.alarms.view.open
    assert (alarm.number, alarm.state, alarm.by) == (2, AlarmState.SILENCED, "ann")
    assert bench.told(load(11, "b"), load(11), after_s=1) == [("fired", "host b")]
    assert bench.told(load(11, "b"), load(11), after_s=600) == [("again", "host a")]


def test_what_was_answered_can_be_taken_back() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    with pytest.raises(EngineError, match="nobody has answered alert 1"):
        bench.alarms.take_back(1, "bob", bench.now_ns)
    bench.alarms.silence(1, 600, "ann", bench.now_ns)
    bench.alarms.take_back(1, "bob", bench.now_ns)
    assert bench.alarms.view.open[0].state is AlarmState.FIRING
    assert bench.told(load(5)) == [("resolved", "host a")]
    assert bench.told(load(11)) == [("fired", "host a")]


def test_what_became_of_an_alert_is_kept_step_by_step_and_outlives_the_program() -> None:
    rules = {"hot": hot(), "boiling": replace(hot(severity=Severity.CRITICAL), above=100.0)}
    bench = AlertBench(rules)
    bench.alarms.escalate_after_s = 60
    bench.look(load(11))
    bench.alarms.acknowledge(1, "ann", bench.now_ns)
    bench.look(load(101))
    bench.look(load(101), after_s=60)
    bench.alarms.silence(1, 60, "bob", bench.now_ns)
    bench.look(load(101), after_s=60)
    bench.alarms.acknowledge(1, "ann", bench.now_ns)
    bench.alarms.take_back(1, "cy", bench.now_ns)
    bench.look(load(5))
    (alarm,) = bench.alarms.view.past
    assert [(step.turn.value, step.by, step.severity.value) for step in alarm.steps] == [
        ("fired", "", "warning"),
        ("acknowledged", "ann", "warning"),
        ("worse", "", "critical"),
        ("escalated", "", "critical"),
        ("silenced", "bob", "critical"),
        ("again", "", "critical"),
        ("acknowledged", "ann", "critical"),
        ("reopened", "cy", "critical"),
        ("resolved", "", "critical"),
    ]
    assert [step.at_ns for step in alarm.steps] == sorted(step.at_ns for step in alarm.steps)
    again = Alarms()
    again.recall(msgspec.json.decode(msgspec.json.encode(bench.alarms.kept), type=AlarmsKept))
    assert again.view.past == (alarm,)


def test_of_many_steps_the_first_and_the_latest_are_kept() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    for number in range(STEPS_MAX):
        bench.alarms.acknowledge(1, f"ann {number}", bench.now_ns)
    steps = bench.alarms.view.open[0].steps
    assert len(steps) == STEPS_MAX
    assert [step.by for step in steps] == ["", *(f"ann {number}" for number in range(1, STEPS_MAX))]


@pytest.mark.parametrize(("number", "why"), [(7, "there is no alert 7"), (1, "alert 1 is over")])
def test_an_answer_to_nothing_is_refused(number: int, why: str) -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    bench.look(load(1))
    with pytest.raises(EngineError, match=why):
        bench.alarms.acknowledge(number, "ann", bench.now_ns)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 86_401.0, float("nan")], ids=str)
def test_a_silence_has_an_end(seconds: float) -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    with pytest.raises(EngineError, match="a second to a day"):
        bench.alarms.silence(1, seconds, "ann", bench.now_ns)


def test_a_critical_one_that_nobody_answers_is_told_again_and_not_for_ever() -> None:
    bench = AlertBench({"hot": hot(severity=Severity.CRITICAL), "warm": hot(cause="warm {host}")})
    bench.alarms.escalate_after_s = 300
    bench.look(load(11))
    told = [bench.told(load(11), after_s=100) for _ in range(20)]
    assert [each for look in told for each in look] == [("escalated", "host a")] * ESCALATIONS_MAX
    assert told[1] == []
    assert told[2] == [("escalated", "host a")]


def test_after_a_long_pause_it_is_told_again_once_and_not_all_at_once() -> None:
    before = AlertBench({"hot": hot(severity=Severity.CRITICAL)})
    before.look(load(11))
    after = AlertBench({"hot": hot(severity=Severity.CRITICAL)}, now_s=before.now_s + 10_000)
    after.alarms.escalate_after_s = 300
    after.alarms.recall(before.alarms.kept)
    told = [after.told(load(11)) for _ in range(5)]
    assert told == [[("escalated", "host a")], [], [], [], []]


def test_without_an_escalation_nothing_is_told_again() -> None:
    bench = AlertBench({"hot": hot(severity=Severity.CRITICAL)})
    bench.look(load(11))
    assert bench.told(load(11), after_s=90_000) == []


def test_what_is_not_measured_any_more_is_over_after_a_while() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    assert bench.told(after_s=20) == []
    assert bench.told(after_s=20) == [("resolved", "host a")]


def test_a_number_that_is_none_says_nothing() -> None:
    bench = AlertBench({"hot": hot()})
    assert bench.told(load(float("nan"))) == []


def test_an_earlier_session_is_gone_on_with() -> None:
    before = AlertBench({"hot": hot()})
    before.look(load(11), load(12, "b"), load(13, "c"))
    before.alarms.acknowledge(1, "ann", before.now_ns)
    before.alarms.silence(2, 3_600, "bob", before.now_ns)
    before.look(load(11), load(12, "b"), load(1, "c"))
    after = AlertBench({"hot": hot()}, now_s=before.now_s)
    after.alarms.recall(before.alarms.kept)
    assert [each.number for each in after.alarms.view.open] == [1, 2]
    assert [each.number for each in after.alarms.view.past] == [3]
    assert after.told() == []  # the numbers are not there yet
    assert after.told(load(11), load(12, "b")) == []
    assert {each.by for each in after.alarms.view.open} == {"ann", "bob"}
    assert after.told(load(11), load(1, "b"), load(20, "d"), after_s=90) == [("fired", "host d")]
    assert after.alarms.view.open[1].number == 4


def test_what_an_earlier_session_left_and_is_not_so_any_more_is_over() -> None:
    before = AlertBench({"hot": hot()})
    before.look(load(11))
    after = AlertBench({"hot": hot()})
    after.alarms.recall(before.alarms.kept)
    assert after.told(load(1), after_s=1) == []
    assert after.told(load(1), after_s=60) == [("resolved", "host a")]


def test_a_rule_that_is_turned_off_ends_what_it_told() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    bench.alarms.use({"hot": replace(hot(), enabled=False)}, "others")
    assert bench.told(load(11)) == [("resolved", "host a")]


def test_a_rule_that_stays_keeps_what_it_saw() -> None:
    bench = AlertBench({"hot": hot(for_s=3)})
    bench.look(load(11))
    bench.alarms.use({"hot": hot(for_s=3), "more": replace(hot(), above=1e9)}, "others")
    assert bench.told(load(11), after_s=3) == [("fired", "host a")]


def test_nothing_grows_without_bound_and_what_found_no_room_is_counted() -> None:
    bench = AlertBench({"hot": hot(cause="{host}")})
    crowd = [load(11, f"h{n}") for n in range(CONDITIONS_MAX + 5)]
    bench.look(*crowd)
    assert len(bench.alarms.view.open) == OPEN_MAX
    assert bench.alarms.dropped == 5 + CONDITIONS_MAX - OPEN_MAX
    for _ in range(4):
        bench.look()
        bench.look(*crowd, after_s=60)
        bench.look(*(load(1, f"h{n}") for n in range(CONDITIONS_MAX)))
    assert len(bench.alarms.view.past) <= PAST_MAX
    assert len(bench.alarms.kept.past) <= PAST_MAX


def test_labels_from_outside_are_data() -> None:
    evil = "a\x1b[2J{host.__class__}{value}"
    bench = AlertBench({"hot": hot()})
    bench.look(load(11, evil))
    (alarm,) = bench.alarms.view.open
    assert "\x1b" not in alarm.text + alarm.cause
    assert "{host.__class__}" in alarm.text


def test_a_view_is_another_only_where_something_differs() -> None:
    bench = AlertBench({"hot": hot()})
    bench.look(load(11))
    shown = bench.alarms.view
    bench.look(load(12))
    assert bench.alarms.view is shown
    assert Alarms().view.open == ()
