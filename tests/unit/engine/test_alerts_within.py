"""From a number that changes until a person is told: at most five seconds, for every built-in rule but the patient one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.alerts.built_in import BUILT_IN
from engine.alerts.rule import Rule
from engine.clock import NS_PER_S
from engine.duties.alerting import Alerting
from engine.messages.events import AlertRaised
from engine.observe.metrics import Sample
from engine.rooms import Rooms
from tests.engine_rooms import composed, passes

WITHIN_S = 5.0
PATIENT = {"component_late"}
"""Rules about what is expected to be unwell for some seconds."""
STEP_S = 0.25


class Exporter:
    """What was measured, once a second: the value of one rule's metric, as a test sets it."""

    def __init__(self, rooms: Rooms, rule: Rule, phase_s: float) -> None:
        self.samples: tuple[Sample, ...] = ()
        self.measured_ns = 0
        self.value = self.whole = 0.0
        self._rooms, self._rule = rooms, rule
        self._due_ns = rooms.clock.monotonic_ns() + int(phase_s * NS_PER_S)

    def tick(self) -> None:
        """Measure where a second is over."""
        now_ns = self._rooms.clock.monotonic_ns()
        if now_ns < self._due_ns:
            return
        self._due_ns += NS_PER_S
        labels = tuple((name, values.split("|")[0]) for name, values in self._rule.where.items())
        self.samples = (
            Sample(self._rule.metric, "gauge", "", labels, self.value),
            *((Sample(self._rule.of, "gauge", "", (), self.whole),) if self._rule.of else ()),
        )
        self.measured_ns = now_ns


def right_and_wrong(rule: Rule) -> Iterator[tuple[float, float]]:
    """Yield a value and its whole, first those that are well, then those that are not."""
    bound = next(each for each in (rule.above, rule.below, rule.equals) if each is not None)
    beyond = 1.0 if rule.below is None else -1.0
    well = {rule.above: bound, rule.below: bound, rule.equals: 0.0}[bound]
    if rule.of:
        yield (0.0, 100.0)
        yield (100.0 * (bound + 0.1 * beyond), 100.0) if not rule.grows_over_s else (100.0, 200.0)
    elif rule.grows_over_s:
        yield 7.0, 0.0
        yield 8.0 + bound, 0.0
    else:
        yield well, 0.0
        yield (bound if rule.equals is not None else bound + beyond * max(1.0, abs(bound))), 0.0


@pytest.mark.parametrize(
    ("name", "phase_s"),
    [
        *((name, 0.75) for name in sorted(BUILT_IN.keys() - PATIENT)),
        ("circuit_open", 0.0),
        ("orders_unknown", 0.25),
    ],
    ids=str,
)
def test_a_person_is_told_within_five_seconds(tmp_path: Path, name: str, phase_s: float) -> None:
    rule = BUILT_IN[name]
    heard: list[tuple[int, str]] = []
    with composed(tmp_path, steady_is_own=True) as rooms:
        exporter = Exporter(rooms, rule, phase_s)
        alerting = Alerting(rooms, exporter, rooms.clock)
        alerting.begin()
        now_ns, look_ns = rooms.clock.now_ns, rooms.clock.now_ns()
        rooms.bus.subscribe(AlertRaised, lambda event: heard.append((event.event_ns, event.text)))
        well, wrong = right_and_wrong(rule)
        exporter.value, exporter.whole = well
        changed_ns = now_ns() + 4 * NS_PER_S + 1
        while now_ns() < changed_ns + 20 * NS_PER_S and not heard:
            if now_ns() >= changed_ns:
                exporter.value, exporter.whole = wrong
            exporter.tick()
            if now_ns() >= look_ns:
                alerting.look()
                look_ns = now_ns() + int(alerting.next_look_s * NS_PER_S)
            passes(rooms, STEP_S)
    assert len(heard) == 1, name
    at_ns, text = heard[0]
    assert changed_ns <= at_ns <= changed_ns + WITHIN_S * NS_PER_S
    assert text.startswith("alert 1: ")
