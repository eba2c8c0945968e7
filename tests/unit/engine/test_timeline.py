"""What was not well, from when to when: folded from turns, kept over restarts, bounded."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.messages.health_views import TROUBLES, HealthState, Incident
from engine.observe import timeline
from engine.observe.health import Reading
from engine.observe.timeline import NAME, REJOIN_NS, STARTING_NS, Timeline, Turn, incidents_of, turns_in

OK, DEGRADED, DOWN, OFF = HealthState.OK, HealthState.DEGRADED, HealthState.DOWN, HealthState.OFF
NOON_NS = 1_764_244_800 * NS_PER_S

turns = st.lists(
    st.tuples(st.integers(1, 90), st.sampled_from(["", "feed", "journal"]), st.sampled_from(HealthState)),
    max_size=30,
)


class Session:
    """A timeline on a clock that is moved by hand."""

    def __init__(self, folder: Path | None, at_s: float = 0.0) -> None:
        self.now_ns = NOON_NS + int(at_s * NS_PER_S)
        self.line = Timeline()
        self.line.begin("sim", lambda: self.now_ns, folder)
        self.line.recall(self.line.read())

    def turns(
        self, name: str, before: HealthState, after: HealthState, said: str, *, after_s: float = 1.0
    ) -> None:
        self.now_ns += int(after_s * NS_PER_S)
        self.line.note(name, name, before, Reading(after, said))

    @property
    def told(self) -> list[tuple[str, HealthState, str, float | None]]:
        """What is told: component, worst, what it said, how many seconds it lasted."""
        return [
            (i.component, i.worst, i.said, (i.ended_ns - i.began_ns) / NS_PER_S if i.ended_ns else None)
            for i in self.line.view.incidents
        ]


@settings(deadline=None, max_examples=200)
@given(turns)
def test_incidents_are_newest_first_end_after_they_begin_and_go_on_only_where_the_last_turn_was_trouble(
    steps: list[tuple[int, str, HealthState]],
) -> None:
    now_ns, made, latest = 0, [], dict[str, HealthState]()
    for seconds, name, state in steps:
        now_ns += seconds * NS_PER_S
        made.append(Turn(now_ns, "sim", name, name, state, "said"))
        if name:
            latest[name] = state
        else:
            latest.clear()
    found = incidents_of(made)
    assert [each.began_ns for each in found] == sorted((each.began_ns for each in found), reverse=True)
    assert all(each.worst in TROUBLES for each in found)
    assert all(not each.ended_ns or each.ended_ns >= each.began_ns for each in found)
    going_on = {each.component for each in found if not each.ended_ns}
    assert going_on == {name for name, state in latest.items() if state in TROUBLES}
    unwell = sum(turn.state in TROUBLES for turn in made if turn.component)
    assert sum(each.spells for each in found) <= unwell


def test_an_incident_is_told_by_the_worst_of_it_and_close_spells_are_one(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.turns("feed", OK, DEGRADED, "slow")
    session.turns("feed", DEGRADED, DOWN, "silent")
    session.turns("feed", DOWN, DEGRADED, "slow again")
    assert session.told == [("feed", DOWN, "silent", None)]
    session.turns("feed", DEGRADED, OK, "9 q/s")
    session.turns("feed", OK, DEGRADED, "slow")
    session.turns("feed", DEGRADED, OK, "9 q/s")
    assert session.told == [("feed", DOWN, "silent", 5.0)]
    assert session.line.view.incidents[0].spells == 2
    session.turns("feed", OK, DOWN, "silent", after_s=REJOIN_NS / NS_PER_S + 1)
    assert [each[2:] for each in session.told] == [("silent", None), ("silent", 5.0)]


def test_what_is_not_well_as_it_starts_is_an_incident_only_after_a_while(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.turns("venue", OFF, DOWN, "dialling")
    session.turns("venue", DOWN, OK, "connected")
    assert session.told == []
    session.turns("broker", OFF, DOWN, "dialling")
    began_ns = session.now_ns
    session.now_ns += STARTING_NS
    session.line.look()
    assert session.told == [("broker", DOWN, "dialling", None)]
    assert session.line.view.incidents[0].began_ns == began_ns
    session.turns("venue", OFF, DEGRADED, "1 of 2 feeds")
    session.turns("venue", DEGRADED, DOWN, "not connected")
    assert session.told[0] == ("venue", DOWN, "not connected", None)


def test_it_is_kept_over_restarts_and_what_went_on_ends_with_its_session(tmp_path: Path) -> None:
    first = Session(tmp_path)
    first.turns("feed", OK, DOWN, "silent")
    first.turns("journal", OK, DOWN, "disk is full \x1b[2J https://ann:secret@example.com/")
    first.now_ns += NS_PER_S
    first.line.close()
    second = Session(tmp_path, at_s=60)
    assert [each[:2] for each in second.told] == [("journal", DOWN), ("feed", DOWN)]
    assert all(each.cut for each in second.line.view.incidents)
    assert [each[3] for each in second.told] == [1.0, 2.0]
    kept = (tmp_path / NAME).read_text(encoding="utf-8")
    assert "secret" not in kept
    assert "\x1b" not in kept
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0
    assert incidents_of(turns_in(tmp_path / NAME)) == second.line.view.incidents


def test_the_turns_of_another_account_and_lines_that_are_none_are_passed_over(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.turns("feed", OK, DOWN, "silent")
    session.line.close()
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'not a line\n{"at_ns": "x"}\n\xff\xfe\n')
        file.write(b'{"at_ns":1,"account":"paper","component":"feed","state":"down"}\n')
    assert [each.component for each in Session(tmp_path, at_s=9).line.view.incidents] == ["feed"]


def test_a_disk_that_refuses_is_told_and_what_waits_is_written_once_it_takes_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.write_text("no folder")
    session = Session(folder)
    session.turns("feed", OK, DOWN, "silent")
    session.line.look()
    assert "data" in session.line.view.trouble
    assert session.told == [("feed", DOWN, "silent", None)]
    folder.unlink()
    session.line.look()
    assert session.line.view.trouble == ""
    assert [turn.component for turn in turns_in(folder / NAME)] == ["", "feed"]


def test_the_file_and_what_is_shown_are_bounded(tmp_path: Path) -> None:
    session = Session(tmp_path)
    apart_s = REJOIN_NS / NS_PER_S + 1
    for number in range(timeline.KEPT_MAX + 20):
        session.turns("feed", OK, DOWN, f"silent {number} {'x' * 280}", after_s=apart_s)
        session.turns("feed", DOWN, OK, "well")
        if number % 50 == 0:
            session.line.look()
    session.line.close()
    assert len(session.line.view.incidents) == timeline.KEPT_MAX
    made = [path for path in tmp_path.iterdir() if path.name.startswith(NAME)]
    assert len(made) <= timeline.FILES_MAX
    assert all(path.stat().st_size <= timeline.BYTES_MAX for path in made)


def test_a_replay_keeps_nothing_and_tells_all_the_same(tmp_path: Path) -> None:
    session = Session(None)
    session.turns("feed", OK, DOWN, "silent")
    session.line.close()
    assert list(tmp_path.iterdir()) == []
    assert isinstance(session.line.view.incidents[0], Incident)
