"""Reads lines of the log back. What is in the file is data: torn, overlong or hostile lines are counted, and what is shown is clean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec

from engine.clock import NS_PER_S
from engine.messages.log_line import Level, LogLine
from engine.model.text import clean
from engine.model.undecodable import UNDECODABLE

FIELDS_MAX: Final = 64
"""Fields of a line that are shown."""
_TEXT_MAX: Final = 400
_NAME_MAX: Final = 64
_LEVELS: Final = {each.name.lower(): each for each in Level} | {"error": Level.CRITICAL}
_OWN: Final = frozenset({"at", "level", "component", "event", "correlation", "cause", "client_id"})
"""The fields that a line has places of its own for."""
_decode = msgspec.json.Decoder(dict[str, object]).decode


def read_line(raw: bytes) -> LogLine | None:
    """Return a line; None where it is none."""
    try:
        told = _decode(raw)
        at = datetime.fromisoformat(str(told["at"]))
        at_ns = round(at.astimezone(UTC).timestamp() * NS_PER_S)
        fields = tuple(_fields(told))
    except (*UNDECODABLE, KeyError, ValueError, OverflowError):
        return None
    return LogLine(
        at_ns=at_ns,
        level=_LEVELS.get(str(told.get("level")), Level.INFO),
        component=_name(told.get("component")),
        event=_name(told.get("event")),
        correlation=_name(told.get("correlation")),
        cause=_name(told.get("cause")),
        client_id=_name(told.get("client_id")),
        fields=fields,
    )


def _fields(told: dict[str, object]) -> Iterator[tuple[str, object]]:
    """Yield what says something: neither what has a place of its own nor what is empty."""
    left = FIELDS_MAX
    for name, value in told.items():
        if name in _OWN or value is None or value == "":
            continue
        if not left:
            yield "…", ""
            return
        left -= 1
        yield clean(name, _NAME_MAX), _tidy(value)


def _tidy(value: object) -> object:
    """Return a value with every text of it clean."""
    match value:
        case str():
            return clean(value, _TEXT_MAX)
        case dict():
            return {clean(str(name), _NAME_MAX): _tidy(each) for name, each in value.items()}
        case list():
            return [_tidy(each) for each in value]
        case _:
            return value


def _name(value: object) -> str:
    return clean(value, _NAME_MAX) if isinstance(value, str) else ""
