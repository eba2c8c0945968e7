"""Of the orders that ended, the latest are in sight; the ids of all stay ours, and every copy agrees."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.execution.blotter import ENDED_LEFT, ENDED_MAX
from engine.messages.events import OrderDenied
from engine.messages.reports import AcceptReport, CancelReport, RejectReport
from engine.model.order import OrderStatus
from engine.replica import Replica, standalone
from engine.store.disk import FolderDisk
from engine.store.reading import JournalReader
from engine.store.snapshots import Snapshots
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.life_bench import LifeBench
from tests.unit.engine.memory_disk import MemoryDisk

LEFT, MOST = 3, 6
STEP_NS = 1_000


def bench_in(folder: Path) -> LifeBench:
    bench = LifeBench(folder)
    bench.manager.history.blotter.ended_max, bench.manager.history.blotter.ended_left = MOST, LEFT
    return bench


def copy() -> Replica:
    made = standalone("USD")
    made.history.blotter.ended_max, made.history.blotter.ended_left = MOST, LEFT
    return made


def read_back(bench: LifeBench, replica: Replica) -> Replica:
    for entry in JournalReader(FolderDisk(bench.path), after=replica.sequence):
        replica.apply(entry.record, entry.sequence, entry.time_ns)
    return replica


def restored(replica: Replica) -> Replica:
    disk, made = MemoryDisk(), copy()
    Snapshots(disk).write(replica.capture())
    found = Snapshots(disk).newest()
    assert found is not None
    made.restore(*found)
    return made


def live(bench: LifeBench, client_id: str, fate: str) -> None:
    """Have an order live as far as it does."""
    bench.clock.advance_to(bench.clock.now_ns() + STEP_NS)
    bench.submit(client_id)
    if fate == "rejected":
        bench.report(RejectReport(client_id, "no", 1))
    if fate in {"working", "filled", "canceled"}:
        bench.report(AcceptReport(client_id, f"V-{client_id}", 1))
    if fate == "filled":
        bench.report(bench.fill(100, client_id))
    if fate == "canceled":
        bench.manager.cancel(client_id)
        bench.report(CancelReport(client_id, "", 1))


FATES = st.sampled_from(("sent", "working", "rejected", "filled", "canceled"))


@given(fates=st.lists(FATES, max_size=40), snapshot_at=st.integers(0, 40))
@settings(max_examples=60, deadline=None)
def test_every_copy_puts_the_same_orders_out_of_sight(fates: list[str], snapshot_at: int) -> None:
    with TemporaryDirectory() as folder:
        bench, begun = bench_in(Path(folder)), copy()
        for number, fate in enumerate(fates):
            if number == snapshot_at:
                begun = restored(read_back(bench, copy()))
            live(bench, f"t-{number}", fate)
        blotter = bench.manager.history.blotter
        assert len(blotter.orders) - len(bench.working) <= MOST
        assert {*blotter.orders} | {*blotter.forgotten} == {f"t-{number}" for number in range(len(fates))}
        assert read_back(bench, copy()).digest() == read_back(bench, begun).digest() == bench.live.digest()
        bench.journal.close()


def test_those_that_ended_first_go_first_however_old_they_are(tmp_path: Path) -> None:
    bench = bench_in(tmp_path)
    live(bench, "old-90", "working")
    for number in range(MOST - 1):
        live(bench, f"t-{number}", "canceled")
    bench.clock.advance_to(bench.clock.now_ns() + STEP_NS)
    bench.manager.cancel("old-90")
    bench.report(CancelReport("old-90", "", 1))
    live(bench, "new-91", "working")
    assert [*bench.manager.orders] == ["old-90", "t-3", "t-4", "new-91"]
    assert bench.manager.orders["old-90"].status is OrderStatus.CANCELED


def test_the_id_of_an_order_out_of_sight_is_not_given_again(tmp_path: Path) -> None:
    bench = bench_in(tmp_path)
    for number in range(MOST + 1):
        live(bench, f"t-{number}", "canceled")
    assert "t-0" not in bench.manager.orders
    sent = len(bench.venue.sent)
    bench.manager.submit(make_request("t-0", 100))
    assert len(bench.venue.sent) == sent
    denied = bench.of(OrderDenied)[-1]
    assert [each.text for each in denied.denials] == ["order id t-0 was used before"]
    assert read_back(bench, copy()).digest() == bench.live.digest()


def test_as_many_as_a_person_looks_at_stay() -> None:
    assert ENDED_MAX > ENDED_LEFT >= 2_000


@pytest.mark.parametrize("fate", ["filled", "canceled"])
def test_a_late_fill_of_one_out_of_sight_is_a_position_and_an_alert(tmp_path: Path, fate: str) -> None:
    bench = bench_in(tmp_path)
    live(bench, "t-0", fate)
    for number in range(1, MOST + 1):
        live(bench, f"t-{number}", "rejected")
    assert "t-0" not in bench.manager.orders
    held = bench.position.quantity
    bench.report(bench.fill(7, "t-0", fill_id="late"))
    assert bench.position.quantity == held + 7
    assert "belongs to no order of ours" in bench.alerts[-1]
    assert read_back(bench, copy()).digest() == bench.live.digest()
