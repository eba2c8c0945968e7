"""Holds the bars of one symbol against the rules, in the order in which they were stored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.model.bar import Bar
from engine.signals import bar_faults
from engine.signals.validation import rules
from engine.signals.validation.finding import Finding
from engine.signals.validation.series_checks import SERIES_CHECKS, BarRow, Terms, gaps


class Checked(NamedTuple):
    """What was found, and the bars that may be used."""

    findings: list[Finding]
    kept: list[BarRow]
    """In order of time, without those that failed."""


def check_bars(stored: Sequence[BarRow], terms: Terms) -> Checked:
    """Hold the bars of one symbol and one length, in the order in which they came, against every rule."""
    findings, ordered, kept = list[Finding](), list[BarRow](), list[BarRow]()
    newest_ns = -1
    for each in stored:
        bar = each.bar
        found = list(_order(each, newest_ns))
        if not found:
            ordered.append(each)
        found += [*_faults(each), *_unfinished(each, terms.now_ns)]
        newest_ns = max(newest_ns, bar.start_ns)
        findings += found
        if not found:
            kept.append(each)
    findings += gaps(ordered, terms)
    for check in SERIES_CHECKS:
        findings += check(kept, terms)
    failed = {each.row for each in findings if each.rule is rules.BAD_PRINT}
    return Checked(findings, [each for each in kept if each.row not in failed])


def _order(each: BarRow, newest_ns: int) -> Iterator[Finding]:
    start_ns = each.bar.start_ns
    if start_ns == newest_ns:
        yield Finding(rules.DUPLICATE, each.row, start_ns, "the same time as the bar before")
    elif start_ns < newest_ns:
        late_s = (newest_ns - start_ns) / 1e9
        yield Finding(rules.OUT_OF_ORDER, each.row, start_ns, f"{late_s:,.0f} s before the latest bar")


def _faults(each: BarRow) -> Iterator[Finding]:
    for fault in bar_faults.faults_of(each.bar):
        rule = rules.NOT_POSITIVE if fault == bar_faults.NOT_POSITIVE else rules.INCONSISTENT
        yield Finding(rule, each.row, each.bar.start_ns, fault)


def _unfinished(each: BarRow, now_ns: int) -> Iterator[Finding]:
    bar = each.bar
    if not bar.closed or _end_ns(bar) > now_ns:
        yield Finding(rules.UNFINISHED, each.row, bar.start_ns, "it ends later than now")


def _end_ns(bar: Bar) -> int:
    return bar.start_ns + bar.interval_ns
