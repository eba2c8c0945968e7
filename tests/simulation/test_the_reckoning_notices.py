"""The simulation must see what it is there to see: engines that are wrong on purpose fail it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from engine.execution.comparison import Comparison
from engine.execution.dispatch import Dispatch
from engine.execution.scribe import Scribe
from engine.messages.reports import FillReport
from engine.model.order import Order
from tests.simulation.one_run import run_seed

pytestmark = pytest.mark.no_cover
SEEDS = range(1, 16)


def _found() -> Iterator[str]:
    for seed in SEEDS:
        yield from run_seed(seed)


def test_an_order_that_leaves_before_its_intent_is_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Dispatch, "_is_safe", lambda _: True)
    assert any("before its intent was safe" in found for found in _found())


def test_an_order_that_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    submit: Callable[[Dispatch, Order], None] = Dispatch.submit

    def twice(dispatch: Dispatch, order: Order) -> None:
        submit(dispatch, order)
        dispatch._broker.submit(order.request)

    monkeypatch.setattr(Dispatch, "submit", twice)
    assert any("was sent 2 times" in found for found in _found())


def test_records_that_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    note = Scribe.note

    def but_fills(scribe: Scribe, message: object) -> None:
        if not isinstance(message, FillReport):
            note(scribe, message)  # type: ignore[arg-type]  # whatever it is, but no fill

    monkeypatch.setattr(Scribe, "note", but_fills)
    assert any("does not replay" in found for found in _found())


def test_a_broker_that_is_never_asked_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Comparison, "ask", lambda _: None)
    assert any("the venue's order" in found or "positions" in found for found in _found())
