"""What `touchline features` prints: what a set is at the end of each bar, or how often it is nothing and why."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from terminal.format import counted
from terminal.shell.chosen_settings import chosen_settings
from terminal.shell.signal_words import moment, span

if TYPE_CHECKING:
    from engine.shell.recorded.features import FeatureRow, FeatureSet

NOTHING = 1
"""The exit code where no bar has values."""
_SPLIT = ": "


def features(options: argparse.Namespace) -> int:
    """Work out a feature set over files."""
    from engine.shell.recorded.features import play, set_for  # noqa: PLC0415  # help needs none of it

    settings = chosen_settings(options)
    one = set_for(options.set, options.files, options.bars)
    printer = _Csv(one) if options.csv else _Json(one) if options.json else _Summary(one)
    left_out = play(options.files, one, printer.take, settings.market)
    printer.finish(left_out)
    if left_out and not options.json:
        told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in left_out.items())
        sys.stderr.write(f"touchline: rows that were left out: {told}; touchline data check names them\n")
    return 0 if printer.vectors else NOTHING


RUN: Mapping[str, Callable[[argparse.Namespace], int]] = {"features": features}
"""The function of each command."""


class _Printer:
    """Counts what it is told."""

    def __init__(self, one: FeatureSet) -> None:
        self.one = one
        self.vectors = 0

    def take(self, row: FeatureRow) -> None:
        """Take the next row."""
        self.vectors += row.values is not None

    def finish(self, left_out: Mapping[str, int]) -> None:
        """Print what is left to print."""


class _Csv(_Printer):
    """A line for every bar, as it comes; numbers with all their digits."""

    def __init__(self, one: FeatureSet) -> None:
        super().__init__(one)
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(["event_ns", "available_ns", "symbol", *one.names, "flags", "missing"])

    def take(self, row: FeatureRow) -> None:
        super().take(row)
        values = ["" for _ in self.one.names] if row.values is None else list(map(repr, row.values))
        told = [" ".join(row.flags), "; ".join(row.reasons)]
        self._writer.writerow([row.event_ns, row.available_ns, row.symbol, *values, *told])


class _Json(_Printer):
    """One document."""

    def __init__(self, one: FeatureSet) -> None:
        super().__init__(one)
        self._rows: list[dict[str, object]] = []

    def take(self, row: FeatureRow) -> None:
        super().take(row)
        self._rows.append(
            {
                "symbol": row.symbol,
                "event_ns": row.event_ns,
                "available_ns": row.available_ns,
                "warm_up": row.warm_up,
                "values": row.values,
                "flags": row.flags,
                "reasons": row.reasons,
            }
        )

    def finish(self, left_out: Mapping[str, int]) -> None:
        one = self.one
        declared = [
            {
                "name": each.name,
                "windows": each.parameters,
                "warm_up": each.warm_up,
                "unit": each.unit,
                "reads": each.reads,
                "meaning": each.meaning,
            }
            for each in one.features
        ]
        head = {"set": one.name, "id": one.id, "bars_ns": one.bars.interval_ns, "warm_up": one.warm_up}
        told = {**head, "left_out": left_out, "features": declared, "rows": self._rows}
        sys.stdout.write(f"{json.dumps(told, indent=2)}\n")


class _Summary(_Printer):
    """The newest vector of each symbol, and why there were none."""

    def __init__(self, one: FeatureSet) -> None:
        super().__init__(one)
        self._newest: dict[str, FeatureRow | None] = {}
        self._counts: dict[str, Counter[str]] = {}

    def take(self, row: FeatureRow) -> None:
        super().take(row)
        counts = self._counts.setdefault(row.symbol, Counter())
        counts.update(_reason(each) for each in row.reasons)
        counts["bars"] += 1
        if row.values is not None:
            counts["vectors"] += 1
            self._newest[row.symbol] = row

    def finish(self, left_out: Mapping[str, int]) -> None:  # noqa: ARG002
        one = self.one
        lines = [
            f"{one.name} {one.id}, bars of {span(one.bars.interval_ns)}, warm after {one.warm_up} of them"
        ]
        for symbol, counts in self._counts.items():
            lines.append(
                f"{symbol}: {counted(counts.pop('bars'), 'bar')}, {counted(counts.pop('vectors', 0), 'vector')}"
            )
            lines += [f"      {count:,} without: {reason}" for reason, count in counts.most_common()]
            lines += self._vector(self._newest.get(symbol))
        if not self._counts:
            lines.append(f"no bar of {span(one.bars.interval_ns)} was closed")
        sys.stdout.write("\n".join([*lines, ""]))

    def _vector(self, row: FeatureRow | None) -> Iterator[str]:
        if row is None or row.values is None:
            return
        flags = f", {', '.join(row.flags)}" if row.flags else ""
        yield f"      the newest, {moment(row.event_ns)}{flags}"
        for feature, value in zip(self.one.features, row.values, strict=True):
            yield f"      {feature.name:16} {value:12.6f} {feature.unit:12} {feature.meaning}"


def _reason(told: str) -> str:
    """Return a reason without what differs from bar to bar."""
    return told.partition(_SPLIT)[0] if told.startswith("warming up") else told
