"""What is noted of orders for their spans: bounded, and read as steps whatever came before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.messages.order_path import OrderSent, Request
from engine.model.instrument import Symbol
from engine.model.order import Order
from engine.observe.step_reader import CHECKS_MAX, StepReader
from engine.observe.timed_gate import TimedGate
from engine.observe.tracing import Tracing
from engine.ports.tracing import Span
from engine.rooms import Rooms
from engine.settings.traces import TracesSettings
from tests.engine_rooms import ABC, buying, composed, passes, share


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path, traces=TracesSettings(endpoint="http://127.0.0.1:9")) as rooms:
        yield rooms


def spans(rooms: Rooms) -> list[Span]:
    assert rooms.traces is not None
    rooms.traces.export.prepare()
    return rooms.traces.tracer.take(99)


def test_a_full_queue_gives_up_the_oldest_and_that_is_counted(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.observe.timed_gate.STEPS_MAX", 2)
    tracing = Tracing(rooms.clock)
    gate = TimedGate(rooms.gate, tracing)
    order = Order(buying(rooms, 10).request, share(ABC))
    for number in range(9):
        gate.noted.append(OrderSent(order, Request.CANCEL, number))
    reader = StepReader(gate.noted, tracing.drop)
    assert [at_ns for at_ns, *_ in reader.take()] == [5, 6, 7, 8]
    assert tracing.dropped == 1
    assert list(reader.take()) == []


def test_checks_that_no_order_follows_are_forgotten(rooms: Rooms) -> None:
    tracing = Tracing(rooms.clock)
    gate = TimedGate(rooms.gate, tracing)
    reader = StepReader(gate.noted, tracing.drop)
    for _ in range(CHECKS_MAX + 1):
        gate.check(buying(rooms, 10).request)
    assert list(reader.take()) == []
    assert len(reader._checks) == 1


def test_an_order_that_is_refused_before_the_gate_is_asked_has_no_check(rooms: Rooms) -> None:
    Engine(rooms)
    assert not rooms.orders.submit(buying(rooms, 10, symbol=Symbol("NONE")).request)
    (order,) = spans(rooms)
    assert (order.name, order.attributes["touchline.denied_by"]) == ("order", "instrument")
    assert 0 < order.began_ns <= order.ended_ns


def test_an_id_that_was_used_is_refused_with_no_check_of_the_order_that_has_it(rooms: Rooms) -> None:
    Engine(rooms)
    request = buying(rooms, 10).request
    assert rooms.orders.submit(request)
    passes(rooms, 0.1)
    assert [span.name for span in spans(rooms)] == ["gate", "journal", "broker", "order", "order fill"]
    assert not rooms.orders.submit(request)
    assert [span.name for span in spans(rooms)] == ["order"]
