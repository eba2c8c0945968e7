"""What anybody may ask of one symbol's market, whatever the screen looks at."""

from __future__ import annotations

from msgspec import Struct

from engine.messages.tape_views import TapeView
from engine.messages.views import ChartView, DepthView
from engine.model.instrument import Symbol


class MarketQuestion(Struct, frozen=True, gc=False):
    """What to copy of one symbol; 0 of something leaves it out."""

    symbol: Symbol
    depth_levels: int = 0
    """Of each side."""
    bars_max: int = 0
    bar_interval_ns: int = 60_000_000_000
    prints_max: int = 0


class MarketAnswer(Struct, frozen=True, gc=False):
    """How it stands; None where it was not asked for, or where there is none."""

    symbol: Symbol
    now_ns: int
    depth: DepthView | None = None
    chart: ChartView | None = None
    tape: TapeView | None = None
