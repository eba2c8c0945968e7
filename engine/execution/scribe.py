"""Writes to the journal on the order manager's behalf, and keeps count when it can't."""

from __future__ import annotations

from collections import deque

from msgspec import Struct

from engine.clock import Clock
from engine.errors import JournalError
from engine.execution.history import History
from engine.messages.events import (
    Denial,
    InstrumentListed,
    OrderSubmitted,
    PairSubmitted,
    RateNoted,
    Severity,
)
from engine.model.account import CurrencyRates
from engine.model.instrument import Instrument, Symbol
from engine.model.order import EXIT_ORIGINS
from engine.ports.journal import Journal

UNWRITTEN_MAX = 100_000
"""How many records wait for a disk that fails."""


class Scribe:
    """Two ways to write: what must be on disk first, and what happens whether or not it can be written.

    Both tell the blotter when it was written, so that what follows has the same time live and read back.
    """

    __slots__ = (
        "_blotter",
        "_clock",
        "_journal",
        "_listed",
        "_noted",
        "_rates",
        "_trouble",
        "_unwritten",
        "failures",
        "lost",
        "sequence",
    )

    def __init__(self, journal: Journal, history: History, clock: Clock, rates: CurrencyRates) -> None:
        self._journal = journal
        self._blotter = history.blotter
        self._clock = clock
        self._rates = rates
        self._trouble = ""
        self._listed: dict[Symbol, Instrument] = {}
        self._noted = history.noted
        self._unwritten: deque[tuple[Struct, int]] = deque()
        self.failures = 0
        """How many records could not be written."""
        self.lost = 0
        """How many records found no room to wait in: the broker has to be compared for what they said."""
        self.sequence = 0
        """The sequence of the last record that was written."""

    @property
    def trouble(self) -> str:
        """Why the last record could not be written; empty when it was."""
        return self._trouble

    @property
    def unwritten(self) -> int:
        """How many records wait for a disk that fails."""
        return len(self._unwritten)

    def record(self, message: Struct) -> tuple[Denial, ...]:
        """Write a record; return the denial of what it announces when it can't be written, or not safely.

        A way out is refused only where its record can't be written: what is left of a full disk is for it.
        """
        now_ns = self._blotter.now_ns = self._clock.now_ns()
        refusal = "" if _is_way_out(message) else self._journal.refusal
        trouble = refusal or (self._unwritten and self.catch_up()) or self._append(message, now_ns)
        return (Denial("journal", trouble),) if trouble else ()

    def note(self, message: Struct) -> None:
        """Write a record of what happens anyway: a cancel, a denial, a venue's report.

        What can't be written now is written, in order, before anything that comes after it.
        """
        now_ns = self._blotter.now_ns = self._clock.now_ns()
        if (self._unwritten and self.catch_up()) or self._append(message, now_ns):
            self._keep(message, now_ns)

    def name(self, instrument: Instrument) -> None:
        """Write an instrument's terms before the first record that needs them."""
        if self._listed.get(instrument.symbol) is not instrument:
            self._listed[instrument.symbol] = instrument
            self.note(InstrumentListed(instrument))

    def rate(self, currency: str) -> None:
        """Write the rate that money in a currency is converted at, if it is not the one written last."""
        if currency == self._rates.base_currency:
            return
        rate = self._rates.get(currency)
        if rate is not None and self._noted.get(currency) != rate:
            self._noted[currency] = rate
            self.note(RateNoted(currency, rate))

    def _append(self, message: Struct, now_ns: int) -> str:
        """Append a record; return why it could not be written."""
        try:
            self.sequence = self._journal.append(message, now_ns)
        except JournalError as error:
            return self._failed(error)
        self._trouble = ""
        return ""

    def catch_up(self) -> str:
        """Write what could not be written before; return why it still can't be."""
        unwritten = self._unwritten
        while unwritten:
            trouble = self._append(*unwritten[0])
            if trouble:
                return trouble
            unwritten.popleft()
        return ""

    def _keep(self, message: Struct, now_ns: int) -> None:
        if len(self._unwritten) < UNWRITTEN_MAX:
            self._unwritten.append((message, now_ns))
        else:
            self.lost += 1

    def _failed(self, error: JournalError) -> str:
        self.failures += 1
        if not self._trouble:
            text = f"journal: {error}; new orders are denied until it writes"
            self._blotter.alert(Severity.CRITICAL, text)
        self._trouble = f"the journal can't be written: {error}"
        return self._trouble


def _is_way_out(message: Struct) -> bool:
    if isinstance(message, PairSubmitted):
        message = message.stop
    if not isinstance(message, OrderSubmitted):
        return False
    request = message.request
    return request.reduce_only and request.origin in EXIT_ORIGINS
