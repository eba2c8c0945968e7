"""Captures as cryptofeed records them: `receive_s: json`, and lines of the connection itself."""

from __future__ import annotations

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.listings import Listings
from engine.adapters.replay.recording import Disconnected
from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_S

_NS_DIGITS = 9


class CryptofeedDecoder:
    """Reads what is common to all venues; a venue's own decoder reads the messages."""

    source = ""

    def __init__(self, instruments: Instruments) -> None:
        self.listings = Listings(instruments, padded=self.padded)
        self._connected = False

    padded = False
    """Whether the venue writes every number with all its decimals."""

    def decode(self, line: bytes, events: list[object]) -> int:
        """Append a line's events and return when it was received."""
        if line[:1].isdigit():
            stamp, _, body = line.partition(b": ")
            received = seconds_ns(stamp)
            if body:
                self.message(body, received, events)
            return received
        if b" <-> " in line[:300]:
            return self._connect(line, events)
        if b" <- " in line[:300] or not line.strip():
            return 0
        raise Unreadable("bad_line", "expected a time and JSON")

    def _connect(self, line: bytes, events: list[object]) -> int:
        known = tuple(instrument.symbol for instrument in self.listings.known())
        if self._connected and known:
            events.append(Disconnected(self.source, known, "the recorder connected again"))
        self._connected = True
        return seconds_ns(line.rpartition(b" ")[2])

    def message(self, body: bytes, received: int, events: list[object]) -> None:
        """Append the events of one message of the venue."""
        raise NotImplementedError


def seconds_ns(text: bytes) -> int:
    """Return a time in seconds since the epoch as nanoseconds, exactly.

    Raises:
        Unreadable: it is not a plain number.
    """
    whole, _, fraction = text.partition(b".")
    if not (whole.isdigit() and (not fraction or fraction.isdigit()) and len(whole) < 20):
        raise Unreadable("bad_line", "expected a time in seconds")
    return int(whole) * NS_PER_S + int(fraction[:_NS_DIGITS].ljust(_NS_DIGITS, b"0"))


def cryptofeed_venue(head: list[bytes]) -> str:
    """Return which venue a capture is of, by its connection line or its first messages."""
    for line in head[:50]:
        if b" <-> " in line[:300] or b" <- " in line[:300]:
            url = line.partition(b" <")[0].lower()
            return next((v for v in ("kraken", "coinbase") if v.encode() in url), clean_url(url))
        stamp, colon, body = line.partition(b": ")
        if colon and stamp.replace(b".", b"", 1).isdigit():
            if b'"product_id' in body:
                return "coinbase"
            if body.startswith(b"[") or b'"subscriptionStatus"' in body or b'"systemStatus"' in body:
                return "kraken"
    return ""


def clean_url(url: bytes) -> str:
    """Return the address of a venue that is not understood, for the refusal."""
    return url[:80].decode("ascii", "replace")


def cryptofeed_span(head: list[bytes], last: bytes | None) -> tuple[int, int] | None:
    """Return the first and last receive time."""
    stamps: list[int] = []
    for line in [*head[:50], *([last] if last else [])]:
        if line[:1].isdigit():
            try:
                stamps.append(seconds_ns(line.partition(b": ")[0]))
            except Unreadable:
                continue
    return (stamps[0], stamps[-1]) if stamps and last else None
