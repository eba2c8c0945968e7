"""What only shows of a bar beside the bars around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Final, NamedTuple

from engine.clock import NS_PER_S
from engine.model.bar import Bar
from engine.signals.bar_faults import GAP_INTERVALS
from engine.signals.splits import WITHIN, split_of
from engine.signals.validation import rules
from engine.signals.validation.finding import Finding

DAY_NS: Final = 86_400 * NS_PER_S
CLOSED_DAYS_MAX: Final = 4
"""Markets that close do so for a long weekend at most."""
ROBUST_SIGMAS: Final = 10
RETURNS_MIN: Final = 30
"""Fewer returns than this have no spread worth the name."""
SPLIT_DAY_MAX: Final = 0.02
STALE_BARS: Final = 10
APART: Final = 0.6
"""A price under so much of what is around it, or above its inverse, was not traded."""
CLOSE_AGAIN: Final = 0.9
"""How near the bars on both sides of a bad close are to each other."""
_MAD_OF_SIGMA: Final = 1.4826


class BarRow(NamedTuple):
    """A bar, and the row of its file that it is in."""

    row: int
    bar: Bar


class Terms(NamedTuple):
    """What is known of the market that bars are of."""

    around_the_clock: bool = False
    """Whether it never closes, so that any missing bar is a gap."""
    has_volume: bool = True
    """Whether its bars say what was traded."""
    now_ns: int = (1 << 63) - 1
    """Bars that end later have not ended."""
    price_scale: int = 1
    """How many price units make 1."""

    def price(self, units: int) -> str:
        """Write a price for a person."""
        return f"{units / self.price_scale:.10g}"


SeriesCheck = Callable[[Sequence[BarRow], Terms], Iterator[Finding]]


def gaps(kept: Sequence[BarRow], terms: Terms) -> Iterator[Finding]:
    """Find steps that skip bars; of a market that closes only within a day of UTC, or over more than four days."""
    for before, after in pairwise(kept):
        start_ns, interval_ns = before.bar.start_ns, before.bar.interval_ns
        step_ns = after.bar.start_ns - start_ns
        if step_ns <= interval_ns:
            continue
        same_day = start_ns // DAY_NS == after.bar.start_ns // DAY_NS
        if terms.around_the_clock or same_day or step_ns > CLOSED_DAYS_MAX * max(interval_ns, DAY_NS):
            found = f"it begins {_span(step_ns)} after the bar before"
            yield Finding(rules.GAP, after.row, after.bar.start_ns, found)


def jumps(kept: Sequence[BarRow], _: Terms) -> Iterator[Finding]:
    """Find returns at the ratio of a split, and others beyond ten deviations by the median, which none of them moves.

    A split's own day moves the price too: by half a percent, or by one deviation up to two percent.
    """
    steps = [pair for pair in pairwise(kept) if not _is_long(*pair)]
    returns = [log(after.bar.close / before.bar.close) for before, after in steps]
    middle = median(returns) if returns else 0.0
    sigma = (
        _MAD_OF_SIGMA * median(abs(each - middle) for each in returns) if len(returns) >= RETURNS_MIN else 0.0
    )
    within = min(max(WITHIN, sigma), SPLIT_DAY_MAX)
    for before, after in pairwise(kept):
        step = log(after.bar.close / before.bar.close) - middle
        if found := split_of(before.bar.close, after.bar.close, within):
            yield Finding(rules.SPLIT_LIKE, after.row, after.bar.start_ns, f"like a split of {found}")
        elif sigma and abs(step) > ROBUST_SIGMAS * sigma and not _is_long(before, after):
            found = f"{100 * (exp(step) - 1):+.1f}%, {abs(step) / sigma:.0f} deviations"
            yield Finding(rules.OUTLIER, after.row, after.bar.start_ns, found)


def _is_long(before: BarRow, after: BarRow) -> bool:
    """Tell whether so much time lies between two bars that theirs is no return of one bar."""
    return after.bar.start_ns - before.bar.start_ns > GAP_INTERVALS * after.bar.interval_ns


def _span(length_ns: int) -> str:
    """Write a length of time for a person, in the largest unit of which there are two."""
    units = ((DAY_NS, "days"), (3600 * NS_PER_S, "hours"), (60 * NS_PER_S, "minutes"))
    for unit_ns, name in units:
        if length_ns >= 2 * unit_ns:
            return f"{length_ns / unit_ns:,.4g} {name}"
    return f"{length_ns / NS_PER_S:g} seconds"


def bad_prints(kept: Sequence[BarRow], terms: Terms) -> Iterator[Finding]:
    """Find prices of a bar that its own others and the bars around it contradict."""
    for place, (row, bar) in enumerate(kept):
        before = kept[place - 1].bar.close if place else bar.close
        after = kept[place + 1].bar if place + 1 < len(kept) else None
        if edge := _contradicted(bar, before, after):
            price, close = terms.price(getattr(bar, edge)), terms.price(before)
            yield Finding(
                rules.BAD_PRINT, row, bar.start_ns, f"its {edge} is {price}; the close before, {close}"
            )


def _contradicted(bar: Bar, before: int, after: Bar | None) -> str:
    """Return which price of a bar was not traded; empty for none."""
    if after is not None and _apart(bar.close, before) and _together(before, after.close):
        return "close"
    if _apart(bar.open, before) and _apart(bar.open, bar.close) and _together(before, bar.close):
        return "open"
    if bar.low < APART * min(bar.open, bar.close, before):
        return "low"
    return "high" if APART * bar.high > max(bar.open, bar.close, before) else ""


def _apart(one: int, other: int) -> bool:
    return min(one, other) < APART * max(one, other)


def _together(one: int, other: int) -> bool:
    return min(one, other) >= CLOSE_AGAIN * max(one, other)


def stale(kept: Sequence[BarRow], terms: Terms) -> Iterator[Finding]:
    """Find runs of bars whose prices are all one."""
    run = 0
    for before, after in pairwise(kept):
        bar = after.bar
        run = run + 1 if before.bar.close == bar.high == bar.low else 0
        if run == STALE_BARS:
            yield Finding(
                rules.STALE,
                after.row,
                bar.start_ns,
                f"{run} bars at {terms.price(bar.close)}, and maybe more",
            )


def volumes(kept: Sequence[BarRow], terms: Terms) -> Iterator[Finding]:
    """Find bars without volume; where no bar has any, once for all of them."""
    without = [each for each in kept if not each.bar.volume] if terms.has_volume else []
    if without and len(without) == len(kept):
        yield Finding(rules.NO_VOLUME, 0, 0, f"none of {len(kept):,} bars has any")
        return
    for row, bar in without:
        yield Finding(rules.NO_VOLUME, row, bar.start_ns, "nothing was traded")


SERIES_CHECKS: Final[tuple[SeriesCheck, ...]] = (bad_prints, jumps, stale, volumes)
