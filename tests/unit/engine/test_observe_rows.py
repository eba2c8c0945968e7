"""The rows of the journal and of the broker, on an account whose disk fails and whose broker has to be asked."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.frames.frame_builder import FrameBuilder
from engine.messages.reports import LinkReport
from engine.messages.views import HealthState
from engine.observe.health import Reading
from engine.observe.order_counts import OrderCounts
from engine.observe.process import CollectorPauses
from engine.observe.storage import Storage
from engine.readings.machine_rows import MachineRows
from engine.readings.sample_maker import SampleMaker
from engine.readings.samples import METRICS
from engine.readings.vitals import Vitals
from engine.rooms import Rooms
from engine.store.disk import FolderFile
from tests.engine_rooms import buying, composed, passes


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        Vitals(made, FrameBuilder(made), OrderCounts(made.bus)).register()
        MachineRows(made).register()
        yield made


def look(rooms: Rooms, name: str) -> Reading:
    rooms.health.sample()
    return rooms.health.reading(name)


def exported(rooms: Rooms, name: str) -> dict[tuple[str, ...], float]:
    pauses = CollectorPauses(rooms.clock.monotonic_ns)
    maker = SampleMaker(rooms, OrderCounts(rooms.bus), pauses, Storage({}, rooms.folders.data), METRICS)
    return {
        tuple(value for _, value in sample.labels): sample.value
        for sample in maker.make()
        if sample.name == name
    }


def test_the_journal_is_down_while_it_can_not_write_and_well_again_by_itself(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(rooms, "journal").state is HealthState.OK
    write_at = FolderFile.write_at

    def failing(file: FolderFile, offset: int, data: bytes | bytearray) -> int:
        if any(data):
            raise OSError(errno.EIO, errno.errorcode[errno.EIO])
        return write_at(file, offset, data)

    monkeypatch.setattr(FolderFile, "write_at", failing)
    rooms.orders.submit(buying(rooms, 10).request)
    down = look(rooms, "journal")
    assert down.state is HealthState.DOWN
    assert "EIO" in down.detail
    waiting = exported(rooms, "touchline_journal_unwritten_records")[()]
    assert waiting == rooms.orders.scribe.unwritten > 0
    assert exported(rooms, "touchline_journal_failures_total")[()] >= 1
    monkeypatch.setattr(FolderFile, "write_at", write_at)
    assert not rooms.orders.scribe.catch_up()
    assert look(rooms, "journal").state is HealthState.OK
    assert exported(rooms, "touchline_journal_unwritten_records")[()] == 0
    assert exported(rooms, "touchline_journal_sequence")[()] == rooms.journal.sequence


def test_the_broker_is_down_while_the_way_is_cut_and_well_once_both_agree(rooms: Rooms) -> None:
    assert look(rooms, "broker").state is HealthState.OFF
    rooms.orders.begin(had_history=True)
    assert look(rooms, "broker").state is HealthState.DEGRADED
    passes(rooms, 1)
    agreed = look(rooms, "broker")
    assert (agreed.state, agreed.value) == (HealthState.OK, "agreed")
    rooms.orders.on_report(LinkReport(False, "cable", rooms.clock.now_ns()))
    assert look(rooms, "broker").state is HealthState.DOWN
    phases = exported(rooms, "touchline_reconcile_phase")
    assert phases.pop(("cut",)) == 1
    assert not any(phases.values())


def test_a_comparison_that_is_repeated_changes_no_row(rooms: Rooms) -> None:
    rooms.orders.begin(had_history=False)
    passes(rooms, 1)
    before = look(rooms, "broker")
    rooms.orders.take_stock()
    assert look(rooms, "broker") == before


def test_an_order_without_an_answer_is_on_the_row_and_among_the_numbers(rooms: Rooms) -> None:
    rooms.orders.begin(had_history=False)
    passes(rooms, 1)
    sent = buying(rooms, 10, 9_950).request
    rooms.orders.submit(sent)
    rooms.orders.give_up_waiting(rooms.orders.orders[sent.client_id], "no answer")
    row = look(rooms, "broker")
    assert (row.state, row.number) == (HealthState.DEGRADED, 1)
    assert exported(rooms, "touchline_orders_unknown") == {(): 1}
