"""What a rule looks at: the exporter's samples, chosen, added up, their growth, their share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from engine.alerts.rule import Rule
from engine.clock import NS_PER_S

Labels = tuple[tuple[str, str], ...]
SERIES_MAX: Final = 1_000
"""Of how many series of one rule the growth is kept."""
POINTS_MAX: Final = 600


class Numbered(Protocol):
    """A number with a name and labels, as the exporter has it."""

    @property
    def name(self) -> str:
        """The metric."""

    @property
    def labels(self) -> Labels:
        """Names and values."""

    @property
    def value(self) -> float:
        """The number."""


class Numbers:
    """The samples of one look, by metric."""

    def __init__(self, samples: Iterable[Numbered], now_ns: int) -> None:
        """Take the samples and the steady time that they were taken at, ns."""
        self.now_ns = now_ns
        self._by_name: dict[str, list[Numbered]] = {}
        for sample in samples:
            if sample.value == sample.value:  # not a number is no number
                self._by_name.setdefault(sample.name, []).append(sample)

    def of(self, rule: Rule) -> dict[Labels, float]:
        """Return the numbers that a rule names, by the labels that it tells apart."""
        return _added(self._by_name.get(rule.metric, ()), rule.where, rule.by)

    def total(self, metric: str) -> float | None:
        """Return the sum of a metric's series; None where there is none."""
        found = self._by_name.get(metric)
        return sum(each.value for each in found) if found else None


class Growth:
    """Remembers how counters went within a time; one that begins anew is counted from 0."""

    def __init__(self) -> None:
        self._seen: dict[Labels, deque[tuple[int, float]]] = {}
        """By series: when, and how much it had grown by then."""
        self._last: dict[Labels, float] = {}
        self.dropped = 0
        """Series that found no room."""

    def take(self, values: Mapping[Labels, float], over_s: float, now_ns: int) -> dict[Labels, float]:
        """Return how much each grew within `over_s`; one that is seen for the first time has not grown."""
        for gone in self._seen.keys() - values.keys():
            del self._seen[gone], self._last[gone]
        return dict(self._grown(values, over_s, now_ns))

    def _grown(
        self, values: Mapping[Labels, float], over_s: float, now_ns: int
    ) -> Iterator[tuple[Labels, float]]:
        since_ns = now_ns - int(over_s * NS_PER_S)
        for labels, value in values.items():
            points = self._seen.get(labels)
            if points is None:
                if len(self._seen) >= SERIES_MAX:
                    self.dropped += 1
                    continue
                points = self._seen[labels] = deque(((now_ns, 0.0),), maxlen=POINTS_MAX)
                self._last[labels] = value
            last = self._last[labels]
            total = points[-1][1] + (value - last if value >= last else value)
            self._last[labels] = value
            points.append((now_ns, total))
            while len(points) > 2 and points[1][0] <= since_ns:
                points.popleft()
            yield labels, total - points[0][1]


class Series:
    """Works out what one rule is held against, look by look."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._growth, self._of_growth = Growth(), Growth()

    def take(self, numbers: Numbers) -> dict[Labels, float]:
        """Return the values of a look by their labels."""
        rule, values = self._rule, numbers.of(self._rule)
        whole = numbers.total(rule.of) if rule.of else 1.0
        if whole is None:
            return {}
        if rule.grows_over_s:
            values = self._growth.take(values, rule.grows_over_s, numbers.now_ns)
            if rule.of:
                whole = self._of_growth.take({(): whole}, rule.grows_over_s, numbers.now_ns)[()]
        return {labels: value / whole for labels, value in values.items()} if whole else {}


def _added(
    samples: Iterable[Numbered], where: Mapping[str, str], by: tuple[str, ...] | None
) -> dict[Labels, float]:
    wanted = {name: set(values.split("|")) for name, values in where.items()}
    found: dict[Labels, float] = {}
    for sample in samples:
        labels = dict(sample.labels)
        if any(labels.get(name) not in values for name, values in wanted.items()):
            continue
        key = sample.labels if by is None else tuple((name, labels.get(name, "")) for name in by)
        found[key] = found.get(key, 0.0) + sample.value
    return found
