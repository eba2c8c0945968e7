"""Which symbols' quotes are shown to the paper broker: those that had an order, from the first one on."""

from __future__ import annotations

from pathlib import Path

from engine.model.instrument import Symbol
from engine.model.order import OrderStatus
from engine.model.trade import Side
from tests.engine_rooms import ABC, XYZ, buying, composed, passes, quoted
from tests.unit.engine.paper_bench import SYMBOL, PaperBench


def test_a_symbol_is_opened_once_at_its_first_order() -> None:
    bench = PaperBench()
    opened: list[Symbol] = []
    bench.paper.opened = opened.append
    bench.quote(100, 101)
    assert opened == []
    bench.send(Side.BUY, 30, 100)
    bench.send(Side.BUY, 30, 99)
    assert opened == [SYMBOL]


def test_a_quote_that_falls_to_a_resting_order_fills_it_in_the_composed_rooms(tmp_path: Path) -> None:
    with composed(tmp_path) as rooms:
        command = buying(rooms, 100, 9_990)
        rooms.orders.submit(command.request)
        passes(rooms, 1)
        order = rooms.orders.orders[command.request.client_id]
        statuses = [order.status]
        quoted(rooms, XYZ, 9_000)
        quoted(rooms, ABC, 9_980)
        passes(rooms, 1)
        assert [*statuses, order.status] == [OrderStatus.WORKING, OrderStatus.FILLED]
