"""Holds files of market data against the rules of validation, for a person who asks from a shell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from engine.adapters.replay.instruments import Instruments
from engine.adapters.replay.layouts import open_recording
from engine.adapters.replay.listing import Listed
from engine.adapters.replay.recording import Doubtful, Malformed, Recording
from engine.errors import FileDataError
from engine.model.bar import RecordedBar
from engine.model.instrument import Instrument, Symbol
from engine.model.quote import Quote
from engine.model.trade import Trade
from engine.signals.validation import rules
from engine.signals.validation.bar_checks import check_bars
from engine.signals.validation.finding import Finding, Severity
from engine.signals.validation.quarantine import Quarantine, Quarantined
from engine.signals.validation.series_checks import BarRow, Terms
from engine.signals.validation.tick_checks import TickChecks
from engine.signals.validation.training_checks import TrainingRow, check_training, directions

_ROW = re.compile(r"^row [0-9,]*[0-9](?:, |: )?")
_WITH_VOLUME = ("bars", "Binance klines")
"""Layouts of bars that say what was traded."""


class Asked(NamedTuple):
    """What a person wants to know."""

    now_ns: int
    """Bars that end later have not ended."""
    rows: int
    """How many rows to name of each rule and symbol."""
    horizon: int = 0
    """How many bars ahead a label looks; 0 where nothing is to be trained."""
    rows_min: int = 0
    """How many rows training needs of each symbol."""


class Labelled(Struct, frozen=True):
    """What there would be to train on of one symbol."""

    symbol: str
    rows: int
    up: int


class FileReport(Struct):
    """What was found in one file."""

    name: str
    layout: str
    events: dict[str, int]
    """How many bars, quotes, trades and others were read."""
    symbols: int
    failures: int
    warnings: int
    found: list[Quarantined]
    labelled: list[Labelled]


def check_file(path: Path, asked: Asked) -> FileReport:
    """Hold one file against every rule.

    Raises:
        FileDataError: it can't be opened, or holds nothing that is understood or checked.
    """
    recording = open_recording(path)
    check = _FileCheck(recording, asked)
    check.read()
    check.finish()
    report = check.report()
    if not (report.symbols or report.found):
        raise FileDataError(
            str(path),
            "expected bars, quotes or trades, found only depth: books are checked while they are replayed",
        )
    return report


class _FileCheck:
    """What is gathered of one file."""

    def __init__(self, recording: Recording, asked: Asked) -> None:
        self._recording = recording
        self._asked = asked
        self._instruments = Instruments(recording.listings)
        self._listed = {one.symbol: one for one, _ in self._instruments}
        self._quarantine = Quarantine(asked.rows)
        self._events = Counter[str]()
        self._bars: dict[Symbol, list[BarRow]] = {}
        self._ticks: dict[tuple[str, Symbol], TickChecks] = {}
        self._labelled: list[Labelled] = []

    def read(self) -> None:
        """Read the file to its end, or to where it breaks off."""
        if self._recording.zoneless:
            self._quarantine.add("", [Finding(rules.NO_ZONE, 0, 0, "none is named in the file")])
        try:
            for chunk in self._recording.read_stored(self._instruments):
                for row, event in zip(chunk.order.tolist(), chunk.events, strict=True):
                    self._take(row, event)
        except FileDataError as error:
            self._quarantine.add("", [Finding(rules.UNREADABLE, error.row or 0, 0, error.reason)])

    def finish(self) -> None:
        """Look at what only shows once all bars are there."""
        for symbol, rows in self._bars.items():
            instrument = self._listed[symbol]
            terms = Terms(
                around_the_clock=instrument.calendar == "24/7",
                has_volume=self._recording.layout.startswith(_WITH_VOLUME),
                now_ns=self._asked.now_ns,
                price_scale=instrument.price_scale,
            )
            findings, kept = check_bars(rows, terms)
            self._quarantine.add(symbol, findings)
            if self._asked.horizon:
                self._train(symbol, kept)

    def report(self) -> FileReport:
        """Return what was found."""
        quarantine, recording = self._quarantine, self._recording
        symbols = {*self._bars, *(symbol for _, symbol in self._ticks)}
        return FileReport(
            recording.path.name,
            recording.layout,
            dict(self._events),
            len(symbols),
            quarantine.count(Severity.FAIL),
            quarantine.count(Severity.WARN),
            quarantine.found,
            self._labelled,
        )

    def _take(self, row: int, event: object) -> None:
        if isinstance(event, Doubtful):
            rule, start_ns = rules.OF_READING[event.reason], event.event.bar.start_ns
            self._quarantine.add(event.event.bar.symbol, [Finding(rule, row, start_ns, event.detail)])
            event = event.event
        if isinstance(event, RecordedBar):
            self._events["bars"] += 1
            self._bars.setdefault(event.bar.symbol, []).append(BarRow(row, event.bar))
        elif isinstance(event, Quote | Trade):
            kind = "quotes" if isinstance(event, Quote) else "trades"
            self._events[kind] += 1
            checks = self._ticks.get((kind, event.symbol))
            if checks is None:
                checks = self._ticks[kind, event.symbol] = TickChecks(self._scale(event.symbol))
            self._quarantine.add(event.symbol, checks.check(row, event))
        elif isinstance(event, Malformed):
            self._events["left out while reading"] += 1
            self._quarantine.add(event.symbol or "", _malformed(row, event))
        elif isinstance(event, Listed):
            self._list(event.instrument)
        else:
            self._events["not checked"] += 1

    def _list(self, instrument: Instrument) -> None:
        self._listed[instrument.symbol] = instrument

    def _scale(self, symbol: Symbol) -> int:
        return self._listed[symbol].price_scale

    def _train(self, symbol: Symbol, kept: list[BarRow]) -> None:
        bars = [each.bar for each in kept]
        rows: list[TrainingRow] = directions(bars, self._asked.horizon)
        end_ns = bars[-1].start_ns + bars[-1].interval_ns if bars else 0
        found = check_training(rows, data_end_ns=end_ns, rows_min=self._asked.rows_min)
        self._quarantine.add(symbol, found)
        self._labelled.append(Labelled(symbol, len(rows), sum(each.label > 0 for each in rows)))


def _malformed(row: int, event: Malformed) -> Iterator[Finding]:
    rule = rules.OF_READING.get(event.reason, rules.UNREADABLE)
    where = _ROW.sub("", event.detail)
    yield Finding(rule, row, 0, f"{event.reason.replace('_', ' ')}{': ' if where else ''}{where}")
