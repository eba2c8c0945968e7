"""What is unknown counts on both assumptions: that it will trade, and that it will not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.messages.reports import LostReport
from engine.model.order import Order, OrderRequest, OrderStatus, OrderType
from engine.model.trade import Side
from engine.rooms import Rooms
from tests.engine_rooms import ABC, buying, composed, passes


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    with composed(tmp_path / "desk") as rooms:
        rooms.orders.begin(had_history=False)
        passes(rooms, 1)
        yield rooms


def request(
    rooms: Rooms, side: Side, quantity: int, limit: int, *, reduce_only: bool = False
) -> OrderRequest:
    client_id, number = rooms.ids.next()
    return OrderRequest(
        client_id=client_id,
        number=number,
        account=rooms.account.name,
        symbol=ABC,
        side=side,
        quantity=quantity,
        type=OrderType.LIMIT,
        limit=limit,
        reduce_only=reduce_only,
    )


def unknown(rooms: Rooms, order_request: OrderRequest) -> Order:
    """Send an order whose answer never comes."""
    assert rooms.orders.submit(order_request)
    rooms.orders.on_report(LostReport(order_request.client_id, "reset", rooms.clock.now_ns()))
    order = rooms.orders.orders[order_request.client_id]
    assert str(order.status) == "unknown"
    return order


def long(rooms: Rooms, quantity: int) -> None:
    """Hold a position, by a market order that filled."""
    rooms.orders.submit(buying(rooms, quantity).request)
    passes(rooms, 0.1)
    assert rooms.ledger.positions[ABC].quantity == quantity


def room_to_sell(rooms: Rooms, quantity: int) -> bool:
    """Return whether a reduce-only sale of so much would pass."""
    denials = rooms.gate.preview(request(rooms, Side.SELL, quantity, 10_000, reduce_only=True)).denials
    return not [each for each in denials if each.rule == "reduce_only"]


def worst(rooms: Rooms) -> tuple[bool, bool, int]:
    """Return whether the symbol may end long, whether short, and how large at worst."""
    book = rooms.gate._inputs.exposure
    book.note_changed(ABC)
    book.revalue(rooms.clock.now_ns())
    exposure = book.symbols[ABC]
    return exposure.high > 0, exposure.low < 0, exposure.size


def test_an_unknown_order_counts_as_if_it_filled_on_its_side(rooms: Rooms) -> None:
    unknown(rooms, request(rooms, Side.BUY, 100, 9_000))
    assert worst(rooms) == (True, False, 100)
    unknown(rooms, request(rooms, Side.SELL, 150, 11_000))
    assert worst(rooms) == (True, True, 150)


def test_an_unknown_purchase_gives_no_room_to_sell_what_may_never_be_bought(rooms: Rooms) -> None:
    unknown(rooms, request(rooms, Side.BUY, 100, 9_000))
    assert not room_to_sell(rooms, 1)


def test_an_unknown_sale_takes_the_room_that_it_may_have_used(rooms: Rooms) -> None:
    long(rooms, 100)
    unknown(rooms, request(rooms, Side.SELL, 60, 11_000, reduce_only=True))
    assert room_to_sell(rooms, 40)
    assert not room_to_sell(rooms, 41)


def test_a_cancel_asked_of_an_unknown_sale_gives_no_room_back(rooms: Rooms) -> None:
    long(rooms, 100)
    order = unknown(rooms, request(rooms, Side.SELL, 60, 11_000, reduce_only=True))
    assert rooms.orders.cancel(order.client_id)
    assert not room_to_sell(rooms, 41)


def test_what_is_proven_to_be_gone_counts_no_more(rooms: Rooms) -> None:
    order = unknown(rooms, request(rooms, Side.BUY, 100, 9_000))
    rooms.orders.cancel(order.client_id)
    assert worst(rooms) == (True, False, 100)
    passes(rooms, 5)
    assert order.status is OrderStatus.CANCELED
    assert worst(rooms) == (False, False, 0)
