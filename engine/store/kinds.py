"""Which kinds of record a journal may hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from msgspec import Struct

from engine.messages.commands import Command
from engine.messages.events import AlertRaised, AmendDenied, OrderDenied, OrderSubmitted, TradingStateChanged
from engine.messages.reports import Report

_EVENTS: tuple[type[Struct], ...] = (
    AlertRaised,
    AmendDenied,
    OrderDenied,
    OrderSubmitted,
    TradingStateChanged,
)
"""Events that are values; `OrderChanged` and `OrderFilled` carry the engine's own records and follow
from the reports."""

KINDS: Mapping[str, type[Struct]] = MappingProxyType(
    {kind.__name__: kind for kind in (*get_args(Command), *_EVENTS, *get_args(Report))}
)
"""Every type of record by its name in the file."""
