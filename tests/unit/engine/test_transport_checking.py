"""Steps of a way: what needs what, how long each may take, and which error asks for which remedy."""

from __future__ import annotations

import asyncio

import pytest

from engine.clock import SystemClock
from engine.errors import AdapterError, RejectedError, ThrottledError, TransientError
from engine.messages.checks import Outcome, Step
from engine.transport import checking
from engine.transport.checking import AGAIN, REFUSED, Check, Found, NotWell, needed_for, walk

WELL = Found("it is")


def walked(*checks: Check) -> list[Step]:
    async def run() -> list[Step]:
        return [step async for step in walk(checks, SystemClock())]

    return asyncio.run(run())


def step(name: str, *needs: str, found: Found | Exception = WELL) -> Check:
    async def look() -> Found:
        if isinstance(found, Exception):
            raise found
        return found

    return Check(name, look, needs)


def test_what_needs_a_failed_step_is_not_tried_and_says_which_one_it_was_in_the_end() -> None:
    tried: list[str] = []

    async def look() -> Found:
        tried.append("here")
        return Found("it is")

    told = walked(
        step("one", found=Found("it is not", Outcome.FAILED, "Do it.")),
        Check("two", look, ("one",)),
        Check("three", look, ("two",)),
        Check("four", look),
    )
    assert [(each.name, each.outcome, each.detail) for each in told[1:]] == [
        ("two", Outcome.SKIPPED, "not tried: one failed"),
        ("three", Outcome.SKIPPED, "not tried: one failed"),
        ("four", Outcome.OK, "it is"),
    ]
    assert tried == ["here"]


def test_a_warning_is_no_reason_to_stop_and_what_there_is_nothing_of_is_one() -> None:
    told = walked(
        step("one", found=Found("soon", Outcome.WARNING)),
        step("two", "one"),
        step("three", found=Found("nothing", Outcome.SKIPPED)),
        step("four", "three"),
    )
    assert [each.outcome.value for each in told] == ["warning", "ok", "skipped", "skipped"]
    assert told[3].detail == "not tried: three was skipped"


@pytest.mark.parametrize(
    ("error", "detail", "remedy"),
    [
        (TransientError("no answer"), "no answer", AGAIN),
        (OSError(111, "Connection refused"), "Connection refused", AGAIN),
        (RejectedError("refused"), "refused", REFUSED),
        (NotWell("the wrong one", "Take the other."), "the wrong one", "Take the other."),
        (ThrottledError("answered 429", 12.4), "answered 429", "Asked too often. Wait 12 s;"),
        (AdapterError("\x1b[2Jgone"), "[2Jgone", AGAIN),
    ],
)
def test_each_kind_of_error_is_a_failed_step_with_its_remedy(
    error: Exception, detail: str, remedy: str
) -> None:
    (told,) = walked(step("one", found=error))
    assert (told.outcome, told.detail) == (Outcome.FAILED, detail)
    assert told.remedy.startswith(remedy)


def test_a_step_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "STEP_S", 0.05)

    async def look() -> Found:
        await asyncio.Event().wait()
        return Found("it is")

    first, second = walked(Check("one", look), step("two"))
    assert (first.outcome, first.detail) == (Outcome.FAILED, "no answer within 0.05 s")
    assert first.took_ms >= 50
    assert second.outcome is Outcome.OK


def test_a_walk_that_is_cancelled_ends_at_once() -> None:
    async def look() -> Found:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        walked(Check("one", look))


def test_one_step_can_be_asked_for_with_what_it_needs_and_nothing_else() -> None:
    checks = (step("one"), step("two", "one"), step("three", "one"), step("four", "two"), step("five"))
    assert [each.name for each in needed_for("four", checks)] == ["one", "two", "four"]
    assert [each.name for each in needed_for("five", checks)] == ["five"]
