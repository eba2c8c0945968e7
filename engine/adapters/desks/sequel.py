"""Whether what a desk tells is all that it told: entries are numbered, and everything comes again once a second."""

from __future__ import annotations

from collections.abc import Iterable

from engine.messages.shared_quotes import SharedEntry, SharedRow, SharedTerms, merged


class Sequel:
    """Follows the numbers, and keeps of each symbol what was told last: however much came at once, the newest counts."""

    def __init__(self) -> None:
        self.run = ""
        """The run that is told of; empty before anything whole was heard."""
        self.number = 0
        self.is_whole = False
        """Whether nothing is missing since everything was told last."""
        self.has_ended = False
        self.sent_ns = self.ahead_ns = 0
        """As the last entry says."""
        self.gaps = self.missing = self.conflated = self.strange = 0
        """Gaps, entries missing in them, rows overtaken before they were handed on, entries that came out of turn."""
        self.terms: dict[str, SharedTerms] = {}
        """As they were told last; what is in no terms is not taken."""
        self.rows: dict[str, SharedRow] = {}
        """What was told since the last call of `take`, by symbol."""

    def hear(self, entries: Iterable[SharedEntry], *, is_again: bool = False) -> None:
        """Take these, in the order in which they are there; some may have been heard before where it is read again."""
        for entry in entries:
            if entry.run != self.run:
                self._begin(entry)
            elif entry.number <= self.number:
                self.strange += not is_again
            else:
                self._go_on(entry)

    def take(self) -> dict[str, SharedRow]:
        """Return the newest of each symbol since the last call."""
        taken, self.rows = self.rows, {}
        return taken

    def lose(self) -> None:
        """Believe nothing until everything is told again."""
        self.is_whole = False
        self.rows = {}

    def _begin(self, entry: SharedEntry) -> None:
        """Follow another run, from where it tells everything."""
        if not entry.whole:
            self.strange += 1
            return
        self.run, self.rows = entry.run, {}
        self.is_whole = True
        self._apply(entry)

    def _go_on(self, entry: SharedEntry) -> None:
        missing = entry.number - self.number - 1
        if missing:
            self.gaps += 1
            self.missing += missing
            self.is_whole = False
        self._apply(entry)

    def _apply(self, entry: SharedEntry) -> None:
        self.number, self.has_ended = entry.number, entry.has_ended
        self.sent_ns, self.ahead_ns = entry.sent_ns, entry.ahead_ns
        terms = {each.symbol: each for each in entry.terms}
        self.is_whole = self.is_whole or entry.whole
        self.terms = terms if entry.whole else self.terms | terms
        if self.is_whole:
            for row in entry.rows:
                if row.symbol not in self.terms:
                    continue
                older = self.rows.get(row.symbol)
                self.rows[row.symbol] = row if older is None else merged(older, row)
                self.conflated += older is not None
