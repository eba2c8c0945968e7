"""The market as another desk has it: its quotes with their own times, its prints, and what it does not believe itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from engine.adapters.desks.delivery import Delivery
from engine.adapters.desks.listening import Listening
from engine.adapters.desks.parse import instrument_of, status_of
from engine.adapters.desks.sequel import Sequel
from engine.adapters.live.listed import Listed, unknown
from engine.adapters.live.source import LiveSource
from engine.adapters.live.vitals import clock_row, rows_of
from engine.adapters.texts import TextUnits, Unreadable
from engine.clock import NS_PER_S, Clock
from engine.errors import RejectedError
from engine.messages.events import Severity
from engine.messages.shared_quotes import SharedRow, SharedTerms
from engine.messages.views import HealthState
from engine.model.bar import RecordedBar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import Session, StatusChange
from engine.model.text import clean
from engine.ports.shared_quotes import HeardQuotes, SharedQuotes
from engine.ports.venue import VenueReading, VenueRow
from engine.transport.skew import ClockSkew

BEHIND_MS: Final = 1_000
"""How old what is read may be until that is told."""
MISSING_NS: Final = 3 * NS_PER_S
"""How long a symbol may not be told of until that is told: a desk that begins has one after the other."""
_COUNTED_IN: Final = ("price_unit", "tick", "size_unit", "lot", "multiplier", "currency", "base")
"""What of an instrument may not change while it is counted in."""


class Apart(ClockSkew):
    """How far the sharing desk's clock is ahead of ours, by how far that of Redis is ahead of both."""

    def __init__(self, shared: SharedQuotes, sequel: Sequel) -> None:
        super().__init__()
        self._shared = shared
        self._sequel = sequel

    @property
    def skew_ns(self) -> int | None:
        """None before both are known."""
        ahead_ns = self._shared.ahead_ns
        return ahead_ns - self._sequel.ahead_ns if ahead_ns is not None and self._sequel.run else None

    @property
    def within_ns(self) -> int:
        """By how much that may be wrong, as far as it is ours."""
        return self._shared.within_ns


class DeskSource(LiveSource):
    """Delivers what another desk shares until it is cancelled."""

    rule = SequenceRule.NONE
    follows_more = True
    stream: Listening

    def __init__(
        self, name: str, shared: SharedQuotes, symbols: Sequence[Symbol], clock: Clock, silence_s: float
    ) -> None:
        self.name = f"desk:{name}"
        self.label = f"the desk {name}"
        super().__init__(symbols, clock)
        self.circuits = ()
        self.sequel = Sequel()
        self.stream = Listening(name, shared, clock, silence_s)
        self.stream.heard, self.stream.lost = self._hear, self._lose
        self.skew = Apart(shared, self.sequel)
        self.delivery = Delivery(self.name, self.label, clock, self.skew)
        self.delivery.tell = lambda text: self._alert(Severity.INFO, text)
        self.missing_ns = MISSING_NS
        self._short_ns = clock.monotonic_ns()
        """Until when, by steady time, nothing was missing."""
        self._shared = shared
        self._run = ""
        self._counted: dict[Symbol, Instrument] = {}
        """Each as it was listed at first."""
        self._seen: dict[Symbol, SharedTerms] = {}
        """The terms that were looked at last, whether it could be listed by them or not."""
        self._known: dict[str, SharedRow] = {}
        """What was told last of every symbol."""
        self._subscribed: set[Symbol] = set()

    def rows(self) -> tuple[VenueRow, ...]:
        """Return the rows of the health board."""
        venue = rows_of(self.name, self.stream, (), self.skew, self._confirmed)[0]._replace(needs=("redis",))
        feed = VenueRow("shared_feed", "its quotes", self._reading, ("venue",))
        return venue, feed, clock_row(self.skew)

    @property
    def gaps(self) -> int:
        """How often something that it told was missing."""
        return self.sequel.gaps

    @property
    def conflated(self) -> int:
        """Quotes that were overtaken before they were read."""
        return self.sequel.conflated

    @property
    def unread(self) -> int:
        """Entries that could not be read, or came out of turn."""
        return self.stream.unread + self.sequel.strange

    @property
    def behind_ms(self) -> int:
        """How old the newest was when it was read."""
        return self.stream.behind_ms

    def _reading(self) -> VenueReading:
        stream = self.stream
        detail = f"gaps {self.gaps:,} · conflated {self.conflated:,} · unread {self.unread:,}"
        if self.delivery.missed:
            detail += f" · prints missed {self.delivery.missed:,}"
        if not stream.is_open:
            return VenueReading(HealthState.OFF, "none", detail)
        sources = sorted({self._known[each].source for each in self._subscribed if each in self._known})
        value = clean(", ".join(sources), 32) or "nothing yet"
        if stream.behind_ms > BEHIND_MS:
            late = f"{stream.behind_ms / 1_000:.0f} s behind · {detail}"
            return VenueReading(HealthState.DEGRADED, f"by {value}", late, stream.behind_ms)
        return VenueReading(HealthState.OK, f"by {value}", detail, stream.behind_ms)

    # What is heard

    def _hear(self, found: HeardQuotes, *, is_again: bool) -> None:
        """Take what was read; what can't be read may have been anything."""
        sequel, gaps, before = self.sequel, self.sequel.gaps, self.sequel.number
        for _ in range(found.unread):
            self.malformed(Unreadable("bad_message", "what a desk shares"))
        if found.unread:
            sequel.lose()
        sequel.hear(found.entries, is_again=is_again)
        if sequel.has_ended:
            self.stream.give_up("it was closed")
            return
        is_new = sequel.run != self._run
        if is_new or sequel.number != before:
            self._said(is_new=is_new)
        if found.unread or sequel.gaps > gaps:
            self._distrust("something that it told is missing")
        if sequel.is_whole:
            self._take(sequel.take())

    def _said(self, *, is_new: bool) -> None:
        """Know that it is there; of another run nothing holds that the one before told."""
        if is_new:
            if self._run and self.stream.is_open:
                self._distrust("it has started anew")
            self._run = self.sequel.run
            self._known.clear()
            self.delivery.forget()
        if self.stream.said():
            self._connected_again()

    def _lose(self, reason: str) -> None:
        self.sequel.lose()
        self.lost(reason)

    def _distrust(self, reason: str) -> None:
        super()._distrust(reason)
        self.delivery.doubt_all()

    def _take(self, rows: dict[str, SharedRow]) -> None:
        """List what is told of for the first time, and deliver the newest."""
        self._known |= rows
        told = self.sequel.terms
        new = [each for each in self.wanted if each in told and told[each] != self._seen.get(each)]
        for symbol in new:
            self._list_told(symbol)
        if new:
            self._begin()
        self._note_gone()
        for name in rows:
            if name in self._subscribed:
                self._deliver(Symbol(name))

    def _list_told(self, symbol: Symbol) -> None:
        """List a symbol by its terms; those that it is counted in may not become others."""
        terms = self._seen[symbol] = self.sequel.terms[symbol]
        try:
            instrument = instrument_of(terms)
        except Unreadable as error:
            self._odd(symbol, error)
            return
        first = self._counted.setdefault(symbol, instrument)
        if changed := [name for name in _COUNTED_IN if getattr(first, name) != getattr(instrument, name)]:
            self._drop(symbol, f"{symbol} has another {changed[0]} at {self.label} than before")
            return
        self._list(instrument, "", self._clock.now_ns())

    def _note_gone(self) -> None:
        """Say which are not told of, and distrust those that are told of no more."""
        assert self._sink is not None
        told = self.sequel.terms
        for symbol in self._subscribed - told.keys():
            self._known.pop(symbol, None)
            self.delivery.drop(self._sink, symbol, f"{self.label} follows it no more")
        missing = unknown(self.label, self.wanted, told) if told else ""
        now_ns = self._clock.monotonic_ns()
        if not missing:
            self._short_ns = now_ns
            self._is_well("missing")
        elif now_ns - self._short_ns > self.missing_ns:
            self._tell_once("missing", Severity.WARNING, missing)

    def _deliver(self, symbol: Symbol) -> None:
        assert self._sink is not None
        self.delivery.deliver(self._sink, self._known[symbol], self.sequel.number)

    # What every source does

    async def _look_up(self, symbol: Symbol) -> None:
        if symbol not in self.sequel.terms:
            raise RejectedError(unknown(self.label, [symbol], self.sequel.terms))
        self._list_told(symbol)

    def _subscribe(self, symbols: Iterable[Symbol]) -> None:
        for symbol in symbols:
            self._subscribed.add(symbol)
            if symbol in self._known and self.sequel.is_whole:
                self._deliver(symbol)

    def _unsubscribe(self, symbol: Symbol) -> None:
        self._subscribed.discard(symbol)
        self.delivery.leave(symbol)

    def _refresh(self, symbol: Symbol) -> None:
        """There are no books."""

    def _confirmed(self) -> tuple[int, int]:
        return len(self._subscribed & self._known.keys()), len(self.wanted)

    async def _minutes(self, units: TextUnits, since_ns: int) -> list[RecordedBar]:  # noqa: ARG002  # none are shared
        return []

    def _status_of(self, listed: Listed, received_ns: int) -> StatusChange:
        row = self._known.get(listed.symbol)
        if row is None:
            return StatusChange(listed.symbol, self.name, Session.OPEN, "", 0, received_ns)
        return status_of(row, self.name, received_ns)

    async def _close(self) -> None:
        await self._shared.close()
