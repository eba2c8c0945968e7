"""Times as Alpaca writes them: up to nine digits of a second, and any zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.text import clean

_SECOND = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)", re.ASCII)
_FULL = len("2026-11-24T15:00:01.123456789Z")
_FRACTION = re.compile(r"(?<=:\d\d)\.(\d{1,9})\d*", re.ASCII)


def time_ns(text: str | None) -> int:
    """Return a time in nanoseconds since the epoch, 0 for none.

    Raises:
        Unreadable: it is no time with a zone.
    """
    if not text:
        return 0
    if len(text) == _FULL and text[19] == "." and text[29] == "Z":
        fraction = text[20:29]
        if fraction.isdecimal() and text.isascii():
            return _utc_ns(text[:19]) + int(fraction)
    found = _FRACTION.search(text)
    second = text.replace(found[0], "", 1) if found else text
    return _second_ns(second) + (int(found[1].ljust(9, "0")) if found else 0)


@lru_cache(maxsize=64)
def _utc_ns(text: str) -> int:
    """Return when a second of UTC began: in a burst all tell the same one."""
    return _second_ns(text + "Z")


def _second_ns(text: str) -> int:
    """Return when a second began, written with its zone."""
    try:
        moment = datetime.fromisoformat(text) if _SECOND.fullmatch(text) else None
    except ValueError:
        moment = None
    if moment is None:
        raise Unreadable("bad_time", clean(text, 40))
    return int(moment.timestamp()) * NS_PER_S


def whole_ms(at_ns: int) -> int:
    """Return a time without what is finer than a millisecond: the account's activities tell no more of a fill."""
    return at_ns - at_ns % NS_PER_MS


def text_of(at_ns: int) -> str:
    """Write a time as a parameter, to the microsecond below."""
    seconds, rest_ns = divmod(max(0, at_ns), NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
