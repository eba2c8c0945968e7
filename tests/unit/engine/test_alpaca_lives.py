"""What is known of an order over all that Alpaca calls it."""

from __future__ import annotations

from itertools import permutations

import pytest

from engine.adapters.alpaca import lives as module
from engine.adapters.alpaca.lives import Lives
from engine.adapters.alpaca.messages import OrderText

FIRST = OrderText(id="v1", status="new", client_order_id="a-1")
GONE = OrderText(id="v1", status="replaced", client_order_id="a-1", replaced_by="v2")
SECOND = OrderText(id="v2", status="new", client_order_id="a-1~x", replaces="v1")


def test_an_order_that_waits_to_take_anothers_place_has_not_taken_it() -> None:
    lives = Lives()
    life = lives.of(FIRST)
    assert not life.take(FIRST)
    waiting = OrderText(id="v2", status="pending_new", client_order_id="a-1~x", replaces="v1")
    assert lives.of(waiting) is life
    assert not life.take(waiting)
    assert life.current == "v1"
    assert life.take(GONE)
    assert life.current == "v2"
    assert life.first is not None
    assert life.first.id == "v1"


def test_an_order_that_was_refused_the_place_never_takes_it() -> None:
    life = Lives().begin("a-1")
    life.take(FIRST)
    life.take(OrderText(id="v2", status="rejected", client_order_id="a-1~x", replaces="v1"))
    assert life.current == "v1"


@pytest.mark.parametrize("told", list(permutations([FIRST, GONE, SECOND])))
def test_whatever_comes_first_the_last_in_the_place_counts(told: tuple[OrderText, ...]) -> None:
    lives = Lives()
    for order in told:
        lives.of(order).take(order)
    life = lives.named("a-1")
    assert life is not None
    assert life.current == "v2"
    assert [each.status for each in life.before()] == ["replaced"]


def test_word_from_before_an_end_does_not_open_it_again() -> None:
    life = Lives().begin("a-1")
    life.take(OrderText(id="v1", status="canceled"))
    life.take(FIRST)
    assert life.order is not None
    assert life.order.status == "canceled"


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 2)
    lives = Lives()
    for number in range(4):
        order = OrderText(id=f"v{number}", status="new", client_order_id=f"a-{number}")
        lives.of(order).take(order)
    assert [lives.named(f"a-{number}") is not None for number in range(4)] == [False, False, True, True]
    assert lives.with_id("v0") is None
    assert lives.with_id("v3") is lives.named("a-3")
