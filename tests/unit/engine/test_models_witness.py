"""A registry that does not come as far as the audit log tells is not believed; one that came further is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import SystemClock
from engine.duties.model_moves import ACCEPTED, audited_registry, has_registry, moved_subject, told_end
from engine.preflight.models_kept import model_facts
from engine.security.audit.entry import Act, Entry, sealed
from engine.security.audit.log import NAME as AUDIT
from engine.security.audit.log import AuditLog
from engine.security.vault.key_file import KeyFile
from engine.signals.models.refusal import ModelRefused
from engine.signals.registry.event_store import FILE
from engine.signals.registry.events import Event
from engine.signals.registry.registry import Registry
from engine.signals.registry.witness import End
from tests.serving_bench import NAME, ServingBench, looked, signals_of

ACTS = ("model-promote", ACCEPTED, "trading-state")


class Audited(ServingBench):
    """A registry whose moves are told in the audit log, as the commands do it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.log = AuditLog(self.data / AUDIT, SystemClock())
        self.told = 0

    def tell(self, what: str = "model-promote") -> None:
        """Tell of every event that was not told yet."""
        for event in self.registry.store.events()[self.told :]:
            self.note(what, moved_subject(event))
        self.told = len(self.registry.store.events())

    def note(self, what: str, subject: str) -> None:
        self.log.write(Act(who="ann", what=what, origin="shell", subject=subject))

    def audited(self) -> Registry:
        """Return the registry as the program opens it."""
        return audited_registry(self.data, self.registry._seal, SystemClock())

    def cut(self) -> None:
        """Take the last event away, as who can write the file does it."""
        with closing(sqlite3.connect(self.data / FILE, isolation_level=None)) as found:
            found.execute("DROP TRIGGER events_stay")
            found.execute("DELETE FROM stage_event WHERE number = (SELECT max(number) FROM stage_event)")


@pytest.fixture
def bench(tmp_path: Path) -> Audited:
    return Audited(tmp_path)


def put_back_an_older_one(bench: Audited) -> None:
    shutil.copyfile(bench.root / "older", bench.data / FILE)


def lose_it(bench: Audited) -> None:
    (bench.data / FILE).unlink()


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(Audited.cut, "ends at event 4, and the audit log tells of event 5", id="cut"),
        pytest.param(
            put_back_an_older_one, "ends at event 3, and the audit log tells of event 5", id="older"
        ),
        pytest.param(lose_it, "is empty, and the audit log tells of event 5", id="gone"),
    ],
)
def test_what_is_missing_at_the_end_is_found_out_before_anything_is_read_or_written(
    bench: Audited, harm: Callable[[Audited], None], said: str
) -> None:
    first = bench.champion()
    shutil.copyfile(bench.data / FILE, bench.root / "older")
    bench.shadow()
    bench.tell()
    assert bench.audited().standing(NAME).champion == first
    harm(bench)
    with pytest.raises(ModelRefused, match=f"{said}.*touchline restore.*touchline models accept"):
        bench.audited().standing(NAME)
    with pytest.raises(ModelRefused, match=said):
        bench.audited().quarantine(NAME, first, "ann", "covers the cut up")
    assert said in model_facts(bench.data, KeyFile(bench.key_file)).trouble


def test_another_last_move_than_the_one_that_was_told_is_found_out(bench: Audited) -> None:
    version = bench.champion()
    shutil.copyfile(bench.data / FILE, bench.root / "older")
    bench.registry.quarantine(NAME, version, "ann", "a leak")
    bench.tell()
    put_back_an_older_one(bench)
    bench.registry.demote(NAME, version, "touchline", "it drifted")
    with pytest.raises(ModelRefused, match="event 4: it is another than the audit log tells of"):
        bench.audited().standings()


def test_a_move_that_died_before_it_was_told_is_believed(bench: Audited) -> None:
    bench.champion()
    bench.tell()
    second = bench.champion()
    assert bench.audited().standing(NAME).champion == second


def test_half_an_entry_at_the_end_of_the_audit_log_tells_nothing_and_refuses_nothing(bench: Audited) -> None:
    version = bench.champion()
    bench.tell()
    with (bench.data / AUDIT).open("ab") as log:
        log.write(b'{"number":4,"time_ns":1')
    assert bench.audited().standing(NAME).champion == version


def test_an_audit_log_that_was_changed_vouches_for_no_registry(bench: Audited) -> None:
    bench.champion()
    bench.tell()
    path = bench.data / AUDIT
    path.write_bytes(path.read_bytes().replace(b"event 2", b"event 1"))
    with pytest.raises(ModelRefused, match=r"held against the audit log: .*entry 2 was changed"):
        bench.audited().standings()


def test_without_an_audit_log_the_registry_stands_for_itself(bench: Audited) -> None:
    assert not has_registry(bench.data)
    version = bench.champion()
    bench.note("model-promote", f"{NAME} {version}")  # as it was told before events were
    assert bench.audited().standing(NAME).champion == version


def test_a_champion_that_runs_goes_on_and_at_a_start_no_model_predicts(bench: Audited) -> None:
    older = bench.champion()
    newer = bench.champion()
    bench.tell()
    with bench.rooms() as running:
        looked(running)
        bench.cut()
        looked(running)
        assert signals_of(running).models[0].champion == newer
        assert "ends at event 5" in signals_of(running).reading().detail
        assert signals_of(running).reading().state.value == "degraded"
        bench.note(ACCEPTED, f"event 5 {bench.registry.store.events()[-1].hash[:16]}")
        looked(running)
        model = signals_of(running).models[0]
        assert (model.champion, model.failure, list(model.versions)) == (older, "", [older, newer])


def test_at_a_start_with_a_registry_that_was_cut_no_version_predicts(bench: Audited) -> None:
    bench.champion()
    bench.champion()
    bench.tell()
    bench.cut()
    with bench.rooms() as rooms:
        looked(rooms)
        assert not signals_of(rooms).models[0].versions
        reading = signals_of(rooms).reading()
        assert reading.state.value == "down"
        assert reading.detail.startswith(f"{NAME}: the registry ends at event 5, and the audit log tells of")
    lose_it(bench)
    with bench.rooms() as rooms:
        looked(rooms)
        assert "the registry is empty" in signals_of(rooms).registry_failure


def entry(number: int, what: str) -> Entry:
    subject = f"event {number} {number:016x}" if what != "trading-state" else f"event {number + 50}"
    return sealed(Act(who="ann", what=what, origin="shell", subject=subject), 1, 0, "")


@given(st.lists(st.tuples(st.integers(1, 20), st.sampled_from(ACTS))))
def test_the_furthest_move_since_the_last_acceptance_is_what_is_told(acts: list[tuple[int, str]]) -> None:
    numbers = [0]
    for number, what in acts:
        if what == ACCEPTED:
            numbers = [number]
        elif what != "trading-state":
            numbers.append(number)
    found = told_end(entry(number, what) for number, what in acts)
    assert found == (End(max(numbers), f"{max(numbers):016x}") if max(numbers) else End())


def test_what_a_reason_says_is_never_taken_for_an_event(bench: Audited) -> None:
    version = bench.champion()
    bench.tell()
    reason = "event 99 0123456789abcdef"
    act = Act(who="ann", what="model-quarantine", origin="shell", subject=f"{NAME} {version}", after=reason)
    bench.log.write(act)
    assert bench.audited().standing(NAME).champion == version


def test_an_event_is_told_by_its_number_and_the_first_digits_of_its_hash(bench: Audited) -> None:
    version = bench.champion()
    event: Event = bench.registry.events(NAME)[-1]
    assert moved_subject(event) == f"{NAME} {version}, event 3 {event.hash[:16]}"
