from __future__ import annotations

import itertools

import pytest

from engine.errors import InvalidTransition
from engine.execution.order_state import LEADS_TO, can_become, resting_status, transition
from engine.model.order import Order, OrderStatus
from tests.unit.engine.execution_bench import make_request
from tests.unit.engine.paper_bench import make_instrument

# One row a state, one column a state it could become, in the order of the enum: the table, written out again by hand.
COLUMNS = "denied pending_new working partially_filled pending_cancel pending_replace filled canceled expired rejected not_found unknown"
MATRIX = {
    "denied":           ". . . . . . . . . . . .",
    "pending_new":      "x . x x x . x x x x . x",
    "working":          ". . . x x x x x x x . x",
    "partially_filled": ". . x . x x x x x . . x",
    "pending_cancel":   ". . x x . . x x x x . x",
    "pending_replace":  ". . x x x . x x x x . x",
    "filled":           ". . x x . . . x x x . .",
    "canceled":         ". . x x . . x . . . . .",
    "expired":          ". . x x . . x . . . . .",
    "rejected":         ". . x x . . x . . . . .",
    "not_found":        ". . x x . . x x x x . x",
    "unknown":          ". . x x . . x x x x x .",
}  # fmt: skip


def _allowed(status: OrderStatus, to: OrderStatus) -> bool:
    row = MATRIX[status.value].split()
    return row[COLUMNS.split().index(to.value)] == "x"


def _order(status: OrderStatus) -> Order:
    order = Order(make_request("t-1"), make_instrument())
    order.status = status
    return order


def test_the_matrix_names_every_state_once() -> None:
    assert COLUMNS.split() == [status.value for status in OrderStatus] == list(MATRIX)


@pytest.mark.parametrize(("status", "to"), itertools.product(OrderStatus, OrderStatus))
def test_a_transition_happens_exactly_where_the_matrix_allows_it(
    status: OrderStatus, to: OrderStatus
) -> None:
    order = _order(status)
    assert can_become(status, to) is _allowed(status, to)
    if _allowed(status, to):
        transition(order, to)
        assert order.status is to
    else:
        with pytest.raises(InvalidTransition, match=f"{status} does not lead to {to}"):
            transition(order, to)
        assert order.status is status


def test_every_open_state_can_become_unknown_and_every_end_can_follow() -> None:
    ends = {OrderStatus.FILLED, OrderStatus.CANCELED, OrderStatus.EXPIRED}
    for status in OrderStatus:
        if status.is_open:
            assert ends <= LEADS_TO[status]
            assert status is OrderStatus.UNKNOWN or OrderStatus.UNKNOWN in LEADS_TO[status]


def test_an_end_is_left_only_by_fills_by_busts_and_by_proof_that_the_order_exists() -> None:
    s = OrderStatus
    for status in (s.CANCELED, s.EXPIRED, s.REJECTED):
        assert LEADS_TO[status] == {s.FILLED, s.WORKING, s.PARTIALLY_FILLED}, "a fill, or the venue works it"
    assert {s.WORKING, s.PARTIALLY_FILLED, s.CANCELED} < LEADS_TO[s.FILLED], "what it is without a fill"
    assert LEADS_TO[s.NOT_FOUND] == LEADS_TO[s.UNKNOWN] - {s.NOT_FOUND} | {s.UNKNOWN}
    assert not LEADS_TO[s.DENIED]


def test_a_resting_order_is_partially_filled_once_it_has_a_fill() -> None:
    order = _order(OrderStatus.PENDING_CANCEL)
    assert resting_status(order) is OrderStatus.WORKING
    order.filled = 1
    assert resting_status(order) is OrderStatus.PARTIALLY_FILLED
