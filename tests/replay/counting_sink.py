"""A market room that only keeps what it is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from engine.adapters.replay import ReplaySource
from engine.clock import SimulatedClock
from engine.model.bar import RecordedBar
from engine.model.depth import DepthDelta, DepthSnapshot, SequenceRule
from engine.model.instrument import Instrument, Symbol
from engine.model.market_status import StatusChange
from engine.model.quote import Quote
from engine.model.trade import Trade


class CountingSink:
    """Counts events by kind, and keeps them if asked."""

    def __init__(self, *, keep: bool = True) -> None:
        self.keep = keep
        self.counts: Counter[str] = Counter()
        self.malformed: list[tuple[str, str, str]] = []
        self.events: list[object] = []
        self.listed: dict[str, Instrument] = {}
        self.rules: dict[str, SequenceRule] = {}
        self.disconnected: list[tuple[str, tuple[Symbol, ...], str]] = []

    def _note(self, kind: str, event: object) -> None:
        self.counts[kind] += 1
        if self.keep:
            self.events.append(event)

    def on_listed(self, instrument: Instrument, sequence_rule: SequenceRule = SequenceRule.NONE) -> None:
        self.listed[instrument.symbol] = instrument
        self.rules[instrument.symbol] = sequence_rule

    def on_quote(self, quote: Quote) -> None:
        self._note("quote", quote)

    def on_trade(self, trade: Trade) -> None:
        self._note("trade", trade)

    def on_snapshot(self, snapshot: DepthSnapshot) -> None:
        self._note("snapshot", snapshot)

    def on_delta(self, delta: DepthDelta) -> None:
        self._note("delta", delta)

    def on_bar(self, recorded: RecordedBar) -> None:
        self._note("bar", recorded)

    def on_late_bars(self, symbol: Symbol, bars: Sequence[RecordedBar]) -> None:
        raise AssertionError(symbol, bars)

    def on_status(self, change: StatusChange) -> None:
        self._note("status", change)

    def on_malformed(self, source: str, reason: str, detail: str, symbol: Symbol | None = None) -> None:  # noqa: ARG002
        self.malformed.append((source, reason, detail))

    def on_disconnected(self, source: str, symbols: tuple[Symbol, ...], reason: str) -> None:
        self.disconnected.append((source, symbols, reason))

    def on_distrusted(self, source: str, symbol: Symbol, reason: str) -> None:
        self.disconnected.append((source, (symbol,), reason))

    @property
    def reasons(self) -> list[str]:
        """Why input was malformed, in order."""
        return [reason for _, reason, _ in self.malformed]


def replayed(*paths: Path, sink: CountingSink | None = None) -> CountingSink:
    """Replay files at full speed."""
    sink = sink or CountingSink()
    source = ReplaySource(paths, SimulatedClock(0), speed=0)
    asyncio.run(source.run(sink))
    return sink


def as_quotes(events: Sequence[object]) -> list[Quote]:
    """Return the quotes among events."""
    return [event for event in events if isinstance(event, Quote)]
