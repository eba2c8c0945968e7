"""Answers to numbered questions: doubled, late, out of order and made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_S, SimulatedClock
from engine.execution.movement import Movement
from engine.execution.questions import Questions

ABOUT = st.sampled_from(("", "one", "other"))
STEPS = st.lists(
    st.one_of(st.tuples(st.just("ask"), ABOUT), st.tuples(st.integers(-1, 12), ABOUT)), max_size=40
)


@given(STEPS)
def test_each_question_is_answered_at_most_once_and_by_its_own_number_alone(
    steps: list[tuple[str | int, str]],
) -> None:
    questions = Questions(SimulatedClock(0, steady_is_own=True), Movement())
    asked: dict[int, str] = {}
    answered: set[int] = set()
    for what, about in steps:
        if isinstance(what, str):
            number = questions.ask(about)
            assert number > max(asked, default=0)
            asked[number] = about
            continue
        question = questions.answered(what, about)
        is_first = asked.get(what) == about and what not in answered
        assert (question is not None) == is_first
        if question is not None:
            assert question.about == about
            answered.add(what)


def test_a_question_knows_when_it_left_by_the_date_by_steady_time_and_in_the_order_of_events() -> None:
    clock, movement = SimulatedClock(7, steady_is_own=True), Movement()
    questions = Questions(clock, movement)
    movement.next()
    number = questions.ask("one")
    movement.next()
    clock.advance_to(9)
    question = questions.answered(number, "one")
    assert question is not None
    assert (question.asked_ns, question.steady_ns, question.moment) == (7, 7, 1)


def test_what_is_not_answered_for_long_is_not_expected_any_more() -> None:
    clock = SimulatedClock(0, steady_is_own=True)
    questions = Questions(clock, Movement())
    first = questions.ask()
    clock.advance_to(299 * NS_PER_S)
    second = questions.ask()
    clock.advance_to(301 * NS_PER_S)
    questions.ask()
    assert questions.answered(first) is None
    assert questions.answered(second) is not None


def test_what_was_asked_before_all_was_forgotten_has_no_answer_and_no_number_comes_twice() -> None:
    questions = Questions(SimulatedClock(0, steady_is_own=True), Movement())
    first = questions.ask()
    questions.forget()
    assert questions.ask() != first
    assert questions.answered(first) is None
