"""The simulation must see what it is there to see: engines that are wrong on purpose fail it, within some seeds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

import engine.execution.inquiry
import engine.risk.candidate
import engine.risk.exposure
from engine.clock import NS_PER_MS
from engine.execution.brackets import Brackets
from engine.execution.breaks import BreakBoard
from engine.execution.comparison import Comparison
from engine.execution.dispatch import Dispatch
from engine.execution.exits import Exits, _Underway
from engine.execution.inquiry import Inquiries, Inquiry
from engine.execution.intake import Intake
from engine.execution.questions import Question, Questions
from engine.execution.reconcile import Reconciler
from engine.execution.scribe import Scribe
from engine.messages.reports import FillReport, StockReport
from engine.model.instrument import Symbol
from engine.model.order import Order, OrderStatus
from engine.replica import Replica
from engine.risk.gate import RiskGate
from tests.simulation.one_run import run_seed
from tests.simulation.outcomes import VISIBLE_NS

pytestmark = pytest.mark.no_cover
SEEDS_MAX = 60
"""How many runs may pass before a wrong engine is noticed."""
Patch = pytest.MonkeyPatch


def _nothing(*_: object, **__: object) -> None:
    pass


def _sends_before_it_is_safe(patch: Patch) -> None:
    patch.setattr(Dispatch, "_is_safe", lambda _: True)


def _sends_twice(patch: Patch) -> None:
    submit: Callable[[Dispatch, Order], None] = Dispatch.submit

    def twice(dispatch: Dispatch, order: Order) -> None:
        submit(dispatch, order)
        dispatch._broker.submit(order.request)

    patch.setattr(Dispatch, "submit", twice)


def _writes_no_fill(patch: Patch) -> None:
    note = Scribe.note

    def but_fills(scribe: Scribe, message: object) -> None:
        if not isinstance(message, FillReport):
            note(scribe, message)  # type: ignore[arg-type]  # whatever it is, but no fill

    patch.setattr(Scribe, "note", but_fills)


def _never_asks_for_everything(patch: Patch) -> None:
    patch.setattr(Comparison, "ask", _nothing)
    patch.setattr(Comparison, "lock", _nothing)


def _asks_again_and_again(patch: Patch) -> None:
    on_stock = Comparison.on_stock

    def and_asks(comparison: Comparison, report: StockReport) -> None:
        on_stock(comparison, report)
        comparison._clock.call_at(comparison._clock.now_ns() + 50 * NS_PER_MS, comparison.ask)

    patch.setattr(Comparison, "on_stock", and_asks)


def _sends_no_legs(patch: Patch) -> None:
    patch.setattr(Brackets, "_fit", _nothing)


def _starts_unlocked(patch: Patch) -> None:
    patch.setattr(Comparison, "lock", _nothing)


def _locks_no_break(patch: Patch) -> None:
    patch.setattr(BreakBoard, "_relock", _nothing)


def _chases_no_cancel(patch: Patch) -> None:
    def found(reconciler: Reconciler, order: Order) -> None:
        if order.status not in {OrderStatus.UNKNOWN, OrderStatus.NOT_FOUND}:
            reconciler._inquiries.end(order.client_id)

    patch.setattr(Reconciler, "_found", found)


def _believes_one_miss(patch: Patch) -> None:
    patch.setattr(engine.execution.inquiry, "MISSES_NEEDED", 1)
    patch.setattr(Inquiry, "proven_absent", property(lambda inquiry: inquiry.missed))


def _believes_absence_at_once(patch: Patch) -> None:
    def missed(inquiries: Inquiries, client_id: str, _number: int) -> Inquiry | None:
        inquiry = inquiries.get(client_id)
        if inquiry is not None:
            inquiry.misses, inquiry.lacking = 2, True
        return inquiry

    patch.setattr(Inquiries, "missed", missed)


def _counts_no_working_order(patch: Patch) -> None:
    for module in (engine.risk.exposure, engine.risk.candidate):
        patch.setattr(module, "open_quantity", lambda _: 0)


def _has_no_gate(patch: Patch) -> None:
    patch.setattr(RiskGate, "check", lambda *_: ())
    patch.setattr(RiskGate, "held_back", lambda *_: "")


def _lets_out_what_was_halted(patch: Patch) -> None:
    patch.setattr(RiskGate, "held_back", lambda *_: "")


def _takes_answers_in_turn(patch: Patch) -> None:
    """Take an answer for the oldest question about its order, whichever it names."""

    def answered(questions: Questions, _number: int, about: str = "") -> Question | None:
        turn = (number for number, each in questions._open.items() if each.about == about)
        number = next(turn, None)
        return None if number is None else questions._open.pop(number)

    patch.setattr(Questions, "answered", answered)


def _trusts_the_date(patch: Patch) -> None:
    """Measure by the date how long an order may be on its way."""

    def missed(inquiries: Inquiries, client_id: str, number: int) -> Inquiry | None:
        inquiry, question = inquiries.get(client_id), inquiries.answered(client_id, number)
        if inquiry is None or question is None or question.asked_ns < inquiry.sent_ns + VISIBLE_NS:
            return None
        inquiry.misses += 1
        return inquiry if inquiry.missed else None

    def lacked_by(inquiry: Inquiry, since_ns: int, question: Question) -> None:
        asked_in_time = question.asked_ns >= inquiry.sent_ns + VISIBLE_NS
        inquiry.lacking = inquiry.lacking or (asked_in_time and since_ns <= inquiry.sent_ns)

    patch.setattr(Inquiries, "missed", missed)
    patch.setattr(Inquiry, "lacked_by", lacked_by)


def _closes_before_all_is_gone(patch: Patch) -> None:
    take_back = Exits._take_back

    def and_closes(exits: Exits, symbol: Symbol, underway: _Underway) -> Order | None:
        refused = take_back(exits, symbol, underway)
        if refused is None and exits._working.of(symbol) and not underway.closing:
            exits._close(symbol, underway)
        return refused

    patch.setattr(Exits, "_take_back", and_closes)


def _leaves_flattens_where_they_are(patch: Patch) -> None:
    patch.setattr(Exits, "_on_order", _nothing)


def _ends_flattens_when_they_are_sent(patch: Patch) -> None:
    close = Exits._close

    def and_ends(exits: Exits, symbol: Symbol, underway: _Underway) -> None:
        close(exits, symbol, underway)
        if symbol in exits._underway:
            exits._end(symbol, "")

    patch.setattr(Exits, "_close", and_ends)


def _forgets_halts(patch: Patch) -> None:
    patch.setattr(Replica, "_trading_state", _nothing)


def _cancels_nothing(patch: Patch) -> None:
    patch.setattr(Intake, "cancel", lambda *_: False)


WRONG: tuple[tuple[Callable[[Patch], None], str, int], ...] = (
    (_sends_before_it_is_safe, "before its intent was safe", 1),
    (_sends_twice, "was sent 2 times", 5),
    (_writes_no_fill, "does not replay", 1),
    (_never_asks_for_everything, "never compared", 1),
    (_asks_again_and_again, "everything was asked for", 1),
    (_sends_no_legs, "and nobody was told", 3),
    (_starts_unlocked, "the start's comparison is not done", 1),
    (_locks_no_break, "may only reduce: a break", 1),
    (_chases_no_cancel, "to be cancelled, and works|still work", 10),
    (_believes_one_miss, "answers that prove something", 2),
    (_believes_absence_at_once, "answers that prove something", 2),
    (_counts_no_working_order, "limit: ", 7),
    (_has_no_gate, "beyond the limit", 1),
    (_has_no_gate, "only reduces, and could open", 1),
    (_has_no_gate, "open orders here", 2),
    (_has_no_gate, "gross exposure", 1),
    (_has_no_gate, "though trading is halted", 1),
    (_lets_out_what_was_halted, "was sent though trading is halted|was sent, and may only reduce", 2),
    (_takes_answers_in_turn, "answers that prove something", 3),
    (_trusts_the_date, "answers that prove something", 2),
    (_closes_before_all_is_gone, "flatten: .* may trade", 8),
    (_leaves_flattens_where_they_are, "are not flat", 2),
    (_ends_flattens_when_they_are_sent, "flatten: .* are held", 2),
    (_forgets_halts, "before the restart", 22),
    (_cancels_nothing, "still work", 30),
)
"""What is broken, what is found, and with which seed to begin: any may find it, this one is known to."""


def seeds_from(first: int) -> Iterator[int]:
    """Yield every seed that may notice, beginning with one."""
    yield from range(first, SEEDS_MAX)
    yield from range(1, first)


@pytest.mark.parametrize(("break_it", "what_is_found", "first"), WRONG)
def test_an_engine_that_is_wrong_is_noticed(
    monkeypatch: Patch, break_it: Callable[[Patch], None], what_is_found: str, first: int
) -> None:
    break_it(monkeypatch)
    assert any(re.search(what_is_found, found) for seed in seeds_from(first) for found in run_seed(seed))
