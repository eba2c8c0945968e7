"""The keys of the health page."""

from __future__ import annotations

from typing import NamedTuple

from engine.messages.remedies import Remedy


class RemedyKey(NamedTuple):
    """One remedy on the page."""

    key: str
    label: str
    help: str


KEYS: dict[Remedy, RemedyKey] = {
    Remedy.PROBE: RemedyKey("p", "probe now", "Ask a venue whose circuit is open once, now."),
    Remedy.RECONNECT: RemedyKey(
        "r", "reconnect", "Give the connection up for a new one, or try again at once."
    ),
    Remedy.RESYNC: RemedyKey("y", "re-sync", "Ask for a fresh book of every symbol whose book is lost."),
    Remedy.COMPARE: RemedyKey("c", "compare", "Ask the broker for everything, and compare."),
    Remedy.FAIL_OVER: RemedyKey(
        "o", "fail over", "Let the next source that is well speak, until it is failed back."
    ),
    Remedy.FAIL_BACK: RemedyKey("b", "fail back", "Let the first source that is well speak again."),
    Remedy.PAUSE: RemedyKey("s", "pause source", "Hear this source no more: another one speaks."),
    Remedy.UNPAUSE: RemedyKey("u", "unpause source", "Hear this source again."),
}
"""What can be done about a row. A row that is well takes the key twice."""

PAGE_KEYS: tuple[tuple[str, str], ...] = (
    ("⏎", "Show the row's history and its runbook."),
    ("w", "Say why it is not well: from it to where it began."),
    ("t", "Show the timeline of incidents, or the components again."),
    ("f", "On the timeline: only the component under the cursor, or all."),
    ("j", "Go to the next row."),
    ("k", "Go to the previous row."),
    ("g", "Go to the first row."),
    ("G", "Go to the last row."),
    ("esc", "Close the page."),
)
"""What else the page knows."""
