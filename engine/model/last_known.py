"""What was known of one symbol when the desk last ran."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from engine.model.bar import Bar
from engine.model.depth import SequenceRule
from engine.model.instrument import Instrument


class LastKnown(Struct, frozen=True, kw_only=True, gc=False):
    """Its terms, its last quote and print without their sizes, which nobody can have any more, and its minutes."""

    instrument: Instrument
    rule: SequenceRule
    """How its source numbers the changes of its book."""
    source: str
    bid: int
    ask: int
    last: int
    quote_event_ns: int
    quote_receive_ns: int
    last_trade_ns: int
    minutes: Collection[Bar]
    """Closed ones, oldest first."""
