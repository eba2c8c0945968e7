from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.bus import Bus
from engine.messages.commands import TradingState
from engine.messages.events import (
    AlertRaised,
    Denial,
    OrderChanged,
    OrderDenied,
    OrderFilled,
    OrderSubmitted,
    Severity,
    TradingStateChanged,
)
from engine.messages.views import HealthState
from engine.model.fill import Fill
from engine.model.order import Order, OrderStatus
from engine.model.trade import Side
from engine.observe.event_notes import EventNotes
from engine.observe.logs import FLUSH_MAX, NAME, WAITING_MAX, EventLog
from engine.observe.order_counts import OrderCounts
from engine.observe.rotating_file import RotatingFile
from engine.observe.storms import KEPT_MAX
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import SYMBOL, make_instrument

AT_NS = 1_700_000_000_123_000_000
REQUEST = make_request("abc-1", correlation="key-9")


def opened(folder: Path) -> EventLog:
    log = EventLog(folder, lambda: AT_NS)
    log.load()
    log.open()
    return log


def lines_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / NAME).read_text(encoding="utf-8").splitlines()]


def make_fill(quantity: int) -> Fill:
    return Fill(
        fill_id="v-1",
        client_id="abc-1",
        account="PAPER-1",
        symbol=SYMBOL,
        side=Side.BUY,
        price=100,
        quantity=quantity,
    )


def publish_a_life(bus: Bus) -> None:
    order = Order(REQUEST, make_instrument())
    bus.publish(OrderSubmitted(REQUEST, 1))
    bus.publish(OrderChanged(order, OrderStatus.WORKING, 2, moved=True))
    bus.publish(OrderChanged(order, OrderStatus.WORKING, 3, moved=False))
    bus.publish(OrderFilled(order, make_fill(100)))
    bus.publish(OrderChanged(order, OrderStatus.FILLED, 4, moved=True))
    bus.publish(OrderDenied(make_request("abc-2"), (Denial("order_size", "too large"),), 5))


def test_an_order_can_be_followed_by_its_ids(tmp_path: Path) -> None:
    bus, log = Bus(), opened(tmp_path)
    EventNotes(bus, log)
    publish_a_life(bus)
    log.close()
    lines = lines_of(tmp_path)
    assert [line["event"] for line in lines] == [
        "order submitted",
        "order changed",
        "order changed",
        "order filled",
        "fill booked",
        "order changed",
        "order denied",
    ]
    assert {line["client_id"] for line in lines[:6]} == {"abc-1"}
    assert {line["correlation"] for line in lines[:6]} == {"key-9"}
    assert (lines[0]["side"], lines[0]["type"], lines[0]["limit"]) == ("buy", "limit", 100)
    assert lines[5]["status"] == "filled"
    assert (lines[6]["level"], lines[6]["reasons"]) == ("warning", {"order_size": "too large"})
    assert {line["at"] for line in lines} == {"2023-11-14T22:13:20.123+00:00"}


def test_alerts_and_the_trading_state_are_logged_at_their_loudness(tmp_path: Path) -> None:
    bus, log = Bus(), opened(tmp_path)
    EventNotes(bus, log)
    for severity in Severity:
        bus.publish(AlertRaised(severity, "feed", "gone", 7))
    bus.publish(TradingStateChanged(TradingState.HALTED, "kill switch", None, 8))
    log.close()
    lines = lines_of(tmp_path)
    assert [line["level"] for line in lines] == ["info", "warning", "critical", "warning"]
    assert (lines[3]["state"], lines[3]["reason"], lines[3]["symbol"]) == ("halted", "kill switch", None)


def test_no_escape_reaches_the_file_and_no_text_breaks_a_line(tmp_path: Path) -> None:
    bus, log = Bus(), opened(tmp_path)
    EventNotes(bus, log)
    nasty = "\x1b]0;owned\x07 line\nbreak \u202e %s {x} [b]"
    bus.publish(AlertRaised(Severity.WARNING, nasty, nasty, 7))
    log.close()
    raw = (tmp_path / NAME).read_bytes()
    assert b"\x1b" not in raw
    assert raw.isascii()
    (line,) = lines_of(tmp_path)
    assert line["text"] == nasty


def test_nothing_touches_the_disk_until_the_flush(tmp_path: Path) -> None:
    log = opened(tmp_path / "logs")
    log.note("info", "hello")
    assert not (tmp_path / "logs").exists()
    log.flush()
    assert lines_of(tmp_path / "logs")[0]["event"] == "hello"
    log.close()


def test_what_was_noted_before_it_is_open_is_kept(tmp_path: Path) -> None:
    log = EventLog(tmp_path, lambda: AT_NS)
    log.note("info", "early")
    log.flush()
    assert log.reading().value == "starting"
    log.open()
    log.close()
    assert [line["event"] for line in lines_of(tmp_path)] == ["early"]


def test_a_flood_is_cut_and_the_cut_is_counted(tmp_path: Path) -> None:
    log = opened(tmp_path)
    for number in range(WAITING_MAX + 30):
        log.note("info", f"tick {number // KEPT_MAX}", number=number)
    assert log.reading().state is HealthState.DEGRADED
    log.flush()
    first = lines_of(tmp_path)
    assert [line["number"] for line in first[:-1]] == list(range(FLUSH_MAX))
    assert (first[-1]["event"], first[-1]["count"]) == ("entries dropped", 30)
    assert log.reading().state is HealthState.OK
    log.close()
    numbers = [line["number"] for line in lines_of(tmp_path) if line["event"] != "entries dropped"]
    assert numbers == list(range(WAITING_MAX))
    assert log.dropped == 30


def test_what_changes_after_it_was_noted_is_written_as_it_was(tmp_path: Path) -> None:
    bus, log = Bus(), opened(tmp_path)
    EventNotes(bus, log)
    order = Order(REQUEST, make_instrument())
    for order.leaves in (100, 40, 0):
        bus.publish(OrderChanged(order, OrderStatus.PARTIALLY_FILLED, 2, moved=True))
    log.close()
    assert [line["leaves"] for line in lines_of(tmp_path)] == [100, 40, 0]


def test_a_folder_that_can_not_be_written_is_a_sentence_until_it_can(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.write_text("a file where the folder should be")
    log = opened(folder)
    log.note("info", "lost")
    log.flush()
    reading = log.reading()
    assert reading.state is HealthState.DOWN
    assert NAME in reading.detail
    assert log.dropped == 1
    folder.unlink()
    log.note("info", "kept")
    log.close()
    assert log.reading().state is HealthState.OK
    assert [line["event"] for line in lines_of(folder)] == ["kept", "entries dropped"]


def test_the_files_never_outgrow_their_bounds(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "x.log"
    file = RotatingFile(path, bytes_max=100, files_max=3)
    for number in range(40):
        file.write(f"{number:019}\n".encode())
    file.close()
    names = sorted(found.name for found in path.parent.iterdir())
    assert names == ["x.log", "x.log.1", "x.log.2"]
    kept = "".join((path.parent / name).read_text() for name in reversed(names))
    assert [int(line) for line in kept.splitlines()] == list(range(25, 40))
    assert path.stat().st_mode & 0o077 == 0


def test_a_file_is_gone_on_with_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    for text in (b"one\n", b"two\n"):
        file = RotatingFile(path, bytes_max=100, files_max=2)
        file.write(text)
        file.close()
    assert path.read_bytes() == b"one\ntwo\n"


def test_a_file_that_another_process_moved_aside_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    one, other = (RotatingFile(path, bytes_max=100, files_max=3) for _ in range(2))
    one.write(b"one\n")
    other.move_aside()
    one.write(b"two\n")
    other.write(b"three\n")
    one.close()
    other.close()
    assert (path.read_bytes(), (tmp_path / "x.log.1").read_bytes()) == (b"two\nthree\n", b"one\n")


def test_arrivals_at_a_status_are_counted_and_changes_of_terms_are_not() -> None:
    bus = Bus()
    counts = OrderCounts(bus)
    publish_a_life(bus)
    seen = {status.value: count for status, count in counts.by_status.items() if count}
    assert seen == {"pending_new": 1, "working": 1, "filled": 1, "denied": 1}
    assert set(counts.by_status) == set(OrderStatus)
    assert counts.fills == 1
