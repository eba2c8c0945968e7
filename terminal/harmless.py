"""Keeps what a terminal would obey out of everything that is drawn, whichever widget draws it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from engine.model.text import harmless


class Harmless(LineFilter):
    """Takes control, format and private characters out of drawn text: they have no width, so nothing moves.

    Text from outside is cleaned on entry; this is for the one that was forgotten there.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002  # the base's own form
        """Return the segments of a line, each with nothing in it but what is shown."""
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(harmless(segment.text), segment.style)
            for segment in segments
        ]
