"""The content of the file that keeps the halts."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.commands import TradingState
from engine.risk.halt import Halt


class Latched(Struct, frozen=True):
    """What a person put out of trading, scope by scope."""

    everything: Halt
    symbols: dict[str, Halt] = {}
    strategies: dict[str, Halt] = {}
    firm: Halt = Halt(TradingState.ACTIVE, "", 0)
    """What a person said about every desk, and which saying it was."""
    firm_version: int = 0


NOTHING_LATCHED = Latched(Halt(TradingState.ACTIVE, "", 0))
