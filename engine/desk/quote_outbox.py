"""What waits to be told to the other desks: the newest of each symbol, however long nobody could be told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from engine.clock import NS_PER_S, Clock
from engine.messages.shared_quotes import ROWS_MAX, WHOLE_S, SharedEntry, SharedRow, SharedTerms, merged
from engine.messages.views import HealthState
from engine.ports.venue import VenueReading

UNTOLD_S: Final = 3.0
"""How long nothing may have been told until that is trouble."""


class QuoteOutbox:
    """Takes from the engine's loop, and is emptied by the desks' thread; neither waits for the other."""

    def __init__(self, run: str, clock: Clock) -> None:
        """Take the run's id, and the world's clock."""
        self._run = run
        self._clock = clock
        self._mutex = threading.Lock()
        self._terms: dict[str, SharedTerms] = {}
        self._new: dict[str, SharedTerms] = {}
        """Those of symbols that were not told of yet."""
        self._latest: dict[str, SharedRow] = {}
        """Of every symbol, with its last print alone."""
        self._due: dict[str, SharedRow] = {}
        self._number = 0
        self._whole_ns = 0
        """When everything was told last, by steady time; 0 makes it due."""
        self._told_ns = clock.monotonic_ns()
        self.wake: Callable[[], None] = lambda: None
        """Has what waits told at once."""
        self.trouble = ""
        """Why the last entry was not told; empty where it was."""
        self.entries = self.rows = self.conflated = self.failures = self.left_out = 0
        """What was told; what was overtaken by newer before it was told; entries that failed; symbols too many."""

    def put(self, rows: Iterable[SharedRow], terms: Mapping[str, SharedTerms]) -> None:
        """Have these told soon, with the terms of those that are new."""
        with self._mutex:
            self._terms.update(terms)
            self._new.update(terms)
            for row in rows:
                if row.symbol not in self._latest and len(self._latest) >= ROWS_MAX:
                    self.left_out += 1
                    continue
                self._latest[row.symbol] = (
                    row if len(row.prints) < 2 else replace(row, prints=row.prints[-1:])
                )
                older = self._due.get(row.symbol)
                self._due[row.symbol] = row if older is None else merged(older, row)
                self.conflated += older is not None
        self.wake()

    def drop(self, symbol: str) -> None:
        """Tell of a symbol no more."""
        with self._mutex:
            for each in (self._terms, self._new, self._latest, self._due):
                each.pop(symbol, None)

    def take(self, ahead_ns: int, *, has_ended: bool = False) -> SharedEntry | None:
        """Return the next entry, None while there is nothing to tell."""
        now_ns = self._clock.monotonic_ns()
        with self._mutex:
            whole = has_ended or not self._whole_ns or now_ns - self._whole_ns >= WHOLE_S * NS_PER_S
            if not (whole or self._due):
                return None
            rows = {**self._latest, **self._due} if whole else self._due
            terms = tuple((self._terms if whole else self._new).values())
            self._due, self._new, self._number = {}, {}, self._number + 1
            self._whole_ns = now_ns if whole else self._whole_ns
        return SharedEntry(
            run=self._run,
            number=self._number,
            sent_ns=self._clock.now_ns(),
            ahead_ns=ahead_ns,
            whole=whole,
            has_ended=has_ended,
            terms=terms,
            rows=tuple(rows.values()),
        )

    def told(self, entry: SharedEntry) -> None:
        """Note that an entry is there."""
        self.trouble = ""
        self.entries += 1
        self.rows += len(entry.rows)
        self._told_ns = self._clock.monotonic_ns()

    def failed(self, entry: SharedEntry, reason: str) -> None:
        """Tell it again, behind what is newer by now; whether it is there nobody knows, so that everything is due."""
        self.trouble = reason
        self.failures += 1
        with self._mutex:
            self._whole_ns = 0
            for row in entry.rows:
                newer = self._due.get(row.symbol)
                if newer is not None:
                    self._due[row.symbol] = merged(row, newer)
                elif row.symbol in self._latest:
                    self._due[row.symbol] = row

    def reading(self) -> VenueReading:
        """Tell how it goes, for a row of the health board; the number is that of the symbols."""
        count = len(self._latest)
        if self.left_out:
            return VenueReading(
                HealthState.DEGRADED, f"{count} symbols", f"no more than {ROWS_MAX} are shared", count
            )
        silent_ns = self._clock.monotonic_ns() - self._told_ns
        detail = f"conflated {self.conflated:,} · failed {self.failures:,}"
        if silent_ns > UNTOLD_S * NS_PER_S:
            return VenueReading(HealthState.DOWN, "not told", self.trouble or "nothing was told yet", count)
        if self.trouble:
            return VenueReading(HealthState.DEGRADED, f"{count} symbols", self.trouble, count)
        return VenueReading(HealthState.OK, f"{count} symbols", detail, count)
