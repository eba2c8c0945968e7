"""An error as a person reads it."""

from __future__ import annotations

import re

from engine.model.text import clean

_NUMBER = re.compile(r"\[Errno -?\d+\] ")


def in_words(error: Exception) -> str:
    """Return what an error says, on one line and without the system's number for it, and of one that says nothing what it is."""
    name = type(error).__name__
    silent = "no answer in time" if name.endswith(("Timeout", "TimeoutError")) else name
    return _NUMBER.sub("", clean(str(error))) or silent
