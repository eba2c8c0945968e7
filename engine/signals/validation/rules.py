"""Every rule that data is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.signals.validation.finding import Rule, Severity

_FAIL, _WARN = Severity.FAIL, Severity.WARN

UNREADABLE = Rule("unreadable", _FAIL, "the row, or the file from there on, can't be read")
NOT_FINITE = Rule("price-not-finite", _FAIL, "a price is missing, no number or absurdly large")
NOT_POSITIVE = Rule("price-not-positive", _FAIL, "a price is zero or negative")
ABSURD_TIME = Rule(
    "time-absurd", _FAIL, "the time is outside 1970 to 2100, or a year away from its neighbours"
)
NO_ZONE = Rule("time-zone", _FAIL, "times name no zone: UTC was assumed, and may be hours off")
OUT_OF_ORDER = Rule("time-order", _FAIL, "it is earlier than the row before of its symbol")
DUPLICATE = Rule("time-duplicate", _FAIL, "the symbol has a bar of that time already")
INCONSISTENT = Rule(
    "high-low", _FAIL, "the high is not the highest, or the low not the lowest, or the volume negative"
)
UNFINISHED = Rule("unfinished", _FAIL, "the bar had not ended yet")
BAD_PRINT = Rule("bad-print", _FAIL, "a price that the bars around it contradict by more than two fifths")
CROSSED_BAR = Rule("crossed-bar", _WARN, "a bid of the bar is above its ask: its middle is no price")
GAP = Rule("gap", _WARN, "bars are missing that the market's hours make one expect")
SPLIT_LIKE = Rule("split-like", _WARN, "two closes stand at the ratio of a split: are prices adjusted?")
OUTLIER = Rule("outlier", _WARN, "a return beyond ten robust deviations")
STALE = Rule("stale", _WARN, "many bars in a row with one and the same price")
NO_VOLUME = Rule("no-volume", _WARN, "bars without volume")
CROSSED = Rule("crossed", _WARN, "the bid is above the ask")
NO_SIZE = Rule("no-size", _WARN, "a trade of nothing")
EARLY = Rule("received-early", _WARN, "it was received before it happened: two clocks differ")
JUMP = Rule("jump", _WARN, "a price more than a twentieth from both its neighbours, which agree")
LABEL_WINDOW = Rule("label-window", _FAIL, "the label reaches past the end of the data")
TOO_FEW = Rule("too-few-rows", _FAIL, "fewer rows are left than training needs")
ONE_CLASS = Rule("one-class", _FAIL, "all labels are the same")
UNBALANCED = Rule("class-balance", _WARN, "one label is rare")
OVERLAP = Rule("overlap", _FAIL, "the label of a training row reaches into the test rows")

OF_READING: Final[Mapping[str, Rule]] = {
    "missing_price": NOT_FINITE,
    "not_a_number": NOT_FINITE,
    "absurd_value": NOT_FINITE,
    "zero_price": NOT_POSITIVE,
    "negative_price": NOT_POSITIVE,
    "absurd_time": ABSURD_TIME,
    "crossed_bar": CROSSED_BAR,
}
"""What the reader's reasons are here; every other one is `UNREADABLE`."""
RULES: Final = tuple(rule for rule in tuple(globals().values()) if isinstance(rule, Rule))
"""In the order in which a report names them."""
