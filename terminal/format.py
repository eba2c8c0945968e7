"""Writes units, money, ages, sizes and times as text; pure, and cheap enough for every cell of a frame."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.instrument import MICROS, Instrument, Symbol

NOTHING = "–"  # noqa: RUF001  # a dash as wide as a digit
"""What stands where there is no number."""

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


class Figures:
    """Writes one instrument's prices and sizes."""

    __slots__ = (
        "_price_decimals_max",
        "_price_factor",
        "_size_decimals",
        "_size_factor",
        "_size_scale",
        "instrument",
        "price_decimals",
    )

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.price_decimals = instrument.price_decimals
        self._price_factor, self._price_decimals_max = _factor(instrument.price_scale)
        self._size_factor, self._size_decimals = _factor(instrument.size_scale)
        self._size_scale = instrument.size_scale

    def price(self, units: int, decimals: int = 0) -> str:
        """Write a price with the tick's decimals, more when it needs or is given them; a dash for no price."""
        if units == 0:
            return NOTHING
        least = max(self.price_decimals, decimals)
        return _fixed(units * self._price_factor, self._price_decimals_max, least)

    def mid(self, units: int) -> str:
        """Write a price that may lie between two ticks: always with the decimal that takes, so that it does not jump."""
        return self.price(units, min(self.price_decimals + 1, self._price_decimals_max))

    def decimals_of_prices(self, prices: Iterable[int]) -> int:
        """Return the decimals at which every one of these prices is exact, so that a column has one kind."""
        return max((_decimals(self.price(units)) for units in prices), default=0)

    def decimals_of_sizes(self, sizes: Iterable[int], width: int) -> int:
        """Return the decimals for a column of sizes: those that all need, less what the largest has no room for."""
        shown = [units for units in sizes if units > 0]
        decimals = max((_decimals(self.size(units)) for units in shown), default=0)
        while decimals and len(self.sized(max(shown), decimals)) > width:
            decimals -= 1
        return decimals

    def sized(self, units: int, decimals: int) -> str:
        """Write a size with so many decimals, rounded; one that would be rounded to nothing as less than the last."""
        if units < 0:
            return NOTHING
        scaled, cut = units * self._size_factor, self._size_decimals - decimals
        if cut > 0:
            scaled = (scaled + 10**cut // 2) // 10**cut
        if units and not scaled:
            return f"<.{'1':0>{decimals}}" if decimals else "<1"
        return _fixed(scaled, self._size_decimals - max(0, cut), decimals, parted=True)

    def average(self, units: int) -> str:
        """Write an average of prices with exactly the tick's decimals; a dash for none."""
        if units == 0:
            return NOTHING
        step = 10 ** (self._price_decimals_max - self.price_decimals)
        rounded = (units * self._price_factor + step // 2) // step
        return _fixed(rounded, self.price_decimals, self.price_decimals)

    def change(self, units: int) -> str:
        """Write a difference of prices; zero is a number here."""
        return _fixed(units * self._price_factor, self._price_decimals_max, self.price_decimals)

    def size(self, units: int) -> str:
        """Write a size in full, thousands parted; a dash where it was not published."""
        if units < 0:
            return NOTHING
        return _fixed(units * self._size_factor, self._size_decimals, 0, parted=True)

    def quantity(self, units: int) -> str:
        """Write a signed quantity in full, thousands parted."""
        return _fixed(units * self._size_factor, self._size_decimals, 0, parted=True)

    def compact_size(self, units: int) -> str:
        """Write a size in at most five cells: 940, 17.4M, 0.125; a dash where it was not published."""
        return NOTHING if units < 0 else compact(units / self._size_scale)


def _decimals(text: str) -> int:
    return len(text.rpartition(".")[2]) if "." in text else 0


_figures: dict[Symbol, Figures] = {}


def figures(instrument: Instrument) -> Figures:
    """Return the writer of an instrument, made once."""
    known = _figures.get(instrument.symbol)
    if known is None or known.instrument is not instrument:
        known = _figures[instrument.symbol] = Figures(instrument)
    return known


def _factor(scale: int) -> tuple[int, int]:
    """Return by what to multiply units of 1/scale, and the decimals of the result."""
    decimals = 0
    while 10**decimals % scale:
        decimals += 1
        if decimals > 18:
            raise ValueError(f"expected a step that is a decimal number, found 1/{scale}")
    return 10**decimals // scale, decimals


@lru_cache(maxsize=8192)
def _fixed(scaled: int, decimals_max: int, decimals_min: int, *, parted: bool = False) -> str:
    """Write scaled / 10**decimals_max, dropping trailing zeros down to `decimals_min`."""
    sign = "-" if scaled < 0 else ""
    scaled = abs(scaled)
    decimals = decimals_max
    while decimals > decimals_min and scaled % 10 == 0:
        scaled //= 10
        decimals -= 1
    head, tail = divmod(scaled, 10**decimals)
    whole = f"{head:,}" if parted else str(head)
    return f"{sign}{whole}.{tail:0{decimals}d}" if decimals else sign + whole


def compact(value: float) -> str:
    """Write a number in at most five cells and a sign: 940, 1.2K, 17.4M, 248B, 0.125."""
    sign = "-" if value < 0 else ""
    value = abs(value)
    if value >= 999.5:
        return sign + _with_letter(value)
    if value >= 99.95 or value == int(value):
        return f"{sign}{value:.0f}"
    decimals = 1 if value >= 9.995 else 2 if value >= 1 else 3
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "<.001" if text == "0" else sign + text


def _with_letter(value: float) -> str:
    for step, letter in _STEPS:
        share = value / step
        if share >= 0.9995:
            return f"{share:.1f}{letter}" if share < 99.95 else f"{share:.0f}{letter}"
    return f"{value:.0f}"


def money(micros: int, decimals: int = 2, *, signed: bool = False) -> str:
    """Write millionths of a currency, thousands parted, rounded half away from zero: 1,008,214.55."""
    step = MICROS // 10**decimals
    rounded = (abs(micros) + step // 2) // step
    sign = ("+" if signed else "") if micros >= 0 else "-"
    head, tail = divmod(rounded, 10**decimals)
    if rounded == 0:
        sign = ""
    return f"{sign}{head:,}.{tail:0{decimals}d}" if decimals else f"{sign}{head:,}"


def compact_money(micros: int) -> str:
    """Write millionths of a currency short: 241 as 241, 1,500,000 as 1.5M."""
    return compact(micros / MICROS)


def counted(count: int, name: str) -> str:
    """Write a number of things: `1 row`, `2,000 rows`."""
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def percent(fraction: float, decimals: int = 2, *, signed: bool = True) -> str:
    """Write a fraction as a percentage without its sign %: 0.0184 as +1.84."""
    text = f"{fraction * 100:+.{decimals}f}" if signed else f"{fraction * 100:.{decimals}f}"
    return text.lstrip("+-") if not text.strip("+-0.") else text


def gain_percent(fraction: float) -> str:
    """Write a gain as a percentage with its sign, in at most six cells: +1.84, +300.0, +1.2K."""
    size = abs(fraction) * 100
    if size >= 999.95:
        return f"{'+' if fraction > 0 else '-'}{compact(size)}"
    return percent(fraction, 2 if size < 99.995 else 1)


def move_percent(last: int, before: int) -> str:
    """Write how far a price moved, without a sign and in at most five cells; a dash when unknown."""
    if not last or not before:
        return NOTHING
    moved = abs(last - before) * 100 / before
    return f"{moved:.2f}" if moved < 99.995 else f"{moved:.1f}" if moved < 999.95 else compact(moved)


def direction(value: float) -> str:
    """Return the glyph of a movement, so that colour is never the only cue."""
    return "▲" if value > 0 else "▼" if value < 0 else "·"


def age(age_ns: int) -> str:
    """Write a duration in at most four cells: 40ms is 0.0s, then 4.2s, 12s, 3m, 7h, 12d."""
    seconds = max(0, age_ns) / NS_PER_S
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    for limit, step, letter in ((99.5, 1, "s"), (5970, 60, "m"), (172_800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / step:.0f}{letter}"
    return f"{min(999, seconds / 86_400):.0f}d"


def interval(interval_ns: int) -> str:
    """Write a bar's length as a trader does: 30s, 5m, 1h, 1d; ticks for 0."""
    seconds = interval_ns // NS_PER_S
    if not seconds:
        return "ticks"
    for step, letter in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds % step == 0:
            return f"{seconds // step}{letter}"
    return f"{seconds}s"


def time_of_day(time_ns: int, zone: tzinfo = UTC, *, ms: bool = False) -> str:
    """Write a time as 14:02:11, with milliseconds on request."""
    second = time_ns // NS_PER_S
    text = _second_text(second, zone)
    return f"{text}.{time_ns // NS_PER_MS % 1000:03d}" if ms else text


def minute_of_day(time_ns: int, zone: tzinfo = UTC) -> str:
    """Write a time as 14:02."""
    return _second_text(time_ns // NS_PER_S, zone)[:5]


def date_of(time_ns: int, zone: tzinfo = UTC) -> str:
    """Write a date as 24 Nov 2026."""
    return _date_text(time_ns // NS_PER_S // 900, zone)


def month_and_day(time_ns: int, zone: tzinfo = UTC) -> str:
    """Write a date as 24 Nov."""
    moment = datetime.fromtimestamp(time_ns // NS_PER_S, zone)
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def midnight_ns(time_ns: int, zone: tzinfo = UTC) -> int:
    """Return when the local day of a time began."""
    return (time_ns // NS_PER_S - seconds_since_midnight(time_ns, zone)) * NS_PER_S


def zone_name(time_ns: int, zone: tzinfo = UTC) -> str:
    """Return the short name of a time's zone: UTC, EST."""
    return datetime.fromtimestamp(time_ns // NS_PER_S, zone).tzname() or "UTC"


def seconds_since_midnight(time_ns: int, zone: tzinfo = UTC) -> int:
    """Return how far into its local day a time is."""
    second = time_ns // NS_PER_S
    return (second + _offset_s(second // 900, zone)) % 86_400


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@lru_cache(maxsize=256)
def _offset_s(quarter_hour: int, zone: tzinfo) -> int:
    """Return a zone's distance from UTC; it changes only at quarters of an hour."""
    offset = datetime.fromtimestamp(quarter_hour * 900, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


@lru_cache(maxsize=64)
def _date_text(quarter_hour: int, zone: tzinfo) -> str:
    moment = datetime.fromtimestamp(quarter_hour * 900, zone)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


@lru_cache(maxsize=4096)
def _second_text(second: int, zone: tzinfo) -> str:
    of_day = (second + _offset_s(second // 900, zone)) % 86_400
    return f"{of_day // 3600:02d}:{of_day // 60 % 60:02d}:{of_day % 60:02d}"
