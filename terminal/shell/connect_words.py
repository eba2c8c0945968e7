"""The steps of a way to a venue as a person reads them in a shell: a word, the step, its time, what was found."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from engine.messages.checks import Outcome, Step

_WORDS: Final = {
    Outcome.OK: ("ok", "32"),
    Outcome.WARNING: ("warning", "33"),
    Outcome.FAILED: ("FAILED", "1;31"),
    Outcome.SKIPPED: ("skipped", "2"),
}
"""What is written for each outcome, and its colour in a terminal that has some."""
_WIDTH_MIN: Final = 60
_INDENT: Final = " " * 31


def in_words(step: Step) -> str:
    """Write one step: in a terminal folded to its width and with colours, else one line and one for the remedy."""
    word, colour = _WORDS[step.outcome]
    took = "" if step.outcome is Outcome.SKIPPED else f"{step.took_ms:,.0f} ms"
    head = f"{word:8} {step.name:11} {took:>8}  "
    lines = list(_folded(step.detail))
    if step.remedy:
        lines += _folded(f"> {step.remedy}")
    text = f"{head}{f'{chr(10)}{_INDENT}'.join(lines)}"
    return f"\x1b[{colour}m{text[:8]}\x1b[0m{text[8:]}" if _has_colours() else text


def in_short(steps: Sequence[Step]) -> str:
    """Sum up."""
    failed = [step.name for step in steps if step.outcome is Outcome.FAILED]
    if failed:
        return f"Not well: {', '.join(failed)}."
    doubtful = [step.name for step in steps if step.outcome is Outcome.WARNING]
    return f"All is well but: {', '.join(doubtful)}." if doubtful else "All is well."


def _folded(text: str) -> Iterator[str]:
    if not sys.stdout.isatty():
        yield text
        return
    width = max(_WIDTH_MIN, shutil.get_terminal_size().columns) - len(_INDENT) - 1
    yield from textwrap.wrap(text, width, break_on_hyphens=False) or [""]


def _has_colours() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
