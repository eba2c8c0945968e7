"""What the command about the way to a venue does: each step is printed as soon as it is done."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import msgspec

from engine.messages.checks import Outcome, Step
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.connect_words import in_short, in_words

FAILED = 1
"""The exit code where a step failed."""


def connect(options: argparse.Namespace) -> int:
    """Try the way to a venue."""
    from engine.credentials import Credentials  # noqa: PLC0415  # help needs none of it
    from engine.shell.venue_check import steps_to  # noqa: PLC0415  # likewise
    from terminal.entry.passphrase_entry import PassphraseEntry  # noqa: PLC0415

    settings = chosen_settings(options)
    credentials = Credentials(settings, options.key_file, PassphraseEntry(settings.vault))
    steps = steps_to(options.venue, settings, credentials)
    done = asyncio.run(_told(steps, in_words=not options.json))
    sys.stdout.write(f"{_as_json(options.venue, done) if options.json else in_short(done)}\n")
    return FAILED if any(step.outcome is Outcome.FAILED for step in done) else 0


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"connect": connect}
"""The function of each command."""


async def _told(steps: AsyncIterator[Step], *, in_words: bool) -> list[Step]:
    """Return all steps, and print each as soon as it is done."""
    done = []
    async for step in steps:
        done.append(step)
        if in_words:
            _say(step)
    return done


def _say(step: Step) -> None:
    sys.stdout.write(f"{in_words(step)}\n")
    sys.stdout.flush()


def _as_json(venue: str, steps: Sequence[Step]) -> str:
    well = not any(step.outcome is Outcome.FAILED for step in steps)
    told = {"venue": venue, "well": well, "steps": [msgspec.to_builtins(step) for step in steps]}
    return json.dumps(told, indent=2)
