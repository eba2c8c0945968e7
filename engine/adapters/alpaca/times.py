"""Times as Alpaca writes them: up to nine digits of a second, and any zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from engine.adapters.texts import Unreadable
from engine.clock import NS_PER_MS, NS_PER_S
from engine.model.text import clean

_TIME = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)")


def time_ns(text: str | None) -> int:
    """Return a time in nanoseconds since the epoch, 0 for none.

    Raises:
        Unreadable: it is no time with a zone.
    """
    if not text:
        return 0
    found = _TIME.fullmatch(text)
    try:
        moment = datetime.fromisoformat(found[1] + found[3]) if found else None
    except ValueError:
        moment = None
    if found is None or moment is None:
        raise Unreadable("bad_time", clean(text, 40))
    return int(moment.timestamp()) * NS_PER_S + int((found[2] or "0").ljust(9, "0"))


def whole_ms(at_ns: int) -> int:
    """Return a time without what is finer than a millisecond: the account's activities tell no more of a fill."""
    return at_ns - at_ns % NS_PER_MS


def text_of(at_ns: int) -> str:
    """Write a time as a parameter, to the microsecond below."""
    seconds, rest_ns = divmod(max(0, at_ns), NS_PER_S)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
