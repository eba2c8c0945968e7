"""Whatever a venue says, the exporter's page stays of a size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.frames.frame_builder import FrameBuilder
from engine.messages.events import OrderChanged
from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.position import Position
from engine.observe.metrics import Sample, text_of
from engine.observe.order_counts import OrderCounts
from engine.observe.reject_reasons import REASONS
from engine.observe.storage import Storage
from engine.readings.machine_rows import MachineRows
from engine.readings.sample_maker import SERIES_MAX, SampleMaker
from engine.readings.samples import METRICS
from engine.readings.vitals import Vitals
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes, quoted, share

HOSTILE = [f'a"\n\\{{number="{number}"}}' for number in range(1_000)]


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path) as made:
        yield made


@pytest.fixture
def maker(rooms: Rooms) -> SampleMaker:
    counts = OrderCounts(rooms.bus)
    Vitals(rooms, FrameBuilder(rooms), counts).register()
    machine = MachineRows(rooms)
    machine.register()
    return SampleMaker(rooms, counts, machine.pauses, Storage({}, rooms.folders.data), METRICS)


def series(samples: tuple[Sample, ...]) -> Counter[str]:
    return Counter(sample.name for sample in samples)


def value(samples: tuple[Sample, ...], name: str, **labels: str) -> float:
    (found,) = (each for each in samples if each.name == name and dict(each.labels) == labels)
    return found.value


def test_a_thousand_hostile_names_do_not_grow_the_page_beyond_its_bound(
    rooms: Rooms, maker: SampleMaker
) -> None:
    before = series(maker.make())
    for name in HOSTILE:
        rooms.market.on_malformed(name, name, "what could not be read")
        position = rooms.ledger.positions[Symbol(name)] = Position(share(Symbol(name)))
        position.quantity = 1
    samples = maker.make()
    after = series(samples)
    assert max(after.values()) == SERIES_MAX
    assert {name for name in after if after[name] > before[name] + 2} == {
        "touchline_quotes_refused_total",
        "touchline_position",
    }
    assert value(samples, "touchline_series_left_out") == 2 * (len(HOSTILE) - SERIES_MAX)
    assert len(text_of(lambda: samples).splitlines()) < len(samples) + 2 * len(after) + 1
    assert value(maker.make(), "touchline_series_left_out") == 2 * (len(HOSTILE) - SERIES_MAX)


def test_a_thousand_reasons_of_rejects_are_the_few_kinds_there_are(rooms: Rooms, maker: SampleMaker) -> None:
    rooms.orders.submit(buying(rooms, 10, limit=9_000).request)
    (order,) = rooms.orders.orders.values()
    for number, reason in enumerate(HOSTILE):
        order.reason, order.client_id = reason, f"h-{number}"
        rooms.bus.publish(OrderChanged(order, OrderStatus.REJECTED, number, moved=True))
    rejects = {s.labels: s.value for s in maker.make() if s.name == "touchline_order_rejects_total"}
    assert len(rejects) == len(REASONS)
    assert sum(rejects.values()) == len(HOSTILE)


def test_an_order_that_the_broker_rejects_is_counted_once_by_what_it_said(
    rooms: Rooms, maker: SampleMaker
) -> None:
    rooms.orders.begin(had_history=False)
    passes(rooms, 1)
    quoted(rooms, ABC, 10_000)
    request = replace(buying(rooms, 10, limit=10_002).request, post_only=True)
    rooms.orders.submit(request)
    passes(rooms, 1)
    quoted(rooms, ABC, 10_000)
    assert rooms.orders.orders[request.client_id].status is OrderStatus.REJECTED
    samples = maker.make()
    assert value(samples, "touchline_order_rejects_total", reason="post_only") == 1
    assert value(samples, "touchline_orders_total", status="rejected") == 1
