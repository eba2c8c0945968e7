"""Whatever numbers come and whatever people say, alarms are what a plain reckoning says they are."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.alerts.condition import Condition
from engine.messages.alarm_views import AlarmState, NoticeKind
from engine.messages.events import Severity
from tests.unit.engine.alert_bench import AlertBench, hot, load

VALUES = st.sampled_from((0.0, 5.0, 6.0, 10.0, 11.0, 99.0))
HOSTS = st.sampled_from(("a", "b", "c"))
S = 1_000_000_000


@given(st.lists(VALUES, max_size=40), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_a_condition_fires_by_the_stretches_of_its_numbers_alone(
    values: list[float], for_s: int, clear_for_s: int
) -> None:
    bound, condition = hot(for_s=for_s, clear_for_s=clear_for_s), Condition()
    fires, stretch = False, 0
    for second, value in enumerate(values):
        turns = value <= 5 if fires else value > 10
        stretch = stretch + 1 if turns else 0
        if turns and stretch > (clear_for_s if fires else for_s):
            fires, stretch = not fires, 0
        condition.take(bound, value, second * S)
        assert condition.fires is fires, values[: second + 1]


class Answered(RuleBasedStateMachine):
    """Numbers of three hosts, and somebody who answers as the fancy takes them."""

    def __init__(self) -> None:
        super().__init__()
        rules = {"hot": hot(severity=Severity.CRITICAL), "warm": hot(cause="all")}
        self.bench = AlertBench(rules)
        self.bench.alarms.escalate_after_s = 30
        self.loads = dict.fromkeys("abc", 0.0)
        self.silent_until: dict[str, float] = {}

    @rule(host=HOSTS, value=VALUES)
    def a_number_changes(self, host: str, value: float) -> None:
        self.loads[host] = value
        self.passes(1)

    @rule(seconds=st.sampled_from((1, 29, 31)))
    def passes(self, seconds: int) -> None:
        before = {each.cause: each for each in self.bench.alarms.view.open}
        numbers = [load(value, host) for host, value in self.loads.items()]
        for notice in self.bench.look(*numbers, after_s=seconds):
            cause = notice.alarm.cause
            assert self.silent_until.get(cause, 0) <= self.bench.now_s
            if notice.kind is NoticeKind.FIRED:
                assert cause not in before
            if notice.kind is NoticeKind.ESCALATED:
                assert notice.alarm.severity is Severity.CRITICAL
                assert notice.alarm.state is AlarmState.FIRING

    @precondition(lambda self: self.bench.alarms.view.open)
    @rule(data=st.data(), how=st.sampled_from(("acknowledge", "silence", "take_back")))
    def somebody_answers(self, data: st.DataObject, how: str) -> None:
        alarms = self.bench.alarms
        alarm = data.draw(st.sampled_from(alarms.view.open))
        if how == "acknowledge":
            alarms.acknowledge(alarm.number, "ann", self.bench.now_ns)
        elif how == "silence":
            alarms.silence(alarm.number, 60, "ann", self.bench.now_ns)
            self.silent_until[alarm.cause] = self.bench.now_s + 60
            return
        elif alarm.state is not AlarmState.FIRING:
            alarms.take_back(alarm.number, "ann", self.bench.now_ns)
        else:
            return
        self.silent_until.pop(alarm.cause, None)

    @rule()
    def the_program_starts_again(self) -> None:
        kept, now_s = self.bench.alarms.kept, self.bench.now_s
        self.bench = AlertBench(self.bench.rules, now_s=now_s)
        self.bench.alarms.escalate_after_s = 30
        self.bench.alarms.recall(kept)
        assert self.bench.alarms.kept == kept

    @invariant()
    def each_cause_is_there_once_and_what_is_wrong_is_there(self) -> None:
        view = self.bench.alarms.view
        causes = [each.cause for each in view.open]
        numbers = [each.number for each in (*view.open, *view.past)]
        assert len(causes) == len(set(causes))
        assert len(numbers) == len(set(numbers))
        assert all(each.resolved_ns for each in view.past)
        assert all((each.until_ns > 0) is (each.state is AlarmState.SILENCED) for each in view.open)
        if self.bench.now_s:
            assert {f"host {host}" for host, value in self.loads.items() if value > 10} <= set(causes)


TestAnswered = Answered.TestCase
TestAnswered.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
