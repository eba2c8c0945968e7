"""Walks a way step by step: each bounded in time, and none that needs one which was not well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine.clock import NS_PER_MS, Clock
from engine.errors import AdapterError, DataError, RejectedError, ThrottledError
from engine.messages.checks import Outcome, Step
from engine.transport.words import in_words

STEP_S = 10.0
"""How long a step takes at most."""
AGAIN = "Try it again; where it stays so, the venue's own page about its state may say why."
REFUSED = "Asking again gives the same answer: look at the settings, and at what the venue says."


class Found(NamedTuple):
    """What a step found; what is no failure needs no remedy."""

    detail: str
    outcome: Outcome = Outcome.OK
    remedy: str = ""


class NotWell(AdapterError):
    """A step failed, and it is known what to do."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Check:
    """One step: what is done, and which steps before it have to be well."""

    name: str
    look: Callable[[], Awaitable[Found]]
    needs: tuple[str, ...] = ()


async def walk(checks: Iterable[Check], clock: Clock) -> AsyncIterator[Step]:
    """Yield each step as soon as it is done."""
    unwell: dict[str, str] = {}
    for check in checks:
        why = next((unwell[name] for name in check.needs if name in unwell), "")
        step = Step(check.name, Outcome.SKIPPED, f"not tried: {why}") if why else await _taken(check, clock)
        if step.outcome is Outcome.FAILED:
            unwell[step.name] = f"{step.name} failed"
        elif step.outcome is Outcome.SKIPPED:
            unwell[step.name] = why or f"{step.name} was skipped"
        yield step


def needed_for(name: str, checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return one step and what it needs, in their order."""
    wanted = {name}
    for check in reversed(checks):
        if check.name in wanted:
            wanted.update(check.needs)
    return tuple(check for check in checks if check.name in wanted)


async def _taken(check: Check, clock: Clock) -> Step:
    began_ns = clock.monotonic_ns()
    try:
        async with asyncio.timeout(STEP_S):
            found = await check.look()
    except TimeoutError:
        found = Found(f"no answer within {STEP_S:g} s", Outcome.FAILED, AGAIN)
    except ThrottledError as error:
        found = Found(in_words(error), Outcome.FAILED, _patience(error.retry_after_s))
    except NotWell as error:
        found = Found(in_words(error), Outcome.FAILED, error.remedy)
    except RejectedError as error:
        found = Found(in_words(error), Outcome.FAILED, REFUSED)
    except (AdapterError, DataError, OSError) as error:
        found = Found(in_words(error), Outcome.FAILED, AGAIN)
    took_ms = (clock.monotonic_ns() - began_ns) / NS_PER_MS
    return Step(check.name, found.outcome, found.detail, found.remedy, round(took_ms, 1))


def _patience(for_s: float) -> str:
    return f"Asked too often. Wait {for_s:.0f} s; other programs on this address or with this key count too."
