"""Which quotes and trades, and which rows to train on, the rules name."""

from __future__ import annotations

from collections.abc import Iterable

from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.signals.validation import rules
from engine.signals.validation.finding import Rule
from engine.signals.validation.tick_checks import TickChecks
from engine.signals.validation.training_checks import TrainingRow, check_training, directions
from tests.bar_makers import MINUTE_NS, SYMBOL, bar

S = 10**9


def _trade(
    at_s: int, price: int, size: int = 1, event_s: int | None = None, *, sets_last: bool = True
) -> Trade:
    event_ns = (at_s if event_s is None else event_s) * S
    return Trade(SYMBOL, "test", price, size, None, event_ns, at_s * S, sets_last=sets_last)


def _quote(at_s: int, bid: int, ask: int) -> Quote:
    return Quote(SYMBOL, "test", bid, ask, 1, 1, at_s * S, at_s * S)


def _named(ticks: Iterable[Quote | Trade]) -> list[tuple[Rule, int]]:
    checks = TickChecks()
    return [
        (each.rule, each.row) for row, tick in enumerate(ticks, start=1) for each in checks.check(row, tick)
    ]


def test_a_tick_before_its_predecessor_fails() -> None:
    assert _named([_trade(2, 100), _trade(1, 100), _trade(2, 100)]) == [(rules.OUT_OF_ORDER, 2)]


def test_a_crossed_quote_is_named_and_a_locked_one_is_not() -> None:
    assert _named([_quote(1, 100, 101), _quote(2, 101, 101), _quote(3, 102, 101), _quote(4, 0, 101)]) == [
        (rules.CROSSED, 3)
    ]


def test_what_was_received_before_it_happened_is_named() -> None:
    assert _named([_trade(1, 100, event_s=2), _trade(3, 100, event_s=2)]) == [(rules.EARLY, 1)]


def test_the_same_trade_twice_is_two_trades_and_one_of_nothing_is_named() -> None:
    assert _named([_trade(1, 100, 5), _trade(1, 100, 5), _trade(1, 100, 0)]) == [(rules.NO_SIZE, 3)]


def test_a_price_that_both_its_neighbours_contradict_is_named_and_a_step_is_not() -> None:
    assert _named([_trade(at, price) for at, price in enumerate((100, 100, 110, 100, 100))]) == [
        (rules.JUMP, 3)
    ]
    assert _named([_trade(at, price) for at, price in enumerate((100, 100, 110, 110, 110))]) == []
    late = [_trade(1, 100), _trade(2, 200, sets_last=False), _trade(3, 100)]
    assert _named(late) == []


def _rows(labels: Iterable[int], horizon: int = 2) -> list[TrainingRow]:
    return [
        TrainingRow(place * MINUTE_NS, (place + horizon) * MINUTE_NS, label, place + 1)
        for place, label in enumerate(labels)
    ]


def _trained(
    rows: list[TrainingRow], end: int = 10**6, least: int = 1, test: list[TrainingRow] | None = None
) -> list[tuple[Rule, int]]:
    found = check_training(rows, data_end_ns=end * MINUTE_NS, rows_min=least, test=test or [])
    return [(each.rule, each.row) for each in found]


def test_labels_past_the_data_fail_row_by_row() -> None:
    assert _trained(_rows([1, -1] * 5), end=10) == [(rules.LABEL_WINDOW, 10)]
    assert _trained(_rows([1, -1] * 5), end=11) == []


def test_too_few_rows_one_class_and_a_rare_one_are_told() -> None:
    assert _trained(_rows([1, -1]), least=3) == [(rules.TOO_FEW, 0)]
    assert _trained([], least=1) == [(rules.TOO_FEW, 0)]
    assert _trained(_rows([1] * 9)) == [(rules.ONE_CLASS, 0)]
    assert _trained(_rows([1] * 19 + [-1])) == [(rules.UNBALANCED, 0)]
    assert _trained(_rows([1] * 9 + [-1])) == []


def test_training_rows_whose_labels_reach_into_the_test_overlap() -> None:
    rows = _rows([1, -1] * 5)
    assert _trained(rows[:6], test=rows[6:]) == [(rules.OVERLAP, 6)]
    assert _trained(rows[:5], test=rows[6:]) == []


def test_a_direction_is_of_what_can_be_traded_after_the_bar() -> None:
    opens = (100, 100, 105, 103, 103)
    bars = [bar(place, (opened, 200, 50, 60), 1) for place, opened in enumerate(opens)]
    rows = directions(bars, 1)
    assert [each.label for each in rows] == [1, -1]
    assert rows[0].event_ns == bars[0].start_ns + MINUTE_NS
    assert rows[0].label_end_ns == bars[2].start_ns
    assert directions(bars, 4) == []
