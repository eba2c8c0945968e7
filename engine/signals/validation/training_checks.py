"""Holds rows that a model is to be trained on against the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from engine.model.bar import Bar
from engine.signals.validation import rules
from engine.signals.validation.finding import Finding

ROWS_MIN: Final = 300
RARE: Final = 0.1
"""A label of a smaller share than this is rare."""
UP, DOWN = 1, -1


class TrainingRow(Struct, frozen=True):
    """What is known at one time, and when it shows whether it went well."""

    event_ns: int
    label_end_ns: int
    """When the label is known."""
    label: int
    row: int = 0
    """Of its file, from 1."""


def check_training(
    train: Sequence[TrainingRow],
    *,
    data_end_ns: int,
    rows_min: int = ROWS_MIN,
    test: Sequence[TrainingRow] = (),
) -> Iterator[Finding]:
    """Find what makes rows unfit to train on, and to be tested on `test`, which comes after them."""
    for each in train:
        if each.label_end_ns > data_end_ns:
            past_s = (each.label_end_ns - data_end_ns) / 1e9
            yield Finding(rules.LABEL_WINDOW, each.row, each.event_ns, f"by {past_s:,.0f} s")
    if len(train) < rows_min:
        yield Finding(rules.TOO_FEW, 0, 0, f"{len(train):,} rows, and {rows_min:,} are needed")
    yield from _balance(train)
    begins_ns = min((each.event_ns for each in test), default=None)
    for each in train:
        if begins_ns is not None and each.label_end_ns > begins_ns:
            over_s = (each.label_end_ns - begins_ns) / 1e9
            yield Finding(rules.OVERLAP, each.row, each.event_ns, f"by {over_s:,.0f} s")


def _balance(train: Sequence[TrainingRow]) -> Iterator[Finding]:
    counts = Counter(each.label for each in train)
    if len(counts) == 1:
        yield Finding(rules.ONE_CLASS, 0, 0, f"{len(train):,} times {next(iter(counts)):+d}")
    elif counts:
        label, count = min(counts.items(), key=lambda item: item[1])
        if count < RARE * len(train):
            yield Finding(rules.UNBALANCED, 0, 0, f"{label:+d} in {count:,} of {len(train):,} rows")


def directions(bars: Sequence[Bar], horizon: int) -> list[TrainingRow]:
    """Return whether each bar's next open is below the one `horizon` bars later: what can be traded on.

    There is a row for every bar whose label is known; a price that did not move has none.
    """
    rows = list[TrainingRow]()
    for place in range(len(bars) - horizon - 1):
        bar, entry, leaving = bars[place], bars[place + 1], bars[place + 1 + horizon]
        if entry.open != leaving.open:
            label = UP if leaving.open > entry.open else DOWN
            rows.append(TrainingRow(bar.start_ns + bar.interval_ns, leaving.start_ns, label))
    return rows
