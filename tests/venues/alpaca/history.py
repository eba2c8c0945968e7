"""Bars of any length: of the trades since the venue began, and before that of a made-up past that is always the same."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

from tests.venues.alpaca.assets import Asset
from tests.venues.alpaca.hours import NEW_YORK, is_trading_day, session_ns, trading_days
from tests.venues.alpaca.refusal import Refusal
from tests.venues.alpaca.texts import SECOND_NS, plain

MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
CHICAGO = ZoneInfo("America/Chicago")
"""Where the days of crypto begin."""
_WAVES = ((0.0012, 37 * 60), (0.006, 5 * 3600), (0.03, 9 * 86400), (0.12, 190 * 86400))
"""How far, and in how many seconds there and back, a made-up price goes."""
_FRAME = re.compile(r"^(\d+)((?i:min|hour|day|week|month)|T|H|D|W|M)$")
_MOST = {"Min": 59, "Hour": 23, "Day": 1, "Week": 1, "Month": 12}
_LONG = {"T": "Min", "H": "Hour", "D": "Day", "W": "Week", "M": "Month"}


@dataclass
class Bar:
    """What happened in a time."""

    from_ns: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    trades: int
    paid: Decimal
    """Price times size, of all trades."""

    def add(self, later: Bar) -> None:
        """Make it longer by one that comes after it."""
        self.high, self.low = max(self.high, later.high), min(self.low, later.low)
        self.close = later.close
        self.volume += later.volume
        self.trades += later.trades
        self.paid += later.paid

    def json(self) -> dict[str, Any]:
        """Return it as market data has it, its time in nanoseconds."""
        average = self.paid / self.volume if self.volume else self.close
        return {
            "t": self.from_ns,
            "o": plain(self.open),
            "h": plain(self.high),
            "l": plain(self.low),
            "c": plain(self.close),
            "v": plain(self.volume),
            "n": self.trades,
            "vw": plain(round(average, 6)),
        }


@dataclass(frozen=True)
class Frame:
    """How long a bar is."""

    count: int
    unit: str

    @classmethod
    def read(cls, text: str) -> Frame:
        """Return what `5Min` or `1Day` says.

        Raises:
            Refusal: it says nothing.
        """
        found = _FRAME.match(text)
        if found is not None:
            count, unit = int(found[1]), _LONG.get(found[2], found[2].capitalize())
            if 1 <= count <= _MOST[unit]:
                return cls(count, unit)
        raise Refusal(400, None, f"invalid timeframe: {text}")

    @property
    def is_of_days(self) -> bool:
        """Whether it holds whole days."""
        return self.unit in {"Day", "Week", "Month"}

    def start(self, from_ns: int, zone: ZoneInfo) -> int:
        """Return when the bar begins that a time is in."""
        if not self.is_of_days:
            length = self.count * (MINUTE_NS if self.unit == "Min" else HOUR_NS)
            return from_ns // length * length
        day = datetime.fromtimestamp(from_ns // SECOND_NS, zone).date()
        if self.unit == "Week":
            day -= timedelta(days=day.weekday())
        elif self.unit == "Month":
            day = date(day.year, (day.month - 1) // self.count * self.count + 1, 1)
        return midnight(day, zone)

    def end(self, starts: int, zone: ZoneInfo) -> int:
        """Return when the bar after one begins."""
        if not self.is_of_days:
            return starts + self.count * (MINUTE_NS if self.unit == "Min" else HOUR_NS)
        days = {"Day": 1, "Week": 7, "Month": 31 * self.count}[self.unit]
        day = datetime.fromtimestamp(starts // SECOND_NS, zone).date() + timedelta(days=days)
        return self.start(midnight(day, zone), zone)


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins somewhere."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * SECOND_NS


def zone_of(asset: Asset) -> ZoneInfo:
    """Return where an asset's days begin."""
    return CHICAGO if asset.is_crypto else NEW_YORK


class History:
    """Remembers minutes."""

    def __init__(self, began_ns: int) -> None:
        self._began_ns = began_ns // MINUTE_NS * MINUTE_NS
        self._live: dict[str, dict[int, Bar]] = defaultdict(dict)

    def add(self, asset: Asset, price: Decimal, quantity: Decimal, when_ns: int) -> None:
        """Remember a trade."""
        from_ns = when_ns // MINUTE_NS * MINUTE_NS
        made = Bar(from_ns, price, price, price, price, quantity, 1, price * quantity)
        there = self._live[asset.symbol].setdefault(from_ns, made)
        if there is not made:
            there.add(made)

    def bars(self, asset: Asset, frame: Frame, from_ns: int, to_ns: int) -> Iterator[Bar]:
        """Yield the bars that begin in a time, both ends included, oldest first."""
        zone = zone_of(asset)
        first, after_last = frame.start(from_ns, zone), frame.end(frame.start(to_ns, zone), zone)
        parts = self._whole_days if frame.is_of_days else self._minutes
        for bar in _joined(parts(asset, first, after_last - 1), frame, zone):
            if bar.from_ns >= from_ns:
                yield bar

    def bar(self, asset: Asset, from_ns: int, to_ns: int) -> Bar | None:
        """Return one bar of a time; its end is not in it."""
        made = None
        for minute in self._minutes(asset, from_ns, to_ns - 1):
            if made is None:
                made = minute
            else:
                made.add(minute)
        return made

    def day_start(self, asset: Asset, when_ns: int) -> int:
        """Return when the day of a time began."""
        return Frame(1, "Day").start(when_ns, zone_of(asset))

    def _whole_days(self, asset: Asset, from_ns: int, to_ns: int) -> Iterator[Bar]:
        zone = zone_of(asset)
        day = datetime.fromtimestamp(from_ns // SECOND_NS, zone).date()
        while (starts := midnight(day, zone)) <= to_ns:
            ends = midnight(day + timedelta(days=1), zone)
            made = (
                self._past_day(asset, day, ends) if ends <= self._began_ns else self.bar(asset, starts, ends)
            )
            if made is not None:
                yield made
            day += timedelta(days=1)

    def _past_day(self, asset: Asset, day: date, ends: int) -> Bar | None:
        """Return a day of the past; it has the prices at its hours, since its minutes are many."""
        if not asset.is_crypto and not is_trading_day(day):
            return None
        opens, closes = (midnight(day, CHICAGO), ends) if asset.is_crypto else session_ns(day)
        made: Bar | None = None
        for starts in range(opens, closes, HOUR_NS):
            part = self._made_up(asset, starts, min(closes, starts + HOUR_NS))
            if made is None:
                made = part
            else:
                made.add(part)
        return made

    def _minutes(self, asset: Asset, from_ns: int, to_ns: int) -> Iterator[Bar]:
        for starts in self._past(asset, from_ns, min(to_ns, self._began_ns - MINUTE_NS)):
            yield self._made_up(asset, starts, starts + MINUTE_NS)
        for starts, bar in self._live[asset.symbol].items():
            if from_ns <= starts <= to_ns:
                yield Bar(**vars(bar))

    def _past(self, asset: Asset, from_ns: int, to_ns: int) -> Iterable[int]:
        first = -(-from_ns // MINUTE_NS) * MINUTE_NS
        if asset.is_crypto:
            return range(first, to_ns + 1, MINUTE_NS)
        days = trading_days(
            *(datetime.fromtimestamp(each // SECOND_NS, NEW_YORK).date() for each in (first, to_ns))
        )
        sessions = (session_ns(day) for day in days)
        return (
            starts
            for opens, closes in sessions
            for starts in range(max(first, opens), min(to_ns + 1, closes), MINUTE_NS)
        )

    def _made_up(self, asset: Asset, starts: int, ends: int) -> Bar:
        """Return a part of the past; it ends where the next one begins."""
        chance = crc32(f"{asset.symbol}{starts}".encode())
        opens, closes = self._price(asset, starts), self._price(asset, ends)
        step = Decimal(1).scaleb(-asset.price_decimals(asset.mid))
        high, low = max(opens, closes) + chance % 3 * step, min(opens, closes) - chance % 2 * step
        volume = Decimal(100 + chance % 900) / (100 if asset.is_crypto else 1)
        return Bar(starts, opens, high, low, closes, volume, 1 + chance % 50, volume * (opens + closes) / 2)

    def _price(self, asset: Asset, when_ns: int) -> Decimal:
        away = self._swing(when_ns) - self._swing(self._began_ns)
        return round(asset.mid * Decimal(1 + away), asset.price_decimals(asset.mid))

    def _swing(self, when_ns: int) -> float:
        seconds = when_ns / SECOND_NS
        return sum(height * math.sin(math.tau * seconds / length) for height, length in _WAVES)


def _joined(parts: Iterable[Bar], frame: Frame, zone: ZoneInfo) -> Iterator[Bar]:
    made: Bar | None = None
    for part in parts:
        starts = frame.start(part.from_ns, zone)
        if made is not None and made.from_ns == starts:
            made.add(part)
            continue
        if made is not None:
            yield made
        made = Bar(**{**vars(part), "from_ns": starts})
    if made is not None:
        yield made
