"""A journal goes to older schemas and comes back: the same records, the same state, or a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct, inspect

from engine.clock import SystemClock
from engine.engine import Engine
from engine.errors import FileDataError
from engine.messages.commands import AmendOrder, CancelOrder, TradingState
from engine.messages.events import (
    AlertRaised,
    FlattenEnded,
    InstrumentListed,
    OrderSubmitted,
    PairSubmitted,
    PositionSplit,
    SessionEnded,
    TradingStateChanged,
)
from engine.messages.reports import AcceptReport, CancelReport, LostReport, Refusal, RejectReport
from engine.migrations.journal import MigrationRefused, migrate_journal, schema_in
from engine.migrations.operators import version_in
from engine.migrations.records import FIELDS_SINCE, KINDS_SINCE, lower
from engine.migrations.schemas import CURRENT, JOURNAL, MEANINGS, OLDEST, PROGRAMS
from engine.migrations.start import bring_up
from engine.migrations.swap import staged_beside
from engine.model.instrument import Symbol
from engine.store.kinds import KINDS
from engine.store.segment import FRAME_SIZE, HEADER, seal
from engine.store.snapshots import Snapshots
from engine.version import program_version
from tests.engine_rooms import buying, composed
from tests.journals import new_journal
from tests.old_journal import entries_of, old_fields, old_journal, state_of
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import make_instrument
from tests.waiting import wait_until

CLOCK = SystemClock()
_STATES = frozenset({"engine.messages.state", "engine.messages.ledger_page"})


def fields_now() -> tuple[set[str], dict[str, list[str]]]:
    """Return the kinds of record of this program, and the fields of everything in them."""
    kinds = {name: kind for name, kind in KINDS.items() if kind.__module__ not in _STATES}
    found: dict[str, list[str]] = {}
    for kind in kinds.values():
        for struct in structs_in(inspect.type_info(kind)):
            found[struct.cls.__name__] = [field.name for field in struct.fields]
    return set(kinds), found


def structs_in(what: object) -> Iterator[inspect.StructType]:
    """Yield every record in the description of a type."""
    if isinstance(what, inspect.StructType):
        yield what
        for field in what.fields:
            yield from structs_in(field.type)
    for name in ("item_type", "key_type", "value_type"):
        if hasattr(what, name):
            yield from structs_in(getattr(what, name))
    for name in ("item_types", "types"):
        for each in getattr(what, name, ()):
            yield from structs_in(each)


def written(folder: Path, *records: Struct) -> Path:
    """Write a journal; the n-th record is of the time n."""
    journal = new_journal(folder)
    for number, record in enumerate(records, 1):
        journal.append(record, number)
    journal.close()
    return folder


def silent(*_schemas: int) -> None:
    """Hear of a migration."""


def test_the_table_has_each_kind_and_field_that_came_since() -> None:
    """A new one fails here: it is a new schema, with a row of its own."""
    old_kinds, old = old_fields()
    kinds, now = fields_now()
    assert kinds - old_kinds == KINDS_SINCE
    assert not old_kinds - kinds
    since = {name: frozenset(fields) - frozenset(old[name]) for name, fields in now.items() if name in old}
    assert {name: fields for name, fields in since.items() if fields} == FIELDS_SINCE
    assert not [name for name, fields in old.items() if not set(fields) <= set(now[name])]


def test_every_schema_is_explained_and_this_version_knows_the_newest() -> None:
    assert PROGRAMS[program_version()] == CURRENT
    for store, meanings in MEANINGS.items():
        assert list(meanings) == list(range(OLDEST[store], CURRENT[store] + 1))


def test_a_start_brings_up_what_an_older_program_wrote_and_keeps_it(tmp_path: Path) -> None:
    folder = old_journal(tmp_path)
    records, state = entries_of(folder), state_of(folder)
    bring_up(folder)
    assert schema_in(folder) == CURRENT[JOURNAL]
    assert entries_of(folder) == records
    assert state_of(folder) == state
    (backup,) = folder.parent.glob("sim.schema-1-*")
    assert entries_of(backup) == records
    assert '"migrated"' in (tmp_path / "audit.log").read_text(encoding="utf-8")
    before = sorted(path.name for path in folder.parent.iterdir())
    bring_up(folder)
    assert sorted(path.name for path in folder.parent.iterdir()) == before


def test_an_account_goes_on_where_an_older_program_left_it(tmp_path: Path) -> None:
    old_journal(tmp_path / "data")
    with composed(tmp_path, later_s=600) as rooms:
        held = {symbol: position.quantity for symbol, position in rooms.ledger.positions.items()}
        assert held == {"ABC": 200, "XYZ": 60}
        assert rooms.recovered.records == 26
        rooms.orders.submit(buying(rooms, 10).request)
    folder = tmp_path / "data" / "journal" / "sim"
    assert schema_in(folder) == CURRENT[JOURNAL]
    assert len(entries_of(folder)) > 26


def test_a_start_that_migrated_says_so_once_on_the_desk(tmp_path: Path) -> None:
    old_journal(tmp_path / "data")

    def told() -> list[str]:
        with composed(tmp_path, later_s=600) as rooms:
            heard = list[AlertRaised]()
            rooms.bus.subscribe(AlertRaised, heard.append)
            engine = Engine(rooms)
            engine.start()
            wait_until(lambda: engine._observation.measured_ns > 0)
            engine.stop()
        return [each.text for each in heard if "schema" in each.text]

    (sentence,) = told()
    (backup,) = (tmp_path / "data" / "journal").glob("sim.schema-1-*")
    assert sentence == f"the journal was brought from schema 1 to 2; as it was it is in {backup.name}"
    assert not told()


@pytest.mark.parametrize("down", [0, 1])
def test_down_and_up_again_is_the_same_where_nothing_is_lost(tmp_path: Path, down: int) -> None:
    folder = old_journal(tmp_path)
    bring_up(folder)
    records, state = entries_of(folder), state_of(folder)
    migrate_journal(folder, down, CLOCK, silent)
    assert schema_in(folder) == 1
    assert entries_of(folder) == records
    migrate_journal(folder, CURRENT[JOURNAL], CLOCK, silent)
    assert entries_of(folder) == records
    assert state_of(folder) == state


def test_what_the_older_schema_cannot_hold_is_named_and_kept(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "sim",
        CancelOrder("t-1"),
        SessionEnded((), "keep", 2, "a signal"),
        FlattenEnded(Symbol("ABC"), "flat", 3),
    )
    with pytest.raises(MigrationRefused, match=r"2 records hold .*: SessionEnded.reason, FlattenEnded;"):
        migrate_journal(folder, 0, CLOCK, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["sim"]
    done = migrate_journal(folder, 0, CLOCK, silent, allow_loss=True)
    assert [entry.record for entry in entries_of(folder)] == [CancelOrder("t-1"), SessionEnded((), "keep", 2)]
    assert done.lost is not None
    lost = [msgspec.json.decode(line) for line in done.lost.read_bytes().splitlines()]
    assert [each["sequence"] for each in lost] == [2, 3]
    assert lost[0]["lost"] == {"SessionEnded.reason": "a signal"}
    assert lost[1]["lost"]["FlattenEnded"] == {"symbol": "ABC", "reason": "flat", "event_ns": 3}
    assert len(entries_of(done.backup)) == 3


def test_snapshots_go_along_only_where_every_record_stays(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        Snapshots(rooms.journal.disk).write(rooms.replica.capture())
    folder = tmp_path / "data" / "journal" / "sim"
    migrate_journal(folder, 1, CLOCK, silent)
    assert list(folder.glob("*.snapshot"))
    migrate_journal(folder, 0, CLOCK, silent, allow_loss=True)
    assert not list(folder.glob("*.snapshot"))


def test_what_hears_of_it_and_objects_leaves_everything_as_it_was(tmp_path: Path) -> None:
    folder = old_journal(tmp_path)
    before = (folder / "00000001.tlj").read_bytes()

    def objects(*_schemas: int) -> None:
        raise PermissionError(13, "no room in the audit log")

    with pytest.raises(Exception, match="can't be migrated: no room in the audit log"):
        migrate_journal(folder, 2, CLOCK, objects)
    assert (folder / "00000001.tlj").read_bytes() == before
    assert [path.name for path in folder.parent.iterdir()] == ["sim"]


def test_a_pair_that_was_sent_as_one_becomes_its_two_orders(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "sim",
        InstrumentListed(make_instrument()),
        PairSubmitted(OrderSubmitted(make_request("t-1"), 1), OrderSubmitted(make_request("t-2"), 1)),
        AcceptReport("t-1", "V1", 2),
    )
    state = state_of(folder)
    migrate_journal(folder, 0, CLOCK, silent)
    assert [type(entry.record).__name__ for entry in entries_of(folder)][1:3] == ["OrderSubmitted"] * 2
    assert state_of(folder) == state


def test_what_a_position_follows_from_is_never_left_out(tmp_path: Path) -> None:
    folder = written(tmp_path / "sim", PositionSplit(Symbol("ABC"), 2, 1, None, "desk", 1))
    with pytest.raises(MigrationRefused, match=r"no PositionSplit, .* schema 1 holds all of it"):
        migrate_journal(folder, 0, CLOCK, silent, allow_loss=True)
    assert [path.name for path in tmp_path.iterdir()] == ["sim"]


TEXT = st.text(max_size=8)
RECORDS: st.SearchStrategy[Struct] = st.one_of(
    st.builds(CancelOrder, TEXT, TEXT, st.sampled_from(["", "c-1"])),
    st.builds(AmendOrder, TEXT, st.none() | st.integers(1, 9), correlation=st.sampled_from(["", "c-2"])),
    st.builds(CancelReport, TEXT, TEXT, st.integers(0, 9), st.none() | st.integers(0, 9)),
    st.builds(LostReport, TEXT, TEXT, st.integers(0, 9), st.booleans()),
    st.builds(RejectReport, TEXT, TEXT, st.integers(0, 9), st.sampled_from(Refusal)),
    st.builds(
        TradingStateChanged,
        st.sampled_from(TradingState),
        TEXT,
        st.none() | st.just(Symbol("ABC")),
        st.integers(0, 9),
        firm_version=st.integers(0, 2),
    ),
)


@given(RECORDS)
def test_a_record_comes_back_as_it_was_unless_something_is_named(record: Struct) -> None:
    lowered = lower(record)
    (older,) = lowered.records
    payload = msgspec.msgpack.encode(older)
    since = FIELDS_SINCE[type(record).__name__]
    assert not since & msgspec.msgpack.decode(payload).keys()
    back = msgspec.msgpack.decode(payload, type=type(record))
    assert (back == record) is (not lowered.lost)
    assert lower(back).lost == {}
    assert msgspec.structs.replace(back, **lowered.lost) == record


def test_a_start_finishes_what_died_between_two_names(tmp_path: Path) -> None:
    folder = old_journal(tmp_path)
    records = entries_of(folder)
    folder.rename(staged_beside(folder))
    bring_up(folder)
    assert entries_of(folder) == records
    assert schema_in(folder) == CURRENT[JOURNAL]
    staged_beside(folder).mkdir()
    bring_up(folder)
    assert not staged_beside(folder).exists()


def test_what_cannot_be_read_is_a_sentence_that_names_it(tmp_path: Path) -> None:
    folder = old_journal(tmp_path)
    folder.chmod(0o755)
    with pytest.raises(FileDataError, match="chmod 700"):
        schema_in(folder)
    operators = tmp_path / "operators.sqlite3"
    operators.write_bytes(b"no database" * 99)
    with pytest.raises(FileDataError, match=r"operators.sqlite3: file is not a database"):
        version_in(operators)


def test_a_kind_that_nobody_knows_is_refused_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    folder = written(tmp_path / "sim", CancelOrder("t-1"))
    segment = folder / "00000001.tlj"
    data = bytearray(segment.read_bytes())
    frame = data[HEADER.size : HEADER.size + FRAME_SIZE] + msgspec.msgpack.encode(("NoSuchKind", 1, {}))
    seal(frame, 1, 0)
    data[HEADER.size : HEADER.size + len(frame)] = frame
    segment.write_bytes(data[: HEADER.size + len(frame)])
    with pytest.raises(FileDataError, match="unknown kind of record 'NoSuchKind'"):
        migrate_journal(folder, 0, CLOCK, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["sim"]
