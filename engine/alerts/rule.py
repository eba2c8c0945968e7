"""A rule: which number is looked at, when it is wrong, when it is right again, and what is said then."""

from __future__ import annotations

import math
import re
from typing import Final, Literal

from msgspec import Struct

from engine.errors import ConfigError
from engine.messages.events import Severity

Unit = Literal["", "percent", "seconds", "bytes"]

_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,99}")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,99}")
_BYTES_STEP: Final = 1024.0


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition over one metric of the exporter; exactly one of `above`, `below` and `equals` is said."""

    metric: str
    where: dict[str, str] = {}
    """Values that labels must have, several with `|` between."""
    above: float | None = None
    below: float | None = None
    equals: float | None = None
    clear_below: float | None = None
    """With `above`: right again only from here on down, so that a number that wavers is not told each time."""
    clear_above: float | None = None
    """With `below`: right again only from here on up."""
    for_s: float = 0.0
    """How long it must be wrong at a stretch."""
    clear_for_s: float = 5.0
    """How long it must be right at a stretch before it is over."""
    grows_over_s: float = 0.0
    """Look at how much the number grew within so long, instead of at the number; for counters."""
    of: str = ""
    """Divide by this metric, its series added up; both by their growth where `grows_over_s` is said."""
    by: tuple[str, ...] | None = None
    """Add up what agrees in these labels; without it every series is looked at by itself."""
    severity: Severity = Severity.WARNING
    cause: str = ""
    """What alerts of one cause are told together by, such as `venue {venue}`; empty: the rule's name."""
    text: str = ""
    """What is said; labels and `value` in braces are filled in."""
    unit: Unit = ""
    enabled: bool = True

    def is_wrong(self, value: float) -> bool:
        """Tell whether a value is beyond the bound."""
        if self.above is not None:
            return value > self.above
        if self.below is not None:
            return value < self.below
        return value == self.equals

    def is_right(self, value: float) -> bool:
        """Tell whether a value lets what was wrong be over: between both nothing changes."""
        if self.above is not None:
            return value <= (self.above if self.clear_below is None else self.clear_below)
        if self.below is not None:
            return value >= (self.below if self.clear_above is None else self.clear_above)
        return value != self.equals


def validate(name: str, rule: Rule) -> None:
    """Refuse a rule that can't mean anything.

    Raises:
        ConfigError: says which setting of which rule, and what was expected.
    """
    for metric, where in ((rule.metric, "metric"), *(((rule.of, "of"),) if rule.of else ())):
        if not _METRIC.fullmatch(metric):
            raise ConfigError(f"rule.{name}.{where}: expected the name of a metric, found {metric[:64]!r}")
    for label, where in (
        *((each, "where") for each in rule.where),
        *((each, "by") for each in rule.by or ()),
    ):
        if not _LABEL.fullmatch(label):
            raise ConfigError(f"rule.{name}.{where}: expected the name of a label, found {label[:64]!r}")
    bounds = [bound for bound in (rule.above, rule.below, rule.equals) if bound is not None]
    if len(bounds) != 1:
        raise ConfigError(f"rule.{name}: expected one of above, below and equals, found {len(bounds)}")
    _check_clear(name, rule)
    for setting, seconds_max in (("for_s", 86_400), ("clear_for_s", 86_400), ("grows_over_s", 600)):
        seconds = getattr(rule, setting)
        if not 0 <= seconds <= seconds_max:
            raise ConfigError(
                f"rule.{name}.{setting}: expected 0 to {seconds_max} seconds, found {seconds:g}"
            )


def _check_clear(name: str, rule: Rule) -> None:
    for bound, clear, beyond in (
        ("above", "clear_below", rule.clear_below),
        ("below", "clear_above", rule.clear_above),
    ):
        limit = getattr(rule, bound)
        if beyond is None:
            continue
        if limit is None:
            raise ConfigError(f"rule.{name}.{clear}: it goes with {bound}, which is not said")
        if not (beyond <= limit if bound == "above" else beyond >= limit):
            side = "at most" if bound == "above" else "at least"
            raise ConfigError(
                f"rule.{name}.{clear}: expected {side} {limit:g}, which is {bound}; found {beyond:g}"
            )
    numbers = (rule.above, rule.below, rule.equals, rule.clear_below, rule.clear_above)
    if any(number is not None and not math.isfinite(number) for number in numbers):
        raise ConfigError(f"rule.{name}: expected numbers that are finite")


def in_words(value: float, unit: Unit) -> str:
    """Write a value with its unit."""
    match unit:
        case "percent":
            return f"{value:.1%}".replace("%", " %")
        case "seconds":
            return _duration(value)
        case "bytes":
            return _size(value)
        case _:
            return f"{value:,.0f}" if value == int(value) else f"{value:,.4g}"


def _duration(seconds: float) -> str:
    for limit, size, name in ((2, 0.001, "ms"), (120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if abs(seconds) < limit:
            return f"{seconds / size:,.0f} {name}"
    return f"{seconds / 86_400:,.0f} days"


def _size(count: float) -> str:
    for name in ("bytes", "kB", "MB", "GB"):
        if abs(count) < _BYTES_STEP:
            return f"{count:,.0f} {name}" if name == "bytes" else f"{count:,.1f} {name}"
        count /= _BYTES_STEP
    return f"{count:,.1f} TB"
