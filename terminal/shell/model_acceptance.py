"""What is shown and asked before the registry of models is taken as it stands, and what is told then."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from terminal.shell.deciding import ACCEPT, check_typed, reason_of
from terminal.shell.telling import say, utc

if TYPE_CHECKING:
    from engine.shell.models import AsItStands, Models
    from terminal.shell.deciding import Who


def accepted(options: argparse.Namespace, who: Who, kept: Models) -> tuple[str, dict[str, object]]:
    """Show what is missing, have a person decide, and return what is told of it.

    Raises:
        EngineError: nothing is missing, or they may not.
    """
    from engine.shell.models import Move, check_may  # noqa: PLC0415  # help needs none of it

    found, reason = kept.as_it_stands(), reason_of(options)
    if not options.json:
        for line in lines(found):
            say(line)
    decider, role = who()
    check_may(Move.ROLL_BACK, role)
    check_typed(options, ACCEPT, "take it as it stands")
    found.accept(decider, reason)
    return f"The registry is taken as it stands, at {found.end}.", told(found)


def lines(found: AsItStands) -> Iterator[str]:
    """Yield what is missing, and what would count."""
    yield f"The registry ends at {found.end}. The audit log tells of more:"
    for entry in found.missing:
        yield f"  {utc(entry.time_ns)}  {entry.what} by {entry.who}  {entry.subject}  {entry.after}"
    for name, version in found.champions.items():
        yield f"As it stands the champion of {name} is {version}."
    if not found.champions:
        yield "As it stands no model has a champion."


def told(found: AsItStands) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "end": str(found.end),
        "missing": [
            {"what": each.what, "who": each.who, "subject": each.subject, "after": each.after}
            for each in found.missing
        ],
        "champions": found.champions,
    }
