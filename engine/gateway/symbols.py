"""Symbols as programs write them, to what is listed."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from engine.gateway.refusals import Code, Refused
from engine.mirror import Mirror
from engine.model.instrument import Instrument, Symbol

Name = Annotated[str, Meta(min_length=1, max_length=64)]


def listed(mirror: Mirror, name: str) -> Instrument:
    """Return the instrument of a name.

    Raises:
        Refused: there is none.
    """
    symbol = Symbol(name)
    instrument = mirror.instruments.get(symbol)
    if instrument is None or mirror.is_dropped(symbol):
        raise Refused(Code.NOT_FOUND, "there is no such symbol")
    return instrument
