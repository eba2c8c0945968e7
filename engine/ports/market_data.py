"""What the engine needs of a source of market data, and what a source may call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade


class MarketSink(Protocol):
    """The market room's front door: synchronous, called on the engine's thread."""

    def on_listed(self, instrument: Instrument, sequence_rule: SequenceRule = SequenceRule.NONE) -> None:
        """A source will speak of this instrument; known ones are left as they are.

        Raises:
            InvalidValue: it is known in other units.
        """

    def on_quote(self, quote: Quote) -> None:
        """A top of book."""

    def on_trade(self, trade: Trade) -> None:
        """A print."""

    def on_snapshot(self, snapshot: DepthSnapshot) -> None:
        """A whole book."""

    def on_delta(self, delta: DepthDelta) -> None:
        """Changes to a book."""

    def on_bar(self, recorded: RecordedBar) -> None:
        """A bar made by the source."""

    def on_late_bars(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        """Closed bars of one length, oldest first, from before what was already told of the symbol."""

    def on_status(self, change: StatusChange) -> None:
        """A halt, a resumption, a session's edge."""

    def on_malformed(self, source: str, reason: str, detail: str, symbol: Symbol | None = None) -> None:
        """Input that could not be read; `reason` is a short stable word, `detail` is already clean.

        The symbol is whose it was, where that could be read.
        """

    def on_disconnected(self, source: str, symbols: tuple[Symbol, ...], reason: str) -> None:
        """A source went away; its quotes are not to be trusted until it speaks again."""

    def on_distrusted(self, source: str, symbol: Symbol, reason: str) -> None:
        """A source does not believe what it said of a symbol itself, until it speaks of it again."""


class MarketDataSource(Protocol):
    """Delivers until it is cancelled or has nothing more."""

    @property
    def name(self) -> str:
        """What it is called on screen and in the metrics."""

    async def run(self, sink: MarketSink) -> None:
        """Deliver to the sink in slices of at most 2 ms, yielding to the loop between them."""


class Playback(Protocol):
    """A source whose time can be held and moved: the simulation and the replay."""

    @property
    def paused(self) -> bool:
        """Whether it is held."""

    @property
    def speed(self) -> float:
        """How many seconds of market time pass in one second; 0 means as fast as it can."""

    @property
    def span_ns(self) -> tuple[int, int] | None:
        """First and last time of a recording; None for a simulation."""

    @property
    def target_ns(self) -> int:
        """Where it is, or where it is on its way to."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files of a recording; none for a simulation."""

    @property
    def end_known(self) -> bool:
        """Whether a recording says beforehand when it ends."""

    @property
    def events(self) -> int:
        """How many events it has delivered."""

    @property
    def finished(self) -> bool:
        """Whether the recording is at its end."""

    def pause(self) -> None:
        """Hold."""

    def resume(self) -> None:
        """Go on."""

    def step(self) -> None:
        """Deliver one event, then hold."""

    def jump(self, to_ns: int) -> None:
        """Go to another time; going back starts again from the beginning at once, and comes at full speed."""

    def set_speed(self, speed: float) -> None:
        """Change the pace."""
